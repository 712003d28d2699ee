"""Hand-made reports of a made-up company: every case a rendering has to face."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from finops.findings import Finding
from finops.periods import Period, month
from finops.report.model import (
    Accuracy,
    Alert,
    Amount,
    Assumption,
    Bridge,
    BridgeBar,
    BridgeStep,
    BudgetLine,
    CommitmentLine,
    Coverage,
    CoverageLine,
    CreditLine,
    Detail,
    DetailGroup,
    DetailRow,
    Fan,
    FanDay,
    Figure,
    FiscalMonth,
    FiscalRow,
    FiscalYear,
    KeyFigures,
    Method,
    NotComputable,
    PastForecast,
    QualityCheck,
    Range,
    Reconciliation,
    ReconciliationRow,
    Report,
    SourceFreshness,
    VarianceRow,
    VarianceTable,
    Verdict,
)

OCTOBER = month("2026-10")
DATA_TO = date(2026, 10, 19)
FISCAL_YEAR = Period(start=date(2026, 4, 1), end=date(2027, 4, 1))
NO_BUDGET = NotComputable(reason="No budget covers this project.")
NO_BASE = NotComputable(reason="The budget is zero, so a percentage has no base.")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src="https://example.com/x.png" onerror="alert(1)">',
    "</style><style>@import 'https://example.com/x.css';",
    "{{ 7 * 7 }} {% raw %} %(name)s 100%",
    "=HYPERLINK(0) & co \u202eevil",
    "a" * 240,
    "日本語 \U0001f680 \x00\x07",
    "]]> <!-- --> </title></svg>",
)

Row = tuple[str, int, int, int | None, int, str]
"""Name, previous, to date, budget, forecast, chance."""

ROWS: tuple[Row, ...] = (
    ("webshop", 61_204, 40_870, 62_000, 64_310, "0.86"),
    ("recommendations", 31_877, 29_415, 34_000, 46_120, "0.997"),
    ("warehouse", 24_610, 15_120, 26_000, 24_480, "0.11"),
    ("payments", 18_334, 11_905, 18_500, 18_720, "0.58"),
    ("data platform", 15_482, 9_610, 17_000, 15_090, "0.04"),
    ("staging", 8_020, 4_475, 8_500, 7_160, "0.02"),
    ("internal tools", 3_950, 2_540, 4_000, 4_000, "0.49"),
    ("not allocated", 2_110, 1_385, None, 2_220, ""),
)


def amount(value: str | int | Decimal) -> Amount:
    """An amount whose exact value has more digits than the shown one."""
    exact = Decimal(value)
    return Amount(exact=exact + Decimal("0.1234567891"), shown=exact)


def over_budget() -> Report:
    """October is heading over budget; one budget is already over its limit, others likely to be."""
    return _report(variance(ROWS))


def under_budget() -> Report:
    """October is on course."""
    rows = tuple(
        (name, previous, to_date, budget, forecast * 9 // 10, "0.03")
        for name, previous, to_date, budget, forecast, _ in ROWS
    )
    report = _report(variance(rows))
    return replace(report, alerts=())


def on_budget() -> Report:
    """The gap is exactly zero."""
    rows = (("webshop", 61_204, 40_870, 62_000, 63_000, "0.8"), ("warehouse", 24_610, 15_120, 26_000, 25_000, "0.2"))
    report = _report(variance(rows))
    return replace(report, alerts=())


def no_budget() -> Report:
    """Nobody set a budget."""
    rows = tuple((name, previous, to_date, None, forecast, "") for name, previous, to_date, _, forecast, _ in ROWS)
    return replace(_report(variance(rows)), alerts=(), budgets=())


def incomplete() -> Report:
    """Days are missing from one source, so there is no verdict."""
    report = over_budget()
    reason = NotComputable(reason="Charges of google are missing for 9 to 14 October.")
    verdict = Verdict(
        state="incomplete",
        forecast=reason,
        budget=report.verdict.budget,
        gap=reason,
        gap_ratio=reason,
        chance_over=reason,
        missing=(
            "Source google has no charges for 9 to 14 October.",
            "Source azure has not delivered October at all.",
        ),
    )
    figures = replace(
        report.key_figures,
        forecast=reason,
        forecast_range=reason,
        gap=reason,
        gap_ratio=reason,
        to_date_gap=reason,
        year=reason,
        year_gap=reason,
        year_gap_ratio=reason,
    )
    checks = (
        QualityCheck(name="Days received, 1 to 19 October", result="fail", value="13 of 19", effect="No verdict"),
        *report.data_quality[1:],
    )
    return replace(report, verdict=verdict, key_figures=figures, fan=reason, alerts=(), data_quality=checks)


def no_forecast() -> Report:
    """The history is too short to forecast anything."""
    reason = NotComputable(reason="The history holds 6 complete days; a forecast needs 14.")
    report = over_budget()
    bare = Fan(
        days=tuple(
            replace(day, forecast=None, low_80=None, high_80=None, low_95=None, high_95=None)
            for day in _fan(over_budget()).days
        ),
        data_to=DATA_TO,
        left_budget_on=None,
    )
    rows = tuple(
        replace(row, forecast=reason, gap=reason, gap_ratio=reason, chance_over=reason, bar=Decimal(0))
        for row in report.variance.rows
    )
    total = replace(
        report.variance.total, forecast=reason, gap=reason, gap_ratio=reason, chance_over=reason, bar=Decimal(0)
    )
    return replace(
        report,
        verdict=Verdict(
            state="incomplete",
            forecast=reason,
            budget=report.verdict.budget,
            gap=reason,
            gap_ratio=reason,
            chance_over=reason,
            missing=("The history holds 6 complete days; a forecast needs 14.",),
        ),
        key_figures=replace(
            report.key_figures,
            forecast=reason,
            forecast_range=reason,
            gap=reason,
            gap_ratio=reason,
            year=reason,
            year_gap=reason,
        ),
        fan=bare,
        variance=VarianceTable(rows=rows, total=total),
        alerts=(),
        accuracy=reason,
        method=reason,
    )


def no_data() -> Report:
    """Nothing has been delivered: every list is empty and every figure unknown."""
    reason = NotComputable(reason="no source has delivered anything yet")
    report = no_forecast()
    total = replace(report.variance.total, previous=reason, to_date=reason, budget=reason)
    keys = replace(report.key_figures, to_date=reason, to_date_gap=reason, budget=reason, year_gap_ratio=reason)
    return replace(
        report,
        data_to=None,
        classification=None,
        verdict=replace(report.verdict, budget=reason, missing=("No source has delivered anything yet.",)),
        key_figures=keys,
        fan=reason,
        variance=VarianceTable(rows=(), total=total),
        budgets=(),
        assumptions=(),
        data_quality=(),
        reconciliation=Reconciliation(rows=(), steps=()),
        allocation_coverage=reason,
        freshness=(),
        findings=(),
    )


def finished() -> Report:
    """The month is over: nothing is left to forecast."""
    report = over_budget()
    days = tuple(replace(day, actual=day.forecast or day.actual) for day in _fan(report).days)
    return replace(
        report,
        data_to=OCTOBER.last_day,
        as_of=date(2026, 11, 3),
        fan=Fan(days=days, data_to=OCTOBER.last_day, left_budget_on=date(2026, 10, 8)),
    )


def hostile() -> Report:
    """Names and tags that try to become markup, formulas, requests or template code."""
    rows = tuple((name, 1000, 500, 1000, 1200 + 10 * n, "0.9") for n, name in enumerate(HOSTILE))
    report = _report(variance(rows))
    name = HOSTILE[0]
    return replace(
        report,
        organisation='Evil "Corp" <b>&',
        scope=HOSTILE[1],
        classification='</body>"; content: url(https://example.com/c)',
        run_id="\\'\"</style>",
        alerts=tuple(
            replace(alert, name=HOSTILE[n], scope=HOSTILE[2], owner=HOSTILE[3], reason=HOSTILE[4])
            for n, alert in enumerate(report.alerts)
        ),
        budgets=tuple(replace(line, name=HOSTILE[2], scope=name, owner=HOSTILE[4]) for line in report.budgets),
        findings=(Finding(rule="x.y", severity="warning", message=HOSTILE[2], source=name),),
        data_quality=(QualityCheck(name=name, result="check", value=HOSTILE[1], effect=HOSTILE[2]),),
        assumptions=(Assumption(name=name, value=HOSTILE[4], unit=name, as_of=None, source=HOSTILE[1], stale=True),),
        freshness=(SourceFreshness(source=name, provider=HOSTILE[1], data_to=None, deliveries=0, rows=0),),
    )


def many_projects(count: int = 300) -> Report:
    """A long bill."""
    rows = tuple(
        (f"project-{n:03d}", 900 + 7 * n % 211, 500 + 5 * n % 97, 1000, 1000 + (37 * n) % 401 - 180, "0.5")
        for n in range(count)
    )
    report = _report(variance(rows))
    lines = tuple(
        replace(report.budgets[0], name=f"project-{n:03d}", scope=f"project project-{n:03d}") for n in range(count)
    )
    return replace(report, budgets=lines)


def full() -> Report:
    """Every part filled: spend rises, a Savings Plan ends, a credit has run out, some cost has no project."""
    return _filled(over_budget(), bridge(rising=True), detail(SERVICES), detail(ACCOUNTS))


def full_falling() -> Report:
    """The month is over and lower than the one before; no commitments, no credit has ended, all cost has a project."""
    services = {
        group: tuple((name, forecast, to_date, previous) for name, previous, to_date, forecast in rows)
        for group, rows in SERVICES.items()
    }
    report = _filled(finished(), bridge(rising=False), detail(services), detail(ACCOUNTS))
    assert isinstance(report.coverage, Coverage)
    nothing_open = replace(report.coverage, unallocated=exactly(0), share=Decimal(1), open=())
    still_running = tuple(replace(line, has_ended=False) for line in report.credits)
    return replace(report, commitments=(), credits=still_running, coverage=nothing_open)


def full_unknown() -> Report:
    """The parts were asked for, and none can be computed."""
    reason = NotComputable(reason="the month before has no charges")
    return replace(no_data(), bridge=reason, year=reason, coverage=reason, services=reason, accounts=reason)


def full_hostile() -> Report:
    """Names in the new parts that try to become markup, formulas or drawing code."""
    report = full()
    assert isinstance(report.bridge, Bridge)
    assert isinstance(report.coverage, Coverage)
    names = iter(HOSTILE * 9)
    steps = tuple(replace(step, name=next(names)) for step in report.bridge.steps)
    services = {name: tuple((next(names), *row[1:]) for row in rows) for name, rows in SERVICES.items()}
    rules = tuple(replace(line, name=next(names), rule=next(names)) for line in report.coverage.rules)
    causes = tuple(replace(line, name=next(names)) for line in report.coverage.open)
    mixed = _filled(hostile(), replace(report.bridge, steps=steps), detail(services), detail(services))
    return replace(
        mixed,
        commitments=tuple(
            replace(line, name=next(names), kind=next(names), identifier=next(names)) for line in report.commitments
        ),
        credits=tuple(replace(line, name=next(names), provider=next(names)) for line in report.credits),
        coverage=replace(report.coverage, rules=rules, open=causes),
    )


def long_detail(count: int = 120) -> Report:
    """More services than a page of paper takes."""
    services = {
        "AWS": tuple((f"service {n:03d}", 4000 - 30 * n, 2000 - 15 * n, 4100 - 31 * n) for n in range(count)),
        "Google Cloud": tuple((f"product {n:03d}", 300 - n, 150, 310 - n) for n in range(20)),
    }
    return replace(full(), services=detail(services))


def exactly(value: int) -> Amount:
    """An amount whose exact value is the shown one, so that exact values foot too."""
    return Amount(exact=Decimal(value), shown=Decimal(value))


DetailLine = tuple[str, int, int, int]
"""Name, previous, to date, forecast."""

SERVICES: dict[str, tuple[DetailLine, ...]] = {
    "AWS": (
        ("Amazon EC2", 58_204, 39_870, 61_310),
        ("Amazon SageMaker", 9_877, 21_415, 22_120),
        ("Amazon S3", 24_610, 15_120, 24_480),
        ("Amazon FSx", 0, 905, 1_720),
        ("Refunds and credits", -1_381, -882, -1_341),
    ),
    "Google Cloud": (("BigQuery", 33_482, 20_610, 33_090), ("Vertex AI", 22_995, 8_475, 22_721)),
    "Microsoft": (("Virtual Machines", 17_800, 9_807, 18_000),),
}
ACCOUNTS: dict[str, tuple[DetailLine, ...]] = {
    "AWS": (("prod", 80_310, 61_428, 93_289), ("sandbox", 11_000, 15_000, 15_000)),
    "Google Cloud": (("data", 56_477, 29_085, 55_811),),
    "Microsoft": (("/subscriptions/3d5c60c2", 17_800, 9_807, 18_000),),
}


def detail(groups: dict[str, tuple[DetailLine, ...]]) -> Detail:
    """Groups whose rows add up to subtotals, and those to the total."""
    made = tuple(
        DetailGroup(
            name=name,
            rows=tuple(_detail_row(line, name) for line in lines),
            subtotal=_detail_row(_added(name, lines), name),
        )
        for name, lines in groups.items()
    )
    return Detail(
        groups=made, total=_detail_row(_added("Total", [line for lines in groups.values() for line in lines]), "")
    )


def bridge(*, rising: bool) -> Bridge:
    """From September to October; the other way round when falling."""
    sign = 1 if rising else -1
    steps = (
        ("More days (31 vs 30)", "calendar", 5_520),
        ("Exchange rate", "rate", -1_240 * sign),
        ("Amazon SageMaker in recommendations", "driver", 12_243 * sign),
        ("Amazon FSx in webshop", "driver", 1_720 * sign),
        ("Refunds and credits in not allocated", "driver", -395),
        ("Other", "other", 0),
    )
    start, end = (165_587, 182_100) if rising else (182_100, 165_587)
    known = sum(amount for _, _, amount in steps)
    return Bridge(
        start_month="2026-09",
        end_month="2026-10",
        start=exactly(start),
        end=exactly(end),
        steps=tuple(
            BridgeBar(
                name=name,
                group=group,  # type: ignore[arg-type]  # the four groups above
                amount=exactly(end - start - known if group == "other" else change),
            )
            for name, group, change in steps
        ),
        end_is_actual=not rising,
    )


def fiscal_year() -> FiscalYear:
    """April is before the data starts; May to September are over; the rest is forecast."""
    reason = NotComputable(reason="the data starts on 2026-05-01")
    over = NotComputable(reason="the month is over")
    months = []
    for n in range(12):
        budget, spend = 165_000 + 1_000 * n, 163_000 + 1_900 * n
        label = f"{2026 + (n + 3) // 12}-{(n + 3) % 12 + 1:02d}"
        if n == 0:
            months.append(
                FiscalMonth(
                    month=label, state="unknown", spend=reason, range=reason, budget=exactly(budget), gap=reason
                )
            )
            continue
        ahead = n - 5
        months.append(
            FiscalMonth(
                month=label,
                state="actual" if ahead <= 0 else "running" if ahead == 1 else "forecast",
                spend=exactly(spend),
                range=_range(spend, 2_000 * ahead) if ahead > 0 else over,
                budget=exactly(budget),
                gap=exactly(spend - budget),
            )
        )
    parts = (("to_date", 0, 6), ("running", 6, 7), ("rest", 7, 12), ("year", 0, 12))
    return FiscalYear(
        label="2026/27",
        months=tuple(months),
        rows=tuple(_fiscal_row(part, first, last, months[first:last]) for part, first, last in parts),
    )


def commitments() -> tuple[CommitmentLine, ...]:
    """One that ends soon and is used well, one of which the export says little."""
    savings_plan = CommitmentLine(
        identifier="arn:aws:savingsplans::111122223333:savingsplan/0f6b",
        name="0f6b",
        kind="Savings Plan",
        provider="AWS",
        used=exactly(14_200),
        unused=exactly(392),
        utilisation=Decimal("0.9731"),
        covered_at_contract=exactly(17_700),
        ends_on=date(2026, 11, 4),
        ends_soon=True,
        monthly_effect=exactly(5_200),
    )
    unknown = NotComputable(reason="the export does not say what its usage costs without it")
    other = replace(
        savings_plan,
        identifier="projects/data/commitments/7",
        name="",
        kind="Committed use discount",
        provider="Google Cloud",
        used=exactly(0),
        unused=exactly(0),
        utilisation=NotComputable(reason="nothing was paid for it in the period"),
        ends_on=None,
        ends_soon=False,
        monthly_effect=unknown,
    )
    return savings_plan, other


def credit_lines() -> tuple[CreditLine, ...]:
    """One that has run out and one that runs on."""
    grant = CreditLine(
        name="Google credits",
        provider="Google Cloud",
        previous=exactly(-4_100),
        to_date=exactly(-1_450),
        last_day=date(2026, 10, 12),
        has_ended=True,
    )
    return grant, replace(
        grant, name="Migration grant", previous=exactly(0), to_date=exactly(-300), last_day=DATA_TO, has_ended=False
    )


def coverage() -> Coverage:
    """Most cost has a project by three rules; two causes are open."""

    def line(name: str, rule: str | None, billed: int) -> CoverageLine:
        return CoverageLine(name=name, rule=rule, billed=exactly(billed), share=Decimal(billed) / 110_000)

    return Coverage(
        allocated=exactly(104_500),
        unallocated=exactly(5_500),
        share=Decimal("0.95"),
        rules=(
            line("webshop", "tag project = webshop", 61_000),
            line("recommendations", "account = 111122223333", 41_500),
            line("webshop", "service = AWS Support", 2_000),
        ),
        open=(line("AWS, sandbox, Amazon EC2", None, 4_000), line("Google Cloud, data, BigQuery", None, 1_500)),
    )


def _filled(report: Report, steps: Bridge, services: Detail, accounts: Detail) -> Report:
    rows = [row for group in services.groups for row in group.rows if isinstance(row.change, Amount)]
    moved = sorted(rows, key=lambda row: -abs(row.change.shown) if isinstance(row.change, Amount) else Decimal(0))
    return replace(
        report,
        bridge=steps,
        year=fiscal_year(),
        movers=tuple(moved[:7]),
        commitments=commitments(),
        credits=credit_lines(),
        coverage=coverage(),
        services=services,
        accounts=accounts,
    )


def _added(name: str, lines: Sequence[DetailLine]) -> DetailLine:
    return name, sum(line[1] for line in lines), sum(line[2] for line in lines), sum(line[3] for line in lines)


def _detail_row(line: DetailLine, group: str) -> DetailRow:
    name, previous, to_date, forecast = line
    base = NotComputable(reason="the month before is zero or negative")
    return DetailRow(
        name=name,
        group=group,
        previous=exactly(previous),
        to_date=exactly(to_date),
        forecast=exactly(forecast),
        change=exactly(forecast - previous),
        change_ratio=Decimal(forecast - previous) / previous if previous > 0 else base,
        bar=Decimal(0),
    )


def _range(middle: int, half: int) -> Range:
    return Range(level=Decimal("0.8"), low=exactly(middle - half), high=exactly(middle + half))


def _fiscal_row(part: str, first: int, last: int, months: Sequence[FiscalMonth]) -> FiscalRow:
    spend = sum(int(one.spend.shown) for one in months if isinstance(one.spend, Amount))
    budget = sum(int(one.budget.shown) for one in months if isinstance(one.budget, Amount))
    actual = sum(int(one.spend.shown) for one in months if one.state == "actual" and isinstance(one.spend, Amount))
    over: Figure = exactly(spend - budget)
    return FiscalRow(
        part=part,  # type: ignore[arg-type]  # the four parts of the year
        first=first + 1,
        last=last,
        actual=exactly(actual),
        forecast=exactly(spend),
        budget=exactly(budget),
        gap=over,
        gap_ratio=Decimal(spend - budget) / budget,
        range=NotComputable(reason="the months are over") if part == "to_date" else _range(spend, 9_000),
    )


def variance(rows: tuple[Row, ...]) -> VarianceTable:
    """Rows whose shown values foot, and their total."""
    largest = max((abs(row[4] - row[3]) for row in rows if row[3] is not None), default=0)
    total: Row = (
        "Total",
        sum(row[1] for row in rows),
        sum(row[2] for row in rows),
        sum(row[3] or 0 for row in rows) if any(row[3] is not None for row in rows) else None,
        sum(row[4] for row in rows),
        "0.94",
    )
    return VarianceTable(rows=tuple(_variance_row(row, largest) for row in rows), total=_variance_row(total, largest))


def _variance_row(row: Row, largest: int) -> VarianceRow:
    name, previous, to_date, budget, forecast, chance = row
    gap = None if budget is None else forecast - budget
    bar = Decimal(gap) / largest if gap is not None and largest else Decimal(0)
    return VarianceRow(
        name=name,
        previous=amount(previous),
        to_date=amount(to_date),
        budget=NO_BUDGET if budget is None else amount(budget),
        forecast=amount(forecast),
        gap=NO_BUDGET if gap is None else amount(gap),
        gap_ratio=NO_BUDGET if gap is None or budget is None else (Decimal(gap) / budget if budget > 0 else NO_BASE),
        chance_over=Decimal(chance) if chance and budget is not None else NO_BUDGET,
        bar=max(Decimal(-1), min(Decimal(1), bar)),
    )


def _report(table: VarianceTable) -> Report:
    total = table.total
    gap = total.gap.shown if isinstance(total.gap, Amount) else None
    state = "no-budget" if gap is None else "over" if gap > 0 else "under" if gap < 0 else "equal"
    drivers = sorted(
        ((row.name, row.gap) for row in table.rows if isinstance(row.gap, Amount)),
        key=lambda driver: -abs(driver[1].shown),
    )
    assert isinstance(total.forecast, Amount)
    forecast = total.forecast.shown
    verdict = Verdict(
        state=state,  # type: ignore[arg-type]  # the four states above
        forecast=total.forecast,
        budget=total.budget,
        gap=total.gap,
        gap_ratio=total.gap_ratio,
        chance_over=total.chance_over,
        drivers=tuple(drivers[:3]),
    )
    report = Report(
        organisation="Fjordhandel AS",
        scope="all providers",
        currency="EUR",
        locale="en_GB",
        measure="effective_cost",
        unit=Decimal(1),
        period=OCTOBER,
        period_label="2026-10",
        fiscal_label="2026/27",
        fiscal_period="P07",
        data_to=DATA_TO,
        as_of=date(2026, 10, 20),
        known_at=None,
        status="provisional",
        run_id="3f9a1c07b2de",
        classification="Confidential",
        verdict=verdict,
        key_figures=KeyFigures(
            to_date=total.to_date,
            to_date_gap=NO_BUDGET if gap is None else amount(gap * 2 // 3),
            forecast=total.forecast,
            forecast_range=Range(
                level=Decimal("0.8"), low=amount(forecast * 97 // 100), high=amount(forecast * 103 // 100)
            ),
            budget=total.budget,
            gap=total.gap,
            gap_ratio=total.gap_ratio,
            year=amount(2_061_480),
            year_gap=NO_BUDGET if gap is None else amount(gap * 4),
            year_gap_ratio=NO_BUDGET if gap is None else Decimal(gap * 4) / 2_040_000,
        ),
        fan=NO_BUDGET,
        variance=table,
        budgets=_budgets(table),
        alerts=_alerts(),
        accuracy=accuracy(),
        method=method(),
        assumptions=(
            Assumption(
                name="Exchange rate USD to EUR",
                value="0.8642",
                unit="EUR per USD",
                as_of=date(2026, 10, 19),
                source="European Central Bank, reference rate",
                stale=False,
            ),
            Assumption(
                name="Plan rate USD to EUR",
                value="0.92",
                unit="EUR per USD",
                as_of=date(2025, 3, 31),
                source="finops.toml",
                stale=True,
            ),
        ),
        data_quality=_checks(),
        reconciliation=_reconciliation(),
        allocation_coverage=Decimal("0.9878"),
        freshness=(
            SourceFreshness(source="aws", provider="AWS", data_to=DATA_TO, deliveries=3, rows=48_112),
            SourceFreshness(source="google", provider="Google Cloud", data_to=DATA_TO, deliveries=2, rows=21_904),
            SourceFreshness(source="azure", provider="Microsoft", data_to=date(2026, 10, 18), deliveries=1, rows=3_871),
        ),
        findings=(
            Finding(
                rule="gcp.late-charges",
                severity="warning",
                message="Charges of 17 October arrived on 20 October; earlier months saw 1.9% arrive as late.",
                source="google",
                rows=412,
                cost=Decimal("1033.20"),
                currency="EUR",
                cost_share=Decimal("0.0089"),
            ),
            Finding(
                rule="aws.untagged",
                severity="info",
                message="2,104 rows carry no project tag.",
                source="aws",
                rows=2104,
            ),
        ),
    )
    return replace(report, fan=_fan(report))


def _fan(report: Report) -> Fan:
    """Straight lines with a bend on the 8th; the cone opens with the square root of the days ahead."""
    total = report.variance.total
    assert isinstance(total.to_date, Amount)
    assert isinstance(total.forecast, Amount)
    budget = total.budget.shown if isinstance(total.budget, Amount) else None
    days = []
    for day in OCTOBER:
        share = Decimal(day.day) / OCTOBER.days
        planned = None if budget is None else budget * share
        done = day <= DATA_TO
        ahead = max(0, (day - DATA_TO).days)
        early = Decimal("0.88") + Decimal("0.12") * min(Decimal(1), Decimal(day.day) / 14)
        actual = total.to_date.shown * Decimal(day.day) / DATA_TO.day * early
        step = (total.forecast.shown - total.to_date.shown) / (OCTOBER.last_day - DATA_TO).days
        forecast = total.to_date.shown + step * ahead
        width = total.forecast.shown * Decimal("0.0085") * Decimal(ahead).sqrt()
        later = day >= DATA_TO
        days.append(
            FanDay(
                day=day,
                actual=actual if done else None,
                forecast=forecast if later else None,
                low_80=forecast - width if later else None,
                high_80=forecast + width if later else None,
                low_95=forecast - width * Decimal("1.6") if later else None,
                high_95=forecast + width * Decimal("1.7") if later else None,
                budget=planned,
            )
        )
    above = [day.day for day in days if day.actual is not None and day.budget is not None and day.actual > day.budget]
    left = above[0] if above and above[-1] == DATA_TO and len(above) == (DATA_TO - above[0]).days + 1 else None
    return Fan(days=tuple(days), data_to=DATA_TO, left_budget_on=left)


def _budgets(table: VarianceTable) -> tuple[BudgetLine, ...]:
    lines = [
        BudgetLine(
            name=row.name,
            scope=f"project {row.name}",
            period=OCTOBER,
            period_label="2026-10",
            measure="effective_cost",
            unit="EUR",
            to_date=row.to_date,
            limit=row.budget,
            forecast=row.forecast,
            gap=row.gap,
            gap_ratio=row.gap_ratio,
            chance_over=row.chance_over,
            overrun_on=date(2026, 10, 23) if row.name == "recommendations" else None,
            owner="anna.lind@example.com" if row.name == "webshop" else None,
        )
        for row in table.rows
        if not isinstance(row.budget, NotComputable)
    ]
    hours = BudgetLine(
        name="model training",
        scope="project recommendations, phase training",
        period=FISCAL_YEAR,
        period_label="FY2026/27",
        measure="accelerator_hours",
        unit="h",
        to_date=amount(21_480),
        limit=amount(40_000),
        forecast=amount(43_900),
        gap=amount(3_900),
        gap_ratio=Decimal("0.0975"),
        chance_over=Decimal("0.81"),
        overrun_on=date(2027, 2, 26),
        owner="ml-leads@example.com",
    )
    return (*lines, hours)


def _alerts() -> tuple[Alert, ...]:
    def alert(  # noqa: PLR0917 - one alert a line reads as a table
        name: str, limit: int, forecast: int, chance: str, on: date | None, owner: str | None, reason: str
    ) -> Alert:
        gap = forecast - limit
        ratio = Decimal(gap) / limit
        return Alert(
            level="high" if Decimal(chance) >= Decimal("0.9") and ratio >= Decimal("0.05") else "medium",
            name=name,
            scope=f"project {name}",
            period=OCTOBER,
            period_label="2026-10",
            measure="effective_cost",
            unit="EUR",
            limit=amount(limit),
            forecast=amount(forecast),
            gap=amount(gap),
            gap_ratio=ratio,
            chance_over=Decimal(chance),
            overrun_on=on,
            already_over=False,
            owner=owner,
            reason=reason,
        )

    recommendations = alert(
        "recommendations",
        34_000,
        46_120,
        "0.997",
        date(2026, 10, 23),
        "ml-leads@example.com",
        "Amazon SageMaker has cost 1,120 a day since 8 October, before 310.",
    )
    training = replace(
        recommendations,
        level="medium",
        name="model training",
        scope="project recommendations, phase training",
        period=FISCAL_YEAR,
        period_label="FY2026/27",
        measure="accelerator_hours",
        unit="h",
        limit=amount(40_000),
        forecast=amount(43_900),
        gap=amount(3_900),
        gap_ratio=Decimal("0.0975"),
        chance_over=Decimal("0.81"),
        overrun_on=date(2027, 2, 26),
        reason="Eight accelerators have run without a break since 8 October.",
    )
    return (
        recommendations,
        alert(
            "webshop",
            62_000,
            64_310,
            "0.86",
            date(2026, 10, 30),
            "anna.lind@example.com",
            "Amazon EC2 is up 9% on September.",
        ),
        training,
    )


def accuracy() -> Accuracy:
    """Six months, one of them outside its range."""
    totals = (
        (162_900, 161_250),
        (165_120, 167_480),
        (166_040, 164_910),
        (168_350, 166_880),
        (167_800, 172_940),
        (166_100, 165_587),
    )
    months = []
    for n, (forecast, actual) in enumerate(totals):
        number = n + 4
        low, high = forecast - 3_900, forecast + 4_100
        months.append(
            PastForecast(
                month=f"2026-{number:02d}",
                made_on=date(2026, number, 19),
                forecast=Decimal(forecast),
                low_80=Decimal(low),
                high_80=Decimal(high),
                actual=Decimal(actual),
                naive=Decimal(actual) * Decimal("1.041"),
                hit=low <= actual <= high,
            )
        )
    return Accuracy(months=tuple(months), hits=5, error_ratio=Decimal("0.0128"), naive_error_ratio=Decimal("0.041"))


def method() -> Method:
    """The models of two projects, one with a fallback."""
    return Method(
        models=(
            ("total", "ETS(A,Ad,A), weekly, log scale", None),
            ("webshop", "ETS(A,Ad,A), weekly, log scale", None),
            (
                "internal tools",
                "seasonal naive, weekly",
                "The history holds 41 complete days; the usual model needs 56.",
            ),
        ),
        history=Period(start=date(2025, 8, 1), end=DATA_TO + timedelta(days=1)),
        days_left_out=(date(2026, 10, 20),),
        draws=2000,
        seed=20261020,
    )


def _checks() -> tuple[QualityCheck, ...]:
    return (
        QualityCheck(name="Days received, 1 to 19 October", result="ok", value="19 of 19", effect="None"),
        QualityCheck(
            name="Late charges in the last 3 days",
            result="check",
            value="1.9%",
            effect="Month to date may rise by about €1,030",
        ),
        QualityCheck(name="Cost with a project", result="ok", value="98.8%", effect="€1,385 is shown as not allocated"),
        QualityCheck(name="Exports equal the cost table", result="ok", value="difference 0", effect="None"),
        QualityCheck(name="Projects with a budget", result="ok", value="7 of 7", effect="None"),
    )


def _reconciliation() -> Reconciliation:
    def row(source: str, currency: str, table: str, unallocated: str) -> ReconciliationRow:
        return ReconciliationRow(
            source=source,
            month="2026-10",
            currency=currency,
            export=Decimal(table),
            table=Decimal(table),
            allocated=Decimal(table) - Decimal(unallocated),
            unallocated=Decimal(unallocated),
            difference=Decimal(0),
        )

    return Reconciliation(
        rows=(
            row("aws", "USD", "78214.5500187345", "912.0400000000"),
            row("google", "EUR", "33982.410722000000000000", "355.118000000000000000"),
            row("azure", "EUR", "8130.07", "117.842"),
        ),
        steps=(
            BridgeStep(name="Billed cost", amount=Decimal("109703.4937281904")),
            BridgeStep(name="Upfront and recurring fees of commitments", amount=Decimal("-4210.0000000000")),
            BridgeStep(name="Amortised cost of covered usage", amount=Decimal("9210.6403000000")),
            BridgeStep(name="Unused commitment", amount=Decimal("615.8659718096")),
            BridgeStep(name="Effective cost", amount=Decimal("115320.0000000000")),
        ),
    )


def known_at(report: Report) -> Report:
    """The same report as the table was known at an earlier time."""
    return replace(report, known_at=datetime(2026, 10, 20, 5, 30, tzinfo=UTC))
