"""Scenario: a what-if as events: growth, prices, migrations and commitments that might be bought."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from finops.commitments import covered_usage
from finops.errors import ConfigurationError
from finops.forecast.event import KINDS, Event, Kind
from finops.money import FORECAST_UNIT, add
from finops.periods import HOURS_A_DAY
from finops.series import COSTS, FIELDS, MEASURES, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """Cost that moves from one scope to another.

    Attributes:
        percent: of what the source costs that moves.
        cost: what the moved part costs there, in per cent of what it costs now.
        plus_minus: half the width of the 80 % range of `cost`.
    """

    name: str
    source: Scope
    target: Scope
    start: date
    until: date | None
    percent: Decimal
    cost: Decimal
    plus_minus: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A commitment bought: so much an hour is paid whether used or not, for usage at a discount.

    Supposed, where `commitments.Agreement` is signed: no bill names it, it may last for ever, its discount is known.

    Attributes:
        scope: usage it can cover; what other commitments cover already should lie outside.
        hourly: paid an hour.
        discount: in per cent of the price without it.
    """

    name: str
    scope: Scope
    start: date
    until: date | None
    hourly: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything one scenario supposes."""

    name: str
    events: tuple[Event, ...] = ()
    migrations: tuple[Migration, ...] = ()
    purchases: tuple[Purchase, ...] = ()


class EventUnreadable(ConfigurationError):
    """An --event that is none."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(
            f"--event {text!r}: {why}.",
            "Write it like 'date=2026-11-04,percent=6,provider=AWS': date, one of percent, per_day, once and growth, "
            "and where wanted name, until, plus_minus, chance, measure, and fields such as project or service.",
        )


def migrated(migration: Migration, daily: Sequence[Decimal]) -> tuple[Event, Event]:
    """What leaves the source, as a share, and what arrives, as an amount a day.

    Args:
        migration: what moves.
        daily: what the source cost on recent days.
    """
    mean = add(*daily) / max(len(daily), 1)
    moved = mean * migration.percent / 100
    leaving = Event(
        name=f"{migration.name}: from {migration.source}",
        scope=migration.source,
        start=migration.start,
        until=migration.until,
        kind="percent",
        amount=-migration.percent,
        origin="scenario",
    )
    arriving = replace(
        leaving,
        name=f"{migration.name}: to {migration.target}",
        scope=migration.target,
        kind="per_day",
        amount=(moved * migration.cost / 100).quantize(FORECAST_UNIT),
        plus_minus=abs(moved * migration.plus_minus / 100).quantize(FORECAST_UNIT),
    )
    return leaving, arriving


def purchased(purchase: Purchase, daily: Sequence[Decimal]) -> Event:
    """What the commitment changes a day, as an event: what it covers costs its fee, used or not.

    On each day its fee comes, and usage falls away as far as there is any that it covers: 24 a day at 20 % cover 30; a
    day of 50 then costs 44, one of 20 costs 24.

    Args:
        purchase: what is bought.
        daily: what its scope cost on recent days.
    """
    fee = purchase.hourly * HOURS_A_DAY
    covers = covered_usage(fee, purchase.discount)
    changes = [fee - min(max(one, Decimal(0)), covers) for one in daily] or [fee]
    return Event(
        name=purchase.name,
        scope=purchase.scope,
        start=purchase.start,
        until=purchase.until,
        kind="per_day",
        amount=(add(*changes) / len(changes)).quantize(FORECAST_UNIT),
        measure="effective_cost",
        origin="scenario",
    )


def event_option(text: str, number: int) -> Event:
    """The event that an --event says: `date=2026-11-04,percent=6,provider=AWS`.

    Args:
        text: keys and values.
        number: of the option, for the name of an event without one.

    Raises:
        EventUnreadable: if it says none.
    """
    given: dict[str, str] = {}
    for part in filter(str.strip, text.split(",")):
        key, mark, value = (piece.strip() for piece in part.partition("="))
        if not mark or not value:
            raise EventUnreadable(text, f"{part.strip()!r} is no key=value")
        if key in given:
            raise EventUnreadable(text, f"{key} stands there twice")
        given[key] = value
    kinds: list[Kind] = [kind for kind in KINDS if kind in given]
    if "date" not in given or len(kinds) != 1:
        raise EventUnreadable(text, "it needs a date and one of percent, per_day, once and growth")
    known = {"name", "date", "until", "plus_minus", "chance", "measure", *KINDS}
    scope = {key: value for key, value in given.items() if key in FIELDS or key.startswith("tag:")}
    unknown = sorted(set(given) - known - set(scope))
    if unknown:
        raise EventUnreadable(text, f"{unknown[0]!r} is not known")
    event = Event(
        name=given.get("name", f"event {number}"),
        scope=Scope(fields=tuple(sorted((key, (value,)) for key, value in scope.items()))),
        start=_day(text, given["date"]),
        until=_day(text, given["until"]) if "until" in given else None,
        kind=kinds[0],
        amount=_number(text, given[kinds[0]]),
        plus_minus=_number(text, given.get("plus_minus", "0")),
        chance=_number(text, given.get("chance", "1")),
        measure=given.get("measure"),
        origin="option",
    )
    why = _wrong(event)
    if why:
        raise EventUnreadable(text, why)
    return event


def _wrong(event: Event) -> str:
    """What cannot be about an event; empty where all can."""
    if event.until is not None and event.until <= event.start:
        return f"it ends on {event.until}, not after {event.start}; until is exclusive"
    if not 0 < event.chance <= 1:
        return f"a chance lies over 0 and at most at 1, not at {event.chance}"
    if event.plus_minus < 0:
        return f"plus_minus is {event.plus_minus}, below zero"
    if (event.kind == "percent" and event.amount < -100) or (event.kind == "growth" and event.amount < -99):  # noqa: PLR2004 - per cent
        return f"{event.kind} is {event.amount}: more than all cannot go away"
    if event.measure is not None and event.measure not in {*MEASURES, *COSTS}:
        return f"measure {event.measure!r} is not known"
    return ""


def _day(text: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise EventUnreadable(text, f"{value!r} is no date like 2026-11-04") from error


def _number(text: str, value: str) -> Decimal:
    try:
        number = Decimal(value.removesuffix("%"))
    except InvalidOperation as error:
        raise EventUnreadable(text, f"{value!r} is no number") from error
    if not number.is_finite() or abs(number) > Decimal("1e15"):
        raise EventUnreadable(text, f"{value!r} is no number that can be reckoned with")
    return number
