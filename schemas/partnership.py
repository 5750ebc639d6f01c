"""Partnership: who signs a cooperation agreement with whom, about what, when, where and for how much.

The flagship schema. It implements docs/partnership-guide.md: one record a document, absent = null or [], and only what
the text states.
Typed fields are asked for in the words of the text and computed by llmx.
"""

import re
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from llmx.schema import Compare
from llmx.schema.marks import Cap, Cues, Free, Near, Remainder
from llmx.types import (
    CountryCode,
    Duration,
    Money,
    Number,
    OrganizationName,
    PartialDate,
    PersonName,
    Reading,
    Verbatim,
)

Agreement = Literal[
    "memorandum",
    "framework_agreement",
    "strategic_agreement",
    "joint_venture",
    "development_agreement",
    "supply_agreement",
    "investment",
    "expansion",
    "other",
]

# What an agreement is called, in the languages of the news. The order of the languages means nothing; longer phrases
# need not come first, because the first place in the text decides.
CUES: dict[str, tuple[str, ...]] = {
    "memorandum": (
        "memorandum", "memoranda", "MoU", "letter of intent", "protocole d'accord", "protocole d’accord",
        "mémorandum", "lettre d'intention", "lettre d’intention", "Absichtserklärung", "Memorandum",
        "Grundsatzvereinbarung", "memorando", "carta de intenciones", "carta de intenções", "protocolo de intenções",
        "memorandum d'intesa", "memorandum d’intesa", "lettera d'intenti", "lettera di intenti",
        "protocollo d'intesa", "protocollo d’intesa", "intentieverklaring", "备忘录", "備忘錄", "意向书", "意向書",
        "覚書", "양해각서", "업무협약", "MOU",
    ),
    "framework_agreement": (
        "framework agreement", "framework deal", "framework cooperation", "accord-cadre", "accord cadre",
        "convention-cadre", "Rahmenvereinbarung", "Rahmenvertrag", "Rahmenabkommen", "acuerdo marco",
        "convenio marco", "accordo quadro", "acordo-quadro", "acordo quadro", "raamovereenkomst", "框架协议",
        "框架協議", "基本協定", "기본협약", "기본합의",
    ),
    "strategic_agreement": (
        "strategic cooperation", "strategic partnership", "strategic agreement", "strategic alliance",
        "partenariat stratégique", "accord stratégique", "coopération stratégique", "alliance stratégique",
        "strategische Partnerschaft", "strategischen Partnerschaft", "strategische Kooperation",
        "strategische Zusammenarbeit", "alianza estratégica", "asociación estratégica", "acuerdo estratégico",
        "partnership strategica", "accordo strategico", "alleanza strategica", "parceria estratégica",
        "acordo estratégico", "aliança estratégica", "strategisch partnerschap", "战略合作", "戰略合作", "战略协议",
        "戦略的提携", "戦略的パートナーシップ", "전략적 제휴", "전략적 파트너십", "전략적 협력",
    ),
    "joint_venture": (
        "joint venture", "joint-venture", "jointly owned company", "coentreprise", "co-entreprise", "société commune",
        "Gemeinschaftsunternehmen", "Joint Venture", "empresa conjunta", "sociedad conjunta", "impresa comune",
        "società mista", "consórcio", "empreendimento conjunto", "合资公司", "合资企业", "合資公司", "合弁会社",
        "合弁", "합작법인", "합작사", "합작회사", "合营",
    ),
    "development_agreement": (
        "development agreement", "joint development", "co-development", "research agreement",
        "research collaboration", "accord de développement", "codéveloppement", "accord de recherche",
        "Entwicklungsvereinbarung", "Entwicklungspartnerschaft", "Entwicklungskooperation", "Entwicklungsvertrag",
        "Forschungskooperation", "acuerdo de desarrollo", "desarrollo conjunto", "accordo di sviluppo",
        "sviluppo congiunto", "acordo de desenvolvimento", "desenvolvimento conjunto", "联合开发", "共同开发",
        "聯合開發", "合作研发", "共同開発", "共同研究", "공동개발", "공동 개발", "공동연구",
    ),
    "supply_agreement": (
        "supply agreement", "supply contract", "supply deal", "offtake", "off-take", "purchase agreement",
        "contrat de fourniture", "accord de fourniture", "accord d'approvisionnement", "contrat d'approvisionnement",
        "Liefervertrag", "Liefervereinbarung", "Lieferabkommen", "Abnahmevertrag", "contrato de suministro",
        "acuerdo de suministro", "contratto di fornitura", "accordo di fornitura", "contrato de fornecimento",
        "acordo de fornecimento", "供应协议", "供货协议", "采购协议", "供貨協議", "供給契約", "공급계약", "공급 계약",
    ),
    "investment": (
        "investment agreement", "invests in", "takes a stake", "acquires a stake", "equity stake", "minority stake",
        "accord d'investissement", "prise de participation", "entre au capital", "Investitionsvereinbarung",
        "beteiligt sich an", "Minderheitsbeteiligung", "acuerdo de inversión", "participación minoritaria",
        "accordo di investimento", "partecipazione di minoranza", "acordo de investimento",
        "participação minoritária", "投资协议", "投資協議", "入股", "出資", "투자협약", "투자 계약", "지분 투자",
    ),
}  # fmt: skip

