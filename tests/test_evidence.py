"""A report rests on money that can be followed from the export to the page, and says what it was made of."""

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops import evidence, periods, reporting
from finops.analysis import reading
from finops.config import Config, load
from finops.evidence import Evidence
from finops.money import add
from finops.rates import Conversion, Rate, Rates
from finops.report.model import Amount, BridgeStep, Report
from tests import company as companies
from tests import exports
from tests.exports import on
from tests.shop import Shop
from tests.test_reallocation import take_only

AS_OF = date(2026, 3, 21)

IN_EUR = Conversion(rates=Rates(), quote="EUR")


def gathered(
    shop: Shop,
    month: str,
    *,
    config: Config | None = None,
    measure: str = "effective_cost",
    as_of: date = AS_OF,
    known_at: datetime | None = None,
    conversion: Conversion = IN_EUR,
) -> Evidence:
    with reading(config or load(shop.folder / "finops.toml", variables={})) as (tables, engine):
        return evidence.gather(
            tables,
            engine,
            month=periods.month(month),
            measure=measure,
            as_of=as_of,
            known_at=known_at,
            conversion=conversion,
        )


def report_of(folder: Path, month: str = "2026-03", *, config: Config | None = None) -> Report:
    return reporting.monthly(
        config or load(folder / "finops.toml", variables={}),
        month=periods.month(month),
        as_of=AS_OF,
        known_at=None,
        measure=None,
    )


def billed(shop: Shop, month: str, table: str = "cost") -> Decimal:
    return add(*(amount for at, amount in shop.query(table, "x_BillingMonth, BilledCost") if at == month))


def names(steps: Iterable[BridgeStep]) -> list[str]:
    return [step.name for step in steps]


# ── reconciliation ────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_row_leads_from_the_export_to_the_allocated_table(company: Shop) -> None:
    rows = gathered(company, "2026-02").reconciliation.rows
    assert [(row.source, row.month, row.currency) for row in rows] == [
        ("acme", "2026-02", "EUR"),
        ("gcp", "2026-02", "EUR"),
    ]
    for row in rows:
        assert row.export == row.table == add(row.allocated, row.unallocated) != 0
        assert row.difference == 0
    assert add(*(row.table for row in rows)) == billed(company, "2026-02") == billed(company, "2026-02", "allocated")


def test_the_last_digit_counts(shop: Shop) -> None:
    shop.bill(
        "a.csv", on("2026-01-05", "0.000000000000000001", project="search"), on("2026-01-05", "99999999999999999.1")
    )
    shop.ingest()
    [row] = gathered(shop, "2026-01").reconciliation.rows
    assert row.allocated == Decimal("0.000000000000000001")
    assert row.export == row.table == Decimal("99999999999999999.100000000000000001")
    assert row.difference == 0


def test_currencies_have_rows_of_their_own(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "1"), on("2026-01-05", "2", currency="USD"))
    shop.ingest()
    rate = Rate(day=date(2026, 1, 5), base="USD", quote="EUR", value=Decimal("0.5"), source="made up")
    found = gathered(shop, "2026-01", conversion=Conversion(rates=Rates([rate]), quote="EUR"))
    rows = found.reconciliation.rows
    assert found.billed == 2, "the report's own total is in one currency"
    assert {row.currency: row.export for row in rows} == {"EUR": Decimal(1), "USD": Decimal(2)}
    assert [row.difference for row in rows] == [0, 0]


@pytest.mark.parametrize("measure", ["billed_cost", "effective_cost", "list_cost"])
def test_the_steps_lead_from_billed_to_the_measure_exactly(shop: Shop, measure: str) -> None:
    shop.bill(
        "a.csv",
        on("2026-01-05", "100.000000000000000001", effective="0", category="Purchase"),
        on("2026-01-05", "0", effective="60.333333333333333333", status="Used"),
        on("2026-01-06", "0", effective="39.666666666666666667", status="Unused"),
        on("2026-01-06", "-5", category="Credit"),
        on("2026-01-06", "19", category="Tax"),
        on("2026-01-07", "7.5", effective="7.25"),
    )
    shop.ingest()
    first, *steps, last = gathered(shop, "2026-01", measure=measure).reconciliation.steps

    assert (first.name, first.amount) == ("Billed cost", billed(shop, "2026-01"))
    assert add(first.amount, *(step.amount for step in steps)) == last.amount
    assert last.name == measure.replace("_", " ").capitalize()
    assert all(step.amount for step in steps)
    if measure == "effective_cost":
        assert names(steps) == [
            "Commitment fees moved to the usage they cover",
            "Unused commitment",
            "Usage covered by commitments",
            "Other usage",
        ]


