"""What vulture takes for unused and is not: each name with its reason."""

from collections.abc import Hashable

Hashable  # noqa: B018 -- llmx/few_shot/wording.py casts to it by its name in quotes
