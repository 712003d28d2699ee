"""JSON and CSV: nothing lost, nothing localised, nothing a spreadsheet would run."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from finops.report import machine
from finops.report.model import SCHEMA, Amount, Report
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
    samples.many_projects,
)
PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "report-1.schema.json"


def values(document: object) -> Iterator[object]:
    if isinstance(document, dict):
        for value in document.values():
            yield from values(value)
    elif isinstance(document, list):
        for value in document:
            yield from values(value)
    else:
        yield document


def lines(report: Report) -> list[list[str]]:
    return list(csv.reader(io.StringIO(machine.to_csv(report).decode("utf-8"), newline="")))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(machine.SCHEMA_DOCUMENT)


def test_the_schema_is_the_published_one() -> None:
    """Whoever changes the model sees here what readers of the JSON will see; a breaking change needs a new number."""
    assert json.loads(PUBLISHED.read_text("utf-8")) == machine.SCHEMA_DOCUMENT


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_report_follows_the_schema(sample: Sample) -> None:
    document = json.loads(machine.to_json(sample()))

    Draft202012Validator(machine.SCHEMA_DOCUMENT).validate(document)
    assert document["schema"] == SCHEMA


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict", "gap", "exact"), 12100.12),
        (("verdict", "gap", "exact"), "1e5"),
        (("verdict", "state"), "fine"),
        (("as_of",), None),
        (("surprise",), 1),
    ],
)
def test_the_schema_refuses_what_is_no_report(path: tuple[str, ...], value: object) -> None:
    document = json.loads(machine.to_json(samples.over_budget()))
    place: dict[str, Any] = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    assert not Draft202012Validator(machine.SCHEMA_DOCUMENT).is_valid(document)


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_number_passes_through_a_double(sample: Sample) -> None:
    assert not any(isinstance(value, float) for value in values(json.loads(machine.to_json(sample()))))


def test_amounts_keep_every_digit() -> None:
    exact = Decimal("123456789012345678.100000000000000005")
    report = samples.over_budget()
    report = replace(
        report, verdict=replace(report.verdict, forecast=Amount(exact=exact, shown=exact.to_integral_value()))
    )

    assert (
        json.loads(machine.to_json(report))["verdict"]["forecast"]["exact"] == "123456789012345678.100000000000000005"
    )
    assert ["verdict", "2026-10", "forecast", "123456789012345678.100000000000000005", "EUR"] in lines(report)


def test_what_could_not_be_computed_says_why() -> None:
    document = json.loads(machine.to_json(samples.no_budget()))

    assert document["verdict"]["budget"] == {"not_computable": "No budget covers this project."}


def test_json_is_not_localised() -> None:
    english, german = samples.over_budget(), replace(samples.over_budget(), locale="de_DE")

    assert machine.to_json(german) == machine.to_json(english).replace('"en_GB"', '"de_DE"')
    assert machine.to_csv(german) == machine.to_csv(english)


def test_the_same_report_gives_the_same_text() -> None:
    assert machine.to_json(samples.over_budget()) == machine.to_json(samples.over_budget())
    assert machine.to_csv(samples.over_budget()) == machine.to_csv(samples.over_budget())


def test_pairs_of_the_model_have_names() -> None:
    document = json.loads(machine.to_json(samples.over_budget()))

    assert document["verdict"]["drivers"][0]["name"] == "recommendations"
    assert set(document["method"]["models"][0]) == {"series", "model", "fallback_reason"}


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_line_of_the_csv_has_five_cells_and_no_formula(sample: Sample) -> None:
    head, *rest = lines(sample())

    assert head == ["part", "name", "field", "value", "unit"]
    for cells in rest:
        part, name, field, value, unit = cells
        for text in (part, name, field, unit):
            assert not text.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        if value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
            assert Decimal(value) < 0


def test_the_csv_holds_every_amount_of_the_variance_table_unrounded() -> None:
    report = samples.over_budget()
    found = {(name, field): value for part, name, field, value, _ in lines(report) if part == "variance"}

    for row in (*report.variance.rows, report.variance.total):
        for field in ("previous", "to_date", "budget", "forecast", "gap"):
            figure = getattr(row, field)
            expected = (
                str(figure.exact) if isinstance(figure, Amount) else "not computable: No budget covers this project."
            )
            assert found[row.name, field] == expected


def test_the_csv_holds_the_reconciliation_digit_by_digit() -> None:
    report = samples.over_budget()
    row = report.reconciliation.rows[0]

    assert ["reconciliation", "aws, 2026-10", "allocated", str(row.allocated), "USD"] in lines(report)


def test_a_lone_surrogate_in_a_name_stops_neither_format() -> None:
    report = samples.over_budget()
    row = replace(report.variance.rows[0], name="a\udc80b")
    report = replace(report, variance=replace(report.variance, rows=(row,)))

    assert b"a?b" in machine.to_csv(report)
    assert b"a?b" in machine.to_json(report).encode("utf-8")