def test_between_the_two_commits_of_a_run_nothing_differs(shop: Shop) -> None:
    """`cost` is one version ahead then; the report shows the state that both tables share."""
    shop.bill("a.csv", on("2026-01-05", "10", project="search"))
    shop.ingest()
    shop.bill("a.csv", on("2026-01-05", "99", project="search"))
    take_only(shop, exports.configured(shop.folder))
    between = datetime.now(UTC)
    [row] = gathered(shop, "2026-01").reconciliation.rows
    assert row.export == row.table == row.allocated == 10
    assert row.difference == 0

    time.sleep(0.01)
    shop.ingest()
    [row] = gathered(shop, "2026-01").reconciliation.rows
    assert row.table == row.allocated == 99
    [row] = gathered(shop, "2026-01", known_at=between).reconciliation.rows
    assert row.table == row.allocated == 10


def test_known_at_shows_the_evidence_of_then(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    shop.ingest()
    then = datetime.now(UTC)
    shop.bill("a.csv", on("2026-01-05", "12"), on("2026-01-06", "1"))
    shop.ingest()

    old, new = gathered(shop, "2026-01", known_at=then), gathered(shop, "2026-01")
    assert old.billed == 10
    assert new.billed == 13
    assert (old.freshness[0].rows, new.freshness[0].rows) == (1, 2)
    assert old.states != new.states


# ── freshness, findings, status ───────────────────────────────────────────────────────────────────────────────────


def test_every_source_says_how_fresh_it_is(company: Shop) -> None:
    acme, gcp = gathered(company, "2026-03").freshness
    assert (acme.source, acme.provider, acme.data_to, acme.deliveries) == ("acme", "Acme Cloud", date(2026, 3, 20), 6)
    assert (gcp.source, gcp.provider, gcp.data_to, gcp.deliveries) == ("gcp", "Google Cloud", date(2026, 3, 20), 6)
    assert acme.rows + gcp.rows == len(company.query("cost", "x_Source"))


def test_charges_after_the_clock_are_not_fresh(company: Shop) -> None:
    assert {one.data_to for one in gathered(company, "2026-02", as_of=date(2026, 2, 11)).freshness} == {
        date(2026, 2, 11)
    }
    assert {one.data_to for one in gathered(company, "2026-02", as_of=date(2025, 1, 1)).freshness} == {None}


def test_the_provider_with_most_rows_names_a_source_of_several(shop: Shop) -> None:
    rows = [on("2026-01-05", "1", provider=name) for name in ("Zeta", "Beta", "Beta", "Alpha", "Zeta")]
    shop.bill("a.csv", *(replace(row, service=f"S{at}") for at, row in enumerate(rows)))
    shop.ingest()
    assert {gathered(shop, "2026-01").freshness[0].provider for _ in range(3)} == {"Zeta"}


def test_doubts_of_a_delivery_stay_with_its_months(shop: Shop) -> None:
    """They are kept in the data file: a report months later still shows them, once, whichever month it is of."""
    shop.bill("a.csv", on("2026-01-05", "1", category="Odd"), on("2026-02-05", "1"))
    shop.bill("b.csv", on("2026-03-05", "1", category="Else"))
    shop.ingest()
    for month in ("2026-01", "2026-02"):
        [finding] = [one for one in gathered(shop, month).findings if not one.rule.startswith("quality.")]
        assert (finding.rule, finding.source) == ("focus.unknown-value", "acme")
        assert "Odd" in finding.message


def test_a_month_is_final_once_every_charge_has_an_invoice(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "1", invoice="I1"), on("2026-01-06", "1", invoice="I1"), on("2026-01-06", "0"))
    shop.bill("b.csv", on("2026-02-05", "1", invoice="I2"), on("2026-02-06", "1"))
    shop.ingest()
    assert gathered(shop, "2026-01").final
    assert not gathered(shop, "2026-01", as_of=date(2026, 1, 31)).final
    assert not gathered(shop, "2026-02").final
    assert not gathered(shop, "2025-12").final


