"""Answer: what a study says, computed and exact: costs, break-even, how sure it is, what decides, what to do.

Here doubles become money (`money.from_float`). A figure that does not exist is a `NotComputable` with its reason; one
that never comes says so as its reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Literal, TypeVar

from finops.money import from_float
from finops.periods import fiscal_label, fiscal_year_of
from finops.tco import compare, uncertainty
from finops.tco.cashflow import Flows, all_flows
from finops.tco.finance import rate_of_return
from finops.tco.lines import blocks_of
from finops.tco.quantity import Distribution, Kind, Quantity
from finops.tco.reasons import NoFigure
from finops.tco.scenario import BLOCKS, Block, Study
from finops.tco.uncertainty import Simulation, Swing

PRICE_DROPS = (0.1, 0.2, 0.3)
"""Falls of the comparator's price after the first year that are looked at."""

_PLACES = Decimal("0.000001")
_CAPITAL: frozenset[Block] = frozenset({"purchase", "refresh", "resale"})
_TOKENS = 1_000_000

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotComputable:
    """A figure that could not be computed, and why."""

    reason: str


Figure = Decimal | NotComputable


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCost:
    """What one block costs over the horizon, in cash, not discounted."""

    block: Block
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class YearCost:
    """One fiscal year of an option: cash for assets and for running, and what the books show."""

    label: str
    months: int
    capital_cash: Decimal
    running_cash: Decimal
    book: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionAnswer:
    """One option.

    Attributes:
        total: cash over the horizon, not discounted; net_present_value of it.
        cumulative: at the end of every month, month 0 first.
        served: share of the demand that is served, 0 to 1.
        per_unit, per_accelerator_hour, per_million_tokens: total over what is served.
        refresh_months: in which assets are bought again.
    """

    name: str
    kind: Literal["owned", "rented", "hybrid"]
    total: Decimal
    net_present_value: Decimal
    blocks: tuple[BlockCost, ...]
    cumulative: tuple[Decimal, ...]
    years: tuple[YearCost, ...]
    served: Figure
    per_unit: Figure
    per_accelerator_hour: Figure
    per_million_tokens: Figure
    energy_kwh: Figure
    co2e_kg: Figure
    refresh_months: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """From which month on one option has cost no more than another; `lost_again` where that ends."""

    owned: str
    other: str
    month: int | NotComputable
    lost_again: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenAnswer:
    """Break-even of the owned option against the comparator.

    Attributes:
        month: first month whose end finds owning no dearer; `lost_again`: first later month that finds it dearer.
        hours: units of use after which owning has cost no more, at the first year's prices.
        demand: per month above which owning is cheaper over the horizon; use: the same over the owned capacity.
        price_drops: (share, month) were the comparator's prices to fall by that share after the first year.
        return_per_year: internal rate of return of owning in place of the comparator, nominal, twelve times a month's.
    """

    owned: str
    comparator: str
    month: int | NotComputable
    lost_again: int | None
    hours: Figure
    demand: Figure
    use: Figure
    price_drops: tuple["PriceDrop", ...]
    return_per_year: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceDrop:
    """The break-even month were prices to fall by a share."""

    share: Decimal
    month: int | NotComputable


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceAnswer:
    """Break-even months over the comparator's price and the use of what is owned; null for never.

    Attributes:
        prices: factors on its prices; uses: shares of the capacity; months: one row per use.
    """

    comparator: str
    prices: tuple[Decimal, ...]
    uses: tuple[Decimal, ...]
    months: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SwingAnswer:
    """One input at its low and its high, the others at base.

    Attributes:
        low_saving, high_saving: what owning saves, in net present value, at each end; minus where it costs more.
        low_month, high_month: break-even month there; null for never within the horizon.
        turns_at: the value at which both cost the same; flips: whether that lies between the ends.
    """

    input: str
    unit: str
    low: Decimal
    value: Decimal
    high: Decimal
    low_saving: Decimal
    high_saving: Decimal
    low_month: int | None
    high_month: int | None
    flips: bool
    turns_at: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedShare:
    """Share of the variance of the result that an input explains."""

    input: str
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationAnswer:
    """What many draws say; a saving is what owning saves in net present value, minus where it costs more.

    Attributes:
        saving_p10, saving_p50, saving_p90: a tenth, half and nine tenths of the draws lie below.
        chance_owning_cheaper: share of draws; chance_never: of draws without a break-even within the horizon.
        month_p10, month_p50, month_p90: of the break-even month; null where that many draws never break even.
    """

    draws: int
    seed: int
    saving_p10: Decimal
    saving_p50: Decimal
    saving_p90: Decimal
    chance_owning_cheaper: Decimal
    chance_never: Decimal
    month_p10: int | None
    month_p50: int | None
    month_p90: int | None
    explained: tuple[ExplainedShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputLine:
    """One input as it was used."""

    key: str
    label: str
    value: Decimal
    unit: str
    kind: Kind
    as_of: date
    source: str
    stale: bool
    low: Decimal | None
    high: Decimal | None
    distribution: Distribution | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything a study says.

    Attributes:
        cheapest: the option with the lowest net present value among those that serve the whole demand.
        saving: what owning saves against the comparator, in net present value; minus where it costs more.
        deciding: sentences on the two or three inputs that decide; conditions: under which the recommendation holds.
        notes: what is not counted.
    """

    name: str
    file: str
    currency: str
    as_of: date
    start: date
    horizon_months: int
    discount_rate: Decimal
    demand_unit: str
    options: tuple[OptionAnswer, ...]
    cheapest: str | NotComputable
    saving: Figure
    break_even: BreakEvenAnswer | NotComputable
    pairs: tuple[Pair, ...]
    surface: SurfaceAnswer | NotComputable
    tornado: tuple[SwingAnswer, ...]
    simulation: SimulationAnswer | NotComputable
    recommendation: str
    deciding: tuple[str, ...]
    conditions: tuple[str, ...]
    inputs: tuple[InputLine, ...]
    notes: tuple[str, ...]

    def option(self, name: str) -> OptionAnswer:
        """The option of a name."""
        return next(option for option in self.options if option.name == name)


def answer(
    study: Study, *, as_of: date, seed: int, draws: int = uncertainty.DRAWS, fiscal_year_start: int = 1
) -> Answer:
    """Compute a study.

    Args:
        study: what is computed.
        as_of: the clock: inputs more than twelve months older are flagged.
        seed: of the simulation.
        draws: of the simulation.
        fiscal_year_start: first month of the years budgets are shown for.
    """
    found = {one.option: one for one in all_flows(study)}
    options = tuple(_option(study, one, fiscal_year_start) for one in found.values())
    even = _break_even(study, found)
    swings = _swings(study)
    simulated = _or_reason(lambda: _simulation(study, uncertainty.simulate(study, seed=seed, draws=draws)))
    cheapest = _cheapest(options)
    saving: Figure
    if study.owned == study.comparator:
        saving = NotComputable(reason="there is only one option, so nothing to compare it with")
    else:
        saving = from_float(found[study.comparator].net_present_value - found[study.owned].net_present_value)
    deciders = uncertainty.deciding(swings)
    inputs = tuple(_input(one, as_of) for one in study.quantities.values())
    return Answer(
        name=study.name,
        file=study.file,
        currency=study.currency,
        as_of=as_of,
        start=study.start,
        horizon_months=study.horizon,
        discount_rate=_plain(study.discount_rate.value),
        demand_unit=study.demand.unit,
        options=options,
        cheapest=cheapest,
        saving=saving,
        break_even=even,
        pairs=tuple(_pairs(study, found)),
        surface=_or_reason(lambda: _surface(study)),
        tornado=tuple(map(_swing, swings)),
        simulation=simulated,
        recommendation=_recommendation(study, options, cheapest, even, simulated),
        deciding=tuple(_decides(study, one) for one in deciders),
        conditions=tuple(_conditions(study, swings, saving)),
        inputs=inputs,
        notes=(*study.notes, *_stale_note(inputs), *_short_notes(options)),
    )


# ── options ───────────────────────────────────────────────────────────────────────────────────────────────────


def _option(study: Study, flows: Flows, fiscal_year_start: int) -> OptionAnswer:
    demanded, short = sum(flows.demanded), sum(flows.short)
    served = demanded - short
    accelerators = study.demand.accelerators
    speed = study.demand.tokens_per_s
    none_served = NotComputable(reason="nothing is served")
    by_block = {block: from_float(flows.block(block)) for block in blocks_of([flow.line for flow in flows.lines])}
    return OptionAnswer(
        name=flows.option,
        kind=study.option(flows.option).kind,
        total=from_float(flows.total),
        net_present_value=from_float(flows.net_present_value),
        blocks=tuple(BlockCost(block=block, amount=by_block[block]) for block in BLOCKS if block in by_block),
        cumulative=tuple(from_float(value) for value in flows.cumulative),
        years=tuple(_years(study, flows, fiscal_year_start)),
        served=_plain(served / demanded) if demanded else NotComputable(reason="nothing is demanded"),
        per_unit=_plain(flows.total / served) if served else none_served,
        per_accelerator_hour=_per(flows.total, served, accelerators, "the study names no accelerators per unit"),
        per_million_tokens=_per(flows.total * _TOKENS / 3600, served, speed, "the study names no tokens per second"),
        energy_kwh=_known(flows.energy_kwh, "not everything that draws power has its electricity in the study"),
        co2e_kg=_known(flows.emissions_kg, "not everything that draws power has its grid intensity in the study"),
        refresh_months=_refreshes(flows),
    )


def _per(cost: float, served: float, factor: Quantity | None, reason: str) -> Figure:
    if factor is None:
        return NotComputable(reason=reason)
    if served * factor.value <= 0:
        return NotComputable(reason="nothing is served")
    return _plain(cost / (served * factor.value))


def _known(value: float | None, reason: str) -> Figure:
    return NotComputable(reason=reason) if value is None else from_float(value)


def _refreshes(flows: Flows) -> tuple[int, ...]:
    found = {
        month for flow in flows.lines if flow.line.block == "refresh" for month, paid in enumerate(flow.cash) if paid
    }
    return tuple(sorted(found))


def _years(study: Study, flows: Flows, fiscal_year_start: int) -> Sequence[YearCost]:
    """Cash and books by fiscal year; what is paid at the start falls into the first month."""
    capital = [
        sum(flow.cash[month] for flow in flows.lines if flow.line.block in _CAPITAL)
        for month in range(study.horizon + 1)
    ]
    months = [
        (_fiscal_year(study.start, max(month, 1), fiscal_year_start), month) for month in range(study.horizon + 1)
    ]
    found = []
    for label, group in groupby(months, key=lambda pair: pair[0]):
        part = [month for _, month in group]
        bought = sum(capital[month] for month in part)
        found.append(
            YearCost(
                label=label,
                months=len([month for month in part if month]),
                capital_cash=from_float(bought),
                running_cash=from_float(sum(flows.cash[month] for month in part) - bought),
                book=from_float(sum(flows.book[month] for month in part)),
            )
        )
    return found


def _fiscal_year(start: date, month: int, fiscal_year_start: int) -> str:
    index = start.year * 12 + start.month - 1 + month - 1
    return fiscal_label(fiscal_year_of(date(index // 12, index % 12 + 1, 1), fiscal_year_start=fiscal_year_start))


def _cheapest(options: Sequence[OptionAnswer]) -> str | NotComputable:
    whole = [one for one in options if isinstance(one.served, Decimal) and one.served >= 1]
    if not whole:
        return NotComputable(reason="no option serves the whole demand")
    return min(whole, key=lambda one: one.net_present_value).name


# ── break-even ────────────────────────────────────────────────────────────────────────────────────────────────


def _break_even(study: Study, found: dict[str, Flows]) -> BreakEvenAnswer | NotComputable:
    if study.owned == study.comparator:
        return NotComputable(reason="there is only one option, so nothing to compare it with")
    owned, other = found[study.owned], found[study.comparator]
    pair = _pair(owned, other)
    demand = _or_reason(lambda: _plain(compare.break_even_use(study)))
    use: Figure = demand
    if isinstance(demand, Decimal):
        use = _plain(float(demand) / owned.capacity)
    saved = [theirs - mine for mine, theirs in zip(owned.cash, other.cash, strict=True)]
    return BreakEvenAnswer(
        owned=study.owned,
        comparator=study.comparator,
        month=pair.month,
        lost_again=pair.lost_again,
        hours=_or_reason(lambda: _plain(compare.break_even_hours(study, owned, other))),
        demand=demand,
        use=use,
        price_drops=tuple(
            PriceDrop(share=_plain(share), month=_or_reason(lambda s=share: compare.after_price_drop(study, s).month))  # type: ignore[misc]  # a default binds the loop's value
            for share in PRICE_DROPS
        ),
        return_per_year=_or_reason(lambda: _plain(12 * rate_of_return(saved))),
    )


def _pair(owned: Flows, other: Flows) -> Pair:
    try:
        even = compare.break_even_month(owned.cumulative, other.cumulative)
    except NoFigure as error:
        never = NotComputable(reason=error.reason)
        return Pair(owned=owned.option, other=other.option, month=never, lost_again=None)
    return Pair(owned=owned.option, other=other.option, month=even.month, lost_again=even.lost_again)


def _pairs(study: Study, found: dict[str, Flows]) -> Sequence[Pair]:
    """Every option that owns something against every one that only rents."""
    owning = [option.name for option in study.options if option.capacity is not None]
    renting = [option.name for option in study.options if option.capacity is None]
    return [_pair(found[mine], found[theirs]) for mine in owning for theirs in renting]


def _surface(study: Study) -> SurfaceAnswer:
    found = compare.surface(study)
    return SurfaceAnswer(
        comparator=found.comparator,
        prices=tuple(map(_plain, found.prices)),
        uses=tuple(map(_plain, found.uses)),
        months=found.months,
    )


# ── uncertainty ───────────────────────────────────────────────────────────────────────────────────────────────


def _swings(study: Study) -> tuple[Swing, ...]:
    try:
        return uncertainty.tornado(study)
    except NoFigure:
        return ()


def _swing(one: Swing) -> SwingAnswer:
    quantity = one.quantity
    return SwingAnswer(
        input=quantity.label,
        unit=quantity.unit,
        low=_plain(quantity.low if quantity.low is not None else quantity.value),
        value=_plain(quantity.value),
        high=_plain(quantity.high if quantity.high is not None else quantity.value),
        low_saving=from_float(-one.low),
        high_saving=from_float(-one.high),
        low_month=one.low_month,
        high_month=one.high_month,
        flips=one.flips,
        turns_at=NotComputable(reason="never: no value of it changes the answer")
        if one.threshold is None
        else _plain(one.threshold),
    )


def _simulation(study: Study, found: Simulation) -> SimulationAnswer:
    first, middle, last = found.months
    return SimulationAnswer(
        draws=found.draws,
        seed=found.seed,
        saving_p10=from_float(-found.p90),
        saving_p50=from_float(-found.p50),
        saving_p90=from_float(-found.p10),
        chance_owning_cheaper=_plain(found.owning_is_cheaper),
        chance_never=_plain(found.never),
        month_p10=first,
        month_p50=middle,
        month_p90=last,
        explained=tuple(
            ExplainedShare(input=study.quantities[key].label, share=_plain(share)) for key, share in found.shares
        ),
    )


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _recommendation(
    study: Study,
    options: Sequence[OptionAnswer],
    cheapest: str | NotComputable,
    even: BreakEvenAnswer | NotComputable,
    simulated: SimulationAnswer | NotComputable,
) -> str:
    """The answer in two or three sentences."""
    if isinstance(cheapest, NotComputable):
        return f"No recommendation: {cheapest.reason}."
    ordered = sorted(options, key=lambda one: one.net_present_value)
    best = next(one for one in ordered if one.name == cheapest)
    others = [one for one in ordered if one.name != cheapest and isinstance(one.served, Decimal) and one.served >= 1]
    cost = f"{_money(best.net_present_value)} {study.currency}"
    said = [f"{best.name} costs least over {study.horizon} months: {cost} in net present value"]
    if others:
        more = _money(others[0].net_present_value - best.net_present_value)
        said[0] += f", {more} {study.currency} less than {others[0].name}"
    said[0] += "."
    if isinstance(even, BreakEvenAnswer):
        said.append(_even_sentence(even))
    if isinstance(simulated, SimulationAnswer) and isinstance(even, BreakEvenAnswer):
        chance = _chance(simulated.chance_owning_cheaper)
        said.append(f"The chance that {even.owned} is cheaper than {even.comparator} is {chance}.")
    return " ".join(said)


def _even_sentence(even: BreakEvenAnswer) -> str:
    if isinstance(even.month, NotComputable):
        return f"Break-even of {even.owned} against {even.comparator}: {even.month.reason}."
    if even.month == 0:
        said = f"{even.owned} has cost no more than {even.comparator} from the start"
    else:
        said = f"{even.owned} has cost no more than {even.comparator} from month {even.month} on"
    return f"{said}." if even.lost_again is None else f"{said}, until month {even.lost_again}."


def _decides(study: Study, one: Swing) -> str:
    """What an input does between its ends."""
    quantity = one.quantity
    if quantity.low is None or quantity.high is None:
        return quantity.label
    ends = f"from {_measure(quantity.low, quantity.unit)} to {_measure(quantity.high, quantity.unit)}"
    if one.flips and one.threshold is not None:
        return f"{quantity.label} ({ends}) decides: at {_measure(one.threshold, quantity.unit)} both cost the same."
    move = f"moves the saving by {_money(from_float(abs(one.swing)))} {study.currency}"
    return f"{quantity.label} ({ends}) {move}, but does not change which is cheaper."


def _conditions(study: Study, swings: Sequence[Swing], saving: Figure) -> Sequence[str]:
    """Between which values of the inputs that matter the cheaper of the two stays the cheaper."""
    if isinstance(saving, NotComputable):
        return []
    cheaper = study.owned if saving > 0 else study.comparator
    dearer = study.comparator if saving > 0 else study.owned
    found = []
    for one in sorted(swings, key=lambda swing: (not swing.flips, -abs(swing.swing))):
        if one.threshold is None:
            continue
        side = "above" if one.threshold < one.quantity.value else "below"
        found.append(
            f"{cheaper} stays cheaper than {dearer} while {one.quantity.label} is {side} "
            f"{_measure(one.threshold, one.quantity.unit)} (now {_measure(one.quantity.value, one.quantity.unit)})."
        )
    return found[:3]


def _stale_note(inputs: Sequence[InputLine]) -> Sequence[str]:
    stale = [one.label for one in inputs if one.stale]
    return [f"Older than 12 months: {', '.join(stale)}"] if stale else []


def _short_notes(options: Sequence[OptionAnswer]) -> Sequence[str]:
    return [
        f"{one.name} serves {_number(float(one.served) * 100)} % of the demand; the rest is not in its cost"
        for one in options
        if isinstance(one.served, Decimal) and one.served < 1
    ]


# ── forms ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _or_reason(compute: Callable[[], Found]) -> Found | NotComputable:
    try:
        return compute()
    except NoFigure as error:
        return NotComputable(reason=error.reason)


def _input(one: Quantity, as_of: date) -> InputLine:
    certain = not one.is_uncertain
    return InputLine(
        key=one.key,
        label=one.label,
        value=_plain(one.value),
        unit=one.unit,
        kind=one.kind,
        as_of=one.as_of,
        source=one.source,
        stale=one.is_stale(as_of),
        low=None if certain or one.low is None else _plain(one.low),
        high=None if certain or one.high is None else _plain(one.high),
        distribution=None if certain else one.distribution,
    )


def _plain(value: float) -> Decimal:
    """A figure that is no money, to six places."""
    return Decimal(repr(float(value))).quantize(_PLACES).normalize() + 0


def _money(amount: Decimal) -> str:
    return f"{amount:,.0f}"


def _number(value: float) -> str:
    text = f"{abs(value):,.0f}" if abs(value) >= 1000 else f"{abs(value):.4g}"  # noqa: PLR2004 - a thousand has its own form
    return f"−{text}" if value < 0 else text


def _measure(value: float, unit: str) -> str:
    """A value with its unit; shares read better as percent."""
    if unit in {"share", "share/year"}:
        return f"{_number(value * 100)} %{' a year' if unit == 'share/year' else ''}"
    return f"{_number(value)} {unit}"


def _chance(share: Decimal) -> str:
    """Whole percent, never 0 or 100: draws do not prove."""
    whole = round(share * 100)
    return "<1%" if share < Decimal("0.01") else ">99%" if share > Decimal("0.99") else f"{whole}%"
