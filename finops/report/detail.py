"""Detail: long tables by service and by account, grouped by provider, that foot from the top down; and the movers."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from finops.money import add
from finops.report.figures import amount, minus, ratio
from finops.report.footing import footing
from finops.report.model import Amount, Detail, DetailGroup, DetailRow, Figure
from finops.report.slices import Expected

_MOVERS = 7
_FIELDS = ("previous", "to_date", "forecast")


def detail(slices: Sequence[Expected], totals: dict[str, Amount], unit: Decimal) -> Detail:
    """The table of slices merged by provider and name.

    Args:
        slices: of everything.
        totals: shown and exact totals per field, as other tables print them; slices add up to them exactly.
        unit: step amounts are shown in.
    """
    merged = _merged(slices)
    names = sorted({group for group, _ in merged}, key=lambda group: -_of_group(merged, group, "forecast"))
    shown_groups = {
        field: dict(
            zip(names, footing([_of_group(merged, n, field) for n in names], totals[field].shown, unit), strict=True)
        )
        for field in _FIELDS
    }
    groups = []
    for group in names:
        members = sorted((m for m in merged if m[0] == group), key=lambda m: (-merged[m]["forecast"], m[1]))
        columns = {
            field: [
                Amount(exact=merged[member][field], shown=shown)
                for member, shown in zip(
                    members,
                    footing([merged[m][field] for m in members], shown_groups[field][group], unit),
                    strict=True,
                )
            ]
            for field in _FIELDS
        }
        rows = [_row(name, group, {f: columns[f][at] for f in _FIELDS}) for at, (_, name) in enumerate(members)]
        subtotal = {
            field: Amount(exact=_of_group(merged, group, field), shown=shown_groups[field][group]) for field in _FIELDS
        }
        groups.append(DetailGroup(name=group, rows=tuple(rows), subtotal=_row(group, group, subtotal)))
    total = _row("Total", "", dict(totals))
    return Detail(groups=tuple(_with_bars(groups)), total=total)


def movers(slices: Sequence[Expected], unit: Decimal) -> tuple[DetailRow, ...]:
    """The services whose forecast differs most from the month before, the largest change first."""
    merged = _merged(slices)
    largest = sorted(merged, key=lambda m: (-abs(merged[m]["forecast"] - merged[m]["previous"]), m))[:_MOVERS]
    rows = [
        _row(
            name,
            group,
            {field: amount(merged[group, name][field], unit) for field in _FIELDS},
        )
        for group, name in largest
        if merged[group, name]["forecast"] != merged[group, name]["previous"]
    ]
    scale = _largest(rows)
    return tuple(_barred(row, scale) for row in rows)


def _merged(slices: Sequence[Expected]) -> dict[tuple[str, str], dict[str, Decimal]]:
    found: dict[tuple[str, str], dict[str, Decimal]] = {}
    for one in slices:
        sums = found.setdefault((one.slice.group, one.slice.name), dict.fromkeys(_FIELDS, Decimal(0)))
        for field in _FIELDS:
            sums[field] = add(sums[field], getattr(one, field))
    return {key: sums for key, sums in found.items() if any(sums.values())}


def _of_group(merged: dict[tuple[str, str], dict[str, Decimal]], group: str, field: str) -> Decimal:
    return add(*(sums[field] for (of, _), sums in merged.items() if of == group))


def _row(name: str, group: str, figures: dict[str, Amount]) -> DetailRow:
    change: Figure = minus(figures["forecast"], figures["previous"])
    return DetailRow(
        name=name,
        group=group,
        previous=figures["previous"],
        to_date=figures["to_date"],
        forecast=figures["forecast"],
        change=change,
        change_ratio=ratio(change, figures["previous"], what="the month before"),
        bar=Decimal(0),
    )


def _with_bars(groups: Sequence[DetailGroup]) -> list[DetailGroup]:
    scale = _largest([row for group in groups for row in (*group.rows, group.subtotal)])
    return [
        DetailGroup(
            name=group.name,
            rows=tuple(_barred(row, scale) for row in group.rows),
            subtotal=_barred(group.subtotal, scale),
        )
        for group in groups
    ]


def _largest(rows: Sequence[DetailRow]) -> Decimal:
    return max((abs(row.change.exact) for row in rows if isinstance(row.change, Amount)), default=Decimal(0))


def _barred(row: DetailRow, scale: Decimal) -> DetailRow:
    if not scale or not isinstance(row.change, Amount):
        return row
    return replace(row, bar=(row.change.exact / scale).quantize(Decimal("0.0001")))
