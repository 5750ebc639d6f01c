"""Pairs the elements of two lists so that the pairs are worth the most together.

The Hungarian algorithm in its shortest-augmenting-path form, on each connected group of elements by itself: groups
are tiny in practice, so scipy would bring 40 MB for nothing. What a pair is worth is ``score.py``'s.
"""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[int, int]


def best_pairs(worth: Mapping[Pair, int]) -> list[Pair]:
    """Return the one-to-one pairs (row, column) with the largest sum of ``worth``, sorted.

    ``worth`` holds the pairs that are allowed, each with a positive integer: exact sums, so that a tie is a tie.
    The result depends on the numbers of the rows and columns only where two pairings are worth the same.

    >>> best_pairs({(0, 0): 5, (0, 1): 4, (1, 0): 4})
    [(0, 1), (1, 0)]
    """
    pairs: list[Pair] = []
    for rows, columns in _groups(worth):
        if len(rows) == 1 or len(columns) == 1:
            cells = [(row, column) for row in rows for column in columns if (row, column) in worth]
            pairs.append(max(cells, key=lambda cell: (worth[cell], -cell[0], -cell[1])))
        elif len(rows) <= len(columns):
            table = [[worth.get((row, column), 0) for column in columns] for row in rows]
            pairs += [(rows[i], columns[j]) for i, j in _assign(table) if (rows[i], columns[j]) in worth]
        else:
            table = [[worth.get((row, column), 0) for row in rows] for column in columns]
            pairs += [(rows[j], columns[i]) for i, j in _assign(table) if (rows[j], columns[i]) in worth]
    return sorted(pairs)


def _groups(worth: Mapping[Pair, int]) -> list[tuple[list[int], list[int]]]:
    """Split the pairs into groups that share no row and no column."""
    by_row: dict[int, list[int]] = {}
    by_column: dict[int, list[int]] = {}
    for row, column in worth:
        by_row.setdefault(row, []).append(column)
        by_column.setdefault(column, []).append(row)
    groups = []
    unseen = set(by_row)
    for start in sorted(by_row):
        if start not in unseen:
            continue
        unseen.discard(start)
        rows, columns, waiting = [start], set[int](), [start]
        while waiting:
            for column in by_row[waiting.pop()]:
                if column not in columns:
                    columns.add(column)
                    fresh = [row for row in by_column[column] if row in unseen]
                    unseen.difference_update(fresh)
                    rows += fresh
                    waiting += fresh
        groups.append((sorted(rows), sorted(columns)))
    return groups


def _assign(table: list[list[int]]) -> list[Pair]:
    """Return a column for every row, the sum of ``table`` at its largest; rows must not outnumber columns.

    Kuhn 1955 and Munkres 1957, with potentials and shortest augmenting paths: O(rows^2 * columns).
    """
    height, width = len(table), len(table[0])
    row_price, column_price = [0] * (height + 1), [0] * (width + 1)
    row_of = [0] * (width + 1)  # column -> row, both counted from 1; 0 is free
    for row in range(1, height + 1):
        came_from = _augment(table, row, row_price=row_price, column_price=column_price, row_of=row_of)
        column = came_from.pop(0)
        while column:
            previous = came_from[column]
            row_of[column] = row_of[previous]
            column = previous
    return [(row_of[column] - 1, column - 1) for column in range(1, width + 1) if row_of[column]]


def _augment(
    table: list[list[int]], row: int, *, row_price: list[int], column_price: list[int], row_of: list[int]
) -> dict[int, int]:
    """Find the cheapest path from ``row`` to a free column; adjust the prices on the way.

    Return the column from which each column of the path was reached, and under key 0 the free column.
    """
    infinity = 1 << 200
    row_of[0] = row
    least = [infinity] * len(row_of)
    came_from: dict[int, int] = {}
    done = [False] * len(row_of)
    column = 0
    while True:
        done[column] = True
        here, step, following = row_of[column], infinity, 0
        for each in range(1, len(row_of)):
            if done[each]:
                continue
            cost = -table[here - 1][each - 1] - row_price[here] - column_price[each]
            if cost < least[each]:
                least[each], came_from[each] = cost, column
            if least[each] < step:
                step, following = least[each], each
        for each in range(len(row_of)):
            if done[each]:
                row_price[row_of[each]] += step
                column_price[each] -= step
            else:
                least[each] -= step
        column = following
        if row_of[column] == 0:
            came_from[0] = column
            return came_from
