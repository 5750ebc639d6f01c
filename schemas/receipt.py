"""Receipt: what was bought in a shop, a café or at a counter, when, for how much and how it was paid."""

from datetime import time
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from llmx.schema import Compare
from llmx.schema.marks import Cap, Cues
from llmx.types import Money, Number, OrganizationName, PartialDate, Verbatim

Payment = Literal["card", "cash", "mobile", "voucher"]

# How tills name the means of payment.
PAYMENT_CUES: dict[str, tuple[str, ...]] = {
    "card": (
        "card", "debit", "Visa", "Mastercard", "Maestro", "girocard", "EC-Karte", "Kartenzahlung", "mit Karte",
        "carte bancaire", "par carte", "CB", "tarjeta", "cartão", "cartao", "carta di credito", "carta di debito",
        "bancomat", "pinbetaling", "刷卡", "银行卡", "クレジット", "カード", "카드",
    ),
    "cash": (
        "cash", "Barzahlung", "bar bezahlt", "Bar EUR", "espèces", "especes", "efectivo", "dinheiro", "numerário",
        "contanti", "contant", "现金", "現金", "お預り", "현금",
    ),
    "mobile": (
        "Apple Pay", "Google Pay", "PayPal", "Alipay", "WeChat Pay", "支付宝", "微信支付", "PayPay", "Pix", "Bizum",
        "Twint", "MB Way", "카카오페이",
    ),
    "voucher": (
        "voucher", "gift card", "Gutschein", "bon d'achat", "chèque cadeau", "buono regalo", "cadeaubon", "礼品卡",
        "商品券", "상품권",
    ),
}  # fmt: skip


class ReceiptItem(BaseModel):
    """One thing that was bought."""

    name: Annotated[Verbatim, Cap(120), Compare("words:0.8")] = Field(description="the article as printed")
    quantity: Number | None = Field(description="how many, or how much")
    price: Number | None = Field(description="what this line comes to")


class Receipt(BaseModel):
    """The receipt of a shop, a restaurant or a counter."""

    merchant: Annotated[OrganizationName, Compare("words:0.8")] | None = Field(
        description="the name of the shop or company, usually the first line"
    )
    address: Annotated[Verbatim, Cap(160), Compare("words:0.8")] | None = Field(
        description="the postal address of the shop"
    )
    number: Annotated[Verbatim, Cap(60), Compare("casefold")] | None = Field(
        description="the number of the receipt, not of the till, the table or the tax office"
    )
    purchased_on: PartialDate | None = Field(description="the date of the purchase")
    purchased_at: time | None = Field(description="the time of the purchase")
    items: list[ReceiptItem] = Field(description="the articles bought; not totals, taxes, deposits paid or change")
    tax: Money | None = Field(description="all tax that is contained in the total")
    total: Money | None = Field(description="the sum to pay, after discounts and rounding")
    payment: Annotated[Payment, Cues(PAYMENT_CUES)] | None = Field(description="how it was paid")
