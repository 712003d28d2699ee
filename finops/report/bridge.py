"""Bridge: from the month before to this month's forecast, in steps that add up exactly: `finops.drivers` by service."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from finops.drivers import days_effect
from finops.money import add, subtract
from finops.periods import Period, previous_month
from finops.report.figures import amount
from finops.report.footing import footing
from finops.report.model import Amount, Bridge, BridgeBar, Newcomer
from finops.report.slices import Expected, NewcomerFact

_MOST_STEPS = 8
"""Steps before what is left is told by project: more names than that explain less."""
_MOST_BARS = 10
"""Steps that fit on a page beside the two totals and `other`."""
_SMALLEST_SHARE = Decimal("0.02")
"""Of the largest step: smaller drivers have no step of their own."""
_HIDDEN = Decimal("0.01")
"""Share of the first total that `other`, and any driver in it, may have."""

Driver = tuple[str, str, str]
"""Service, project and provider: what a step of its own is made of."""
Bar = Literal["calendar", "rate", "plan", "driver", "rest", "other"]


def bridge(
    slices: Sequence[Expected],
    start: Amount,
    end: Amount,
    period: Period,
    *,
    closed: bool,
    unit: Decimal,
    newcomers: Sequence[NewcomerFact] = (),
) -> Bridge:
    """The steps between two totals.

    Args:
        slices: of everything; their changes add up to end minus start.
        start: total of the month before, exact and as the variance table prints it.
        end: total of the period, likewise.
        period: the month of the end.
        closed: whether the month is over.
        unit: step amounts are shown in.
        newcomers: what is new in services of projects.
    """
    before = previous_month(period)
    calendar = [
        days_effect(one.previous, days_before=before.days, days_after=period.days, days_charged=one.days_charged)
        for one in slices
    ]
    drivers: dict[Driver, Decimal] = {}
    for one, days in zip(slices, calendar, strict=True):
        key = (one.slice.name, one.slice.part, one.slice.group)
        drivers[key] = add(drivers.get(key, Decimal(0)), subtract(one.change, days, one.by_rates, one.by_plan))
    fixed: list[tuple[str, Bar, Decimal]] = []
    if days := add(*calendar):
        fixed.append(
            (
                f"{'More' if period.days > before.days else 'Fewer'} days ({period.days} vs {before.days})",
                "calendar",
                days,
            )
        )
    if rates := add(*(one.by_rates for one in slices)):
        fixed.append(("Exchange rate", "rate", rates))
    if plan := add(*(one.by_plan for one in slices)):
        fixed.append(("Budget rate against mean rate", "plan", plan))
    hidden = abs(start.exact or end.exact) * _HIDDEN
    named = _largest(drivers, least=hidden, most=_MOST_STEPS - len(fixed), room=_MOST_BARS - len(fixed))
    rest = {key: moved for key, moved in drivers.items() if key not in dict(named)}
    told = _told(rest, hidden=hidden, room=_MOST_BARS - len(fixed) - len(named))
    steps = [*fixed]
    steps += [(f"{service} in {part}", "driver", moved) for (service, part, _), moved in named]
    steps += told
    other = subtract(subtract(end.exact, start.exact), *(amount for *_, amount in steps))
    if other:
        steps.append(("Other", "other", other))
    shown = footing([amount for *_, amount in steps], subtract(end.shown, start.shown), unit)
    return Bridge(
        start_month=before.months()[0],
        end_month=period.months()[0],
        start=start,
        end=end,
        steps=tuple(
            BridgeBar(
                name=name,
                group=group,
                amount=Amount(exact=amount, shown=rounded),
                newcomer=_newcomer(name, newcomers, unit) if group == "driver" else None,
            )
            for (name, group, amount), rounded in zip(steps, shown, strict=True)
        ),
        end_is_actual=closed,
    )


def _largest(
    drivers: Mapping[Driver, Decimal], *, least: Decimal, most: int, room: int
) -> list[tuple[Driver, Decimal]]:
    """The largest drivers by size: those too small beside the first left out, and more than `most` only above `least`.

    Two steps are left for what is told by project.
    """
    ordered = sorted(drivers.items(), key=lambda item: (-abs(item[1]), item[0]))
    smallest = abs(ordered[0][1]) * _SMALLEST_SHARE if ordered else Decimal(0)
    return [
        item
        for at, item in enumerate(ordered)
        if abs(item[1]) > smallest and (at < most or (at < room - 2 and abs(item[1]) > least))
    ]


def _told(rest: Mapping[Driver, Decimal], *, hidden: Decimal, room: int) -> list[tuple[str, Bar, Decimal]]:
    """Steps for so much of the rest that `other` hides nothing: by project while there is room, then by provider."""
    left, steps = dict(rest), list[tuple[str, Bar, Decimal]]()
    while len(steps) < room and _hides(left, hidden):
        part, mine = _weightiest(left, of=1)
        steps.append(_step(mine, f"Other services in {part}", left))
    while _hides(left, hidden):
        provider, mine = _weightiest(left, of=2)
        steps.append(_step(mine, f"Other services of {provider}", left))
    return steps


def _hides(left: Mapping[Driver, Decimal], hidden: Decimal) -> bool:
    """Whether what is left, or one driver in it, is more than may be hidden."""
    return any(abs(moved) > hidden for moved in (*left.values(), add(*left.values())))


def _weightiest(left: Mapping[Driver, Decimal], *, of: int) -> tuple[str, list[Driver]]:
    """The project (1) or provider (2) whose drivers move most together, or hold the one that moves most."""
    found: dict[str, list[Driver]] = {}
    for key in left:
        found.setdefault(key[of], []).append(key)

    def weight(keys: Sequence[Driver]) -> Decimal:
        return max(abs(moved) for moved in (add(*(left[key] for key in keys)), *(left[key] for key in keys)))

    return min(found.items(), key=lambda item: (-weight(item[1]), item[0]))


def _step(keys: Sequence[Driver], name: str, left: dict[Driver, Decimal]) -> tuple[str, Bar, Decimal]:
    """One step of several drivers, which are left no more; of a single one under its own name."""
    moved = add(*(left.pop(key) for key in keys))
    if len(keys) == 1:
        [(service, part, _)] = keys
        return f"{service} in {part}", "driver", moved
    return name, "rest", moved


def _newcomer(driver: str, facts: Sequence[NewcomerFact], unit: Decimal) -> Newcomer | None:
    """The costliest thing that is new in a driver."""
    mine = [fact for fact in facts if f"{fact.service} in {fact.part}" == driver and fact.to_date > 0]
    if not mine:
        return None
    largest = max(mine, key=lambda fact: (fact.to_date, fact.name))
    return Newcomer(name=largest.name, first_day=largest.first_day, to_date=amount(largest.to_date, unit))
