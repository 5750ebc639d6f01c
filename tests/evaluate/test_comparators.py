"""When two values count as the same."""

from typing import Any

import pytest

from llmx.errors import SchemaError
from llmx.evaluate.comparators import comparator, folded
from llmx.json_data import is_empty
from llmx.schema import Compare


@pytest.mark.parametrize(
    ("rule", "gold", "value", "same"),
    [
        ("exact", "GAC", "GAC", True),
        ("exact", "GAC", "gac", False),
        ("exact", True, 1, False),
        ("exact", [1, {"a": 2}], [1, {"a": 2}], True),
        ("casefold", "Crédit-Agricole S.A.", "crédit agricole s a", True),
        ("casefold", "ＧＡＣ　Ｇｒｏｕｐ", "GAC Group", True),
        ("casefold", "Straße", "STRASSE", True),
        ("casefold", "C#", "C++", False),
        ("casefold", "हिन्दी संस्थान", "हिन्दी-संस्थान", True),
        ("casefold", "हिन्दी", "हनद", False),
        ("casefold", "—", "?", False),
        ("fuzzy", "Hong Kong Science Park", "Hong Kong Sciense Park", True),
        ("fuzzy", "Renault Group", "Group Renault", True),
        ("fuzzy", "Renault", "Renault Group", False),
        ("fuzzy", "Model 3", "Model 5", False),
        ("fuzzy", "18,000 seats", "18000 seats", True),
        ("fuzzy", "广州汽车集团股份有限公司", "广州汽车集团有限公司", True),
        ("fuzzy", "广州汽车", "上海汽车", False),
        ("fuzzy:0.5", "Renault", "Renault Group", True),
        ("words", "Renault", "Renault Group", True),
        ("words", "research", "research and development", True),
        ("words", "art", "department", False),
        ("number", 3_200_000_000, "3200000000", True),
        ("number", 3_200_000_000, 3_200_000_001, True),
        ("number", 600, 601, False),
        ("number:0.01", 600, 601, True),
        ("number", 0, 1e-9, False),
        ("number", 10**30, 10**30, True),
        ("number", 1, True, False),
        ("number", "n/a", "N/A", True),
        ("date", "2024-05-12", "2024-05-12T00:00:00", True),
        ("date", "2024-05-12T10:00:00Z", "2024-05-12T12:00:00+02:00", True),
        ("date", "--05-12", "2024-05-12", False),
        ("date", "10:30", "10:30:00", True),
        ("auto", "10:30", "10:30:00", True),
        ("auto", "10:30", "10:31", False),
        ("date", "10:30", "22:30", False),
        ("date", "--05-12T10:30", "--05-12T10:30:00", True),
        ("date", "--05-12T10:30", "--05-12", False),
        ("date", "2024-05", "2024-05-01", False),
        ("date", "2024", 2024, True),
        ("set", ["a", "B"], ["b", "A", "a"], True),
        ("set", ["a"], ["a", "b"], False),
        ("sequence", ["a", "B"], ["A", "b"], True),
        ("sequence", ["a", "b"], ["b", "a"], False),
        ("auto", "memorandum_of_understanding", "memorandum_of_understandings", False),
        ("auto", "CNY", "cny", True),
        ("auto", "2024-05-12", "2024-05-13", False),
        ("auto", 600, "600", True),
        ("auto", "600", 600, True),
        ("auto", True, "True", False),
        ("auto", "Hangzhou, China", "Hangzhou China", True),
    ],
)
def test_a_rule_tells_same_from_different(*, rule: str, gold: Any, value: Any, same: bool) -> None:
    assert comparator(rule).judge(gold, value)[0] is same


@pytest.mark.parametrize("rule", ["exact", "casefold", "fuzzy", "words", "number", "date", "auto"])
@pytest.mark.parametrize("value", ["GAC", 3, 2.5, True, "2024-05-12", "—", ["a"], {"b": 1}], ids=repr)
def test_every_value_is_the_same_as_itself_and_fully_alike(rule: str, value: Any) -> None:
    assert comparator(rule).judge(value, value) == (True, 1.0)


def test_what_is_remembered_does_not_take_true_for_one() -> None:
    judge = comparator("exact").judge
    assert [judge(1, 1)[0], judge(1, True)[0], judge(True, True)[0], judge(1.0, 1)[0]] == [True, False, True, True]


@pytest.mark.parametrize("rule", ["fuzy", "fuzzy:85", "fuzzy:high", "exact:1", "number:-1", ""])
def test_a_misspelt_rule_fails_where_it_is_written_and_says_what_is_allowed(rule: str) -> None:
    with pytest.raises(SchemaError) as caught:
        Compare(rule)
    assert repr(rule) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(("value", "empty"), [(None, True), ("", True), (" \n", True), ([], True), ({}, True),
                                              (0, False), (False, False), ("-", False), ([None], False)], ids=repr)  # fmt: skip
def test_null_and_blank_say_nothing_but_zero_and_false_do(value: Any, empty: bool) -> None:
    assert is_empty(value) is empty


def test_folding_keeps_the_letters_marks_and_digits_of_every_script() -> None:
    assert folded("АО «Газпром», 2024!") == "ао газпром 2024"
    assert folded("東京・大阪") == "東京 大阪"
