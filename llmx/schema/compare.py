"""``Compare``: the mark with which a schema says how evaluation compares a field.

What each rule does with two values is the business of ``evaluate/comparators.py``; its name is checked here, so that a
misspelt rule fails where it is written.
"""

from __future__ import annotations

from llmx.dataclass import dataclass
from llmx.errors import SchemaError

FUZZY_RATIO = 0.85  # one wrong letter in seven; below it, names of different things begin to match
NUMBER_TOLERANCE = 1e-6  # relative: what a float loses on its way through JSON and a unit conversion

RULES: dict[str, float | None] = {
    "auto": None,
    "exact": None,
    "casefold": None,
    "date": None,
    "set": None,
    "sequence": None,
    "ignore": None,
    "fuzzy": FUZZY_RATIO,
    "words": FUZZY_RATIO,
    "number": NUMBER_TOLERANCE,
}
"""Every rule; its default parameter, None for a rule without one. docs/evaluation.md describes them."""


@dataclass(frozen=True, slots=True)
class Compare:
    """How evaluation compares this field: ``Annotated[str, Compare("casefold")]``.

    ``rule`` is one of the names in docs/evaluation.md, with its parameter after a colon. On a list or an object, a rule
    makes the whole of it one fact. ``key`` says that this field tells the elements of a list apart when they are paired
    with gold; it wins over the schema's own ``Key`` and the default.

    >>> Compare("fuzzy:0.9").rule
    'fuzzy:0.9'
    """

    rule: str = "auto"
    key: bool = False

    def __post_init__(self) -> None:
        parse_rule(self.rule)


def parse_rule(rule: str) -> tuple[str, float | None]:
    """Return the name of a rule and its parameter, None for a rule without one. Raises SchemaError for any other text.

    >>> parse_rule("fuzzy:0.9"), parse_rule("number"), parse_rule("exact")
    (('fuzzy', 0.9), ('number', 1e-06), ('exact', None))
    """
    name, _, parameter = rule.partition(":")
    default = RULES.get(name)
    if name not in RULES or (parameter and default is None):
        allowed = ", ".join(each if number is None else f"{each}[:{number:g}]" for each, number in RULES.items())
        raise SchemaError(f"Compare({rule!r}): there is no such comparison", hint=f"Allowed: {allowed}.")
    return name, _parameter(rule, parameter) if parameter else default


def _parameter(rule: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise SchemaError(
            f"Compare({rule!r}): {text!r} is not a number from 0 to 1",
            hint="Write a share, such as fuzzy:0.85 or number:0.01.",
        )
    return number
