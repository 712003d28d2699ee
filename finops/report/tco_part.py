"""The comparison of owned against rented as a report shows it: three options, cost blocks that foot, swings."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from finops.money import add, rounded_to_total, subtract
from finops.report.model import Amount, Assumption, NotComputable, TcoCurve, TcoPart, TcoRow, TcoSwing
from finops.tco import answer as found
from finops.tco.answer import Answer, BreakEvenAnswer, OptionAnswer, SimulationAnswer

_SHOWN = 3
_SWINGS = 6
_THOUSANDS, _MILLIONS = Decimal(100_000), Decimal(100_000_000)

_GROUPS: Final = (
    ("purchase", ("purchase", "one-off", "financing")),
    ("rent", ("rent", "network")),
    ("refresh", ("refresh",)),
    ("energy", ("energy", "space")),
    ("staff", ("staff",)),
    ("licences", ("maintenance", "licences")),
    ("resale", ("resale",)),
    ("tax", ("tax",)),
)
"""Cost blocks of the table and what they gather."""


def tco_part(one: Answer) -> TcoPart | None:
    """A study as the report shows it; None where it has nothing to compare."""
    even = one.break_even
    if not isinstance(even, BreakEvenAnswer):
        return None
    shown = _shown(one, even)
    unit = _unit(max((abs(option.total) for option in shown), default=Decimal(0)))
    columns = [_column(option, unit) for option in shown]
    used = [group for group, blocks in _GROUPS if any(_sum(option, blocks) for option in shown)]
    total = _row(
        "total",
        [Amount(exact=option.total, shown=_shown_total(column)) for option, column in zip(shown, columns, strict=True)],
    )
    present = _row(
        "npv",
        [Amount(exact=option.net_present_value, shown=_rounded(option.net_present_value, unit)) for option in shown],
    )
    return TcoPart(
        name=one.name,
        currency=one.currency,
        unit=unit,
        horizon_months=one.horizon_months,
        discount_rate=one.discount_rate,
        owned=even.owned,
        comparator=even.comparator,
        curves=tuple(
            TcoCurve(
                name=option.name,
                kind=option.kind,
                cumulative=option.cumulative,
                refresh_months=option.refresh_months,
                total=amount,
            )
            for option, amount in zip(shown, total.amounts, strict=True)
        ),
        rows=tuple(_row(group, [column[group] for column in columns]) for group in used),
        total=total,
        net_present_value=present,
        break_even=_known(even.month),
        lost_again=even.lost_again,
        cheapest=_known(one.cheapest),
        saving=NotComputable(reason=one.saving.reason)
        if isinstance(one.saving, found.NotComputable)
        else Amount(exact=one.saving, shown=_rounded(one.saving, unit)),
        chance=one.simulation.chance_owning_cheaper
        if isinstance(one.simulation, SimulationAnswer)
        else NotComputable(reason=one.simulation.reason),
        swings=tuple(
            TcoSwing(
                name=swing.input,
                unit=swing.unit,
                low=swing.low,
                high=swing.high,
                low_month=swing.low_month,
                high_month=swing.high_month,
                low_saving=swing.low_saving,
                high_saving=swing.high_saving,
            )
            for swing in one.tornado[:_SWINGS]
        ),
        facts=(one.recommendation, *one.deciding, *one.conditions),
        inputs=_inputs(one, shown),
        notes=one.notes,
    )


def _shown(one: Answer, even: BreakEvenAnswer) -> list[OptionAnswer]:
    """The owned option, its comparator, and the cheapest other that serves the whole demand."""
    pair = [one.option(even.owned), one.option(even.comparator)]
    others = [
        option
        for option in one.options
        if option not in pair and isinstance(option.served, Decimal) and option.served >= 1
    ]
    return [*pair, *sorted(others, key=lambda option: option.net_present_value)][:_SHOWN]


def _column(option: OptionAnswer, unit: Decimal) -> dict[str, Amount]:
    """The blocks of an option, rounded so that they add up to its rounded total."""
    exact = [_sum(option, blocks) for _, blocks in _GROUPS]
    rounded = rounded_to_total(exact, unit)
    return {
        group: Amount(exact=amount, shown=shown)
        for (group, _), amount, shown in zip(_GROUPS, exact, rounded, strict=True)
    }


def _shown_total(column: dict[str, Amount]) -> Decimal:
    return add(*(amount.shown for amount in column.values()))


def _sum(option: OptionAnswer, blocks: Sequence[str]) -> Decimal:
    return add(*(cost.amount for cost in option.blocks if cost.block in blocks))


def _row(block: str, amounts: Sequence[Amount]) -> TcoRow:
    """With the last option less the first, which is the owned one, from the shown amounts."""
    first, last = amounts[0], amounts[-1]
    difference = Amount(exact=subtract(last.exact, first.exact), shown=subtract(last.shown, first.shown))
    return TcoRow(block=block, amounts=tuple(amounts), difference=difference)


def _unit(largest: Decimal) -> Decimal:
    """What shown amounts are rounded to: tenths of thousands or millions, or whole units."""
    if largest >= _MILLIONS:
        return Decimal(100_000)
    return Decimal(100) if largest >= _THOUSANDS else Decimal(1)


def _rounded(amount: Decimal, unit: Decimal) -> Decimal:
    return rounded_to_total([amount], unit)[0]


def _known(figure: "int | str | found.NotComputable"):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as given, or the report's own reason
    return NotComputable(reason=figure.reason) if isinstance(figure, found.NotComputable) else figure


def _inputs(one: Answer, shown: Sequence[OptionAnswer]) -> tuple[Assumption, ...]:
    """Inputs of the options shown, and those that all share."""
    left_out = {option.name for option in one.options} - {option.name for option in shown}
    return tuple(
        Assumption(
            name=item.label,
            value=f"{item.value:f}",
            unit=item.unit,
            as_of=item.as_of,
            source=f"{item.kind}: {item.source}",
            stale=item.stale,
        )
        for item in one.inputs
        if not any(item.key.startswith(f"options.{name}.") for name in left_out)
    )
