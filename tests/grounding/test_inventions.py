"""The acceptance of proof: of values that a model makes up, none passes unflagged, in any of the languages.

The answers are scripted: their dates, sums, counts, countries, names and phrases are in none of the texts (the test
holds that they are not), or they are the text's own with other digits, as models get them wrong.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmx.assembly.policies import ResolvedRecord, apply_policies
from llmx.grounding.ground import ground
from llmx.grounding.text import SourceText
from llmx.locating import TextIndex
from llmx.schema import Leaf, ListOf, Member, Node, ObjectOf, Policy, Schema, load_schema
from llmx.span import Span
from llmx.types import Reader, guess_locale
from tests.corpus import DEVELOPMENT

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [*sorted((ROOT / "seeds").glob("*.txt")), *DEVELOPMENT]
"""The seeds, and the corpus's documents for development: English, French, German, Spanish, Italian, Portuguese, Chinese,
Japanese, Korean, and English out of a machine."""

Words = dict[str, Any]


def _answer(names: list[str], country: str, *, day: str, money: str, counts: list[str], phrases: list[str]) -> Words:
    """An answer in which everything is made up: ``names`` are two organisations, two persons."""
    first, second, person, other = names
    return {
        "parties": [{"name": first, "country": country}, {"name": second, "country": None}],
        "agreement": None,
        "signed_on": day,
        "signed_at": phrases[0],
        "signatories": [{"name": person, "title": phrases[1], "organization": second}],
        "witnesses": [{"name": other, "title": None, "organization": None}],
        "investment": money,
        "jobs": counts[0],
        "facilities": [{"name": phrases[2], "place": phrases[0]}],
        "fields": [phrases[3]],
        "markets": [country],
        "products": [phrases[4]],
        "figures": [{"what": "w", "value": count, "unit": None} for count in counts[1:]],
    }


INVENTED = {
    "english": _answer(
        ["Zyxthar Holdings AG", "Quomble & Vratch Ltd", "Thaddeus Vandermolen", "Ottoline Quickswood"], "Bhutan",
        day="29 August 2047", money="USD 837.6 million", counts=["7,391", "58,413", "93.7%", "6.83 billion"],
        phrases=["Thimphu Opera House", "Grand Chamberlain", "Yak Wool Spinning Works", "yak husbandry", "Yakotron 9"],
    ),
    "plain values": _answer(
        ["ZYXTHAR", "VRATCH", "T. Vandermolen", "O. Quickswood"], "BT",
        day="2047-08-29", money="837600000", counts=["7391", "58413", "93.7", "6830000000"],
        phrases=["Thimphu", "Chamberlain", "Yak Works", "yaks", "YKT-90817"],
    ),
    "french and german": _answer(
        ["Société Zyxthar-Brouillard SA", "Quomble Käsewerke GmbH", "Théodule Vandermolen", "Ottilie Quickswald"],
        "bhoutanais", day="29 août 2047", money="837,6 millions d'euros",
        counts=["7 391", "58.413", "93,7 %", "6,83 Milliarden"],
        phrases=["l'Opéra de Thimphou", "grand chambellan", "filature de laine de yak", "Yakzucht", "Yakotron Neun"],
    ),
    "chinese and japanese": _answer(
        ["泽克萨尔牦牛集团有限公司", "株式会社ヴラッチ牧場", "欧阳牦雪", "鬼龍院ヤク子"], "不丹",
        day="2047年8月29日", money="8.376亿卢比", counts=["7391人", "5万8413", "93.7%", "68.3亿"],
        phrases=["廷布歌剧院", "大内总管", "牦牛毛纺厂", "牦牛养殖", "ヤコトロン九号"],
    ),
}  # fmt: skip


@functools.cache
def _schema() -> Schema:
    return load_schema("partnership")


@functools.cache
def _source(path: Path) -> SourceText:
    text = path.read_text("utf-8")
    return SourceText(text, TextIndex(text), Span(0, len(text)), locale=guess_locale(text))


def _settled(words: Words, path: Path, unproven: Policy | None = None) -> ResolvedRecord:
    tree = _schema().tree
    return apply_policies(tree, ground(tree, words, _source(path)), unproven=unproven)


def _leaves(node: Node, data: Any, path: str = "") -> Iterator[tuple[str, Leaf, Any]]:
    """Yield (path, leaf, value) of all that is there, but for labels that the model words itself."""
    if isinstance(node, Leaf):
        if data is not None and not node.free:
            yield path, node, data
    elif isinstance(node, ListOf):
        for number, item in enumerate(data or ()):
            yield from _leaves(node.item, item, f"{path}/{number}")
    elif data is not None:
        for member in node.members:
            yield from _leaves(member.node, data[member.name], f"{path}/{member.name}")


def _holds(path: Path, reader: Reader, words: str) -> bool:
    """Whether the text says ``words``, or in other words a value that agrees with theirs."""
    source = _source(path)
    value = reader.from_text(words, locale=source.locale).value
    said = [each.value for each in source.readings(reader) if each.value is not None]
    agrees = [each for each in said if value is not None and hasattr(each, "agrees_with") and each.agrees_with(value)]
    return words.casefold() in source.text.casefold() or bool(agrees) or (value is not None and value in said)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("kind", INVENTED)
def test_the_texts_do_not_hold_what_is_made_up(path: Path, kind: str) -> None:
    for at, leaf, words in _leaves(_schema().tree, INVENTED[kind]):
        if leaf.reader is not None and words != "BT":  # two letters stand in many words
            assert not _holds(path, leaf.reader, words), (at, words)


@pytest.mark.slow
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("kind", INVENTED)
def test_no_invented_typed_value_survives(path: Path, kind: str) -> None:
    settled = _settled(INVENTED[kind], path)
    assert list(_leaves(_schema().tree, settled.data)) == []
    assert len(settled.issues) >= 12  # and none went in silence
    assert {issue.path.split("/")[1] for issue in settled.issues} == set(INVENTED[kind]) - {"agreement"}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("kind", INVENTED)
def test_an_invented_value_that_is_kept_has_no_proof_and_an_issue(path: Path, kind: str) -> None:
    settled = _settled(INVENTED[kind], path, unproven="keep")
    told = {issue.path for issue in settled.issues}
    kept = {at for at, _, _ in _leaves(_schema().tree, settled.data)}
    assert {"/parties/0/name", "/signatories/0/name", "/figures/0/value"} <= kept
    for at in kept:
        assert settled.evidence[at] is None, at
        assert settled.confidence[at] <= 0.3, at
        assert at in told, at


def _altered(words: str) -> str:
    """The text's own words with each digit another one."""
    return "".join("4567890123"[int(char)] if char in "0123456789" else char for char in words)


