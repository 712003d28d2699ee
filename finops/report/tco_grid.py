"""The terminal's view of a study: options side by side, break-even, chance, and what decides."""

from decimal import Decimal

from finops.report.grid import Column, Grid, Row
from finops.report.locale import Locale
from finops.tco.answer import Answer, BreakEvenAnswer, NotComputable, OptionAnswer, SimulationAnswer

_NAMES = {
    "purchase": "Purchase",
    "one-off": "Migration, one-off",
    "rent": "Compute and storage rented",
    "network": "Data transfer",
    "refresh": "Hardware refresh",
    "energy": "Power and cooling",
    "space": "Rack space",
    "staff": "Staff",
    "maintenance": "Maintenance and spares",
    "licences": "Licences and support",
    "financing": "Leases and loans",
    "resale": "Resale",
    "tax": "Tax relief",
}
"""What blocks are called."""


def blocks_grid(found: Answer, words: Locale) -> Grid:
    """Cost blocks by option, totals and net present values, with the answer in sentences below."""
    blocks = list(
        dict.fromkeys(
            cost.block for block in _NAMES for one in found.options for cost in one.blocks if cost.block == block
        )
    )
    rows = [
        Row(cells=(_NAMES[block], *(words.number(_cost(one, block), places=0) for one in found.options)))
        for block in blocks
    ]
    present = (words.number(one.net_present_value, places=0) for one in found.options)
    rows.append(Row(cells=("Net present value", *present)))
    return Grid(
        title=f"{found.name}: {found.horizon_months} months from {found.start:%Y-%m}, cost in {found.currency}",
        columns=(Column(header="Cost block", align="left"), *(Column(header=one.name) for one in found.options)),
        rows=tuple(rows),
        total=Row(
            cells=("Total, not discounted", *(words.number(one.total, places=0) for one in found.options)),
            style="total",
        ),
        notes=("", *_notes(found, words)),
    )


def _cost(option: OptionAnswer, block: str) -> Decimal:
    return next((cost.amount for cost in option.blocks if cost.block == block), Decimal(0))


def _notes(found: Answer, words: Locale) -> list[str]:
    said = [found.recommendation]
    if isinstance(found.break_even, BreakEvenAnswer):
        said += _even_notes(found, found.break_even, words)
    if isinstance(found.simulation, SimulationAnswer):
        one = found.simulation
        low, middle, high = (
            words.number(value, places=0) for value in (one.saving_p10, one.saving_p50, one.saving_p90)
        )
        said.append(
            f"Saving of owning, {one.draws:,} draws: P10 {low}, P50 {middle}, P90 {high} {found.currency} "
            f"(net present value; seed {one.seed})."
        )
    else:
        said.append(f"How sure: not computable: {found.simulation.reason}.")
    said += [*found.deciding, *found.conditions]
    said += [f"Note: {note}." for note in found.notes]
    return said


def _even_notes(found: Answer, even: BreakEvenAnswer, words: Locale) -> list[str]:
    said = []
    if isinstance(even.hours, NotComputable):
        said.append(f"Break-even in use: {_reason(even.hours)}.")
    else:
        said.append(f"Break-even after {words.number(even.hours, places=0)} {found.demand_unit}s of use.")
    if isinstance(even.demand, NotComputable) or isinstance(even.use, NotComputable):
        reason = even.demand if isinstance(even.demand, NotComputable) else even.use
        said.append(f"Break-even utilisation: {_reason(reason)}.")
    else:
        use = words.number(even.use * 100, places=1)
        demand = words.number(even.demand, places=0)
        said.append(f"Owning is cheaper above {demand} {found.demand_unit}s a month, {use} % of its capacity.")
    rate = even.return_per_year
    if isinstance(rate, NotComputable):
        said.append(f"Internal rate of return of owning: not computable: {rate.reason}.")
    else:
        said.append(f"Internal rate of return of owning: {words.number(rate * 100, places=1)} % a year.")
    drops = [f"−{drop.share * 100:.0f} %: {_month(drop.month)}" for drop in even.price_drops]
    said.append(f"Were {even.comparator} to get cheaper after a year: {'; '.join(drops)}.")
    return said


def _month(found: int | NotComputable) -> str:
    return found.reason if isinstance(found, NotComputable) else f"month {found}"


def _reason(figure: object) -> str:
    return figure.reason if isinstance(figure, NotComputable) else str(figure)


def inputs_grid(found: Answer, words: Locale) -> Grid:
    """Every input with its unit, kind, date and source."""
    return Grid(
        title=f"{found.name}: inputs",
        columns=(
            Column(header="Input", align="left"),
            Column(header="Value"),
            Column(header="Unit", align="left"),
            Column(header="Kind", align="left"),
            Column(header="As of", align="left"),
            Column(header="Source", align="left", dropped=1),
        ),
        rows=tuple(
            Row(
                cells=(
                    one.label,
                    words.exact(one.value),
                    one.unit,
                    one.kind,
                    f"{one.as_of}{' (older than 12 months)' if one.stale else ''}",
                    one.source,
                ),
                style="medium" if one.stale else "plain",
            )
            for one in found.inputs
        ),
    )


def records(found: Answer) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Cost per option, block and month, as a table for machines."""
    header = ("study", "option", "block", "amount", "currency")
    rows: list[tuple[str, ...]] = []
    for one in found.options:
        named: list[tuple[str, Decimal]] = [(cost.block, cost.amount) for cost in one.blocks]
        named += [("total", one.total), ("net present value", one.net_present_value)]
        rows += [(found.name, one.name, block, str(amount), found.currency) for block, amount in named]
    return header, rows
