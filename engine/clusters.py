"""Which resources belong together? Groups of one work, that do not grow into blobs along chains of near copies.

A is near B and B is near C does not make A and C one work. Groups are joined in the order of what is strongest, and
only when most of their members are one work with most of the other's; the pair that did not join them is kept all the
same, as a link of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Final

ASKED: Final = 4
"""Members of each group, the first by id, whose pairs decide on joining."""

Pair = tuple[str, str]


def groups_of(
    pairs: Iterable[tuple[Pair, float]], same_work: Callable[[str, str], bool]
) -> tuple[list[tuple[str, ...]], list[Pair]]:
    """Group ids by pairs of one work.

    Parameters
    ----------
    pairs : iterable of ((id, id), strength)
        Pairs that are one work.
    same_work : callable
        Tells of any two ids whether they are one work.

    Returns
    -------
    list of tuple of str
        Groups of two and more, ids in order, groups by their first id.
    list of (id, id)
        Pairs of one work whose members are in two groups.

    Examples
    --------
    >>> near = {("a", "b"), ("b", "c"), ("c", "d")}
    >>> groups_of([(("a", "b"), .9), (("b", "c"), .8), (("c", "d"), .7)], lambda a, b: (a, b) in near)
    ([('a', 'b'), ('c', 'd')], [('b', 'c')])
    """
    member: dict[str, list[str]] = {}
    strongest = sorted(pairs, key=lambda item: (-item[1], item[0]))
    for (a, b), _ in strongest:
        here, there = member.setdefault(a, [a]), member.setdefault(b, [b])
        if here is there or not _belong(here, there, same_work):
            continue
        joined = sorted([*here, *there])
        for id_ in joined:
            member[id_] = joined
    groups = {id(group): tuple(group) for group in member.values() if len(group) > 1}
    links = sorted(pair for pair, _ in strongest if member[pair[0]] is not member[pair[1]])
    return sorted(groups.values()), links


def _belong(here: Sequence[str], there: Sequence[str], same_work: Callable[[str, str], bool]) -> bool:
    asked = list(product(here[:ASKED], there[:ASKED]))
    alike = sum(same_work(*sorted((a, b))) for a, b in asked)
    return 2 * alike > len(asked)
