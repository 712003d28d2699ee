"""Allocation benchmark: the same rows allocated by 5 rules and by 200 rules, in one process and one store.

The bill is made up, by SQL and from a fixed seed: months of 500,000 rows with 60 accounts, 40 services, 12 regions,
200,000 resources and tag texts of which a twentieth belongs to one row alone, as job numbers do. The rules look at tags
(equal, and by pattern), accounts, services within regions, resources by pattern, and combine them with any and not; the
5 rules are the first of each kind. What is measured is the whole of `finops ingest --allocate-only`: rows read, rules
applied, `allocated` written, both sums compared, one commit.

    python benchmarks/allocation_rules.py [--rows 5000000] [--folder DIR]

Measured in November 2026 on two cores shared with others (Debian 12, Python 3.11), CPU seconds of the process, the
better of two runs, 500,000 rows: 2.8 by 5 rules, 4.1 by 200, 1.45 times as much. 5,000,000 rows, one run each: 26.5 by
5 rules, 34.3 by 200, 1.29 times as much.
"""

import argparse
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

from finops.allocation import AllOf, AnyOf, Condition, Match, Not, Rule, Rules
from finops.reallocation import Reallocation
from finops.store.engine import DuckDB, Written
from finops.store.lake import Staged
from finops.store.tables import Tables

ROWS_PER_MONTH = 500_000
KINDS = 5
MOST = 2.0
"""How much dearer 200 rules may be than 5."""


