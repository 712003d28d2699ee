"""Drivers: what moved cost between two states of the bill, in steps that add up to the last digit.

The one definition of a bridge: `finops diff` shows every step, the report's bridge the same days and rates and the rest
by service. The order is fixed, and each step is what is left of the change after the steps before it:

1. restatement: the first state as it is known now, less as it was known then.
2. commitments, credits, tax, adjustments: what moved in these charges, or in what a commitment saves. Commitments count
   as the measure less contracted cost on usage under a commitment, with their fees and what was paid and not used.
3. new, gone: things that only one state has (a SKU in a region and pricing category, in a project and service).
4. days: what a longer or shorter month changes at the same cost per day; not what is charged on a few days, a fee.
5. volume: more or less of it, at the average price of its family (project, service, unit and currency).
6. mix: other things of the family, at the prices before.
7. price: the same things at other prices. `usage`: both, where the bill has no quantities.
8. plan, rate: steps 2 to 7 are in each bill's own currency, at its budget rate where there is one, else at the mean
   rate of the first state. `plan` is what the mean rate adds to that, `rate` what the dated rates add to the mean.

Price, volume and mix as in contribution analysis of sales: volume = (Q1 - Q0) P0, mix = sum(q1 p0) - Q1 P0,
price = sum(q1 (p1 - p0)), with Q0 of the longer or shorter month. Effects of commitments are contracted less effective
cost, the terms of FOCUS 1.2.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Literal

from finops.money import PLACES, add, subtract

Kind = Literal[
    "restatement",
    "days",
    "volume",
    "price",
    "mix",
    "usage",
    "new",
    "gone",
    "commitments",
    "credits",
    "tax",
    "adjustments",
    "plan",
    "rate",
]
KINDS: tuple[Kind, ...] = (
    "restatement", "days", "volume", "mix", "price", "usage", "new", "gone", "commitments", "credits", "tax",
    "adjustments", "plan", "rate",
)  # fmt: skip
"""The order bridges show them in."""

FEE_DAYS = 3
"""What is charged on at most so many days of a month is a fee, and does not grow with the month's length."""

_EXACT = Context(prec=76, rounding=ROUND_HALF_EVEN)
_STEP = Decimal(1).scaleb(-PLACES)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is bought: the finest part a bridge tells apart.

    Attributes:
        project, provider, service: whose and what; its family together with unit and currency.
        name: SKU or kind of instance, with region and pricing category.
        unit: of its quantity; empty without one.
        currency: of the bill.
    """

    project: str
    provider: str
    service: str
    name: str
    unit: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a thing cost in one state, in the bill's currency.

    Attributes:
        usage: without the charges named below; usage under a commitment at its contracted cost.
        quantity: pricing quantity of the usage; None where a row has none.
        days: on which usage was charged.
        commitments, credits, tax, adjustments: what these charges add to the measure, with their sign.
    """

    usage: Decimal = _NOTHING
    quantity: Decimal | None = None
    days: int = 0
    commitments: Decimal = _NOTHING
    credits: Decimal = _NOTHING
    tax: Decimal = _NOTHING
    adjustments: Decimal = _NOTHING

    @property
    def total(self) -> Decimal:
        """All of it: the measure."""
        return add(self.usage, self.commitments, self.credits, self.tax, self.adjustments)


