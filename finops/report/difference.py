"""Difference: what `finops diff` says, as frozen records with a published JSON schema, and as a grid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from finops.drivers import KINDS, Change, Kind
from finops.money import add, subtract
from finops.report.figures import amount
from finops.report.footing import footing
from finops.report.grid import Column, Grid, Row
from finops.report.locale import Locale
from finops.report.model import NotComputable
from finops.report.records import digits, schema_document

SCHEMA = "finops.diff/1"
_CENT = Decimal("0.01")
_WORTH_NAMING = Decimal("0.01")
"""Of the larger total: a part of a step from here on has its own line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One end of the bridge.

    Attributes:
        month: billing month.
        known_at: the table as it was then; null for now.
        to: last day that counts, inclusive: of the month, or the clock.
        total: of the measure.
    """

    month: str
    known_at: datetime | None
    to: date
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What moved within a step; `name` is the SKU, empty where all of a service moved together."""

    project: str
    provider: str
    service: str
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the bridge; its parts, largest first, add up to it exactly.

    Attributes:
        share: of the first total; not computable where that is zero.
    """

    kind: Kind
    title: str
    amount: Decimal
    share: Decimal | NotComputable
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateUsed:
    """What one unit of a currency is worth: mean of the first side's days, and newest dated rate with its source.

    Attributes:
        plan: budget rate; null where finops.toml has none.
    """

    currency: str
    mean: Decimal
    plan: Decimal | None
    newest: Decimal
    newest_day: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A bridge: start, steps, end; it adds up to the last digit.

    Attributes:
        scope: what of the bill, in words.
    """

    measure: str
    currency: str
    scope: str
    start: Side
    end: Side
    steps: tuple[Step, ...]
    rates: tuple[RateUsed, ...]


SCHEMA_DOCUMENT: Final[dict[str, Any]] = schema_document(Difference, schema=SCHEMA, title="A bridge of finops diff")


def steps(change: Change, *, days_before: int, days_after: int, learned: bool) -> tuple[Step, ...]:
    """The steps of a change, in their order.

    Args:
        change: what moved.
        days_before: that count of the first month.
        days_after: that count of the second one.
        learned: whether both sides are one month, so that days are those that became known.
    """
    titles = dict(_TITLES)
    if learned:
        titles["days"] = "Days that became known"
    else:
        titles["days"] = f"{'More' if days_after > days_before else 'Fewer'} days ({days_after} vs {days_before})"
    return tuple(
        Step(
            kind=kind,
            title=titles[kind],
            amount=amount,
            share=amount / change.start if change.start else NotComputable(reason="the first total is zero"),
            parts=_parts(change, kind),
        )
        for kind, amount in change.steps.items()
    )


def grid(found: Difference, words: Locale) -> Grid:
    """The bridge as a table: both totals, every step, and under it what made 1 % of a total or more."""
    least = max(abs(found.start.total), abs(found.end.total)) * _WORTH_NAMING

    def row(title: str, money: str, share: str = "", *, is_total: bool = False) -> Row:
        return Row(cells=(title, money, share), style="total" if is_total else "plain")

    start, end = (amount(side.total, _CENT).shown for side in (found.start, found.end))
    shown = footing([step.amount for step in found.steps], subtract(end, start), _CENT)
    rows = [row(_side(found.start), words.number(start, places=2), is_total=True)]
    for step, rounded in zip(found.steps, shown, strict=True):
        if not rounded:
            continue
        share = "" if isinstance(step.share, NotComputable) else words.percent(step.share)
        rows.append(row(step.title, words.signed(rounded, places=2), share))
        named = [part for part in step.parts if abs(part.amount) >= least]
        small = [part.amount for part in step.parts if abs(part.amount) < least]
        if named:
            rows += [row(f"  {_name(part)}", words.signed(part.amount, places=2)) for part in named]
            if small and add(*small):
                rows.append(row(f"  {len(small)} smaller, each under 1%", words.signed(add(*small), places=2)))
    total = row(_side(found.end), words.number(end, places=2))
    moved = subtract(end, start)
    change = words.signed(moved, places=2)
    share = f" ({words.percent(moved / start)})" if start else ""
    return Grid(
        title=f"{found.measure.replace('_', ' ').capitalize()} of {found.scope} in {found.currency}: {change}{share}",
        columns=(Column(header="", align="left"), Column(header=found.currency), Column(header="of start", dropped=1)),
        rows=tuple(rows),
        total=total,
        notes=tuple(_rate(one) for one in found.rates),
    )


def records(found: Difference) -> tuple[Sequence[str], list[list[str]]]:
    """Header and rows for CSV: both totals and every part of every step, exact and not localised."""
    header = ("step", "project", "provider", "service", "name", "amount", "currency")
    rows = [["start", "", "", "", _side(found.start), digits(found.start.total), found.currency]]
    rows += [
        [step.kind, part.project, part.provider, part.service, part.name, digits(part.amount), found.currency]
        for step in found.steps
        for part in step.parts
    ]
    rows.append(["end", "", "", "", _side(found.end), digits(found.end.total), found.currency])
    return header, rows


_TITLES: dict[Kind, str] = dict.fromkeys(KINDS, "") | {
    "restatement": "Restated since",
    "volume": "Volume",
    "mix": "Mix",
    "price": "Price",
    "usage": "Usage without quantities",
    "new": "New",
    "gone": "Gone",
    "commitments": "Commitments",
    "credits": "Credits",
    "tax": "Tax",
    "adjustments": "Adjustments",
    "plan": "Budget rate against mean rate",
    "rate": "Exchange rate",
}


def _parts(change: Change, kind: Kind) -> tuple[Part, ...]:
    sums: dict[tuple[str, str, str, str], list[Decimal]] = {}
    for one in change.effects:
        if one.kind == kind:
            sums.setdefault((one.project, one.provider, one.service, one.name), []).append(one.amount)
    parts = (
        Part(project=project, provider=provider, service=service, name=name, amount=add(*amounts))
        for (project, provider, service, name), amounts in sums.items()
    )
    return tuple(sorted(parts, key=lambda part: (-abs(part.amount), part.project, part.service, part.name)))


def _name(part: Part) -> str:
    return " · ".join(_present((part.name, f"{part.service} in {part.project}")))


def _present(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if text]


def _side(side: Side) -> str:
    known = "" if side.known_at is None else f", as known at {side.known_at:%Y-%m-%d %H:%M} UTC"
    return f"{side.month} to {side.to.day} {side.to:%b}{known}"


def _rate(rate: RateUsed) -> str:
    plan = "" if rate.plan is None else f", budget rate {digits(rate.plan)}"
    return (
        f"{rate.currency}: {rate.newest_day} {digits(rate.newest.normalize())} ({rate.source}), "
        f"mean of the first month {rate.mean:.6f}{plan}"
    )
