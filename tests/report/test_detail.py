"""Detail: tables that foot from the top down, and the largest movers."""

from decimal import Decimal

from finops.money import add
from finops.report.detail import detail, movers
from finops.report.model import Amount
from finops.report.slices import Expected, Slice

ONE = Decimal(1)


def expected(group: str, name: str, previous: str, to_date: str, forecast: str, *, part: str = "llm") -> Expected:
    return Expected(
        slice=Slice(part=part, group=group, name=name, daily={}),
        previous=Decimal(previous),
        to_date=Decimal(to_date),
        forecast=Decimal(forecast),
        days_charged=30,
    )


SLICES = [
    expected("AWS", "EC2", "10.4", "5.4", "20.4", part="search"),
    expected("AWS", "EC2", "10.4", "5.4", "20.4", part="llm"),
    expected("AWS", "S3", "10.4", "5.4", "9.4"),
    expected("Google Cloud", "BigQuery", "10.4", "5.4", "12.4"),
]


def totals() -> dict[str, Amount]:
    sums = {name: add(*(getattr(one, name) for one in SLICES)) for name in ("previous", "to_date", "forecast")}
    return {name: Amount(exact=exact, shown=exact.quantize(ONE)) for name, exact in sums.items()}


def test_a_service_of_several_projects_is_one_line() -> None:
    table = detail(SLICES, totals(), ONE)
    assert [(group.name, [row.name for row in group.rows]) for group in table.groups] == [
        ("AWS", ["EC2", "S3"]),
        ("Google Cloud", ["BigQuery"]),
    ]


def test_rows_add_up_to_subtotals_and_subtotals_to_the_total_as_shown() -> None:
    table = detail(SLICES, totals(), ONE)
    for field in ("previous", "to_date", "forecast"):
        for group in table.groups:
            assert add(*(getattr(row, field).shown for row in group.rows)) == getattr(group.subtotal, field).shown
        assert add(*(getattr(g.subtotal, field).shown for g in table.groups)) == getattr(table.total, field).shown


def test_bars_are_on_one_scale() -> None:
    table = detail(SLICES, totals(), ONE)
    bars = {row.name: row.bar for group in table.groups for row in (*group.rows, group.subtotal)}
    assert bars["EC2"] == 1
    assert bars["S3"] == -Decimal("0.0500")


def test_movers_are_the_largest_changes_with_their_sign() -> None:
    assert [(row.name, row.change.shown) for row in movers(SLICES, ONE) if isinstance(row.change, Amount)] == [
        ("EC2", Decimal(20)),
        ("BigQuery", Decimal(2)),
        ("S3", Decimal(-1)),
    ]


def test_what_did_not_move_is_no_mover() -> None:
    assert movers([expected("AWS", "S3", "5", "1", "5")], ONE) == ()