Family = tuple[str, str, str, str]
"""Project, provider, service, currency: what converted totals are known of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One side of a bridge.

    Attributes:
        days: of the period that count.
        spent: in the bill's currencies.
        converted: the same money per family in one currency, at the rates of its days.
    """

    days: int
    spent: Mapping[Thing, Spent]
    converted: Mapping[Family, Decimal]

    @property
    def total(self) -> Decimal:
        """All of it in the one currency."""
        return add(*self.converted.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What a currency is worth: mean of the first state's days, and in the budget (None: no budget rate)."""

    mean: Decimal
    plan: Decimal | None = None

    @property
    def constant(self) -> Decimal:
        """The rate at which everything but `plan` and `rate` is told."""
        return self.mean if self.plan is None else self.plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One part of a step: plus is more spend; `name` is the thing, empty where it concerns its whole family."""

    kind: Kind
    project: str
    provider: str
    service: str
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From one state to another: the effects add up to `end` minus `start`, to the last digit."""

    start: Decimal
    end: Decimal
    effects: tuple[Effect, ...]

    @property
    def steps(self) -> dict[Kind, Decimal]:
        """Every step that moved something, in the order bridges show them."""
        sums = {kind: add(*(one.amount for one in self.effects if one.kind == kind)) for kind in KINDS}
        return {kind: amount for kind, amount in sums.items() if amount}


def change(
    before: State, after: State, rates: Mapping[str, Rate], restated: Mapping[Family, Decimal] | None = None
) -> Change:
    """What moved cost from one state to another.

    Args:
        before: the first state, as it is known now.
        after: the second one.
        rates: of every currency in them but the one they are converted to.
        restated: how much the first state changed since it was known as the bridge starts from, per family.
    """
    effects: list[Effect] = []
    for family, amount in sorted((restated or {}).items()):
        effects.append(_effect("restatement", family, "", amount))
    things = _by_family({*before.spent, *after.spent})
    for family in sorted({*before.converted, *after.converted}):
        rate = rates.get(family[3], _SAME)
        native = list(_native(family, things.get(family, ()), before, after))
        effects += [replace(one, amount=_times(one.amount, rate.constant)) for one in native]
        told = [_times(one.amount, rate.constant) for one in native]
        plan = _times(add(*(one.amount for one in native)), subtract(rate.mean, rate.constant))
        moved = subtract(after.converted.get(family, _NOTHING), before.converted.get(family, _NOTHING))
        effects.append(_effect("plan", family, "", plan))
        effects.append(_effect("rate", family, "", subtract(moved, *told, plan)))
    return Change(
        start=subtract(before.total, *(restated or {}).values()),
        end=after.total,
        effects=tuple(one for one in effects if one.amount),
    )


def learned(
    before: Mapping[tuple[str, Family, date], Decimal],
    after: Mapping[tuple[str, Family, date], Decimal],
    seen: Mapping[str, date],
) -> Change:
    """What became known of one period between two times: days that were not known yet, and known days restated.

    Args:
        before: amounts in the one currency, by source, family and day, as known at the first time.
        after: the same as known at the second one.
        seen: the last day that each source had charges of at the first time.
    """
    moved: dict[tuple[Kind, Family], list[Decimal]] = {}
    for source, family, day in sorted({*before, *after}):
        key = source, family, day
        kind: Kind = "restatement" if source in seen and day <= seen[source] else "days"
        amount = subtract(after.get(key, _NOTHING), before.get(key, _NOTHING))
        moved.setdefault((kind, family), []).append(amount)
    effects = (_effect(kind, family, "", add(*amounts)) for (kind, family), amounts in moved.items())
    return Change(
        start=add(*before.values()), end=add(*after.values()), effects=tuple(one for one in effects if one.amount)
    )


def days_effect(amount: Decimal, *, days_before: int, days_after: int, days_charged: int) -> Decimal:
    """What a longer or shorter period changes at the same cost per day; nothing for a fee.

    >>> days_effect(Decimal(3000), days_before=30, days_after=31, days_charged=30)
    Decimal('100.000000000000000000')
    >>> days_effect(Decimal(3000), days_before=30, days_after=31, days_charged=1)
    Decimal('0')
    """
    if days_charged <= FEE_DAYS or not days_before:
        return _NOTHING
    return _decimal(Fraction(amount) * (days_after - days_before) / days_before)


# ── in the bill's own currency ─────────────────────────────────────────────────────────────────────────────────

_SAME = Rate(mean=Decimal(1))
_CHARGES: tuple[Literal["commitments", "credits", "tax", "adjustments"], ...] = (
    "commitments", "credits", "tax", "adjustments",
)  # fmt: skip
_NONE = Spent()
_LEAST_QUANTITY = Decimal("1e-12")
"""Of less, a price would have more digits than an exact sum keeps; providers write no such quantities."""
_MONEY = frozenset({"dollar", "dollars", "usd", "eur", "euro", "gbp", "currency"})
"""Units of fees that are a share of other charges."""


def _by_family(things: Iterable[Thing]) -> dict[Family, list[Thing]]:
    found: dict[Family, list[Thing]] = {}
    for one in sorted(things, key=lambda one: (one.unit, one.name)):
        found.setdefault((one.project, one.provider, one.service, one.currency), []).append(one)
    return found


def _native(family: Family, things: Sequence[Thing], before: State, after: State) -> Iterator[Effect]:
    """The effects on a family in the bill's currency: all but those of rates."""
    kept: dict[str, list[Thing]] = {}
    for thing in things:
        old, new = before.spent.get(thing, _NONE), after.spent.get(thing, _NONE)
        for kind in _CHARGES:
            yield _effect(kind, family, thing.name, subtract(getattr(new, kind), getattr(old, kind)))
        if old.days and new.days:
            kept.setdefault(thing.unit, []).append(thing)
        else:
            yield _effect("gone", family, thing.name, old.usage.copy_negate())
            yield _effect("new", family, thing.name, new.usage)
    for alike in kept.values():
        yield from _sold(family, alike, before, after)


def _sold(family: Family, things: Sequence[Thing], before: State, after: State) -> Iterator[Effect]:
    """Days, and volume, mix and price, of things with one unit that both states have."""
    measured: list[_Sale] = []
    for thing in things:
        old, new = before.spent[thing], after.spent[thing]
        longer = days_effect(
            old.usage, days_before=before.days, days_after=after.days, days_charged=min(old.days, before.days)
        )
        yield _effect("days", family, thing.name, longer)
        base = add(old.usage, longer)
        if not _is_measured(thing, old) or not _is_measured(thing, new):
            yield _effect("usage", family, thing.name, subtract(new.usage, base))
            continue
        grown = Fraction(old.quantity or 0) * (after.days if longer else before.days) / before.days
        measured.append(
            _Sale(name=thing.name, base=base, sold=grown, cost=new.usage, quantity=Fraction(new.quantity or 0))
        )
    if not measured:
        return
    at_old_price = [_decimal(one.quantity * Fraction(one.base) / one.sold) for one in measured]
    sold, average = sum(one.quantity for one in measured), _average(measured)
    mix = _decimal(sum((one.quantity * Fraction(one.base) / one.sold for one in measured), Fraction()) - sold * average)
    yield _effect("mix", family, "", mix)
    yield _effect("volume", family, "", subtract(add(*at_old_price), *(one.base for one in measured), mix))
    for one, amount in zip(measured, at_old_price, strict=True):
        yield _effect("price", family, one.name, subtract(one.cost, amount))


def _is_measured(thing: Thing, spent: Spent) -> bool:
    """Whether its quantity says something: of what is sold by the dollar it is the price once more."""
    return spent.quantity is not None and spent.quantity > _LEAST_QUANTITY and thing.unit.lower() not in _MONEY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sale:
    """A thing of both states: its cost and quantity before, as of a period as long as the one after, and after."""

    name: str
    base: Decimal
    sold: Fraction
    cost: Decimal
    quantity: Fraction


def _average(measured: Sequence[_Sale]) -> Fraction:
    return sum((Fraction(one.base) for one in measured), Fraction()) / sum((one.sold for one in measured), Fraction())


def _effect(kind: Kind, family: Family, name: str, amount: Decimal) -> Effect:
    project, provider, service, _ = family
    return Effect(kind=kind, project=project, provider=provider, service=service, name=name, amount=amount)


def _times(amount: Decimal, rate: Decimal) -> Decimal:
    return amount if rate == 1 else _EXACT.multiply(amount, rate).quantize(_STEP, context=_EXACT)


def _decimal(value: Fraction) -> Decimal:
    """A fraction with 18 places, half-even."""
    return Decimal(round(value * 10**PLACES)).scaleb(-PLACES, context=_EXACT)
