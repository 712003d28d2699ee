"""Headings built by rule: over, under, equal, no budget, incomplete, finished, and names not made for sentences."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from gettext import NullTranslations

import pytest

from finops.periods import Period
from finops.report.locale import Locale, locale
from finops.report.model import (
    BridgeBar,
    CommitmentLine,
    CreditLine,
    Detail,
    Figure,
    FiscalYear,
    NotComputable,
    Report,
)
from finops.report.sentences import Sentences
from tests.report import samples

Sample = Callable[[], Report]
STATES: tuple[Sample, ...] = (
    samples.over_budget,
    samples.under_budget,
    samples.on_budget,
    samples.no_budget,
    samples.incomplete,
    samples.no_forecast,
    samples.no_data,
    samples.finished,
    samples.full,
    samples.full_falling,
    samples.full_unknown,
)
PROPERTIES = tuple(
    name for name in dir(Sentences) if isinstance(getattr(Sentences, name), property) and not name.startswith("_")
)


def words(report: Report) -> Sentences:
    return Sentences(report, locale(report.locale))


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (samples.over_budget, "October is heading €12,100 (7.1%) over budget"),
        (samples.under_budget, "October is on course: €6,110 (3.6%) under budget"),
        (samples.on_budget, "October is on course: exactly on budget"),
        (samples.no_budget, "October is forecast at €182,100; no budget is set"),
        (samples.incomplete, "Data is incomplete: October has no verdict"),
        (samples.no_forecast, "Data is incomplete: October has no verdict"),
        (samples.no_data, "Data is incomplete: October has no verdict"),
        (samples.finished, "October ended €12,100 (7.1%) over budget"),
    ],
)
def test_the_verdict_has_a_case_for_every_state(sample: Sample, verdict: str) -> None:
    assert words(sample()).verdict == verdict


def test_the_verdict_says_forecast_budget_chance_and_what_drives_the_gap() -> None:
    assert words(samples.over_budget()).verdict_details == (
        "Spend is forecast at €182,100 against a budget of €170,000.",
        "The chance of ending over budget is 94%.",
        "recommendations adds €12,120; webshop adds €2,310.",
    )


def test_under_budget_names_the_parts_that_stay_below() -> None:
    assert words(samples.under_budget()).verdict_details[-1] == (
        "webshop is €4,121 under its budget; warehouse is €3,968 under its budget."
    )


def test_a_finished_period_is_not_forecast_and_has_no_chance() -> None:
    details = " ".join(words(samples.finished()).verdict_details)

    assert details.startswith("Spend was €182,100 against a budget of €170,000.")
    assert "forecast" not in details
    assert "chance" not in details


def test_incomplete_data_says_what_is_missing_and_no_amount() -> None:
    sentences = words(samples.incomplete())

    assert sentences.verdict_details == (
        "Source google has no charges for 9 to 14 October.",
        "Source azure has not delivered October at all.",
    )
    assert "€" not in sentences.verdict
    assert "over" not in sentences.variance
    assert sentences.no_decision == "None until the data is complete."


def test_long_lists_of_missing_data_are_counted() -> None:
    report = samples.incomplete()
    many = replace(report, verdict=replace(report.verdict, missing=tuple(f"Day {n} is missing." for n in range(1, 10))))

    assert words(many).verdict_details == (
        "Day 1 is missing.",
        "Day 2 is missing.",
        "Day 3 is missing.",
        "Day 4 is missing.",
        "Five more.",
    )


@pytest.mark.parametrize(
    ("sample", "heading"),
    [
        (samples.over_budget, "recommendations carries the whole overrun"),
        (samples.under_budget, "webshop accounts for most of the room under budget"),
        (samples.on_budget, "Gaps of the projects cancel out"),
        (samples.no_budget, "webshop is the largest project, at €64,310"),
        (samples.incomplete, "Spend by project so far"),
        (samples.many_projects, "The overrun is spread over 164 projects"),
    ],
)
def test_the_variance_heading_says_who_carries_the_gap(sample: Sample, heading: str) -> None:
    assert words(sample()).variance == heading


def test_most_of_an_overrun_is_not_the_whole() -> None:
    rows: tuple[samples.Row, ...] = (("a", 1, 1, 100, 160, "0.9"), ("b", 1, 1, 100, 140, "0.9"))
    report = replace(samples.over_budget(), variance=samples.variance(rows))

    assert words(report).variance == "a carries most of the overrun"


@pytest.mark.parametrize(
    ("left_on", "data_to", "sample", "heading"),
    [
        (date(2026, 10, 8), date(2026, 10, 19), samples.over_budget, "Spend left the budget line on 8 October"),
        (
            date(2026, 10, 1),
            date(2026, 10, 19),
            samples.over_budget,
            "Spend has been above the budget line since the first day",
        ),
        (None, date(2026, 10, 19), samples.over_budget, "Spend is within the budget line and is forecast to cross it"),
        (None, date(2026, 10, 19), samples.under_budget, "Spend is on course to end within the budget line"),
        (None, date(2026, 10, 31), samples.under_budget, "Spend ended within the budget line"),
        (None, date(2026, 10, 19), samples.no_budget, "Spend reached €115,320 by 19 October"),
    ],
)
def test_the_chart_heading_says_where_spend_and_budget_part(
    left_on: date | None, data_to: date, sample: Sample, heading: str
) -> None:
    report = sample()
    assert not isinstance(report.fan, NotComputable)
    report = replace(report, data_to=data_to, fan=replace(report.fan, left_budget_on=left_on))

    assert words(report).fan == heading


def test_the_chart_description_holds_the_numbers_of_the_chart() -> None:
    description = words(samples.over_budget()).fan_description

    for number in ("€115,320", "€182,100", "80% range", "95% range", "€170,000", "+€12,100"):
        assert number in description


@pytest.mark.parametrize(
    ("over", "likely", "heading"),
    [
        (0, 0, "No budget is likely to end over its limit"),
        (0, 1, "One budget is likely to end over its limit"),
        (0, 3, "Three budgets are likely to end over their limit"),
        (2, 1, "Two budgets are over their limit, one budget is likely to end over its limit"),
        (1, 0, "One budget is over its limit"),
    ],
)
def test_the_alerts_heading_counts(over: int, likely: int, heading: str) -> None:
    report = samples.over_budget()
    alert = report.alerts[0]
    alerts = (replace(alert, already_over=True),) * over + (alert,) * likely

    assert words(replace(report, alerts=alerts)).alerts == heading


def test_without_budgets_nothing_can_overrun() -> None:
    assert words(samples.no_budget()).alerts == "No budget is set, so nothing can overrun"
    assert words(samples.no_budget()).no_decision == "None: no budget is set."


def test_an_overrun_says_when_and_names_the_year_only_where_it_is_another() -> None:
    report = samples.over_budget()
    alert = report.alerts[0]
    sentences = words(report)

    assert sentences.overrun(alert) == "23 Oct"
    assert sentences.overrun(replace(alert, overrun_on=date(2027, 2, 26))) == "26 Feb 2027"
    assert sentences.overrun(replace(alert, already_over=True, overrun_on=None)) == "already over"
    assert sentences.overrun(replace(alert, overrun_on=None)) == "–"


def test_amounts_of_other_units_name_them() -> None:
    report = samples.over_budget()
    hours = report.budgets[-1]

    assert words(report).in_unit(hours.limit, hours) == "40,000\u00a0h"
    assert words(report).gap_in_unit(hours) == "+3,900\u00a0h"
    assert words(report).in_unit(report.budgets[0].limit, report.budgets[0]) == "62,000"


def test_past_forecasts_are_counted_in_words() -> None:
    report = samples.over_budget()
    assert not isinstance(report.accuracy, NotComputable)
    all_hit = replace(report, accuracy=replace(report.accuracy, hits=6))

    assert words(report).accuracy == "Five of the last six months closed inside the 80% range"
    assert words(all_hit).accuracy == "All of the last six months closed inside the 80% range"
    assert words(samples.no_forecast()).accuracy == "How good the forecast has been is not known yet"


def test_the_reconciliation_heading_never_hides_a_difference() -> None:
    report = samples.over_budget()
    row = report.reconciliation.rows[0]

    def heading(**changes: Decimal | None) -> str:
        changed = replace(report.reconciliation, rows=(replace(row, **changes),))  # type: ignore[arg-type]  # fields of the row
        return words(replace(report, reconciliation=changed)).reconciliation

    assert heading() == "Every cent of the exports is in this report"
    assert heading(difference=Decimal("1e-18")) == "The exports and this report differ"
    assert heading(export=None) == "The cost table and this report agree; not every export could be read again"


def test_the_data_quality_heading_counts_what_is_not_in_order() -> None:
    report = samples.over_budget()
    fine = tuple(replace(check, result="ok") for check in report.data_quality)

    assert words(report).data_quality == "One of five data checks needs a look"
    assert words(replace(report, data_quality=fine)).data_quality == "All five data checks are in order"
    assert words(replace(report, data_quality=())).data_quality == "No data check was made"


def test_the_first_page_names_what_ends_and_what_has_run_out_a_sentence_each() -> None:
    report = samples.full()
    crowded = replace(report, commitments=report.commitments * 3, credits=report.credits * 3)

    assert words(report).verdict_details[-2:] == (
        "The Savings Plan that ends on 4 November will add €5,200 a month.",
        "Google credits ran out on 12 October.",
    )
    assert len(words(crowded).verdict_details) == len(words(report).verdict_details)


def moved(start: int, end: int, *steps: BridgeBar, actual: bool = False) -> str:
    bridge = replace(
        samples.bridge(rising=True),
        start=samples.exactly(start),
        end=samples.exactly(end),
        steps=steps,
        end_is_actual=actual,
    )
    return words(replace(samples.full(), bridge=bridge)).moved


def step(name: str, amount: int, group: str = "driver") -> BridgeBar:
    return BridgeBar(name=name, group=group, amount=samples.exactly(amount))  # type: ignore[arg-type]  # one of the five


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        (moved(100, 160, step("a", 40), step("b", 20)), "a and b lift October by €60 over September"),
        (moved(100, 160, step("a", 55), step("b", 5)), "a lifts October by €60 over September"),
        (
            moved(100, 160, step("n", 50, "calendar"), step("b", 10)),
            "More days lifts October by €60 over September",
        ),
        (
            moved(100, 160, step("a", 40), step("r", 20, "rate")),
            "a and the exchange rate lift October by €60 over September",
        ),
        (
            moved(100, 160, step("p", 60, "plan")),
            "The budget rate lifts October by €60 over September",
        ),
        (moved(100, 160, step("a", 60), actual=True), "a lifted October by €60 over September"),
        (moved(160, 100, step("a", -40), step("b", -20)), "a and b lower October by €60 under September"),
        (moved(160, 100, step("a", -70), step("b", 10), actual=True), "a lowered October by €60 under September"),
        (moved(100, 160, step("o", 60, "other")), "October is forecast €60 above September"),
        (moved(160, 100, step("o", -60, "other"), actual=True), "October ended €60 below September"),
        (moved(100, 100, step("a", 5), step("b", -5)), "October is forecast at exactly what September came to"),
        (moved(100, 100, actual=True), "October came to exactly what September did"),
    ],
)
def test_the_bridge_heading_has_a_case_for_up_down_equal_and_no_cause(heading: str, expected: str) -> None:
    assert heading == expected


def test_what_moved_says_why_and_how_much() -> None:
    assert words(samples.full()).movements == (
        ("Amazon SageMaker in recommendations, +€12,243.", "74.1% of the rise."),
        ("More days (31 vs 30), +€5,520.", "October has 31 days, September 30. Per day, spend is up 6.4%."),
        ("Amazon FSx in webshop, +€1,720.", "10.4% of the rise."),
    )


@pytest.mark.parametrize(
    ("sample", "heading"),
    [
        (samples.full, "Amazon SageMaker rises most, by €12,243 over September"),
        (samples.full_falling, "Amazon SageMaker fell most, by €12,243 under September"),
        (samples.full_unknown, "Largest moves by service"),
    ],
)
def test_the_largest_move_has_a_direction(sample: Sample, heading: str) -> None:
    assert words(sample()).movers == heading


@pytest.mark.parametrize(
    ("gap", "heading"),
    [
        (48_400, "The year is on course for €48,400 over budget"),
        (-900, "The year is on course for €900 under budget"),
        (0, "The year is on course for exactly its budget"),
        (None, "The year is on course for €2,061,480; no budget covers it"),
    ],
)
def test_the_year_heading_has_a_case_for_over_under_equal_and_no_budget(gap: int | None, heading: str) -> None:
    report = samples.full()
    year_gap = samples.NO_BUDGET if gap is None else samples.exactly(gap)
    report = replace(report, key_figures=replace(report.key_figures, year_gap=year_gap))

    assert words(report).year == heading


def test_a_year_that_is_over_ended() -> None:
    report = samples.full()
    assert isinstance(report.year, FiscalYear)
    over = tuple(replace(one, state="actual") for one in report.year.months)
    sentences = words(replace(report, year=replace(report.year, months=over)))

    assert sentences.year == "The year ended €48,400 over budget"
    assert sentences.year_months == "Nine of eleven closed months are over budget"


def test_the_year_is_written_in_thousands_only_where_it_still_foots() -> None:
    report = samples.full()
    assert isinstance(report.year, FiscalYear)
    odd = replace(report.year.rows[0], actual=samples.exactly(1_621_261))
    finer = replace(report, year=replace(report.year, rows=(odd, *report.year.rows[1:])))

    assert words(report).year_table_caption == "Fiscal year 2026/27 in k€"
    assert words(report).year_figure(samples.exactly(826_500)) == "826.5"
    assert words(finer).year_table_caption == "Fiscal year 2026/27 in €"


@pytest.mark.parametrize(
    ("effect", "heading"),
    [
        (samples.exactly(5_200), "The Savings Plan that ends on 4 November will add €5,200 a month"),
        (samples.exactly(-300), "The Savings Plan that ends on 4 November will save €300 a month"),
        (samples.exactly(0), "The Savings Plan ends on 4 November"),
        (NotComputable(reason="x"), "The Savings Plan ends on 4 November"),
    ],
)
def test_what_a_commitment_costs_after_its_end(effect: Figure, heading: str) -> None:
    report = samples.full()
    line = replace(report.commitments[0], monthly_effect=effect)

    assert words(replace(report, commitments=(line,))).holdings == heading


def test_tables_of_a_month_that_is_over_are_not_to_date() -> None:
    assert words(samples.full()).commitments_caption == "Commitments, October 2026 to date, in €"
    assert words(samples.full_falling()).allocation_caption == "Billed cost by project and rule, October 2026, in €"


def test_two_commitments_that_end_are_told_apart_by_name() -> None:
    report = samples.full()
    first = report.commitments[0]
    second = replace(first, name="77aa", ends_on=date(2026, 11, 20))

    assert words(replace(report, commitments=(first, second))).holding_facts == (
        "The Savings Plan 77aa that ends on 20 November will add €5,200 a month.",
        "Google credits ran out on 12 October.",
    )


def test_where_nothing_ends_the_heading_says_so() -> None:
    report = samples.full()
    calm = tuple(replace(line, ends_soon=False) for line in report.commitments)
    undated = tuple(replace(line, ends_on=None) for line in calm)
    running = tuple(replace(line, has_ended=False) for line in report.credits)

    def heading(held: tuple[CommitmentLine, ...], credited: tuple[CreditLine, ...]) -> str:
        return words(replace(report, commitments=held, credits=credited)).holdings

    assert heading(calm, running) == "No commitment ends within 45 days, and no credit has run out"
    assert heading(undated, ()) == "The exports do not say when commitments end"
    assert heading((), running) == "No credit has run out"
    assert heading(calm, report.credits) == "Google credits ran out on 12 October"


def test_how_much_of_commitments_is_used() -> None:
    report = samples.full()
    line = report.commitments[0]
    unused = replace(line, used=samples.exactly(0), unused=samples.exactly(0))
    full = replace(line, unused=samples.exactly(0))

    def heading(*lines: CommitmentLine) -> str:
        return words(replace(report, commitments=lines)).commitments

    assert heading(line, line) == "97.3% of what was paid for commitments is used; €784 lapsed"
    assert heading(full) == "What was paid for commitments is used in full"
    assert heading(unused) == "Nothing was paid for commitments in October so far"
    assert heading() == "No commitment covers usage in October"


@pytest.mark.parametrize(
    ("before", "now", "heading"),
    [
        (-4_100, -1_750, "Credits lower October by €1,750 so far, the whole month before by €4,100"),
        (-4_100, 0, "No credit lowers October; the month before had €4,100"),
        (0, 0, "Credits come to nothing in October"),
        (0, 250, "Credits taken back add €250 to October"),
    ],
)
def test_how_much_credits_take_off_the_bill(before: int, now: int, heading: str) -> None:
    report = samples.full()
    line = replace(report.credits[0], previous=samples.exactly(before), to_date=samples.exactly(now))

    assert words(replace(report, credits=(line,))).credits == heading


@pytest.mark.parametrize(
    ("allocated", "lost", "heading"),
    [
        (104_500, 5_500, "€5,500 of the billed cost (5.0%) has no project"),
        (110_000, 0, "All billed cost has a project"),
        (0, 5_500, "No billed cost has a project"),
        (104_500, -40, "Credits of €40 have no project"),
    ],
)
def test_how_much_has_no_project(allocated: int, lost: int, heading: str) -> None:
    found = replace(samples.coverage(), allocated=samples.exactly(allocated), unallocated=samples.exactly(lost))

    assert words(replace(samples.full(), coverage=found)).allocation == heading


def test_the_largest_service_and_account_have_their_share() -> None:
    sentences = words(samples.full())

    assert sentences.services == "Amazon EC2 is the largest service: €61,310, 33.7% of the forecast"
    assert sentences.accounts == "prod is the largest account: €93,289, 51.2% of the forecast"
    assert words(samples.full_unknown()).services == "Detail by service"


def test_a_change_from_nothing_has_no_percentage() -> None:
    sentences = words(samples.full())
    assert isinstance(sentences.report.services, Detail)
    rows = {row.name: row for row in sentences.report.services.groups[0].rows}

    assert sentences.change_ratio(rows["Amazon FSx"]) == "n/a"
    assert sentences.change_ratio(rows["Refunds and credits"]) == "n/a"
    assert sentences.change_ratio(rows["Amazon EC2"]) == "+5.3%"


def test_a_longer_period_is_named_by_its_label() -> None:
    quarter = Period(start=date(2026, 10, 1), end=date(2027, 1, 1))
    sentences = words(replace(samples.over_budget(), period=quarter, period_label="2026-Q4"))

    assert sentences.title == "Cloud cost report, 2026-Q4"
    assert sentences.verdict == "2026-Q4 is heading €12,100 (7.1%) over budget"
    assert sentences.to_date_label == "Period to date"
    assert sentences.variance_columns == ("Previous actual", "To date", "Budget", "Forecast")


def test_january_compares_with_the_december_before() -> None:
    january = Period(start=date(2027, 1, 1), end=date(2027, 2, 1))

    assert words(replace(samples.over_budget(), period=january)).variance_columns[0] == "Dec actual"


def test_names_with_percent_signs_and_braces_stay_as_they_are() -> None:
    name = "100% %(name)s {0} {{x}}"
    rows: tuple[samples.Row, ...] = ((name, 1, 1, 100, 160, "0.9"),)
    report = replace(samples.over_budget(), variance=samples.variance(rows))

    assert words(report).variance == f"{name} carries the whole overrun"


def test_names_too_long_for_a_heading_are_cut_with_an_ellipsis() -> None:
    rows: tuple[samples.Row, ...] = (("n" * 200, 1, 1, 100, 160, "0.9"),)
    heading = words(replace(samples.over_budget(), variance=samples.variance(rows))).variance

    assert heading == f"{'n' * 47}… carries the whole overrun"


def test_the_stamp_says_as_of_when_and_known_when() -> None:
    assert words(samples.known_at(samples.over_budget())).stamp == (
        "Data to 19 Oct 2026, 23:59 UTC",
        "Fiscal year 2026/27, period P07",
        "Prepared 20 Oct 2026",
        "Status: provisional",
        "As known on 20 Oct 2026, 05:30",
    )


@pytest.mark.parametrize("sample", STATES)
def test_every_state_has_every_sentence(sample: Sample) -> None:
    sentences = words(sample())

    for name in PROPERTIES:
        value = getattr(sentences, name)
        for text in value if isinstance(value, tuple) else (value,):
            assert "None" not in str(text).replace("None until", "").replace("None:", ""), name
            assert "%(" not in str(text), name


class _Marking(NullTranslations):
    """A language whose every word is marked, so that text that escapes translation shows."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


