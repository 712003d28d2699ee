"""Sharing: what part of a pool of shared cost each project gets, and amounts split by it to the last digit."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from finops.allocation.rules import Shared

Weights = Mapping[str, Mapping[str, Fraction]]
"""Per pool: receiver to weight, none negative; a pool without any positive one cannot be split."""

Parts = Mapping[str | None, Fraction]
"""What each project gets of a pool; together 1. None: the part that stays unallocated."""


def circle(shared: Sequence[Shared]) -> tuple[str, ...]:
    """The pools of a circle, the first one again at its end: cost that would be split for ever; empty without one.

    >>> from finops.allocation.rules import Rule
    >>> def pool(name, *to):
    ...     return Shared(rule=Rule(name=name, any_of=()), split="even", to=to)
    >>> circle([pool("network", "platform"), pool("platform", "search", "network")])
    ('network', 'platform', 'network')
    """
    receivers = {one.rule.name: one.to for one in shared}
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if name in path:
            return (*path[path.index(name) :], name)
        if name in done:
            return ()
        for receiver in receivers.get(name, ()):
            if found := walk(receiver, (*path, name)):
                return found
        done.add(name)
        return ()

    return next((found for name in receivers if (found := walk(name, ()))), ())


def parts(shared: Sequence[Shared], weights: Weights) -> dict[str, Parts]:
    """What each project gets of each pool in the end; what a pool gives to another one is split as that one is.

    Args:
        shared: without a circle.
        weights: of every pool.

    >>> from finops.allocation.rules import Rule
    >>> pools = [Shared(rule=Rule(name=name, any_of=()), split="even", to=to)
    ...          for name, to in (("a", ("b", "x")), ("b", ("x", "y", "z")))]
    >>> even = {"a": dict.fromkeys("bx", Fraction(1)), "b": dict.fromkeys("xyz", Fraction(1))}
    >>> {name: str(part) for name, part in parts(pools, even)["a"].items()}
    {'x': '2/3', 'y': '1/6', 'z': '1/6'}
    """
    names = {one.rule.name for one in shared}
    found: dict[str, Parts] = {}

    def of(pool: str) -> Parts:
        if pool not in found:
            found[pool] = _added(_flat(weights.get(pool, {}), names, of))
        return found[pool]

    return {name: of(name) for name in sorted(names)}


def split(units: int, shares: Sequence[int]) -> list[int]:
    """Whole units split in proportion to whole shares, to the last one (largest remainder; of equals the first).

    Args:
        units: what is split, of any sign.
        shares: none negative, not all zero.

    >>> split(100, [1, 1, 1]), split(-100, [1, 1, 1]), split(7, [0, 3])
    ([34, 33, 33], [-33, -33, -34], [0, 7])
    """
    whole = sum(shares)
    pairs = [divmod(units * share, whole) for share in shares]
    found = [floor for floor, _ in pairs]
    missing = units - sum(found)
    by_remainder = sorted(range(len(shares)), key=lambda at: -pairs[at][1])
    for at in by_remainder[:missing]:
        found[at] += 1
    return found


def whole(fractions: Sequence[Fraction]) -> list[int]:
    """Fractions as whole shares in the same proportion.

    >>> whole([Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)])
    [3, 2, 1]
    """
    denominator = math.lcm(*(one.denominator for one in fractions))
    return [int(one * denominator) for one in fractions]


def _flat(
    weights: Mapping[str, Fraction], pools: Collection[str], of: Callable[[str], Parts]
) -> Iterator[tuple[str | None, Fraction]]:
    """Receivers that are no pools, with their parts; the same one maybe several times."""
    total = sum(weights.values())
    if not total:
        yield None, Fraction(1)
        return
    for receiver, weight in weights.items():
        share = Fraction(weight) / total
        if not share:
            continue
        if receiver in pools:
            yield from ((project, share * part) for project, part in of(receiver).items())
        else:
            yield receiver, share


def _added(pairs: Iterable[tuple[str | None, Fraction]]) -> Parts:
    found: dict[str | None, Fraction] = {}
    for name, part in pairs:
        found[name] = found.get(name, Fraction(0)) + part
    return found