def _near_misses(path: Path) -> Iterator[tuple[Member, str]]:
    source = _source(path)
    for member in _schema().tree.members:
        if isinstance(member.node, Leaf) and member.node.reader is not None:
            for reading in source.readings(member.node.reader):
                wrong = _altered(reading.words)
                read = member.node.reader.from_text(wrong, locale=source.locale).value
                if wrong != reading.words and read is not None and not _holds(path, member.node.reader, wrong):
                    yield member, wrong


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_date_a_sum_or_a_count_with_other_digits_does_not_survive(path: Path) -> None:
    """Most of its words stand in the text: an approximate match must not prove the digits that do not."""
    tried = 0
    for member, words in _near_misses(path):
        answer: Words = {m.name: [] if isinstance(m.node, ListOf) else None for m in _schema().tree.members}
        assert isinstance(member.node, Leaf)
        assert member.node.reader is not None
        settled = _settled(answer | {member.name: words}, path)
        value = settled.data[member.name]
        proof = settled.evidence.get(f"/{member.name}")
        wrong = member.node.reader.from_text(words, locale=_source(path).locale).value
        assert value is None or (proof is not None and value != wrong), (member.name, words)
        tried += 1
    assert tried


def test_the_tree_has_all_the_kinds_of_typed_values() -> None:
    """The answers above fill every field of the schema that is computed."""
    tree = _schema().tree
    assert isinstance(tree, ObjectOf)
    filled = {at.split("/")[1] for at, _, _ in _leaves(tree, INVENTED["english"])}
    assert filled == {member.name for member in tree.members} - {"agreement"}
