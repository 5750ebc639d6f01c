"""What is read of the entities in bench/entities is right, or says that it is not: ten languages, seven kinds."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from bench.entities import KINDS, committed
from bench.types_bench import ours, verdict


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