# Where the text calls it nothing of the above: an agreement of some other kind is signed, or a company moves alone.
WEAK_CUES: dict[str, tuple[str, ...]] = {
    "other": (
        "agreement", "agreements", "signed", "signs", "contract", "pact", "accord", "signé", "signent", "convention",
        "Vereinbarung", "Vertrag", "unterzeichnet", "unterzeichneten", "acuerdo", "convenio", "firmaron", "firmó",
        "accordo", "intesa", "firmato", "convenzione", "acordo", "convênio", "protocolo", "assinaram", "assinou",
        "overeenkomst", "ondertekend", "协议", "協議", "签署", "簽署", "签约", "簽約", "締結", "契約", "協定", "계약",
        "협약", "체결",
    ),
    "expansion": (
        "opens", "opened", "sets up", "set up", "establishes", "established", "expands", "expansion", "ouvre",
        "ouvrir", "s'implante", "s’implante", "implantation", "eröffnet", "eröffnete", "erweitert", "baut", "abre",
        "abrirá", "inaugura", "amplía", "apre", "espande", "inaugurou", "expande", "opent", "设立", "開設", "开设",
        "落户", "新設", "開所", "진출", "개소", "설립",
    ),
}  # fmt: skip

# Words of which one stands in a sentence that says how many jobs are to be created; present staff has others.
JOB_CUES = (
    "job", "new posts", "positions", "roles", "vacanc", "hire", "hiring", "recruit", "to employ", "will employ",
    "talents",
    "work to", "emploi", "postes", "embauch", "recrut", "arbeitsplätze", "arbeitsplatz", "stellen", "einstellen",
    "empleo", "puestos", "contratar", "posti di lavoro", "posti", "assunzion", "assumer", "emprego", "vagas", "postos",
    "arbeidsplaatsen", "banen", "岗位", "崗位", "就业", "就業", "招聘", "人才", "雇用", "採用",
    "일자리", "고용", "채용",
)  # fmt: skip


class Investment(Money):
    """Money committed under the announcement. Amount, currency and years are computed from the same words."""

    over_years: int | None = None

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the sum in ``words``, with the years over which it is spent where they say them."""
        reading = super().from_text(words, locale=locale, reference=reference)
        years = Duration.find_all(words, locale=locale, reference=reference)
        whole = [r for r in years if r.value is not None and r.value.years and r.value.years == int(r.value.years)]
        if len(whole) != 1 or whole[0].value is None:
            return reading
        count = int(whole[0].value.years or 0)
        start, end = min(reading.start, whole[0].start), max(reading.end, whole[0].end)
        with_years = reading.map(lambda sum_: sum_.model_copy(update={"over_years": count}))
        return replace(with_years, words=words[start:end], start=start, end=end)

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every sum in ``text``, each together with a period of years that stands close by in its sentence."""
        sums = super().find_all(text, locale=locale, reference=reference)
        periods = Duration.find_all(text, locale=locale, reference=reference)
        return [_with_period(each, periods, text) for each in sums]


def _with_period(reading: Reading[Any], periods: list[Reading[Duration]], text: str) -> Reading[Any]:
    for period in periods:
        start, end = min(reading.start, period.start), max(reading.end, period.end)
        gap = text[min(reading.end, period.end) : max(reading.start, period.start)]
        if period.value is not None and period.value.years and len(gap) <= PERIOD_CHARS and not _BREAK.search(gap):
            return replace(reading, words=text[start:end], start=start, end=end)
    return reading


