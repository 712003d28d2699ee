"""Spreadsheet: exact numbers, formulas that calculate to what they show, texts that stay texts."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.money import add, subtract
from finops.report import machine, xlsx
from finops.report.locale import locale
from finops.report.model import (
    Amount,
    BridgeStep,
    Fan,
    Figure,
    NotComputable,
    Reconciliation,
    ReconciliationRow,
    Report,
    VarianceRow,
    VarianceTable,
)
from finops.report.workbook.live import gap_formula, ratio_formula, sum_formula
from finops.report.workbook.patterns import Patterns
from tests import growth
from tests.report import samples

Sample = Callable[[], Report]
SAMPLES: tuple[Sample, ...] = (
    samples.over_budget,
    samples.under_budget,
    samples.on_budget,
    samples.no_budget,
    samples.incomplete,
    samples.no_forecast,
    samples.no_data,
    samples.finished,
    samples.hostile,
)
SHEETS = ["Summary", "Variance", "Fan", "Budgets", "Accuracy", "Reconciliation", "Data", "Method"]
FIRST = 5  # row of the first line under a table's head
ROOT = Path(__file__).parents[2]


def footed(report: Report) -> Report:
    """The same report as the real ones are: exact totals are sums, exact gaps differences."""
    rows = tuple(with_gap(row) for row in report.variance.rows)
    total = with_gap(
        replace(
            report.variance.total,
            previous=summed([row.previous for row in rows]),
            to_date=summed([row.to_date for row in rows]),
            budget=summed([row.budget for row in rows]),
            forecast=summed([row.forecast for row in rows]),
        )
    )
    keys = replace(
        report.key_figures, forecast=total.forecast, budget=total.budget, gap=total.gap, gap_ratio=total.gap_ratio
    )
    by_name = {row.name: row for row in rows}
    budgets = tuple(
        replace(line, limit=row.budget, forecast=row.forecast, gap=row.gap, gap_ratio=row.gap_ratio)
        if (row := by_name.get(line.name)) is not None
        else line
        for line in report.budgets
    )
    return replace(report, variance=VarianceTable(rows=rows, total=total), key_figures=keys, budgets=budgets)


def with_gap(row: VarianceRow) -> VarianceRow:
    if not isinstance(row.forecast, Amount) or not isinstance(row.budget, Amount):
        missing = row.forecast if isinstance(row.forecast, NotComputable) else row.budget
        assert isinstance(missing, NotComputable)
        return replace(row, gap=missing, gap_ratio=missing)
    gap = subtract(row.forecast.exact, row.budget.exact)
    return replace(row, gap=Amount(exact=gap, shown=gap), gap_ratio=gap / row.budget.exact)


def summed(figures: list[Figure]) -> Figure:
    missing = [figure for figure in figures if isinstance(figure, NotComputable)]
    if missing:
        return missing[0]
    exact = add(*(figure.exact for figure in figures if isinstance(figure, Amount)))
    return Amount(exact=exact, shown=exact)


def all_budgeted() -> Report:
    """Every project has a budget, so every total is a sum."""
    return footed(replace(samples.over_budget(), variance=samples.variance(samples.ROWS[:-1])))


def opened(report: Report, *, results: bool = False) -> Any:  # noqa: ANN401 - the package carries no types
    return openpyxl.load_workbook(io.BytesIO(xlsx.render(report)), data_only=results)


def parts(written: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(written)) as file:
        return {name: file.read(name).decode("utf-8") for name in file.namelist()}


def cells(book: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - the package carries no types
    for sheet in book:
        for row in sheet.iter_rows():
            for one in row:
                if one.value is not None:
                    yield f"{sheet.title}!{one.coordinate}", one


def as_double(figure: Figure) -> float:
    assert isinstance(figure, Amount)
    return float(figure.exact)


# What is there


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_report_opens_with_the_same_sheets(sample: Sample) -> None:
    assert opened(sample()).sheetnames == SHEETS


def test_the_summary_says_the_verdict_and_what_it_is_of() -> None:
    sheet = opened(samples.over_budget())["Summary"]
    facts = {row[0].value: row[1].value for row in sheet.iter_rows()}

    assert sheet["A4"].value == "October is heading €12,100 (7.1%) over budget"
    assert facts["Status"] == "provisional"
    assert facts["Data to"] == datetime(2026, 10, 19)  # noqa: DTZ001 - cells know no zone
    assert facts["Run"] == "3f9a1c07b2de"


def test_the_data_sheet_holds_the_lines_of_the_csv_file() -> None:
    report = samples.over_budget()
    sheet = opened(report)["Data"]

    assert sheet.max_row - FIRST + 1 == machine.to_csv(report).count(b"\r\n") - 1
    assert [sheet.cell(FIRST - 1, column).value for column in range(1, 7)] == [
        *("part", "name", "field", "value", "unit"),
        "exact",
    ]


def test_every_budget_has_its_row_and_alerts_their_level() -> None:
    report = samples.over_budget()
    rows = list(opened(report)["Budgets"].iter_rows(min_row=FIRST, values_only=True))[: len(report.budgets)]
    level = {row[1]: row[0] for row in rows}

    assert [row[1] for row in rows] == [line.name for line in report.budgets]
    assert (level["recommendations"], level["webshop"], level["staging"]) == ("high", "medium", "–")


def test_an_alert_whose_budget_is_not_listed_is_not_lost() -> None:
    report = replace(samples.over_budget(), budgets=())
    names = [row[1] for row in opened(report)["Budgets"].iter_rows(min_row=FIRST, values_only=True)]

    assert names[:3] == [alert.name for alert in report.alerts]


# Numbers


def test_totals_and_gaps_are_formulas() -> None:
    sheet = opened(all_budgeted())["Variance"]

    assert [sheet.cell(12, column).value for column in range(2, 6)] == [
        *("=SUM(B5:B11)", "=SUM(C5:C11)"),
        *("=SUM(D5:D11)", "=SUM(E5:E11)"),
    ]
    for row in range(FIRST, 13):
        assert sheet.cell(row, 6).value == f"=IF(ISNUMBER(E{row}),IF(ISNUMBER(D{row}),E{row}-D{row},D{row}),E{row})"
        assert sheet.cell(row, 7).value.startswith("=IF(ISNUMBER(")


def test_stored_results_are_the_exact_figures_as_doubles() -> None:
    report = all_budgeted()
    sheet = opened(report, results=True)["Variance"]

    for at, row in enumerate((*report.variance.rows, report.variance.total), FIRST):
        found = [sheet.cell(at, column).value for column in range(1, 8)]
        figures = (row.previous, row.to_date, row.budget, row.forecast, row.gap)
        assert isinstance(row.gap_ratio, Decimal)
        assert found == [row.name, *(as_double(figure) for figure in figures), float(row.gap_ratio)]


def test_a_total_that_is_not_the_sum_of_its_rows_is_a_number_and_says_so() -> None:
    report = all_budgeted()
    total = with_gap(replace(report.variance.total, budget=samples.amount(190_000)))
    sheet = opened(replace(report, variance=replace(report.variance, total=total)))["Variance"]

    assert sheet["D12"].value == 190000.1234567891
    assert sheet["A15"].value == ("These totals are not the sum of the rows and are written as numbers: Oct budget.")
    assert sheet["E12"].value == "=SUM(E5:E11)"


def test_a_missing_budget_stays_a_reason_in_every_formula() -> None:
    report = footed(samples.no_budget())
    formulas, results = (opened(report, results=stored)["Variance"] for stored in (False, True))
    last = FIRST + len(report.variance.rows)

    assert formulas["F5"].value == "=IF(ISNUMBER(E5),IF(ISNUMBER(D5),E5-D5,D5),E5)"
    assert formulas[f"D{last}"].value == f"=IF(COUNT(D5:D{last - 1})=ROWS(D5:D{last - 1}),SUM(D5:D{last - 1}),$A$17)"
    for place in ("D5", "F5", "G5", f"D{last}", f"F{last}", "A17"):
        assert results[place].value == "not computable: No budget covers this project."
    assert formulas["F5"].number_format.endswith(';0;"not computable"')
    assert formulas["D5"].number_format.count(";") == 3


def test_no_cell_of_any_report_is_an_error() -> None:
    for sample in SAMPLES:
        for place, one in cells(opened(sample(), results=True)):
            assert one.data_type != "e", place
            assert not str(one.value).startswith("#"), place


def test_money_is_a_number_everywhere_but_in_the_exact_columns() -> None:
    """What looks like a number is one, save the columns of every digit."""
    exact = {"Reconciliation": "F", "Data": "BF"}
    for place, one in cells(opened(all_budgeted(), results=True)):
        sheet, _, name = place.partition("!")
        if isinstance(one.value, str) and name[0] not in exact.get(sheet, ""):
            assert not re.fullmatch(r"[€+−-]?[0-9][0-9,.]*", one.value), place


@settings(max_examples=25, deadline=None)
@given(st.decimals(min_value=-(10**17), max_value=10**17, places=18))
def test_any_amount_is_readable_to_the_last_digit(amount: Decimal) -> None:
    row = ReconciliationRow(
        source="aws",
        month="2026-10",
        currency="USD",
        export=None,
        table=amount,
        allocated=amount,
        unallocated=Decimal(0),
        difference=Decimal(0),
    )
    report = replace(samples.no_data(), reconciliation=Reconciliation(rows=(row,), steps=()))
    sheet = opened(report)["Reconciliation"]

    assert Decimal(sheet["F6"].value) == amount
    assert sheet["E6"].value == float(amount)
    assert sheet["E5"].value == "–"


def test_exact_texts_add_up_to_the_exact_totals() -> None:
    report = all_budgeted()
    sheet = opened(report)["Data"]
    texts = [row for row in sheet.iter_rows(min_row=FIRST, values_only=True) if row[0] == "variance"]

    for field in ("previous", "to_date", "budget", "forecast", "gap"):
        found = {row[1]: Decimal(row[5]) for row in texts if row[2] == field}
        total: Figure = getattr(report.variance.total, field)
        assert isinstance(total, Amount)
        assert found.pop("Total") == total.exact
        assert add(*found.values()) == total.exact


def test_the_reconciliation_closes_in_its_exact_texts() -> None:
    rows = list(opened(samples.over_budget())["Reconciliation"].iter_rows(min_row=FIRST, values_only=True))
    found = {(row[0], row[3]): Decimal(row[5]) for row in rows[:15]}

    assert found["google", "Export"] == Decimal("33982.410722000000000000")
    for source in ("aws", "google", "azure"):
        assert add(found[source, "Allocated"], found[source, "Not allocated"]) == found[source, "Cost table"]


def test_the_last_step_of_the_bridge_is_a_sum_only_where_it_is_one() -> None:
    whole = (BridgeStep(name="Billed cost", amount=Decimal("1.25")), BridgeStep(name="Fees", amount=Decimal("-0.25")))
    for end, expected in ((Decimal("1.00"), "=SUM(E8:E9)"), (Decimal("1.01"), 1.01)):
        steps = (*whole, BridgeStep(name="Effective cost", amount=end))
        report = replace(samples.no_data(), reconciliation=Reconciliation(rows=(), steps=steps))
        assert opened(report)["Reconciliation"]["E10"].value == expected


def test_formulas_are_left_out_where_they_would_say_something_else() -> None:
    one, two = samples.amount(1), samples.amount(2)
    missing = NotComputable(reason="a")

    assert gap_formula("E5", "D5", of=(two, one), gap=samples.amount(7)) is None
    assert gap_formula("E5", "D5", of=(two, missing), gap=NotComputable(reason="b")) is None
    assert ratio_formula("F5", "D5", None, of=(one, two), ratio=Decimal("0.3")) is None
    assert ratio_formula("F5", "D5", None, of=(one, missing), ratio=missing) is None
    assert sum_formula("B5:B6", None, of=[one, two], total=samples.amount(9)) is None
    assert sum_formula("B5:B6", "$A$9", of=[one, two], total=missing) is None


def test_a_percentage_without_a_base_points_at_its_reason() -> None:
    zero, one = Amount(exact=Decimal(0), shown=Decimal(0)), samples.amount(1)
    formula = ratio_formula("F5", "D5", "$A$9", of=(one, zero), ratio=samples.NO_BASE)

    assert formula == "=IF(ISNUMBER(F5),IF(D5>0,F5/D5,$A$9),F5)"


# Days


def test_days_are_dates() -> None:
    report = samples.over_budget()
    sheet = opened(report)["Fan"]
    assert isinstance(report.fan, Fan)

    for at, day in enumerate(report.fan.days, FIRST):
        assert sheet.cell(at, 1).is_date
        assert sheet.cell(at, 1).value.date() == day.day


def test_a_day_spreadsheets_count_wrongly_is_text() -> None:
    report = samples.over_budget()
    old = replace(report.assumptions[0], as_of=date(1900, 2, 28))
    first = replace(report.assumptions[0], as_of=date(1900, 3, 1))
    found = {one.value for _, one in cells(opened(replace(report, assumptions=(old, first))))}

    assert {"1900-02-28", datetime(1900, 3, 1)} <= found  # noqa: DTZ001 - cells know no zone


# Names


def test_names_are_never_formulas_or_addresses() -> None:
    report = samples.hostile()
    book, written = opened(report), parts(xlsx.render(report))
    ours = re.compile(r"=(IF\(ISNUMBER|SUM\(|IF\(COUNT|[A-Z]+[0-9]+-[A-Z]+[0-9]+$)")

    for place, one in cells(book):
        assert one.data_type != "f" or ours.match(one.value), place
        assert one.hyperlink is None, place
    assert not any("External" in text for text in written.values())
    assert [row[0].value for row in book["Variance"].iter_rows(min_row=FIRST, max_row=9)] == list(samples.HOSTILE[:5])


def test_a_reason_from_the_bill_stands_in_no_formula() -> None:
    reason = NotComputable(reason='"&HYPERLINK("https://example.com")&SORT(A1)&"')
    report = footed(samples.no_forecast())
    rows = tuple(replace(row, forecast=reason, gap=reason, gap_ratio=reason) for row in report.variance.rows)
    total = replace(report.variance.total, forecast=reason, gap=reason, gap_ratio=reason)
    written = xlsx.render(replace(report, variance=VarianceTable(rows=rows, total=total)))

    formulas = [formula for text in parts(written).values() for formula in re.findall(r"<f[ >].*?</f>", text)]
    assert formulas
    assert not any("HYPERLINK" in formula or "SORT" in formula for formula in formulas)


def test_texts_no_cell_can_hold_are_cut_and_cleaned() -> None:
    name = "\x00\ud800\ufffe" + "\U0001f680" * 40_000
    report = samples.over_budget()
    row = replace(report.variance.rows[0], name=name)
    table = replace(report.variance, rows=(row, *report.variance.rows[1:]))
    found = opened(replace(report, variance=table))["Variance"]["A5"].value

    assert found.startswith("\ufffd\ufffd\ufffd\U0001f680")
    assert found.endswith("\U0001f680…")
    assert len(found.encode("utf-16-le")) // 2 <= 32_767


def test_an_ampersand_in_a_margin_is_no_code() -> None:
    report = replace(samples.over_budget(), organisation="A&P &D", classification=None)
    header = opened(report)["Summary"].oddHeader

    assert header.left.text.strip().startswith("A&&P &&D")


def test_long_names_leave_the_margins_in_place() -> None:
    long = "&" * 300
    report = replace(samples.over_budget(), organisation=long, classification=long, run_id=long)
    sheet = opened(report)["Summary"]

    assert sheet.oddHeader.right.text.strip() == "&" * 80
    assert sheet.oddFooter.right.text.strip() == "Page &P of &N"


# The page


@pytest.mark.parametrize("name", ["Variance", "Fan", "Budgets", "Accuracy", "Reconciliation", "Data"])
def test_the_head_of_a_table_stays_in_view_and_on_every_page(name: str) -> None:
    sheet = opened(samples.over_budget())[name]

    assert sheet.freeze_panes == "A5"
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)


def test_gaps_are_coloured_by_their_side_and_not_as_text() -> None:
    sheet = opened(all_budgeted())["Variance"]
    rules = [rule for area in sheet.conditional_formatting if "F5" in str(area.sqref) for rule in area.rules]

    assert [rule.formula[0] for rule in rules] == [
        "AND(ISNUMBER($F5),ABS($F5)<0.5)",
        "AND(ISNUMBER($F5),$F5>0)",
        "AND(ISNUMBER($F5),$F5<0)",
    ]
    assert [rule.dxf.font.color.rgb for rule in rules[1:]] == ["FFB5402A", "FF1B7A6E"]


def test_the_chart_draws_the_cells_in_the_scenario_forms() -> None:
    chart = parts(xlsx.render(samples.over_budget()))["xl/charts/chart1.xml"]
    drawn = {
        re.findall(r"<c:tx>.*?<c:f>(.*?)</c:f>", line)[0]: line for line in re.findall(r"<c:ser>.*?</c:ser>", chart)
    }

    assert list(drawn) == ["Fan!$H$4", "Fan!$C$4", "Fan!$B$4"]
    assert "Fan!$B$5:$B$35" in drawn["Fan!$B$4"]
    assert "1A1A1A" in drawn["Fan!$B$4"]
    assert "prstDash" not in drawn["Fan!$B$4"]
    assert 'prstDash val="dash"' in drawn["Fan!$C$4"]
    assert "1F5A93" in drawn["Fan!$C$4"]
    assert "595959" in drawn["Fan!$H$4"]


def test_a_closed_month_draws_no_forecast() -> None:
    chart = parts(xlsx.render(samples.finished()))["xl/charts/chart1.xml"]

    assert "Fan!$B$4" in chart
    assert "Fan!$C$4" not in chart


def test_what_cannot_be_drawn_says_why() -> None:
    sheet = opened(samples.incomplete())["Fan"]

    assert sheet["A5"].value == "not computable: Charges of google are missing for 9 to 14 October."
    assert not any("chart" in name for name in parts(xlsx.render(samples.incomplete())))


# Number formats


@pytest.mark.parametrize(
    ("identifier", "currency", "places", "expected"),
    [
        ("en_GB", "EUR", 0, '[$€-809]#,##0;"−"[$€-809]#,##0'),
        ("en_GB", "CHF", 2, '[$CHF-809]"\xa0"#,##0.00;"−"[$CHF-809]"\xa0"#,##0.00'),
        ("de_DE", "EUR", 0, '#,##0"\xa0"[$€-407];"−"#,##0"\xa0"[$€-407]'),
        ("de_CH", "CHF", 0, '[$CHF-807]"\xa0"#,##0;[$CHF-807]"−"#,##0'),
        ("eo", "EUR", 0, '[$€]"\xa0"#,##0;"−"[$€]"\xa0"#,##0'),
    ],
)
def test_money_is_shown_as_the_language_does(identifier: str, currency: str, places: int, expected: str) -> None:
    assert Patterns(locale(identifier)).money(currency, places) == expected


def test_gaps_carry_a_sign_and_zero_has_none() -> None:
    patterns = Patterns(locale("en_GB"))

    assert patterns.signed_money("EUR") == '"+"[$€-809]#,##0;"−"[$€-809]#,##0;0'
    assert patterns.signed(2) == '"+"#,##0.00;"−"#,##0.00;0'


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("en_GB", '[$-809]d" "mmm" "yyyy'),
        ("en_US", '[$-409]mmm" "d", "yyyy'),
        ("de_DE", '[$-407]d". "mmm" "yyyy'),
        ("ja_JP", '[$-411]yyyy"年"m"月"d"日"'),
    ],
)
def test_days_are_shown_as_the_language_does(identifier: str, expected: str) -> None:
    assert Patterns(locale(identifier)).day == expected


# The file


def test_the_same_report_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    program = (
        "import hashlib; from finops.report import xlsx; from tests.report import samples;"
        "print(hashlib.sha256(xlsx.render(samples.over_budget())).hexdigest())"
    )
    found = set()
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        variables = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "USER": f"user{seed}", "HOME": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=variables, check=True, capture_output=True, text=True
        )
        found.add(done.stdout.strip())

    assert found == {hashlib.sha256(xlsx.render(samples.over_budget())).hexdigest()}


def test_the_file_names_no_one_and_its_day_is_the_reports() -> None:
    report = samples.over_budget()
    found = opened(report).properties

    assert found.title == "Cloud cost report, October 2026, Fjordhandel AS"
    assert not found.creator
    assert not found.lastModifiedBy
    assert found.created.replace(tzinfo=UTC) == datetime(2026, 10, 20, tzinfo=UTC)


@pytest.mark.long
def test_six_times_the_projects_take_about_six_times_as_long_to_write() -> None:
    xlsx.render(samples.no_data())  # the import is not what is measured
    reports = {count: samples.many_projects(count) for count in (50, 300)}

    assert growth.factor(lambda count: xlsx.render(reports[count]), small=50, large=300) < 12


# LibreOffice


def recalculated(reports: dict[str, Report], folder: Path) -> dict[str, Any]:
    """The workbooks as LibreOffice calculates them: their stored results are taken away first."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    (folder / "out").mkdir()
    for name, report in reports.items():
        (folder / f"{name}.xlsx").write_bytes(without_results(xlsx.render(report)))
    given = [str(folder / f"{name}.xlsx") for name in reports]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "out"), *given]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {name: openpyxl.load_workbook(folder / "out" / f"{name}.xlsx", data_only=True) for name in reports}


def without_results(written: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in parts(written).items():
            target.writestr(name, re.sub(r"(</f>)<v>.*?</v>", r"\1", text, flags=re.DOTALL))
    return out.getvalue()


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*:UserWarning:openpyxl")  # what LibreOffice writes and openpyxl does not read
def test_libreoffice_calculates_what_is_stored(tmp_path: Path) -> None:
    reports = {sample.__name__: footed(sample()) if sample().variance.rows else sample() for sample in SAMPLES}
    reports["all_budgeted"] = all_budgeted()
    found = recalculated(reports, tmp_path)

    for name, report in reports.items():
        formulas, ours = opened(report), opened(report, results=True)
        compared = 0
        for place, one in cells(formulas):
            if one.data_type != "f":
                continue
            sheet, _, at = place.partition("!")
            stored, calculated = ours[sheet][at].value, found[name][sheet][at].value
            if isinstance(stored, str):
                assert calculated == stored, (name, place)
            else:
                assert calculated == pytest.approx(stored, rel=1e-9, abs=1e-6), (name, place, one.value)
            compared += 1
        assert compared > 0 or not report.variance.rows, name
