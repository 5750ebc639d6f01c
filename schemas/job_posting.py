"""Job posting: who looks for whom, where, on what terms, and until when to apply."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from llmx.schema import Compare
from llmx.schema.marks import Cap, Cues
from llmx.types import Duration, Email, LanguageCode, Money, OrganizationName, PartialDate, Verbatim

Phrase = Annotated[Verbatim, Cap(160), Compare("words:0.75")]
Hours = Literal["full_time", "part_time"]
Contract = Literal["permanent", "fixed_term", "freelance", "internship"]
Workplace = Literal["on_site", "hybrid", "remote"]

HOURS_CUES: dict[str, tuple[str, ...]] = {
    "full_time": (
        "full-time", "full time", "Vollzeit", "temps plein", "temps complet", "jornada completa", "tiempo completo",
        "tempo pieno", "tempo integral", "tempo inteiro", "voltijd", "fulltime", "全职", "全職", "フルタイム", "풀타임",
    ),
    "part_time": (
        "part-time", "part time", "Teilzeit", "temps partiel", "media jornada", "tiempo parcial", "tempo parziale",
        "tempo parcial", "meio período", "deeltijd", "parttime", "兼职", "兼職", "パートタイム", "시간제",
    ),
}  # fmt: skip
CONTRACT_CUES: dict[str, tuple[str, ...]] = {
    "internship": (
        "internship", "Praktikum", "en stage", "de stage", "stagiaire", "prácticas", "tirocinio", "estágio", "实习",
        "實習", "インターン", "인턴",
    ),
    "fixed_term": (
        "fixed-term", "fixed term", "temporary contract", "befristet", "befristete", "CDD", "durée déterminée",
        "contrato temporal", "tiempo determinado", "tempo determinato", "contrato a termo", "prazo determinado",
        "tijdelijk contract", "有期雇用", "契約社員", "계약직", "定期合同",
    ),
    "permanent": (
        "permanent contract", "permanent position", "permanent role", "permanent job", "unbefristet", "unbefristete",
        "Festanstellung", "CDI", "durée indéterminée", "indefinido", "contrato fijo", "tempo indeterminato",
        "sem termo", "contrato efetivo", "vast contract", "正社員", "정규직", "无固定期限",
    ),
    "freelance": (
        "freelance", "freelancer", "freiberuflich", "autónomo", "partita IVA", "自由职业", "業務委託", "프리랜서",
    ),
}  # fmt: skip
WORKPLACE_CUES: dict[str, tuple[str, ...]] = {
    "hybrid": (
        "hybrid", "days from home", "days a week from home", "Tage Homeoffice", "jours de télétravail", "hybride",
        "híbrido", "ibrido", "jours par semaine en télétravail", "ハイブリッド", "하이브리드",
    ),
    "remote": (
        "remote", "work from home", "Homeoffice", "télétravail", "teletrabajo", "remoto", "da remoto", "teletrabalho",
        "thuiswerken", "远程", "遠端", "フルリモート", "リモート", "재택",
    ),
    "on_site": ("on-site", "on site", "vor Ort", "sur site", "presencial", "in sede", "op locatie", "现场", "出社"),
}  # fmt: skip


class JobPosting(BaseModel):
    """A vacancy that an employer or an agency advertises."""

    title: Annotated[Verbatim, Cap(120), Compare("words:0.75")] | None = Field(description="the job, as it is called")
    employer: Annotated[OrganizationName, Compare("words:0.8")] | None = Field(
        description="the organisation to work for"
    )
    places: list[Annotated[Verbatim, Cap(80), Compare("words:0.75")]] = Field(description="the places of work")
    workplace: Annotated[Workplace, Cues(WORKPLACE_CUES)] | None = Field(
        description="where the work is done, if that is said"
    )
    hours: Annotated[Hours, Cues(HOURS_CUES)] | None = Field(description="full or part time, if that is said")
    contract: Annotated[Contract, Cues(CONTRACT_CUES)] | None = Field(description="the kind of contract, if it is said")
    salary_from: Money | None = Field(description="the pay, or the lower end of it")
    salary_to: Money | None = Field(description="the upper end of the pay, if two sums are named")
    experience: Duration | None = Field(description="how long one must have worked before")
    requirements: list[Phrase] = Field(description="what applicants must bring: degrees, skills; short phrases")
    languages: list[LanguageCode] = Field(description="languages that one must speak")
    starts_on: PartialDate | None = Field(description="the first day of work")
    apply_by: PartialDate | None = Field(description="the last day to apply")
    contact: Email | None = Field(description="the e-mail address for applications")
