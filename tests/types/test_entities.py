"""What is read of the entities in bench/entities is right, or says that it is not: ten languages, seven kinds."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from bench.entities import FOLDER, KINDS, committed
from bench.types_bench import ours, verdict


def test_what_was_not_read_of_the_last_entities_is_read_or_doubted() -> None:
    read = ours()
    fifth = list(committed(FOLDER / "fifth"))
    out = {
        entity.words: verdict(entity, value, doubted=doubted)
        for entity in fifth
        for value, doubted in [read(entity.words, entity.kind, entity.language)]
    }
    left = {words for words, said in out.items() if not said.startswith("right")}
    assert left <= {"ten to the sixth", "one percent and a half", "April 9th through seventeenth"}
    assert "wrong" not in out.values()


def test_hardly_an_entity_is_silently_wrong_and_nearly_all_are_right() -> None:
    read = ours()
    entities = sorted(committed(), key=lambda entity: KINDS.index(entity.kind))
    for kind, group in groupby(entities, key=lambda entity: entity.kind):
        out = Counter(
            verdict(entity, value, doubted=doubted)
            for entity in group
            for value, doubted in [read(entity.words, entity.kind, entity.language)]
        )
        assert out["wrong"] <= out.total() // 100, kind
        assert out["right"] + out["right with a doubt"] >= out.total() * 0.93, kind
