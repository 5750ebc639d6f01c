"""Numbers are read whole, in any of the ten languages, and what is unsure is said."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from llmx.types import Number, find_numbers

CASES = [
    # marks
    ("1,234.56", "1234.56"),
    ("1.234,56", "1234.56"),
    ("1 234,56", "1234.56"),
    ("1\u202f234\u202f567", 1234567),
    ("1\u00a0234,5", "1234.5"),
    ("1'234.56", "1234.56"),
    ("1’234’567", 1234567),
    ("1,23,456", 123456),
    ("12,5", "12.5"),
    ("0.125", "0.125"),
    ("1.000.000", 1000000),
    ("5.000 Mitarbeiter", 5000),
    ("40,000 square feet", 40000),
    (".5", "0.5"),
    ("3½", "3.5"),
    ("-12 °C", -12),
    # digits of other scripts
    ("١٢٣", 123),
    ("١٢٣٫٥", "123.5"),
    ("١٬٢٣٤", 1234),
    ("１２３，４５６", 123456),
    ("٣ مليون", 3000000),
    ("५ करोड़", 50000000),
    ("10 млн", 10000000),
    # magnitudes
    ("3.2 billion", 3200000000),
    ("20bn", 20000000000),
    ("1.5M users", 1500000),
    ("50k", 50000),
    ("€50m", 50000000),
    ("1.2-billion-euro", 1200000000),
    ("3 million 200 thousand", 3200000),
    ("120 crore", 1200000000),
    ("1.2 lakh crore", 1200000000000),
    ("10 lakh", 1000000),
    ("3,2 Mrd.", 3200000000),
    ("1,5 Milliarden", 1500000000),
    ("500 Mio. Euro", 500000000),
    ("120 Tsd.", 120000),
    ("1,2 milliard d'euros", 1200000000),
    ("2,5 millions", 2500000),
    ("2 mil millones", 2000000000),
    ("2.000 millones", 2000000000),
    ("420 mil toneladas", 420000),
    ("3,4 bilhões", 3400000000),
    ("410 mil hectares", 410000),
    ("7,9 miliardi", 7900000000),
    ("5 mln", 5000000),
    ("drie miljard", 3000000000),
    # Chinese, Japanese, Korean
    ("三百二十万", 3200000),
    ("5.6亿", 560000000),
    ("1,200万", 12000000),
    ("3億5000万", 350000000),
    ("1万2千", 12000),
    ("2万5,000トン", 25000),
    ("二〇二四年", 2024),
    ("两家公司", 2),
    ("百余家企业", 100),
    ("1조 2000억", 1200000000000),
    ("5천만", 50000000),
    ("2억 5천만", 250000000),
    ("300만 대", 3000000),
    ("삼백만 대", 3000000),
    # words
    ("two thousand five hundred and three", 2503),
    ("one million two hundred thousand", 1200000),
    ("two and a half million", 2500000),
    ("half a million", 500000),
    ("three quarters of a million", 750000),
    ("twelve hundred", 1200),
    ("two dozen", 24),
    ("ninety-nine", 99),
    ("quatre-vingt-dix-sept", 97),
    ("soixante et onze", 71),
    ("deux cent trente-quatre", 234),
    ("trois mille cinq cents", 3500),
    ("un million deux cent mille", 1200000),
    ("une trentaine", 30),
    ("zweihunderttausend", 200000),
    ("dreihundertfünfundzwanzig", 325),
    ("zwölftausendfünfhundert", 12500),
    ("eine halbe Million", 500000),
    ("anderthalb Millionen", 1500000),
    ("dos mil trescientos millones", 2300000000),
    ("treinta y cinco", 35),
    ("veintiún millones", 21000000),
    ("mil 200 productores", 1200),
    ("cento e vinte milhões", 120000000),
    ("um milhão e meio", 1500000),
    ("duecentocinquantamila", 250000),
    ("mille e duecento", 1200),
    ("un milione e mezzo", 1500000),
    ("drieëntwintig miljoen", 23000000),
    ("vijftienhonderd", 1500),
    # machine translation
    ("18 10000 employees", 180000),
    ("2.6 10000 employees", 26000),
    ("nearly 300 Ten thousand units", 3000000),
    ("5 Ten thousand", 50000),
    ("1.2 100 million yuan", 120000000),
    ("45 One hundred million yuan", 4500000000),
    (",2020 The global sales", 2020),
]


@pytest.mark.parametrize(("words", "value"), CASES, ids=[words for words, _ in CASES])
def test_a_number_is_worth_what_its_words_say(words: str, value: int | str) -> None:
    reading = Number.from_text(words)
    assert reading.value == Decimal(value)
    assert reading.words == words[reading.start : reading.end]
    assert not reading.doubts


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ("they paid 3.2 billion in cash", "3.2 billion"),
        ("with 18 10000 employees", "18 10000"),
        ("rund 1,5 Mrd. Euro", "1,5 Mrd"),
        ("约3億5000万台", "3億5000万"),
        ("two and a half million users", "two and a half million"),
        ("más de 2 mil millones de euros", "2 mil millones"),
        ("약 1조 2000억 원", "1조 2000억"),
        ("de 3 à 5 millions", "3 à 5 millions"),
    ],
)
def test_a_reading_is_the_whole_numeral_and_nothing_else(words: str, whole: str) -> None:
    assert [reading.words for reading in find_numbers(words)] == [whole]


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ("3-5", (3, 5)),
        ("between 3 and 5", (3, 5)),
        ("3 to 5 million", (3000000, 5000000)),
        ("between 200 and 300 million", (200000000, 300000000)),
        ("10,000–20,000", (10000, 20000)),
        ("de 3 à 5 millions", (3000000, 5000000)),
        ("zwischen 3 und 5", (3, 5)),
        ("entre 3 y 5", (3, 5)),
        ("tra 3 e 5", (3, 5)),
        ("tussen 3 en 5", (3, 5)),
        ("两到3-5家", (3, 5)),
        ("2019-2023", (2019, 2023)),
    ],
)
def test_a_range_has_both_ends_as_candidates_and_no_value(words: str, ends: tuple[int, int]) -> None:
    reading = find_numbers(words)[-1]
    assert reading.value is None
    assert reading.candidates == ends
    assert [issue.code for issue in reading.issues] == ["range"]


@pytest.mark.parametrize(
    "words",
    ["several million", "millions of users", "hundreds of thousands", "plusieurs millions", "mehrere Tausend", "数百万",
     "上百万", "수백만", "varios miles", "migliaia di", "milhares de", "duizenden", "dozens"],
)  # fmt: skip
def test_a_vague_number_has_no_value_and_says_so(words: str) -> None:
    reading = Number.from_text(words)
    assert reading.value is None
    assert [issue.code for issue in reading.issues] == ["vague"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("nearly 600 jobs", "approximate"),
        ("~500", "approximate"),
        ("rund 5.000", "approximate"),
        ("près de 300", "approximate"),
        ("casi 300", "approximate"),
        ("cerca di", None),
        ("bijna 300", "approximate"),
        ("近300家", "approximate"),
        ("약 300명", "approximate"),
        ("over 40,000", "lower_bound"),
        ("30,000+ users", "lower_bound"),
        ("plus de 500 emplois", "lower_bound"),
        ("mehr als 500", "lower_bound"),
        ("oltre 500", "lower_bound"),
        ("más de 500", "lower_bound"),
        ("ruim 500", "lower_bound"),
        ("超过500家", "lower_bound"),
        ("300余家", "lower_bound"),
        ("10多万", "lower_bound"),
        ("300명 이상", "lower_bound"),
        ("up to 50", "upper_bound"),
        ("bis zu 50", "upper_bound"),
        ("jusqu'à 50", "upper_bound"),
        ("不到50家", "upper_bound"),
    ],
)
def test_words_around_a_number_are_noted_and_cast_no_doubt(words: str, code: str | None) -> None:
    reading = Number.from_text(words)
    assert (code is None) == (reading.value is None)
    if code is not None:
        assert [issue.code for issue in reading.issues] == [code]
        assert not reading.doubts


@pytest.mark.parametrize(
    ("words", "locale", "value"),
    [("1.234", "de", 1234), ("1.234", "en", Decimal("1.234")), ("1,234", "fr", Decimal("1.234")), ("1,234", "en", 1234),
     ("1.234", "pt-BR", 1234), ("1,234", "es_MX", 1234), ("1.234", "de_CH", Decimal("1.234")), ("3.2 billion", "de", None)],
)  # fmt: skip
def test_a_locale_decides_an_ambiguous_mark_and_never_a_clear_one(words: str, locale: str, value: int | None) -> None:
    reading = Number.from_text(words, locale=locale)
    assert not reading.doubts
    if value is not None:
        assert reading.value == value
    else:
        assert str(reading.value).startswith("32")


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        ("1.234", (1234, Decimal("1.234"))),
        ("1.234 million", (1234000, 1234 * 10**6)),
        ("1,234", (1234, Decimal("1.234"))),
    ],
)
def test_without_a_locale_an_ambiguous_mark_is_said_to_be_so(words: str, candidates: tuple[Decimal, ...]) -> None:
    reading = Number.from_text(words)
    assert reading.value == candidates[0]
    assert reading.candidates == candidates
    assert [issue.code for issue in reading.issues] == ["ambiguous"]


def test_the_language_of_the_words_around_decides_an_ambiguous_mark() -> None:
    german = find_numbers("Die Firma hat nach eigenen Angaben 1.234 Kunden und ist in der Stadt bekannt.")
    english = find_numbers("The company has 1,234 customers and is known in the city.")
    assert [reading.value for reading in german] == [1234]
    assert [reading.value for reading in english] == [1234]
    assert not german[0].issues
    assert not english[0].issues


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The company serves over 5M users.", 5000000),
        ("It raised $3M last year.", 3000000),
        ("3M opens a plant.", None),
    ],
    ids=["behind a bound", "beside a currency", "a name"],
)
def test_one_digit_with_a_letter_needs_evidence_that_it_is_a_number(text: str, value: int | None) -> None:
    assert [reading.value for reading in find_numbers(text)] == ([] if value is None else [value])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Toto sdělení obsahuje hodnotu 1.234 a další údaje o společnosti z roku.", "cs"),
        ("Przychody spółki wzrosły w pierwszym kwartale do 1.234 i nadal rosną.", "pl"),
        ("1.234", "do not tell their language"),
    ],
    ids=["Czech", "Polish", "a number alone"],
)
def test_a_mark_that_the_language_does_not_write_is_doubtful_and_the_issue_names_the_language(
    text: str, named: str
) -> None:
    (reading,) = find_numbers(text)
    assert reading.candidates == (1234, Decimal("1.234"))
    assert [issue.code for issue in reading.issues] == ["ambiguous"]
    assert named in reading.issues[0].message


@pytest.mark.parametrize(
    ("words", "locale", "value"),
    [("1.234", "da", 1234), ("1,234", "pl", Decimal("1.234")), ("1.234", "de_CH", Decimal("1.234")), ("1.234", "fr", 1234),
     ("1.234", "pt-BR", 1234), ("1,234", "es_MX", 1234), ("1,234", "en", 1234), ("1.234", "de_AT", 1234)],
)  # fmt: skip
def test_the_marks_of_a_locale_decide(words: str, locale: str, value: Decimal) -> None:
    reading = Number.from_text(words, locale=locale)
    assert reading.value == value
    assert not reading.issues


@pytest.mark.parametrize(
    ("words", "locale"), [("1,234", "de_CH"), ("1.234", "sv"), ("1.234", "en_XX"), ("1.234", "xx")]
)
def test_a_mark_that_the_locale_does_not_have_decides_nothing(words: str, locale: str) -> None:
    reading = Number.from_text(words, locale=locale)
    assert reading.candidates == (Number(1234), Number("1.234"))
    assert [issue.code for issue in reading.issues] == ["ambiguous"]


@pytest.mark.parametrize(
    "words",
    ["C9 League", "GPT-4", "Covid-19", "A320", "F-150", "5G", "4S", "3M", "192.168.0.1", "v1.2.3", "block 1e6 of the key", "三菱", "一带一路",
     "第三", "二手车", "百度", "唯一", "三四家", "5B opens a plant", "三星", "五十铃", "万国", "the due date is in the contract", "a third party", "un quinto posto", "no number here"],
)  # fmt: skip
def test_names_and_words_that_only_look_like_numbers_are_none(words: str) -> None:
    assert find_numbers(words) == []


def test_billion_is_a_thousand_million_in_english_and_a_million_million_in_german() -> None:
    assert Number.from_text("3 billion").value == 3 * 10**9
    assert Number.from_text("3 Billionen").value == 3 * 10**12
    assert Number.from_text("3 Billion", locale="de").value == 3 * 10**12


def test_a_number_beside_a_date_or_a_length_of_time_is_the_one_meant() -> None:
    reading = Number.from_text("on May 12, 2024 some 300 people")
    assert reading.value == 300
    assert [issue.code for issue in reading.issues] == ["approximate", "other_numbers"]
    assert Number.from_text("500 jobs over five years").value == 500


def test_a_number_in_digits_beside_a_small_word_is_given_with_a_doubt() -> None:
    reading = Number.from_text("the two companies will create 500 jobs")
    assert reading.value == 500
    assert [issue.code for issue in reading.doubts] == ["several"]


def test_several_numbers_are_candidates_and_no_value() -> None:
    reading = Number.from_text("3 or 5 plants")
    assert reading.value is None
    assert [int(candidate) for candidate in reading.candidates] == [3, 5]
    assert [issue.code for issue in reading.issues] == ["several"]


def test_a_list_of_years_and_a_dotted_date_are_their_parts() -> None:
    assert [reading.value for reading in find_numbers("2019,2020")] == [2019, 2020]
    assert [reading.value for reading in find_numbers("12.05.2024")] == [12, 5, 2024]


def test_numbers_of_a_running_text_come_in_order_with_their_places() -> None:
    text = "Renault sells cars in 130 countries, with 18 10000 employees; in 2020 nearly 300 Ten thousand units."
    readings = find_numbers(text)
    assert [reading.value for reading in readings] == [130, 180000, 2020, 3000000]
    assert [text[reading.start : reading.end] for reading in readings] == [reading.words for reading in readings]


NEGATIVE = [
    ("minus five", -5), ("negative 12.5", Decimal("-12.5")), ("moins 40", -40), ("负三十二", -32), ("マイナス8452", -8452), ("마이너스 5", -5),
    ("-5", -5), ("−0.5", Decimal("-0.5")),
]  # fmt: skip


@pytest.mark.parametrize(("words", "value"), NEGATIVE, ids=[words for words, _ in NEGATIVE])
def test_a_minus_is_part_of_the_number(words: str, value: Decimal | int) -> None:
    reading = Number.from_text(words)
    assert (reading.value, reading.words, reading.doubts) == (value, words, ())


@pytest.mark.parametrize("words", ["au moins 5", "al menos 5", "più o meno 5", "por lo menos 40", "10-5", "pages 3-5"])
def test_at_least_and_a_dash_between_numbers_are_no_minus(words: str) -> None:
    reading = Number.from_text(words)
    assert all(value > 0 for value in (reading.value, *reading.candidates) if value is not None)


UNREAD = [
    "once con uno y medio", "2000 over 3", "10 sur 12", "9/11", "1MM", "12/3", "1.1^--23", "5⁶",
]  # fmt: skip


@pytest.mark.parametrize("words", UNREAD)
def test_what_could_change_a_number_and_is_not_read_is_a_doubt(words: str) -> None:
    reading = Number.from_text(words)
    assert reading.value is None or reading.doubts


@pytest.mark.parametrize(
    "words", ["sur cinq ans", "over 40,000 jobs", "con 300 empleados", "12 months", "in 2020, 500 people", "5 halls"]
)
def test_a_preposition_before_a_number_casts_no_doubt(words: str) -> None:
    assert "unread_words" not in {issue.code for issue in Number.from_text(words).issues}


HAN = [
    ("一万五千億", 15 * 10**11),
    ("二十万亿", 20 * 10**12),
    ("四万万", 4 * 10**8),
    ("一万零十二", 10012),
    ("一亿二千万", 120_000_000),
]


@pytest.mark.parametrize(("words", "value"), HAN, ids=[words for words, _ in HAN])
def test_magnitudes_of_han_numerals_multiply_what_is_before_them(words: str, value: int) -> None:
    assert Number.from_text(words).value == value


def test_a_last_digit_counts_the_next_unit_in_chinese_only() -> None:
    assert Number.from_text("二百五", locale="zh").value == 250
    assert Number.from_text("二百五", locale="ja").value == 205
    reading = Number.from_text("二百五")
    assert set(reading.candidates) == {250, 205}
    assert reading.doubts


def test_miles_are_a_thousand_in_spanish_only() -> None:
    assert Number.from_text("188 miles an hour", locale="en").value == 188
    assert Number.from_text("200 miles", locale="fr").value == 200
    assert Number.from_text("200 miles", locale="es").value == 200_000


FRACTIONS = [
    ("1/4", "0.25"),
    ("2 ½", "2.5"),
    ("10 1/2", "10.5"),
    ("2½ million", "2500000"),
    ("3/4", "0.75"),
    ("⅛", "0.125"),
]


@pytest.mark.parametrize(("words", "value"), FRACTIONS, ids=[words for words, _ in FRACTIONS])
def test_a_proper_fraction_is_part_of_the_number(words: str, value: str) -> None:
    reading = Number.from_text(words)
    assert (str(reading.value), reading.doubts) == (value, ())


@pytest.mark.parametrize("words", ["24/7", "120/80", "9/11"])
def test_two_numbers_with_a_slash_are_no_fraction(words: str) -> None:
    reading = Number.from_text(words)
    assert reading.value is None or reading.doubts


def test_a_number_in_words_and_again_in_digits_is_one_number() -> None:
    reading = Number.from_text("thirty (30)")
    assert reading.value == 30
    assert (reading.words, reading.rule) == ("thirty (30)", "number.twice")
    differing = Number.from_text("two (3)")
    assert (differing.value, differing.candidates) == (None, (Number(2), Number(3)))
    assert "unread_words" in {issue.code for issue in Number.from_text("five (5) million").doubts}


def test_a_number_in_parentheses_may_be_a_loss() -> None:
    reading = Number.from_text("(1,234)", locale="en_US")
    assert reading.candidates == (Number(-1234), Number(1234))
    assert reading.doubts


SIGNS = [
    ("1.5e-3", "0.0015"), ("1E+06", "1000000"), ("-12e-1", "-1.2"), ("3e−5 m", "0.00003"), ("10⁶", "1000000"), ("10^6 cells", "1000000"),
    ("6.23x10^-4", "0.000623"), ("1.5 × 10⁶", "1500000"), ("2^-1", "0.5"), ("-3/2", "-1.5"), ("2  1/4", "2.25"),
    ("三又五分之二", "3.4"), ("5分の3", "0.6"), ("이십삼과 오분의 삼", "23.6"), ("十五点七", "15.7"), ("이백점 칠일", "200.71"), ("五百余万", "5000000"),
    ("三千 八百 九十六 万", "38960000"), ("三ダース", "36"), ("ななひゃくよんじゅうに", "742"), ("스물여섯", "26"), ("半", "0.5"), ("负五分之一", "-0.2"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "value"), SIGNS, ids=[words for words, _ in SIGNS])
def test_a_number_in_signs_of_its_own_is_worth_what_they_say(words: str, value: str) -> None:
    reading = Number.from_text(words)
    assert reading.value == Number(value)
    assert not reading.doubts


IN_WORDS = [
    ("two thirds", "2/3"), ("a twenty-first", "1/21"), ("one hundred thirty-fifths", "100/35"), ("two thirds of a million", "2000000/3"),
    ("five and a quarter", "21/4"), ("nought point nought three", "3/100"), ("two point five million", "2500000"), ("three hundred and two dozen", "324"),
    ("trois huitièmes", "3/8"), ("un vingt cinquième", "1/25"), ("deux cent virgule trois", "2003/10"), ("négatif un", "-1"),
    ("zwei Fünftel", "2/5"), ("zwei Komma drei", "23/10"), ("eine Million zweihundertsechsundfuenfzig", "1000256"),
    ("cinco octavos", "5/8"), ("tres veintiunavos", "3/21"), ("tres quintas partes", "3/5"), ("diez con un cuarto", "41/4"), ("siete coma cinco", "15/2"),
    ("três onze avos", "3/11"), ("um oitavo", "1/8"), ("sete vírgula cinco", "15/2"), ("tre quinti", "3/5"), ("un ventunesimo", "1/21"),
    ("vijf achtsten", "5/8"), ("een eenentwintigste", "1/21"), ("tweeduizend tweehonderdtwintig", "2220"), ("one over twenty", "1/20"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("words", "value"), IN_WORDS, ids=[words for words, _ in IN_WORDS])
def test_fractions_and_decimals_in_words_are_read(words: str, value: str) -> None:
    read = Number.from_text(words).value
    assert read is not None
    assert float(read) == pytest.approx(float(Fraction(value)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("we invest £480 million over four years", "480 million"),
        ("le score est 10 sur 12 points", "10"),
        ("下午八点二十分", "二十"),
        ("one third party and 5 others", "5"),
    ],
)
def test_what_may_be_something_else_in_a_text_is_no_fraction(text: str, words: str) -> None:
    assert words in [reading.words for reading in find_numbers(text)]


def test_a_fraction_that_can_be_taken_two_ways_has_both_as_candidates() -> None:
    reading = Number.from_text("six millions et deux tiers")
    assert [round(value) for value in reading.candidates] == [6_666_667, 6_000_001]
    assert reading.doubts


def test_a_magnitude_alone_is_doubted() -> None:
    reading = Number.from_text("hundred thousand")
    assert reading.value == 100_000
    assert [issue.code for issue in reading.doubts] == ["ambiguous"]