def test_a_month_of_google_is_final_once_the_lines_of_its_invoice_are_there(shop: Shop) -> None:
    path = exports.gcp_jsonl(shop.folder / "gcp" / "a.jsonl", [on("2026-01-05", "1"), on("2026-02-05", "1")])
    usage = json.loads(path.read_text().splitlines()[0])
    early = {**usage, "cost_type": "tax", "export_time": "2026-01-05 15:00:00 UTC"}  # of a marketplace plan
    with path.open("a") as file:
        file.write(json.dumps(early) + "\n")
    config = exports.configured(shop.folder, ("gcp", "gcp", "gcp"))
    shop.ingest(config)
    assert not gathered(shop, "2026-01", config=config).final
    rounding = {**usage, "cost": -0.004, "cost_type": "rounding_error", "export_time": "2026-02-03 09:00:00 UTC"}
    (shop.folder / "gcp" / "b.jsonl").write_text(json.dumps(rounding) + "\n")
    shop.ingest(config)
    assert gathered(shop, "2026-01", config=config).final
    assert not gathered(shop, "2026-01", config=config, as_of=date(2026, 1, 31)).final
    assert not gathered(shop, "2026-02", config=config).final


def test_a_file_of_another_writer_has_no_control_total(shop: Shop) -> None:
    from deltalake import DeltaTable

    shop.bill("a.csv", on("2026-01-05", "10"))
    shop.bill("b.csv", on("2026-01-05", "11"))
    shop.ingest()
    DeltaTable(str(shop.folder / ".finops" / "cost")).optimize.compact()
    shop.ingest(allocate_only=True)
    [row] = gathered(shop, "2026-01").reconciliation.rows
    assert row.export is None
    assert row.table == 21
    assert row.difference == 0


# ── the report made of it ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_report_reconciles_to_its_own_total(company: Shop) -> None:
    found = report_of(company.folder)
    assert found.reconciliation.steps[0].amount == billed(company, "2026-03")
    assert all(row.difference == 0 for row in found.reconciliation.rows)
    assert found.status == "provisional"


@pytest.mark.long
def test_two_stores_of_the_same_exports_make_the_same_report(company: Shop, tmp_path: Path) -> None:
    """The files in the two stores have other names, times and sizes; the run's identity and every figure are equal."""
    other = companies.found(tmp_path)
    other.ingest(load(tmp_path / "finops.toml", variables={}))
    assert report_of(company.folder) == report_of(tmp_path)


def test_the_identity_of_a_run_changes_with_what_it_rests_on(company: Shop) -> None:
    config = load(company.folder / "finops.toml", variables={})
    with reading(config) as (tables, engine):
        march = periods.month("2026-03")
        states = evidence.gather(
            tables, engine, month=march, measure="effective_cost", as_of=AS_OF, known_at=None, conversion=IN_EUR
        ).states
    run_id = reporting._run_id  # noqa: SLF001 - a whole report per change would take a minute
    others = [
        run_id(replace(config, rules=replace(config.rules, projects=config.rules.projects[:1])), march, AS_OF, states),
        run_id(replace(config, budgets=config.budgets[:1]), march, AS_OF, states),
        run_id(replace(config, organisation=replace(config.organisation, currency="USD")), march, AS_OF, states),
        run_id(config, periods.month("2026-02"), AS_OF, states),
        run_id(config, march, date(2026, 3, 22), states),
        run_id(config, march, AS_OF, states[1:]),
    ]
    same = run_id(config, march, AS_OF, states)
    assert same == report_of(company.folder).run_id
    assert len({same, *others}) == len(others) + 1


def test_a_closed_month_is_reported_as_it_was(company: Shop) -> None:
    found = report_of(company.folder, "2026-02")
    forecast = found.variance.total.forecast
    effective = add(*(a for m, a in company.query("allocated", "x_BillingMonth, EffectiveCost") if m == "2026-02"))
    assert found.period_label == "2026-02"
    assert isinstance(forecast, Amount)
    assert forecast.exact == effective == found.reconciliation.steps[-1].amount
