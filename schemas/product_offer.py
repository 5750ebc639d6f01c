"""Product offer: one thing for sale, what it costs, and on which terms, as a shop's page or an advertisement says."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from llmx.schema import Compare
from llmx.schema.marks import Cap, Cues
from llmx.types import Duration, Money, OrganizationName, Verbatim

Availability = Literal["in_stock", "sold_out", "preorder"]
Condition = Literal["new", "used", "refurbished"]

AVAILABILITY_CUES: dict[str, tuple[str, ...]] = {
    "sold_out": (
        "out of stock", "sold out", "not available", "ausverkauft", "nicht verfügbar", "vergriffen",
        "rupture de stock", "épuisé", "agotado", "sin existencias", "esaurito", "non disponibile", "esgotado",
        "uitverkocht", "缺货", "售罄", "在庫切れ", "在庫なし", "품절",
    ),
    "preorder": (
        "pre-order", "preorder", "vorbestellen", "vorbestellbar", "précommande", "preventa",
        "preordine", "pré-venda", "预售", "預購", "予約受付", "예약판매",
    ),
    "in_stock": (
        "in stock", "available now", "auf Lager", "sofort lieferbar", "en stock", "disponibilità immediata",
        "em estoque", "em stock", "op voorraad", "现货", "有货", "在庫あり", "재고 있음",
    ),
}  # fmt: skip
CONDITION_CUES: dict[str, tuple[str, ...]] = {
    "refurbished": (
        "refurbished", "renewed", "generalüberholt", "reconditionné", "reacondicionado", "ricondizionato",
        "recondicionado", "翻新", "整備済み", "리퍼",
    ),
    "used": (
        "used", "second-hand", "second hand", "pre-owned", "gebraucht", "d'occasion", "occasion", "segunda mano",
        "usado", "usada", "usato", "tweedehands", "二手", "中古", "중고",
    ),
}  # fmt: skip

# "New" stands in many texts; it counts where nothing says that the thing had an owner.
WEAK_CONDITION_CUES: dict[str, tuple[str, ...]] = {
    "new": (
        "brand new", "new", "New", "neu", "Neu", "Neuware", "neuf", "neuve", "nuevo", "nueva", "nuovo", "nuova", "novo",
        "nova", "nieuw", "全新", "新品", "새상품",
    ),
}  # fmt: skip


class Feature(BaseModel):
    """One property of the product: a label and what it is."""

    name: Annotated[Verbatim, Cap(60), Compare("words:0.75")] = Field(description="the property, as the text names it")
    value: Annotated[Verbatim, Cap(100), Compare("words:0.75")] = Field(description="what it is, with its unit")


class ProductOffer(BaseModel):
    """One product that is offered for sale."""

    name: Annotated[Verbatim, Cap(160), Compare("words:0.75")] | None = Field(description="what the product is called")
    brand: Annotated[OrganizationName, Compare("words:0.8")] | None = Field(description="the brand or the maker")
    article_number: Annotated[Verbatim, Cap(60), Compare("casefold")] | None = Field(
        description="the number of the article: SKU, EAN, part number"
    )
    seller: Annotated[OrganizationName, Compare("words:0.8")] | None = Field(description="the shop or person who sells")
    price: Money | None = Field(description="what it costs now")
    former_price: Money | None = Field(description="what it cost before, or the price that the maker recommends")
    shipping: Money | None = Field(description="what delivery costs")
    delivery: Duration | None = Field(description="how long delivery takes")
    availability: Annotated[Availability, Cues(AVAILABILITY_CUES)] | None = Field(description="whether it can be had")
    condition: Annotated[Condition, Cues(CONDITION_CUES, WEAK_CONDITION_CUES)] | None = Field(
        description="new or used, if that is said"
    )
    warranty: Duration | None = Field(description="how long the warranty lasts")
    features: list[Feature] = Field(description="properties with a label: size, weight, colour, capacity")