def rules(count: int) -> Rules:
    """So many rules, the five kinds in turn; the first match wins, so later ones are tried by many rows."""
    return Rules(projects=tuple(_rule(at // KINDS, at % KINDS) for at in range(count)))


def _rule(at: int, kind: int) -> Rule:
    key = ("app", "team", "project", "cost-centre")[at % 4]
    match: Match
    if kind == 0:
        match = Condition(field="tag", key=key, values=(f"v{at}", f"w{at}"))
    elif kind == 1:
        match = Condition(field="tag", key=key, pattern=f"^(job|batch)-{at}[0-9]$")
    elif kind == 2:  # noqa: PLR2004 - the third kind
        match = Condition(field="account", values=(f"{100000000000 + at}",))
    elif kind == 3:  # noqa: PLR2004 - the fourth kind
        service = Condition(field="service", values=(f"Service {at % 40}",))
        region = Condition(field="region", pattern=f"-{at % 12}$")
        match = AllOf(parts=(service, region, Not(part=Condition(field="tag", key="env", values=("dev",)))))
    else:
        one, other = f"/db-{at:02}[0-9]+$", f"/vm-{at:02}7"
        match = AnyOf(parts=(Condition(field="resource", pattern=one), Condition(field="resource", pattern=other)))
    return Rule(name=f"project-{kind}-{at}", any_of=(match,))


def bill(tables: Tables, folder: Path, rows: int) -> None:
    """Write months of a made-up bill into the table `cost`."""
    staged = []
    for at in range(-(-rows // ROWS_PER_MONTH)):
        month = date(2024 + at // 12, at % 12 + 1, 1)
        label = f"{month:%Y-%m}"
        path = tables.cost.stage("made-up", label, "bill", "1")
        path.parent.mkdir(parents=True, exist_ok=True)
        count = min(ROWS_PER_MONTH, rows - at * ROWS_PER_MONTH)
        with duckdb.connect() as connection:
            connection.execute(f"SET memory_limit = '2GB'; SET temp_directory = '{folder}'; SET TimeZone = 'UTC'")
            connection.execute(
                f"COPY ({_select(tables, month, count, at)}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
            )
        written = Written(path=path, rows=count, size=path.stat().st_size)
        staged.append(Staged(source="made-up", month=label, written=written))
    tables.cost.commit(add=staged, remove=[], seen=None, why={"operation": "benchmark"})


def _select(tables: Tables, month: date, count: int, at: int) -> str:
    """Every column of `cost`; a multiplicative hash of the row's number stands in for chance."""
    r = f"(((i + {at * 7919}) * 2654435761) % 4294967296)"
    job, batch, plain = "'job-' || i", f"'batch-' || ({r} // 64 % 900)", f"'v' || ({r} // 64 % 90)"
    value = f"CASE {r} % 20 WHEN 0 THEN {job} WHEN 1 THEN {batch} ELSE {plain} END"
    told = {
        "BilledCost": f"({r} % 1000003)::DECIMAL(36, 18) / 7919",
        "EffectiveCost": f"({r} % 999983)::DECIMAL(36, 18) / 7919",
        "ListCost": f"({r} % 1200007)::DECIMAL(36, 18) / 7919",
        "ContractedCost": f"({r} % 1000003)::DECIMAL(36, 18) / 7919",
        "BillingPeriodStart": f"TIMESTAMPTZ '{month} 00:00:00+00'",
        "BillingPeriodEnd": f"TIMESTAMPTZ '{month} 00:00:00+00' + INTERVAL 1 MONTH",
        "ChargePeriodStart": f"TIMESTAMPTZ '{month} 00:00:00+00' + INTERVAL (i % 672) HOUR",
        "ChargePeriodEnd": f"TIMESTAMPTZ '{month} 00:00:00+00' + INTERVAL (i % 672 + 1) HOUR",
        "BillingAccountId": "'999900001111'",
        "SubAccountId": f"(100000000000 + {r} // 8 % 60)::VARCHAR",
        "SubAccountName": f"'account ' || ({r} // 8 % 60)",
        "ServiceName": f"'Service ' || ({r} // 16 % 40)",
        "ServiceCategory": f"(['Compute', 'Storage', 'Databases', 'Networking'])[{r} // 16 % 4 + 1]",
        "RegionId": f"'region-' || ({r} // 32 % 12)",
        "ResourceId": f"'arn:x:' || (['vm-', 'db-'])[{r} % 2 + 1] || ({r} // 128 % 100000)",
        "ChargeCategory": "'Usage'",
        "ProviderName": "'AWS'",
        "BillingCurrency": "'USD'",
        "Tags": f"""'{{"' || (['app', 'cost-centre', 'project', 'team'])[{r} // 4 % 4 + 1] || '": "' || {value}
                 || '", "env": "' || (['dev', 'prod', 'test'])[{r} % 3 + 1] || '"}}'""",
    }
    columns = []
    for field in tables.row_schema:
        kind = str(field.type)
        typed = (
            "DECIMAL(36, 18)"
            if kind.startswith("decimal")
            else "TIMESTAMPTZ"
            if kind.startswith("timestamp")
            else "DOUBLE"
            if kind == "double"
            else "VARCHAR"
        )
        columns.append(f'CAST({told.get(field.name, "NULL")} AS {typed}) AS "{field.name}"')
    return f"SELECT {', '.join(columns)} FROM range({count}) AS t(i)"  # noqa: S608 - our own texts


def measured(tables: Tables, folder: Path, applied: Rules) -> tuple[float, float]:
    """CPU and wall seconds of one allocation of everything."""
    begun, cpu = time.perf_counter(), time.process_time()
    with DuckDB(memory_limit="2GB", spill=folder) as engine:
        months = Reallocation(tables=tables, engine=engine, rules=applied, narrate=lambda _: None).run()
    if not months:
        sys.exit("nothing was allocated: the rules in force are the same")
    return time.process_time() - cpu, time.perf_counter() - begun


def main() -> None:
    """Make the bill, allocate it by few and by many rules, print both and their ratio; exit 1 above `MOST`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--folder", type=Path, help="for the made-up bill; removed afterwards")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="finops-bench-", dir=given.folder))
    try:
        tables = Tables.at(folder / "store")
        bill(tables, folder, given.rows)
        found: dict[int, float] = {}
        for count in (5, 200, 5, 200):  # twice: the first run also warms the page cache
            cpu, wall = measured(tables, folder, rules(count))
            sys.stdout.write(f"{given.rows:,} rows, {count:3} rules: {cpu:6.1f} s of CPU, {wall:6.1f} s\n")
            sys.stdout.flush()
            found[count] = min(cpu, found.get(count, cpu))
        ratio = found[200] / found[5]
        sys.stdout.write(f"200 rules cost {ratio:.2f} times what 5 rules cost\n")
        sys.exit(ratio >= MOST)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