NOT_WORDS = {
    *("budget_gap", "year_gap", "fan_scale", "accuracy_scale", "moved_scale", "year_scale", "year_chart_scale"),
    *("finished", "places", "period", "period_so_far", "subject", "event_columns"),
}
"""Numbers, units and dates, which Babel writes."""

WHERE_THERE_ARE_ANY = {"events", "issued"}
"""Headings of tables that a report without such things leaves out."""

REASONS = {
    *("to_date_note", "forecast_note", "budget_note", "year_note", "coverage"),
    *("moved_caption", "moved_note", "moved_description", "year_caption", "year_description", "allocation_note"),
}
"""May hold a reason of the report itself."""


@pytest.mark.parametrize("sample", [samples.over_budget, samples.under_budget, samples.finished])
def test_no_sentence_escapes_translation(sample: Sample) -> None:
    sentences = Sentences(sample(), Locale(babel=locale("en_GB").babel, translations=_Marking()))

    for name in sorted({*PROPERTIES} - NOT_WORDS - REASONS):
        value = getattr(sentences, name)
        for text in value if isinstance(value, tuple) else (value,):
            assert "⟦" in text or (name in WHERE_THERE_ARE_ANY and not text), name


@pytest.mark.parametrize("sample", [samples.full, samples.full_falling])
def test_no_sentence_of_a_full_report_escapes_translation(sample: Sample) -> None:
    sentences = Sentences(sample(), Locale(babel=locale("en_GB").babel, translations=_Marking()))

    for name in sorted({*PROPERTIES} - NOT_WORDS - {"to_date_note", "movements"}):
        value = getattr(sentences, name)
        for text in value if isinstance(value, tuple) else (value,):
            assert "⟦" in text or not text, name
    for lead, text in sentences.movements:
        assert lead
        assert "⟦" in text
