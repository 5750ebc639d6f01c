"""Made-up documents, records and gold for the view and the review: invented companies, many scripts, awkward spans."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEXTS: dict[str, str] = {
    "harbour": (
        "Nordhavn Energi and Baltic Grid sign memorandum\n\n"
        "COPENHAGEN, 12 May 2026 — Nordhavn Energi A/S of Denmark and the Estonian network operator Baltic Grid OÜ "
        "signed a memorandum of understanding in Copenhagen on Tuesday. The partners will invest 3.2 billion kroner "
        "over five years in a hydrogen terminal at Port of Køge.\n\n"
        "Mette Holm, chief executive of Nordhavn Energi, and Jaan Tamm, chairman of Baltic Grid, signed the document. "
        "The terminal is to create 600 jobs. The partners named offshore wind, hydrogen storage and grid balancing as "
        "their fields of work. Nordhavn Energi supplies 320,000 households today.\n"
    ),
    "emoji": (
        "🚀🚀 Launch day! 👩‍🚀 Zephyr Mobility 🇫🇷 and Kestrel Batteries 🔋 agreed on a joint venture.\n"
        "On 3 April 2026 they said the plant in Lyon will make 40,000 packs a year 🎉.\n"
    ),
    "arabic": (
        "وقعت شركة الواحة للطاقة مذكرة تفاهم مع مجموعة الساحل الصناعية\n\n"
        "الرياض، 4 مارس 2026 — وقعت شركة الواحة للطاقة السعودية مذكرة تفاهم مع مجموعة الساحل الصناعية في الرياض "
        "لإنشاء مصنع للألواح الشمسية بقيمة 1.5 مليار ريال، يوفر 450 وظيفة. وقال Solar Alliance إن المشروع مهم.\n"
    ),
    "chinese": (
        "云岭汽车与海川科技签署战略合作协议\n\n"
        "2026年6月18日，云岭汽车与海川科技在深圳签署战略合作协议。双方计划五年内投资12亿元人民币，"
        "在深圳建设智能驾驶研发中心，创造800个就业岗位。合作领域包括智能驾驶、车载芯片和数据安全。\n"
    ),
    "hostile": (
        "<script>document.title='owned'</script> <img src=x onerror=\"document.title='owned'\">\n"
        "</script><script>window.owned=1</script> & <b>Acme</b> \u2028 signed with 'Quote \" Ltd' <!-- -->\n"
    ),
    "overlaps": "The Bank of North Bank signed with North Bank Capital of the North.\nLine two says North Bank again.\n",
}


def proof(id_: str, quote: str, *, kind: str = "exact", nth: int = 0, **more: Any) -> dict[str, Any]:
    """The evidence of the ``nth`` place of ``quote`` in a text, in code points."""
    text, start = TEXTS[id_], -1
    for _ in range(nth + 1):
        start = text.index(quote, start + 1)
    return {"quote": quote, "start": start, "end": start + len(quote), "kind": kind, "score": 1.0, "chunk": 0, **more}


def record(id_: str, data: dict[str, Any] | None, evidence: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A line of out.jsonl."""
    return {
        "id": id_, "source": f"texts/{id_}.txt", "status": "ok", "data": data, "issues": [], "evidence": evidence,
        "confidence": {}, "model": "made-up-7b", "mode": "json_schema", "keys": [f"key-{id_}"], "schema": "5c4e",
        "prompt": "9f0a", "usage": {"input_tokens": 1200, "output_tokens": 240, "cached_tokens": 0}, "seconds": 3.4,
        "attempts": 1, **more,
    }  # fmt: skip


def blank(**filled: Any) -> dict[str, Any]:
    """A record's data in which everything that is not given is absent."""
    fields: dict[str, Any] = {
        "parties": [], "agreement": None, "signed_on": None, "signed_at": None, "signatories": [], "investment": None,
        "jobs": None, "fields": [], "figures": [],
    }  # fmt: skip
    return fields | filled


