"""Printed: tables as templates print them: long ones folded, bars beside their rows, sums below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finops.money import add
from finops.report.bars import Bar, bars
from finops.report.folding import folded_groups, folded_lines
from finops.report.model import (
    Amount,
    CommitmentLine,
    Coverage,
    CreditLine,
    Detail,
    DetailRow,
    Figure,
    NotComputable,
    Report,
)
from finops.report.sentences import Sentences

_FLATTENS = 3
_RULES, _HOLDINGS = 20, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRow:
    """One line of a detail table and the bar of its change."""

    row: DetailRow
    bar: Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedGroup:
    """The lines of one provider and its subtotal."""

    name: str
    rows: tuple[PrintedRow, ...]
    subtotal: PrintedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedDetail:
    """A detail table; `left` rows are only in the attached data."""

    groups: tuple[PrintedGroup, ...]
    total: PrintedRow
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The last line of the tables of commitments and credits."""

    first: Amount
    second: Amount
    ratio: Decimal | NotComputable


def new_parts(report: Report, words: Sentences, keep: int | None) -> dict[str, object]:
    """What the parts after the variance table print.

    Args:
        report: what is printed.
        words: names of folded lines.
        keep: how many rows a long table may have; None for all.
    """
    found = report.coverage if isinstance(report.coverage, Coverage) else None
    rules = found.rules if found else ()
    holdings = _HOLDINGS if keep else None
    return {
        "movers": with_bars(report.movers),
        "services": detail(report.services, words.other_services, keep),
        "accounts": detail(report.accounts, words.other_accounts, keep),
        "commitments": report.commitments[:holdings],
        "commitments_left": len(report.commitments) - len(report.commitments[:holdings]),
        "commitment_sums": commitment_sums(report.commitments),
        "commitment_figures": [line.monthly_effect for line in report.commitments],
        "credits": report.credits[:holdings],
        "credits_left": len(report.credits) - len(report.credits[:holdings]),
        "credit_sums": credit_sums(report.credits),
        "allocation_rules": folded_lines(rules, keep=_RULES if keep else len(rules), name=words.other_lines),
        "open_costs": found.open if found else (),
        "year_figures": _year_figures(report),
    }


def detail(table: Detail | NotComputable, name: Callable[[int], str], keep: int | None) -> PrintedDetail | None:
    """A detail table ready to print; None where there is none."""
    if isinstance(table, NotComputable) or not table.groups:
        return None
    every = sum(len(group.rows) for group in table.groups)
    groups, left = folded_groups(table.groups, keep=keep or every, name=name)
    rows = [row for group in groups for row in group.rows]
    sums = [*(group.subtotal for group in groups), table.total]
    printed = with_bars(rows, sums)
    drawn, of_sums = iter(printed[: len(rows)]), iter(printed[len(rows) :])
    return PrintedDetail(
        groups=tuple(
            PrintedGroup(name=group.name, rows=tuple(next(drawn) for _ in group.rows), subtotal=next(of_sums))
            for group in groups
        ),
        total=next(of_sums),
        left=left,
    )


def with_bars(rows: Sequence[DetailRow], sums: Sequence[DetailRow] = ()) -> tuple[PrintedRow, ...]:
    """Each row with the bar of its change."""
    found = scaled_bars([_change(row) for row in rows], [_change(row) for row in sums])
    return tuple(PrintedRow(row=row, bar=bar) for row, bar in zip((*rows, *sums), found, strict=True))


def scaled_bars(values: Sequence[Decimal], sums: Sequence[Decimal]) -> tuple[Bar, ...]:
    """Bars of values, then of their sums; a sum that would flatten every other bar has none."""
    limit = _FLATTENS * max((abs(value) for value in values), default=Decimal(0))
    return bars([*values, *(value if abs(value) <= limit else Decimal(0) for value in sums)])


def commitment_sums(lines: Sequence[CommitmentLine]) -> Sums | None:
    """Used and unused of all commitments; None where one line says it."""
    if len(lines) <= 1:
        return None
    used, unused = _sum([line.used for line in lines]), _sum([line.unused for line in lines])
    paid = add(used.exact, unused.exact)
    none_paid = NotComputable(reason="nothing was paid for commitments")
    return Sums(first=used, second=unused, ratio=used.exact / paid if paid > 0 else none_paid)


def credit_sums(lines: Sequence[CreditLine]) -> Sums | None:
    """The month before and the month so far of all credits; None where one line says it."""
    if len(lines) <= 1:
        return None
    none = NotComputable(reason="a sum of credits has no share")
    return Sums(
        first=_sum([line.previous for line in lines]), second=_sum([line.to_date for line in lines]), ratio=none
    )


def _sum(amounts: Sequence[Amount]) -> Amount:
    return Amount(exact=add(*(one.exact for one in amounts)), shown=add(*(one.shown for one in amounts)))


def _change(row: DetailRow) -> Decimal:
    return row.change.shown if isinstance(row.change, Amount) else Decimal(0)


def _year_figures(report: Report) -> list[Figure]:
    """What the year's table and chart show; a range that is not there needs no reason."""
    if isinstance(report.year, NotComputable):
        return []
    rows = [figure for row in report.year.rows for figure in (row.actual, row.forecast, row.budget, row.gap)]
    return [*rows, *(figure for one in report.year.months for figure in (one.spend, one.budget))]