PLACE_WORDS = 10  # 'the Great Hall of the People in Beijing, China' has nine
PLACE_CHARS = 70
PERIOD_CHARS = 30  # between a sum and the years over which it is spent
_BREAK = re.compile(r"[.;。；!?\n]|\d")


class ProperName(Verbatim):
    """The name of one thing: with a capital letter or a digit in scripts that have capitals."""

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the name; no value for words without a capital or digit, such as 'hydrogen' or 'acier bas carbone'."""
        reading = super().from_text(words, locale=locale, reference=reference)
        has_case = words.lower() != words.upper()
        if has_case and not any(c.isupper() or c.isdigit() for c in words):
            return replace(reading, value=None).with_issue("not_a_name", f"{words!r} is no proper name")
        return reading


class Place(Verbatim):
    """The name of a place: a few words, not a sentence."""

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the place; no value for more words than a place's name has."""
        reading = super().from_text(words, locale=locale, reference=reference)
        if len(words.split()) > PLACE_WORDS or len(words) > PLACE_CHARS:
            return replace(reading, value=None).with_issue("not_a_place", f"{words!r} is too long for a place")
        return reading


class Party(BaseModel):
    """An organisation that makes the agreement."""

    name: Annotated[OrganizationName, Compare("words:0.8")] = Field(
        description="the fullest form of the name in the text"
    )
    country: Annotated[CountryCode, Near(80)] | None = Field(
        description='the words of the text that say where it is from (an adjective counts: "Chinese"), else null'
    )


class Person(BaseModel):
    """A person with the title and organisation that the text gives."""

    name: Annotated[PersonName, Compare("words:0.8")]
    title: Annotated[Verbatim, Cap(120), Compare("words:0.8")] | None
    organization: Annotated[OrganizationName, Compare("words:0.8")] | None


class Facility(BaseModel):
    """A site to be set up."""

    name: Annotated[Verbatim, Cap(120), Compare("words:0.8")]
    place: Annotated[Verbatim, Cap(120), Compare("words:0.8")] | None


class Figure(BaseModel):
    """A quantity that the text states."""

    what: Annotated[str, Free(), Cap(100), Compare("ignore")] = Field(description="what is counted")
    value: Annotated[Number, Compare("number", key=True)] = Field(description="the number with its magnitude")
    unit: Annotated[str, Free(), Cap(60), Compare("ignore")] | None = Field(description="what one of it is")


class Partnership(BaseModel):
    """Facts about a cooperation agreement: only what the text states."""

    model_config = ConfigDict(title="Partnership")

    parties: Annotated[list[Party], Cap(8)] = Field(
        description="the organisations that make this agreement (for a one-sided move, the one that moves)"
    )
    agreement: Annotated[Agreement, Cues(CUES, WEAK_CUES)] | None = Field(
        description="what the text calls it; expansion = a company opens something on its own"
    )
    signed_on: PartialDate | None = Field(description="the date of signing or announcement")
    signed_at: Annotated[Place, Cap(100), Compare("words:0.8")] | None = Field(
        description="the place of signing: venue or city"
    )
    signatories: Annotated[list[Person], Cap(8)] = Field(description="people who signed; people, not companies")
    witnesses: Annotated[list[Person], Cap(8)] = Field(
        description="people who attended or witnessed the signing and did not sign"
    )
    investment: Investment | None = Field(
        description="money committed under this announcement, with the years over which it is spent"
    )
    jobs: Annotated[int, Cues(JOB_CUES)] | None = Field(
        description="jobs that this agreement will create; not the people employed today"
    )
    facilities: Annotated[list[Facility], Cap(8)] = Field(
        description="sites to be set up under this announcement: headquarters, R&D centres, plants, joint laboratories"
    )
    fields: Annotated[list[Annotated[Verbatim, Cap(100), Compare("words:0.75")]], Cap(12)] = Field(
        description="technical or business fields of the cooperation, each a short phrase from the text"
    )
    markets: Annotated[list[Annotated[Verbatim, Cap(60), Compare("words:0.75")]], Cap(10)] = Field(
        description="countries or regions that this cooperation aims at"
    )
    products: Annotated[list[Annotated[ProperName, Cap(80), Compare("words:0.75")]], Cap(10)] = Field(
        description="named products, models, platforms or programmes (proper names)"
    )
    figures: Annotated[list[Figure], Cap(12), Remainder(complete=True)] = Field(
        description="every other quantity stated about the parties, their business or the plan: users, employees, "
        "capacity, area, counts of partners, countries"
    )
