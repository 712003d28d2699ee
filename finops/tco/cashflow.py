"""Cash flow: an option's lines computed month by month; discounted, cumulative, and by fiscal years."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from finops.tco.expression import Array, Evaluation
from finops.tco.finance import monthly
from finops.tco.lines import Line, Plan, plan
from finops.tco.quantity import values_of
from finops.tco.reasons import NoFigure
from finops.tco.scenario import Block, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFlow:
    """A line, computed: one amount per month from month 0 on; plus is a cost."""

    line: Line
    cash: tuple[float, ...]
    book: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """An option, computed.

    Attributes:
        lines: every line.
        cash, book: their sums per month, month 0 first; cumulative: of cash.
        net_present_value: of cash.
        demanded, owned, rented, short: units per month.
        energy_kwh, emissions_kg: over the horizon; None where not all of it is known.
    """

    plan: Plan
    lines: tuple[LineFlow, ...]
    cash: tuple[float, ...]
    book: tuple[float, ...]
    cumulative: tuple[float, ...]
    net_present_value: float
    demanded: tuple[float, ...]
    owned: tuple[float, ...]
    rented: tuple[float, ...]
    short: tuple[float, ...]
    capacity: float
    energy_kwh: float | None
    emissions_kg: float | None

    @property
    def option(self) -> str:
        """The option's name."""
        return self.plan.option

    @property
    def total(self) -> float:
        """All cash over the horizon, not discounted."""
        return self.cumulative[-1]

    def block(self, block: Block) -> float:
        """Cash of one block over the horizon."""
        return float(sum(sum(flow.cash) for flow in self.lines if flow.line.block == block))


def months_of(study: Study) -> Array:
    """The months of a study as a row: 0 to its horizon."""
    return np.arange(study.horizon + 1, dtype=np.float64).reshape(1, -1)


def discounts(study: Study, rate: Array | float | None = None) -> Array:
    """What money of each month is worth today: (1+r/12)^-t."""
    annual = study.discount_rate.value if rate is None else rate
    base = 1 + np.asarray(monthly(1.0) * np.asarray(annual, dtype=np.float64)).reshape(-1, 1)
    return np.asarray(np.exp(-np.log(base) * months_of(study)))


def flows(study: Study, option: str, values: Mapping[str, float] | None = None) -> Flows:
    """An option's cash flow.

    Args:
        study: what is computed.
        option: its name.
        values: inputs by key in place of the study's own.

    Raises:
        NoFigure: where a cost is beyond any number.
    """
    given = {**values_of(study.quantities), **(values or {})}
    made = plan(study, study.option(option))
    evaluate = Evaluation(given, months_of(study))
    width = study.horizon + 1

    def row(found: Array) -> tuple[float, ...]:
        return tuple(np.broadcast_to(found, (1, width))[0].tolist())

    lines = tuple(
        LineFlow(line=line, cash=row(evaluate(line.cash)), book=row(evaluate(line.book))) for line in made.lines
    )
    cash = np.sum([flow.cash for flow in lines], axis=0) if lines else np.zeros(width)
    book = np.sum([flow.book for flow in lines], axis=0) if lines else np.zeros(width)
    if not (np.isfinite(cash).all() and np.isfinite(book).all()):
        raise NoFigure(f"{option} has no finite cost: a trend or growth leaves every scale")
    factor = discounts(study, given[study.discount_rate.key])[0]
    return Flows(
        plan=made,
        lines=lines,
        cash=tuple(cash.tolist()),
        book=tuple(book.tolist()),
        cumulative=tuple(np.cumsum(cash).tolist()),
        net_present_value=float(cash @ factor),
        demanded=row(evaluate(made.demanded)),
        owned=row(evaluate(made.owned)),
        rented=row(evaluate(made.rented)),
        short=row(evaluate(made.short)),
        capacity=float(evaluate(made.capacity).max()),
        energy_kwh=float(sum(row(evaluate(made.energy_kwh)))) if made.knows_energy else None,
        emissions_kg=float(sum(row(evaluate(made.emissions_kg)))) if made.knows_emissions else None,
    )


def all_flows(study: Study, values: Mapping[str, float] | None = None) -> tuple[Flows, ...]:
    """Every option of a study, computed."""
    return tuple(flows(study, option.name, values) for option in study.options)
