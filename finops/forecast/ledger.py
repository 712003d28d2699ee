"""Ledger: a forecast once issued, never changed, and its score once the period is over."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Literal

from finops.forecast.skill import BANDS, Band
from finops.money import add, subtract
from finops.periods import Period
from finops.series import Scope

LEVELS = tuple(map(Decimal, ("0.025", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.975")))
"""Of the quantiles that are kept."""

Stage = Literal["start", "middle", "end"]
STAGES: tuple[Stage, ...] = ("start", "middle", "end")
"""Where in its period a forecast was made: the first third of the days or before them, the second, the last."""

_PLACES = Decimal("0.0001")
_KEPT = Decimal("0.000001")
_WIDE = Context(prec=76, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """One total as it was forecast. Amounts in `unit`: a currency, or the measure's own unit.

    Attributes:
        issued_at: when, by the clock of the machine.
        command: that issued it, `forecast` or `report`.
        as_of: the clock it was made by; `known_at` of the table, None for then; `data_to` the last complete day.
        cost_version, allocated_version: of the tables it was read from; None where a table had none.
        software: version of this program.
        scope: what is forecast; all cost without fields.
        period: whose total; end exclusive.
        to_date: complete days of it, exact.
        base: point forecast without events; forecast: with them.
        quantiles: of the total with events, in the order of LEVELS.
        events: name and amount of every event; base and they add up to the forecast.
        run_rate, seasonal_naive: what the simplest methods said on the same day; None where they could not.
    """

    issued_at: datetime
    command: str
    as_of: date
    known_at: datetime | None
    data_to: date
    cost_version: int | None
    allocated_version: int | None
    software: str
    measure: str
    unit: str
    scope: Scope
    period: Period
    to_date: Decimal
    base: Decimal
    forecast: Decimal
    quantiles: tuple[Decimal, ...]
    events: tuple[tuple[str, Decimal], ...]
    model: str
    seed: int
    run_rate: Decimal | None
    seasonal_naive: Decimal | None

    @property
    def entry(self) -> str:
        """Its identity: everything but when and by which command it was said, so that saying it again adds nothing."""
        said = (
            *(self.as_of, self.known_at, self.data_to, self.cost_version, self.allocated_version, self.software),
            *(
                self.measure,
                self.unit,
                scope_text(self.scope),
                self.period.start,
                self.period.end,
                self.model,
                self.seed,
            ),
            *map(kept, (self.to_date, self.base, self.forecast, *self.quantiles)),
            *((name, kept(amount)) for name, amount in self.events),
        )
        return hashlib.blake2b(json.dumps(said, default=str).encode(), digest_size=12).hexdigest()

    @property
    def subject(self) -> tuple[str, str, str, Period]:
        """What it is about: measure, unit, scope and period."""
        return self.measure, self.unit, scope_text(self.scope), self.period

    @property
    def stage(self) -> Stage:
        """Where in its period it was made."""
        known = (self.data_to + timedelta(days=1) - self.period.start).days
        third = 3 * max(known, 0) // self.period.days
        return STAGES[min(third, 2)]

    @property
    def in_hindsight(self) -> bool:
        """Whether it was made after its period had ended, by a clock set back: it may know what was restated since."""
        return self.issued_at.date() >= self.period.end

    def range(self, level: Decimal) -> tuple[Decimal, Decimal]:
        """The central range, of level 0.8 or 0.95 (or 0.5, 0.9)."""
        tail = (1 - level) / 2
        return self.quantiles[LEVELS.index(tail)], self.quantiles[LEVELS.index(1 - tail)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A forecast beside what came."""

    issued: Issued
    actual: Decimal

    def hit(self, level: Decimal) -> bool:
        """Whether what came lies in the central range of the level."""
        low, high = self.issued.range(level)
        return low <= self.actual <= high

    @property
    def variance(self) -> Decimal | None:
        """What came less the forecast, over the forecast: plus is more than forecast; None of a forecast of nothing."""
        return _ratio(subtract(self.actual, self.issued.forecast), self.issued.forecast)

    @property
    def error(self) -> Decimal | None:
        """Absolute difference over what came; None where nothing came."""
        return _ratio(abs(subtract(self.actual, self.issued.forecast)), self.actual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """The FinOps KPI "forecast accuracy" over some scored forecasts; shares, 0.05 is five per cent.

    Attributes:
        forecasts: how many; `hits_80`, `hits_95` of them lay inside their range.
        variance: signed over forecast: what came less what was forecast, over what was forecast.
        error: absolute over actual: sum of absolute differences over the sum of what came.
        band: of the error: run 12 %, walk 15 %, crawl 20 %.
        run_rate, seasonal_naive: error of these over the same forecasts; None where one of them said nothing.
    """

    forecasts: int
    hits_80: int
    hits_95: int
    variance: Decimal | None
    error: Decimal | None
    band: Band | None
    run_rate: Decimal | None
    seasonal_naive: Decimal | None


def first_said(entries: Iterable[Issued]) -> list[Issued]:
    """One forecast per subject and as-of, by period: the one issued first, as a later one may know better."""
    found: dict[tuple[tuple[str, str, str, Period], date], Issued] = {}
    for one in sorted(entries, key=lambda one: (one.issued_at, one.entry)):
        found.setdefault((one.subject, one.as_of), one)
    return sorted(found.values(), key=lambda one: (one.period, one.measure, scope_text(one.scope), one.as_of))


def kpi(scored: Sequence[Scored]) -> Kpi | None:
    """The KPI over forecasts; None where there are none."""
    if not scored:
        return None
    came = add(*(abs(one.actual) for one in scored))
    forecast = add(*(one.issued.forecast for one in scored))
    error = _ratio(add(*(abs(subtract(one.actual, one.issued.forecast)) for one in scored)), came)

    def simple(said: Sequence[Decimal | None]) -> Decimal | None:
        known = [value for value in said if value is not None]
        if len(known) < len(scored):
            return None
        return _ratio(add(*(abs(subtract(one.actual, value)) for one, value in zip(scored, known, strict=True))), came)

    return Kpi(
        forecasts=len(scored),
        hits_80=sum(one.hit(Decimal("0.80")) for one in scored),
        hits_95=sum(one.hit(Decimal("0.95")) for one in scored),
        variance=_ratio(subtract(add(*(one.actual for one in scored)), forecast), forecast),
        error=error,
        band=None if error is None else next((name for most, name in BANDS if error <= most), "below crawl"),
        run_rate=simple([one.issued.run_rate for one in scored]),
        seasonal_naive=simple([one.issued.seasonal_naive for one in scored]),
    )


def kept(amount: Decimal) -> Decimal:
    """An amount as the ledger keeps it, to six places: FLOP of a year still fit into 38 digits.

    >>> kept(Decimal("1e3"))
    Decimal('1000.000000')
    """
    return amount.quantize(_KEPT, context=_WIDE)


def scope_text(scope: Scope) -> str:
    """A scope as one JSON text, the same for the same scope; `parsed_scope` reads it back.

    >>> scope_text(Scope(fields=(("project", ("llm",)),)))
    '{"project": ["llm"]}'
    """
    return json.dumps({name: list(values) for name, values in sorted(scope.fields)})


def parsed_scope(text: str) -> Scope:
    """The scope of `scope_text`."""
    fields: Mapping[str, list[str]] = json.loads(text)
    return Scope(fields=tuple((name, tuple(values)) for name, values in sorted(fields.items())))


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part / abs(whole)).quantize(_PLACES) if whole else None