def harbour(**changed: Any) -> dict[str, Any]:
    h = "harbour"
    data = blank(
        parties=[{"name": "Nordhavn Energi A/S", "country": "DK"}, {"name": "Baltic Grid OÜ", "country": "EE"}],
        agreement="memorandum",
        signed_on="2026-05-12",
        signed_at="Copenhagen",
        signatories=[{"name": "Mette Holm", "title": "chief executive"}, {"name": "Jaan Tamm", "title": "chairman"}],
        investment={"amount": 3200000000, "currency": "SEK", "over_years": 5},
        jobs=600,
        fields=["offshore wind", "hydrogen storage", "carbon capture"],
        figures=[{"what": "households supplied", "value": 320000, "unit": "households"}],
    )
    evidence = {
        "/parties/0/name": proof(h, "Nordhavn Energi A/S"),
        "/parties/0/country": proof(h, "Denmark", kind="value", rule="country.name"),
        "/parties/1/name": proof(h, "Baltic Grid OÜ"),
        "/parties/1/country": proof(h, "Estonian", kind="value", rule="country.adjective"),
        "/agreement": proof(h, "memorandum of understanding", kind="value", rule="cue"),
        "/signed_on": proof(h, "12 May 2026", kind="value", rule="date.day_month_year"),
        "/signed_at": proof(h, "Copenhagen"),
        "/signatories/0/name": proof(h, "Mette Holm"),
        "/signatories/0/title": proof(h, "chief executive"),
        "/signatories/1/name": proof(h, "Jaan Tamm"),
        "/signatories/1/title": proof(h, "chairman", kind="fuzzy", words="chairmen", score=0.94),
        "/investment": proof(
            h, "3.2 billion kroner\nover five years".replace("\n", " "), kind="value", rule="money.over"
        ),
        "/jobs": proof(h, "600 jobs", kind="value", rule="number.plain"),
        "/fields/0": proof(h, "offshore wind"),
        "/fields/1": proof(h, "hydrogen storage"),
        "/fields/2": None,
        "/figures/0/value": proof(h, "320,000 households", kind="value", rule="number.grouped"),
    }
    sure = dict.fromkeys(evidence, 0.97) | {"/fields/2": 0.31, "/investment": 0.62, "/signed_at": 0.88}
    issues = [
        {"code": "unproven", "path": "/fields/2", "message": "no words of the text say 'carbon capture'"},
        {"code": "ambiguous_currency", "path": "/investment", "message": "kroner may be DKK, NOK or SEK"},
        {"code": "truncated_list", "path": "", "message": "the list figures ended at its cap of 16"},
    ]
    return record(h, data, evidence, status="partial", issues=issues, confidence=sure, **changed)


def first_run() -> list[dict[str, Any]]:
    """The records of a run over all TEXTS, and one document that failed."""
    e, a, c, x, o = "emoji", "arabic", "chinese", "hostile", "overlaps"
    return [
        harbour(),
        record(
            e,
            blank(parties=[{"name": "Zephyr Mobility", "country": "FR"}, {"name": "Kestrel Batteries", "country": None}],
                  agreement="joint_venture", signed_on="2026-04-03", figures=[{"what": "packs", "value": 40000, "unit": "a year"}]),
            {"/parties/0/name": proof(e, "Zephyr Mobility"), "/parties/0/country": proof(e, "🇫🇷", kind="value", rule="country.flag"),
             "/parties/1/name": proof(e, "Kestrel Batteries"), "/agreement": proof(e, "joint venture", kind="value"),
             "/signed_on": proof(e, "3 April 2026", kind="value"), "/figures/0/value": proof(e, "40,000 packs", kind="value")},
            confidence={"/parties/0/name": 0.93, "/agreement": 0.71}, seconds=1.2,
        ),
        record(
            a,
            blank(parties=[{"name": "شركة الواحة للطاقة", "country": "SA"}, {"name": "مجموعة الساحل الصناعية", "country": None}],
                  agreement="memorandum", signed_on="2026-03-04", signed_at="الرياض",
                  investment={"amount": 1500000000, "currency": "SAR", "over_years": None}, jobs=450, fields=["الألواح الشمسية"]),
            {"/parties/0/name": proof(a, "شركة الواحة للطاقة"), "/parties/0/country": proof(a, "السعودية", kind="value"),
             "/parties/1/name": proof(a, "مجموعة الساحل الصناعية"), "/agreement": proof(a, "مذكرة تفاهم", kind="value"),
             "/signed_on": proof(a, "4 مارس 2026", kind="value"), "/signed_at": proof(a, "الرياض"),
             "/investment": proof(a, "1.5 مليار ريال", kind="value"), "/jobs": proof(a, "450 وظيفة", kind="value"), "/fields/0": None},
            issues=[{"code": "unproven", "path": "/fields/0", "message": "no words of the text say this"}],
            confidence={"/parties/0/name": 0.9, "/fields/0": 0.4}, seconds=5.1,
        ),
        record(
            c,
            blank(parties=[{"name": "云岭汽车", "country": None}, {"name": "海川科技", "country": None}],
                  agreement="strategic_agreement", signed_on="2026-06-18", signed_at="深圳",
                  investment={"amount": 1200000000, "currency": "CNY", "over_years": 5}, jobs=800,
                  fields=["智能驾驶", "车载芯片", "数据安全"]),
            {"/parties/0/name": proof(c, "云岭汽车"), "/parties/1/name": proof(c, "海川科技"),
             "/agreement": proof(c, "战略合作协议", kind="value", nth=1), "/signed_on": proof(c, "2026年6月18日", kind="value"),
             "/signed_at": proof(c, "深圳"), "/investment": proof(c, "五年内投资12亿元人民币", kind="value"),
             "/jobs": proof(c, "800个就业岗位", kind="value"), "/fields/0": proof(c, "智能驾驶", nth=1),
             "/fields/1": proof(c, "车载芯片"), "/fields/2": proof(c, "数据安全")},
            confidence={"/jobs": 0.99, "/signed_at": 0.85}, seconds=4.4,
        ),
        record(x, blank(parties=[{"name": "<b>Acme</b>", "country": None}, {"name": "'Quote \" Ltd'", "country": None}]),
               {"/parties/0/name": proof(x, "<b>Acme</b>"), "/parties/1/name": proof(x, "'Quote \" Ltd'")}, seconds=0.7),
        record(
            o,
            blank(parties=[{"name": "Bank of North Bank", "country": None}, {"name": "North Bank", "country": None},
                           {"name": "North Bank Capital", "country": None}]),
            {"/parties/0/name": proof(o, "Bank of North Bank"), "/parties/1/name": proof(o, "North Bank"),
             "/parties/2/name": proof(o, "North Bank Capital of the North.\nLine two")},
            seconds=0.9,
        ),
        record("lost", None, {}, status="failed", seconds=0.0,
               issues=[{"code": "endpoint", "path": "", "message": "the endpoint did not answer: timed out after 60 s"}]),
    ]  # fmt: skip


