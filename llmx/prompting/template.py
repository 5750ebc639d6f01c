"""Renders one part of a prompt template: sandboxed Jinja2, strict names, and faults that name the file and the line.

What the names mean and what the messages look like is ``prompt.py``'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llmx.errors import PromptError

if TYPE_CHECKING:
    from jinja2 import Environment


def render(source: str, values: Mapping[str, Any], *, place: str, line: int = 1) -> str:
    """Return ``source`` rendered with ``values``, without white space at its ends.

    ``place`` names the file, ``line`` is where ``source`` begins in it. Raises PromptError for a syntax error, for a
    name that is not among ``values`` (also in a branch that is not taken), for what the sandbox forbids, and for
    whatever else goes wrong while rendering.
    """
    from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError  # noqa: PLC0415 - heavy
    from jinja2.exceptions import SecurityError  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    try:
        _know_all_names(environment, source, values, place=place, line=line)
        return environment.from_string(source).render(values).strip()
    except TemplateSyntaxError as error:
        raise PromptError(f"{place}: line {error.lineno + line - 1}: {error.message}", hint=_allowed(values)) from None
    except SecurityError as error:
        raise PromptError(f"{place}: not allowed in a template: {error}", hint=_allowed(values)) from None
    except PromptError:
        raise
    except TemplateError as error:
        raise PromptError(f"{place}: {error.message}", hint=_allowed(values)) from None
    except Exception as error:  # noqa: BLE001 - whatever an expression of the user's raises is a fault of the template
        raise PromptError(f"{place}: the template fails: {type(error).__name__}: {error}") from None


def _allowed(values: Mapping[str, Any]) -> str:
    return f"A template may use: {', '.join(values)}."


def _know_all_names(environment: Environment, source: str, values: Mapping[str, Any], *, place: str, line: int) -> None:
    from jinja2 import meta, nodes  # noqa: PLC0415 - heavy

    tree = environment.parse(source)
    if (loads := next(tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)), None)) is not None:
        told = f"{place}: line {loads.lineno + line - 1}: include, import and extends are not allowed in a template"
        raise PromptError(told, hint="Write the words out: a prompt is one file.")
    unknown = meta.find_undeclared_variables(tree) - set(values)
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            told = f"{place}: line {name.lineno + line - 1}: there is no variable {name.name!r}"
            raise PromptError(told, hint=_allowed(values))
