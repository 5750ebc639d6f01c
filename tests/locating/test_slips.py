"""Single slips: what scanners misread, letters swapped or lost in names, accents, closing marks."""

from __future__ import annotations

import pytest

from llmx.locating import locate
from llmx.locating.lookalikes import Lookalikes, look_alike
from llmx.span import Span

TEXT = (
    "Hector Oqueli visited the modern clinic of Boréalis IA in May 2024, and 150 people (all of them members) came "
    "to the big hall on the hill; it is located in Göteborg, in der Großen Straße. Gold was s0ld."
)


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        pytest.param("150 peop1e", "150 people", id="digit-in-a-word"),
        pytest.param("vislted the modem clinic", "visited the modern clinic", id="rn-for-m"),
        pytest.param("1ocated in Göteborg", "located in Göteborg", id="digit-at-the-beginning"),
        pytest.param("came t0 the big ha11 on the hi11", "came\nto the big hall on the hill", id="several"),
        pytest.param("G0ld", "Gold", id="digit-in-four-letters"),
        pytest.param("sold", "s0ld", id="digit-in-four-letters-of-the-text"),
        pytest.param("Boreal1s IA", "Boréalis IA", id="accent-and-digit"),
        pytest.param("Borealis IA", "Boréalis IA", id="accent-lost"),
        pytest.param("der GroBen Straße", "der Großen Straße", id="sharp-s"),
        pytest.param("Hector Oqeuli", "Hector Oqueli", id="swapped-in-a-name"),
        pytest.param("Oqeuli", "Oqueli", id="swapped-in-one-word"),
        pytest.param("Hector Oqeli", "Hector Oqueli", id="letter-lost-in-a-name"),
        pytest.param("150 people (all of them mebmers)", "150 people (all of them members)", id="closing-mark-kept"),
    ],
)
def test_one_slip_is_found_as_fuzzy(quote: str, words: str) -> None:
    text = TEXT.replace("came to", "came\nto")
    match = locate(quote, text)
    assert match is not None
    assert match.span.of(text) == words
    assert match.kind == "fuzzy"
    assert match.score < 1.0


def test_letters_are_swapped_in_this_place_though_the_word_stands_elsewhere() -> None:
    text = "Police said that five men hid fiev bombs."
    match = locate("five bombs", text)
    assert match is not None
    assert (match.span.of(text), match.kind) == ("fiev bombs", "fuzzy")
    assert locate("five bombs", "Police said that five men hid nine bombs.") is None


def test_a_word_of_the_same_letters_goes_before_one_that_has_a_letter_more_or_less() -> None:
    text = "They took up arms at the farms."
    match = locate("afrms", text)
    assert match is not None
    assert match.span.of(text) == "farms"


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        pytest.param("15O", "a sum of 150 in all", id="letter-in-a-number"),
        pytest.param("l50 people", "and 150 people came", id="letter-before-a-number"),
        pytest.param("160 peop1e came here", "and 150 people came here", id="another-digit-beside-a-slip"),
        pytest.param("1998 models of it", "and l998 models of it", id="year"),
        pytest.param("model C1", "the model Cl was sold", id="code"),
        pytest.param("section b12 applies", "the section bl2 applies", id="code-of-letters-and-digits"),
        pytest.param("Kim Tam", "with Kim Tan", id="another-letter"),
        pytest.param("Daniela Ortega", "by Daniel Ortega", id="another-ending"),
        pytest.param("Mraia", "for Maria and Moira, Mraja", id="no-one-word-is-meant"),
        pytest.param("form", "comes from there", id="four-letters"),
        pytest.param("stem", "at the stern of it", id="another-word-that-looks-alike"),
        pytest.param("mall", "by mail", id="another-word-of-four-letters"),
        pytest.param("Peter Hansen", "as Peter Jansen", id="another-name"),
    ],
)
def test_another_digit_letter_or_name_is_no_slip(quote: str, text: str) -> None:
    assert locate(quote, text) is None


def test_words_look_alike_only_where_one_is_of_letters_alone() -> None:
    assert look_alike("a11iance", "alliance")
    assert look_alike("modern", "modem")
    assert not look_alike("10", "lo")
    assert not look_alike("2o2l", "2021")
    assert not look_alike("t0", "to")
    assert look_alike("t0", "to", little=True)


def test_each_lookalike_knows_where_it_came_from() -> None:
    look = Lookalikes("the modern barn")
    assert look.value == "the modem bam"
    at = look.value.index("bam")
    assert look.origin(at, at + 3) == Span(11, 15)
    assert look.index(11) == at