def with_slashes() -> dict[str, Any]:
    """A record whose fields have the characters that JSON pointers escape."""
    h = "harbour"
    evidence = {
        "/new~1jobs": proof(h, "600 jobs", kind="value"),
        "/a~0b/0/fields~1of~1work": proof(h, "grid balancing"),
    }
    data = {"new/jobs": 600, "a~b": [{"fields/of/work": "grid balancing"}, {"fields/of/work": None}]}
    return record(h, data, evidence)


def second_run() -> list[dict[str, Any]]:
    """Another model's records: some values differ from the first run's, some are missing."""
    other = harbour(model="made-up-70b", seconds=9.8, usage={"input_tokens": 1200, "output_tokens": 610})
    other["data"]["investment"] = {"amount": 3200000000, "currency": "DKK", "over_years": 5}
    other["data"]["fields"] = ["offshore wind", "hydrogen storage", "grid balancing"]
    other["data"]["signed_at"] = None
    del other["evidence"]["/signed_at"]
    other["evidence"]["/fields/2"] = proof("harbour", "grid balancing")
    other["issues"], other["status"] = [], "ok"
    rest = [each | {"model": "made-up-70b", "seconds": each["seconds"] * 2.1} for each in first_run()[1:4]]
    return [other, *rest]


def golds() -> dict[str, dict[str, Any]]:
    """Gold for the harbour and the Chinese document: a wrong currency, a missed field, an optional one."""
    chinese = next(each for each in first_run() if each["id"] == "chinese")["data"]
    return {
        "harbour": blank(
            parties=[{"name": {"any": ["Nordhavn Energi A/S", "Nordhavn Energi"]}, "country": "DK"},
                     {"name": {"any": ["Baltic Grid OÜ", "Baltic Grid"]}, "country": "EE"}],
            agreement="memorandum", signed_on="2026-05-12", signed_at="Copenhagen",
            signatories=[{"name": "Mette Holm", "title": "chief executive"}, {"name": "Jaan Tamm", "title": "chairman"}],
            investment={"amount": 3200000000, "currency": "DKK", "over_years": 5}, jobs=600,
            fields=["offshore wind", "hydrogen storage", "grid balancing"],
            figures=[{"what": "households", "value": 320000, "unit": "households"}],
        ),
        "chinese": chinese,
    }  # fmt: skip


def write_run(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_texts(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for id_, text in TEXTS.items():
        (folder / f"{id_}.txt").write_bytes(text.encode())
    return folder


def write_gold(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for id_, gold in golds().items():
        (folder / f"{id_}.json").write_text(json.dumps(gold, ensure_ascii=False), encoding="utf-8")
    return folder
