"""The CSV: every number of the parts of a full report, unrounded, under names that tell the lines apart."""

import csv
import io
from collections.abc import Iterator

import pytest

from finops.report import machine
from finops.report.model import Amount, Bridge, Coverage, Detail, Figure, FiscalYear, Report
from tests.report import samples


def lines(report: Report) -> list[list[str]]:
    return list(csv.reader(io.StringIO(machine.to_csv(report).decode("utf-8"), newline="")))


def amounts(report: Report) -> Iterator[Figure]:
    """Every figure of the new parts."""
    assert isinstance(report.bridge, Bridge)
    assert isinstance(report.year, FiscalYear)
    assert isinstance(report.coverage, Coverage)
    assert isinstance(report.services, Detail)
    assert isinstance(report.accounts, Detail)
    yield from (report.bridge.start, *(step.amount for step in report.bridge.steps), report.bridge.end)
    for one in report.year.months:
        yield from (one.spend, one.budget, one.gap)
    for row in report.year.rows:
        yield from (row.actual, row.forecast, row.budget, row.gap)
    for line in report.commitments:
        yield from (line.used, line.unused, line.monthly_effect)
    for credit in report.credits:
        yield from (credit.previous, credit.to_date)
    yield from (report.coverage.allocated, report.coverage.unallocated)
    yield from (line.billed for line in (*report.coverage.rules, *report.coverage.open))
    for detail in (report.services, report.accounts):
        for group in detail.groups:
            for found in (*group.rows, group.subtotal):
                yield from (found.previous, found.to_date, found.forecast, found.change)
        yield from (detail.total.previous, detail.total.forecast, detail.total.change)


def test_every_amount_of_the_new_parts_is_a_line() -> None:
    report = samples.full()
    values = {value for _, _, _, value, _ in lines(report)}

    for figure in amounts(report):
        expected = str(figure.exact) if isinstance(figure, Amount) else f"not computable: {figure.reason}"
        assert expected in values


@pytest.mark.parametrize(
    "line",
    [
        ["month bridge", "Amazon FSx in webshop", "driver", "1720", "EUR"],
        ["month bridge", "2026-10", "change", "16513", "EUR"],
        ["commitments", "all", "unused", "392", "EUR"],
        ["credits", "all", "to_date", "-1750", "EUR"],
        ["fiscal year", "2026-10", "low 80.0%", "172400", "EUR"],
        ["fiscal year", "year", "gap", "-127600", "EUR"],
        ["commitments", "arn:aws:savingsplans::111122223333:savingsplan/0f6b", "ends_on", "2026-11-04", ""],
        ["credits", "Google credits, Google Cloud", "last_day", "2026-10-12", ""],
        ["coverage by rule", "webshop, service = AWS Support", "billed", "2000", "EUR"],
        ["coverage, open", "AWS, sandbox, Amazon EC2", "billed", "4000", "EUR"],
        ["services", "AWS, Amazon EC2", "forecast", "61310", "EUR"],
        ["services, subtotal", "AWS", "previous", "91310", "EUR"],
        ["accounts, total", "Total", "change", "16513", "EUR"],
    ],
)
def test_a_line_names_its_part_and_what_it_is_of(line: list[str]) -> None:
    assert line in lines(samples.full())


def test_the_ratios_that_sentences_tell_are_lines_too() -> None:
    found = {(name, field): value for part, name, field, value, _ in lines(samples.full()) if part == "month bridge"}

    assert found["Amazon SageMaker in recommendations", "share_of_change"].startswith("0.7414")
    assert found["2026-10", "change_per_day"].startswith("0.0642")


def test_what_could_not_be_computed_says_why() -> None:
    found = lines(samples.full_unknown())

    for part in ("month bridge", "fiscal year", "coverage", "services", "accounts"):
        assert [cells[3] for cells in found if cells[0] == part] == ["not computable: the month before has no charges"]


def test_a_report_made_without_the_new_parts_has_no_lines_for_them() -> None:
    assert not {"month bridge", "fiscal year", "coverage", "services", "accounts"} & {
        cells[0] for cells in lines(samples.over_budget())
    }


def test_hostile_names_start_no_formula() -> None:
    for part, name, field, value, unit in lines(samples.full_hostile())[1:]:
        for text in (part, name, field, unit):
            assert not text.startswith(("=", "+", "@", "\t", "\r")), text
        assert not value.startswith(("=", "+", "@")), value
