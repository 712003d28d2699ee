"""Bridge: from the month before to this month's forecast, in steps that add up exactly: `finops.drivers` by service."""

from collections.abc import Sequence
from decimal import Decimal

from finops.drivers import days_effect
from finops.money import add, subtract
from finops.periods import Period, previous_month
from finops.report.figures import amount
from finops.report.footing import footing
from finops.report.model import Amount, Bridge, BridgeBar, Newcomer
from finops.report.slices import Expected, NewcomerFact

_MOST_STEPS = 8
_SMALLEST_SHARE = Decimal("0.02")
"""Of the largest step: smaller drivers go into `other`."""


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
    drivers: dict[tuple[str, str], Decimal] = {}
    for one, days in zip(slices, calendar, strict=True):
        key = (one.slice.name, one.slice.part)
        drivers[key] = add(drivers.get(key, Decimal(0)), subtract(one.change, days, one.by_rates, one.by_plan))
    fixed: list[tuple[str, str, Decimal]] = []
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
    named = _largest(drivers, _MOST_STEPS - len(fixed))
    steps = [*fixed, *((f"{service} in {part}", "driver", amount) for (service, part), amount in named)]
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
                group=group,  # type: ignore[arg-type]  # the five groups above
                amount=Amount(exact=amount, shown=rounded),
                newcomer=_newcomer(name, newcomers, unit) if group == "driver" else None,
            )
            for (name, group, amount), rounded in zip(steps, shown, strict=True)
        ),
        end_is_actual=closed,
    )


def _largest(drivers: dict[tuple[str, str], Decimal], most: int) -> list[tuple[tuple[str, str], Decimal]]:
    """The largest drivers by size, those too small beside the first left out."""
    ordered = sorted(drivers.items(), key=lambda item: (-abs(item[1]), item[0]))[:most]
    least = abs(ordered[0][1]) * _SMALLEST_SHARE if ordered else Decimal(0)
    return [item for item in ordered if abs(item[1]) > least]


def _newcomer(driver: str, facts: Sequence[NewcomerFact], unit: Decimal) -> Newcomer | None:
    """The costliest thing that is new in a driver."""
    mine = [fact for fact in facts if f"{fact.service} in {fact.part}" == driver and fact.to_date > 0]
    if not mine:
        return None
    largest = max(mine, key=lambda fact: (fact.to_date, fact.name))
    return Newcomer(name=largest.name, first_day=largest.first_day, to_date=amount(largest.to_date, unit))
