"""The forecast and status tables as people see them, and as programs read them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from finops.report.forecast_grid import budget_records, forecast_grid, forecast_records, status_grid
from finops.report.forecast_table import RateShown
from finops.report.grid import comma_separated, terminal
from finops.report.locale import locale
from tests.budgets.futures import spend
from tests.report.cases import budget, part
from tests.report.tables import table

ENGLISH = locale("en_GB")
SHOP = part("shop", "1000", "1200", [1200.0, 1400.0])  # 12,000 to date, 39,300 expected
SEARCH = part("search", "20.004", "20.004", [20.004])
TABLE = table([SHOP, SEARCH], [
    budget("shop", "38000", project="shop"),
    budget("all", "12000.4", owner="me"),
    budget("search", "700", project="search"),
    budget("unlimited", {"2026-09": "1"}),
])  # fmt: skip


def test_the_forecast_shows_series_total_and_ranges() -> None:
    grid = forecast_grid(TABLE, ENGLISH)

    assert grid.title == "Forecast, October 2026  EUR  data to 2026-10-10"
    assert [column.header for column in grid.columns] == [
        "Project",
        "To date",
        "2026-10",
        "80% range",
        "FY2026/27 Q1",
        "80% range",
        "FY2026/27",
        "80% range",
        "Last 10 days",
    ]
    assert grid.rows[0].cells == (
        "shop",
        "12,000",
        "39,300",
        "37,620 to 40,980",
        "118,600",
        "112,040 to 125,160",
        "473,500",
        "445,100 to 501,900",
        "▄▄▄▄▄▄▄▄▄▄",
    )
    assert grid.total is not None
    assert grid.total.cells[:3] == ("all cost", "12,200", "39,920")


def test_every_column_that_may_go_goes_in_its_own_turn() -> None:
    """On a narrow terminal the month and the year stay."""
    for grid in (forecast_grid(TABLE, ENGLISH), status_grid(TABLE, ENGLISH)):
        turns = [column.dropped for column in grid.columns if column.dropped]
        assert len(set(turns)) == len(turns)
    narrow = terminal(forecast_grid(TABLE, ENGLISH), width=30).splitlines()[1]
    assert narrow.split() == ["Project", "2026-10", "FY2026/27"]


def test_the_status_shows_every_budget_and_who_needs_a_decision() -> None:
    grid = status_grid(TABLE, ENGLISH)

    assert grid.title == "Budgets, October 2026  EUR  data to 2026-10-10"
    assert [(row.cells[0], row.style) for row in grid.rows] == [
        ("shop", "plain"),
        ("all", "high"),
        ("search", "plain"),
        ("unlimited", "plain"),
    ]
    assert grid.rows[0].cells == (
        "shop", "2026-10", "12,000", "39,300", "38,000", "+1,300", "+3.4%", "50%", "2026-10-31",
    )  # fmt: skip
    assert grid.rows[1].cells[-2:] == (f"{ENGLISH.chance(Decimal(1))} !", "already over")
    assert grid.rows[3].cells[4:] == ("–",) * 5


def test_what_is_already_over_says_by_how_much_it_is_over_now() -> None:
    """12,200.04 are spent of 12,000.40; what is expected by the end is another matter."""
    assert status_grid(TABLE, ENGLISH).notes == (
        "OVERRUN  all: 200 over its limit already.",
        "Next: finops report --month 2026-10",
    )


def test_a_predicted_overrun_says_so() -> None:
    found = table([SHOP], [budget("shop", "30000", project="shop")])

    assert status_grid(found, ENGLISH).notes[0] == "OVERRUN  shop: 9,300 over its limit predicted."


def test_an_overrun_without_a_forecast_says_what_is_known() -> None:
    found = table([spend(["5000", "5000"])], [budget("a", "8000")])

    assert status_grid(found, ENGLISH).notes[0] == "OVERRUN  a: 2,000 over its limit already."
    assert status_grid(found, ENGLISH).rows[0].cells[3] == "–"


def test_rates_are_named_with_the_budget_rate_and_what_they_add_to_a_budget() -> None:
    usd = RateShown(pair="USD/EUR", value=Decimal("0.9000"), day=date(2026, 10, 9), source="ECB", plan=Decimal("0.92"))
    first, *others = TABLE.budgets
    found = replace(TABLE, rates=(usd,), budgets=(replace(first, by_rates=Decimal("-12.4")), *others))
    grid = status_grid(found, ENGLISH)
    assert grid.columns[-1].header == "By rates"
    assert [row.cells[-1] for row in grid.rows] == ["−12", "–", "–", "–"]
    told = "USD/EUR: 2026-10-09 0.9 (ECB), budget rate 0.92."
    assert told in grid.notes
    assert told in forecast_grid(found, ENGLISH).notes
    assert budget_records(found)[1][0][-1] == "-12.4"


def test_without_budgets_the_status_says_so() -> None:
    assert status_grid(table([SHOP]), ENGLISH).notes == ("No [[budgets]] entry has a period now.",)


def test_the_notes_name_days_left_out_and_simpler_models() -> None:
    found = table([SHOP], left_out=(date(2026, 10, 11), date(2026, 10, 12)))
    series = (
        replace(found.series[0], fallback_reason="Every day seen is zero."),
        *(replace(found.series[0], name=f"s{at}", fallback_reason="12 days of history") for at in range(7)),
    )

    assert forecast_grid(replace(found, series=series), ENGLISH).notes == (
        "Left out as incomplete: 2026-10-11, 2026-10-12.",
        "Simpler model for s0, s1, s2, s3, s4 and 2 more: 12 days of history.",
        "Simpler model for shop: Every day seen is zero.",
    )


def test_without_a_complete_day_nothing_is_pretended() -> None:
    grid = forecast_grid(table([spend([])]), ENGLISH)

    assert grid.title.endswith("no complete day")
    assert grid.rows[0].cells == ("shop", "0.00", *["–"] * 6, "")


def test_small_bills_show_cents() -> None:
    assert forecast_grid(table([SEARCH]), ENGLISH).rows[0].cells[1:3] == ("200.04", "620.12")


def test_the_locale_speaks_in_the_table() -> None:
    grid = forecast_grid(TABLE, locale("de_DE"))

    assert grid.rows[0].cells[1] == "12.000"


def test_records_are_exact_and_not_localised() -> None:
    header, rows = forecast_records(TABLE)
    first = dict(zip(header, rows[0], strict=True))

    assert len(rows) == 9
    assert first == {
        "project": "shop",
        "period": "month",
        "label": "2026-10",
        "start": "2026-10-01",
        "end": "2026-11-01",
        "to_date": "12000",
        "forecast": "39300.0000",
        "low_80": "37620.0000",
        "high_80": "40980.0000",
        "low_95": "37305.0000",
        "high_95": "41295.0000",
        "currency": "EUR",
        "model": "futures worked out by hand",
        "fallback_reason": "",
    }
    assert rows[3][5] == "200.040"


def test_budgets_are_records_too() -> None:
    header, rows = budget_records(TABLE)
    named = {row[0]: dict(zip(header, row, strict=True)) for row in rows}

    assert named["all"]["limit"] == "12000.4"
    assert named["all"]["level"] == "high"
    assert (named["unlimited"]["limit"], named["unlimited"]["gap"], named["unlimited"]["chance_over"]) == ("", "", "")
    assert named["shop"]["gap"] == "1300.0000"


def test_what_is_not_computable_is_an_empty_cell() -> None:
    _, rows = forecast_records(table([spend(["5"])]))

    assert rows[0][6:11] == [""] * 5


def test_hostile_names_stay_names() -> None:
    found = table([replace(SHOP, name='=cmd|"x"\n\x1b[2J')])

    assert comma_separated(*forecast_records(found)).splitlines()[1].startswith('"\'=cmd|""x""')
    assert "\x1b" not in terminal(forecast_grid(found, ENGLISH))
