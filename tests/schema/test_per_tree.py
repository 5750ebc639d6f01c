"""What follows from a tree alone is worked out once for it."""

from llmx.schema import ObjectOf, load_schema
from llmx.schema.per_tree import once_per_tree


def test_a_function_is_called_once_for_each_tree() -> None:
    seen: list[ObjectOf] = []

    @once_per_tree
    def count_fields(tree: ObjectOf) -> int:
        seen.append(tree)
        return len(tree.members)

    tree = load_schema("partnership").tree
    other = ObjectOf(tree.model, tree.members[:1], None)
    assert [count_fields(tree), count_fields(tree), count_fields(other), count_fields(tree)] == [
        len(tree.members), len(tree.members), 1, len(tree.members),
    ]  # fmt: skip
    assert seen == [tree, other]


def test_equal_trees_that_are_two_are_told_apart() -> None:
    seen: list[int] = []

    @once_per_tree
    def note(tree: ObjectOf) -> None:
        seen.append(id(tree))

    tree = load_schema("partnership").tree
    twin = ObjectOf(tree.model, tree.members, tree.key, tree.policy)
    note(tree)
    note(twin)
    assert seen == [id(tree), id(twin)]
