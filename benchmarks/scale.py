"""Scale: `finops ingest` of a CUR 2.0 month beside what the machine allows and what others would write.

    ./run bench scale [ROWS...] [--naive] [--times N] [--memory LIMIT]        default: 1,000,000 rows, once, 1GB

Per size and in one run, each in a process of its own, CPU seconds and peak memory of: scanning the export's columns,
rewriting it as zstd Parquet, `benchmarks/scale.sql` (the same work by hand), `finops ingest`, and, with --naive, pandas
in chunks. The four costs of both tables must be equal to the last digit. With several sizes, the exponent of CPU time
over rows. On a machine that others use as well, CPU time varies by a sixth: with --times, all run in turn N times, the
least CPU time and the largest peak count.
"""

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from finops.cli.main import main as finops
from finops_aws.services import CATEGORIES

PER_FILE = 1_000_000
PER_GROUP = 125_000
TYPES = {
    "Usage": 0.80, "SavingsPlanCoveredUsage": 0.06, "DiscountedUsage": 0.035, "SavingsPlanNegation": 0.06,
    "Tax": 0.02, "Credit": 0.02, "RIFee": 0.0025, "SavingsPlanRecurringFee": 0.0025,
}  # fmt: skip
SERVICES = (
    ("AmazonEC2", "Amazon Elastic Compute Cloud", "Compute Instance", "Hrs"),
    ("AmazonS3", "Amazon Simple Storage Service", "Storage", "GB-Mo"),
    ("AmazonRDS", "Amazon Relational Database Service", "Database Instance", "Hrs"),
    ("AWSLambda", "AWS Lambda", "Serverless", "Lambda-GB-Second"),
    ("AmazonSageMaker", "Amazon SageMaker", "ML Instance", "Hrs"),
)
REGIONS = (("us-east-1", "US East (N. Virginia)"), ("eu-central-1", "EU (Frankfurt)"), ("eu-west-1", "EU (Ireland)"))
PROJECTS = ("search", "llm", "shop", "data", None)
SETTINGS = """version = 1
[organisation]
name = "Scale"
currency = "USD"
[store]
path = "store"
memory_limit = "{memory}"
[[sources]]
name = "aws"
connector = "aws"
location = "{export}"
[[projects]]
name = "search"
match = [ {{ tag = "project", equals = "search" }} ]
[[projects]]
name = "llm"
match = [ {{ tag = "project", equals = "llm" }} ]
"""
_PEAK = "peak.txt"
_LIMIT = "FINOPS_BENCH_MEMORY"
SUMS = "sum(BilledCost), sum(EffectiveCost), sum(ListCost), sum(ContractedCost)"


# ── data ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def generate(folder: Path, rows: int) -> None:
    """A month of CUR 2.0 Parquet, a million rows per file; each file depends on its number alone."""
    folder.mkdir(parents=True)
    for at, first in enumerate(range(0, rows, PER_FILE)):
        left = min(PER_FILE, rows - first)
        batches = (min(PER_GROUP, left - start) for start in range(0, left, PER_GROUP))
        tables = [_lines(np.random.default_rng([at, part]), size) for part, size in enumerate(batches)]
        with pq.ParquetWriter(folder / f"cur-{at:04d}.parquet", tables[0].schema, compression="zstd") as writer:
            for table in tables:
                writer.write_table(table, row_group_size=PER_GROUP)


def _lines(random: np.random.Generator, rows: int) -> pa.Table:
    kinds = list(TYPES)
    kind = random.choice(len(kinds), rows, p=list(TYPES.values()))
    service, region = random.integers(0, len(SERVICES), rows), random.integers(0, len(REGIONS), rows)
    account = np.minimum(random.zipf(1.4, rows), 120)
    resource = random.integers(0, 60_000, rows)
    start = np.datetime64("2026-10-01T00") + random.integers(0, 31 * 24, rows).astype("timedelta64[h]")
    units = np.abs(random.lognormal(16, 2.4, rows)).astype("int64") + 1  # of 1e-10
    covered, negations = (
        np.flatnonzero(kind == kinds.index(name)) for name in ("SavingsPlanCoveredUsage", "SavingsPlanNegation")
    )
    pairs = min(len(covered), len(negations))  # what a plan covers is billed twice, the second time negative
    kind[covered[pairs:]] = kind[negations[pairs:]] = kinds.index("Usage")
    covered, negations = covered[:pairs], negations[:pairs]
    of = {name: kind == at for at, name in enumerate(kinds)}
    units[of["Credit"]] *= -1
    units[negations] = -units[covered]
    account[negations] = account[covered]
    fees = of["RIFee"] | of["SavingsPlanRecurringFee"]
    usage = of["Usage"] | of["SavingsPlanCoveredUsage"] | of["DiscountedUsage"]

    def money(amounts: "np.ndarray[Any, Any]", given: "np.ndarray[Any, Any] | None" = None) -> pa.Array:
        return pa.array(amounts / 1e10, pa.float64(), mask=None if given is None else ~given)

    def text(
        at: "np.ndarray[Any, Any]", values: "list[str | None]", given: "np.ndarray[Any, Any] | None" = None
    ) -> pa.Array:
        indices = pa.array(at, pa.int32(), mask=None if given is None else ~given)
        return pa.DictionaryArray.from_arrays(indices, pa.array(values, pa.string()))

    none = np.zeros(rows, "int32")
    sku, rate = service * 40 + region * 11 + resource % 11, [f"{n % 997 / 1000:.10f}" for n in range(400)]
    plans = of["SavingsPlanCoveredUsage"] | of["SavingsPlanNegation"] | of["SavingsPlanRecurringFee"]
    reserved = of["DiscountedUsage"] | of["RIFee"]
    used = units * 8 // 10
    tags = pa.array([_tags(n) for n in range(2000)], pa.map_(pa.string(), pa.string()))
    product = pa.array([[("product_name", name), ("region", "any")] for _, name, _, _ in SERVICES], tags.type)
    teams = pa.array([[("Team", f"team {n}")] for n in range(9)], tags.type)
    zone = [f"{name}{letter}" for name, _ in REGIONS for letter in "abc"]
    return pa.table(
        {
            "bill_invoicing_entity": text(none, ["Amazon Web Services, Inc."]),
            "bill_payer_account_id": text(none, ["000000000001"]),
            "bill_billing_period_start_date": pa.repeat(pa.scalar(np.datetime64("2026-10-01T00:00:00", "ms")), rows),
            "bill_billing_period_end_date": pa.repeat(pa.scalar(np.datetime64("2026-11-01T00:00:00", "ms")), rows),
            "line_item_usage_account_id": text(account, [f"{n:012d}" for n in range(121)]),
            "line_item_usage_account_name": text(account, [f"account {n}" for n in range(121)]),
            "line_item_line_item_type": text(kind, list(kinds)),
            "line_item_usage_start_date": pa.array(start.astype("datetime64[ms]")),
            "line_item_usage_end_date": pa.array((start + np.timedelta64(1, "h")).astype("datetime64[ms]")),
            "line_item_product_code": text(service, [code for code, *_ in SERVICES]),
            "line_item_usage_type": text(sku, [f"USE1-Meter:{n}" for n in range(400)]),
            "line_item_operation": text(resource % 17, [f"Operation:{n}" for n in range(17)]),
            "line_item_availability_zone": text(region * 3 + resource % 3, [*zone]),
            "line_item_resource_id": text(resource, [f"arn:aws:any:::resource/{n:017x}" for n in range(60_000)], usage),
            "line_item_usage_amount": pa.array(np.round(random.lognormal(1, 2, rows), 10)),
            "line_item_currency_code": text(none, ["USD"]),
            "line_item_unblended_rate": text(sku, [*rate], usage),
            "line_item_unblended_cost": money(np.where(of["DiscountedUsage"], 0, units)),
            "line_item_line_item_description": text(sku, [f"${n / 1000} per unit of meter {n}" for n in range(400)]),
            "line_item_legal_entity": text(none, ["Amazon Web Services, Inc."]),
            "product": product.take(pa.array(service)),
            "product_product_family": text(service, [family for _, _, family, _ in SERVICES]),
            "product_region_code": text(region, [name for name, _ in REGIONS]),
            "product_location": text(region, [place for _, place in REGIONS]),
            "product_instance_type": text(
                resource % 5, ["m6i.large", "c7g.xlarge", "r6i.2xlarge", "g5.xlarge", "t3.small"]
            ),
            "product_sku": text(sku, [f"SKU{n:013X}" for n in range(400)]),
            "pricing_rate_code": text(sku, [f"SKU{n:013X}.JRTCKXETXF.6YS6EN2CT7" for n in range(400)]),
            "pricing_unit": text(service, [unit for *_, unit in SERVICES]),
            "pricing_public_on_demand_cost": money(units + units // 9, usage),
            "pricing_public_on_demand_rate": text(sku, [*rate], usage),
            "reservation_reservation_a_r_n": text(account % 5, [f"arn:aws:ec2:::ri/{n}" for n in range(5)], reserved),
            "reservation_effective_cost": money(used, of["DiscountedUsage"]),
            "reservation_unused_recurring_fee": money(units // 3, of["RIFee"]),
            "savings_plan_savings_plan_a_r_n": text(account % 3, [f"arn:aws:sp:::plan/{n}" for n in range(3)], plans),
            "savings_plan_savings_plan_effective_cost": money(used, of["SavingsPlanCoveredUsage"]),
            "savings_plan_total_commitment_to_date": money(units, of["SavingsPlanRecurringFee"]),
            "savings_plan_used_commitment": money(used, of["SavingsPlanRecurringFee"]),
            "cost_category": teams.take(pa.array(account % 9)),
            "resource_tags": tags.take(pa.array(np.where(fees | of["Tax"], 0, resource % 2000))),
        }
    )


def _tags(number: int) -> list[tuple[str, str]]:
    project = PROJECTS[number % len(PROJECTS)]
    if number % 7 == 0 or project is None:
        return []
    return [("user_project", project), ("user_env", ("prod", "dev")[number % 2]), ("user_name", f"node {number}")]


# ── contestants: each is run in a process of its own ────────────────────────────────────────────────────────────


def scan(folder: Path) -> None:
    """Read every column that is used."""
    files = _files(folder)
    names = [row[0] for row in duckdb.execute(f"DESCRIBE FROM read_parquet({files})").fetchall()]
    _connection(folder).execute(f"SELECT {', '.join(f'max({_hashed(n)})' for n in names)} FROM read_parquet({files})")  # noqa: S608 - our own paths


def rewrite(folder: Path) -> None:
    """Write the same columns as zstd Parquet."""
    target = folder / "rewritten.parquet"
    _connection(folder).execute(
        f"COPY (FROM read_parquet({_files(folder)})) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    )


def by_hand(folder: Path) -> None:
    """The statements of scale.sql."""
    services = folder / "services.parquet"
    pq.write_table(pa.table({"service": list(CATEGORIES), "category": list(CATEGORIES.values())}), services)
    names = {name: f"'{folder / name}.parquet'" for name in ("cost", "allocated", "services")}
    statements = Path(__file__).with_suffix(".sql").read_text().format(export=_files(folder), **names)
    connection = _connection(folder)
    for statement in statements.split(";"):
        if statement.strip():
            connection.execute(statement)


def naive(folder: Path) -> None:
    """Pandas in chunks: the costs by day, account and service, in floats, and the rows written again."""
    columns = [
        "line_item_unblended_cost",
        "line_item_usage_start_date",
        "line_item_usage_account_id",
        "line_item_product_code",
    ]
    parts = []
    for path in sorted((folder / "export").glob("*.parquet")):
        writer = None
        for batch in pq.ParquetFile(path).iter_batches(PER_GROUP):
            frame = batch.to_pandas()
            frame["tags"] = frame["resource_tags"].map(lambda pairs: str(dict(sorted(pairs))) if pairs else None)
            day = frame[columns[1]].dt.date
            parts.append(frame.groupby([day, *columns[2:]], observed=True)[columns[0]].sum())
            table = pa.Table.from_pandas(frame.drop(columns=["resource_tags", "product", "cost_category"]))
            writer = writer or pq.ParquetWriter(folder / f"naive-{path.name}", table.schema, compression="zstd")
            writer.write_table(table.cast(writer.schema))
        if writer:
            writer.close()


def ours(folder: Path) -> None:
    """`finops ingest`, the command."""
    os.chdir(folder)
    Path("finops.toml").write_text(SETTINGS.format(memory=memory(), export=folder / "export"))
    sys.argv = ["finops", "ingest", "--quiet"]
    finops()


def memory() -> str:
    """The limit for DuckDB by hand, and for `finops` as a process; handed on to the processes by the environment."""
    return os.environ.get(_LIMIT, "1GB")


CONTESTANTS = {"scan": scan, "rewrite": rewrite, "by_hand": by_hand, "ours": ours, "naive": naive}


def _connection(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for setting in (f"memory_limit = '{memory()}'", f"temp_directory = '{folder}'", "preserve_insertion_order = false",
                    "TimeZone = 'UTC'"):  # fmt: skip
        connection.execute(f"SET {setting}")
    return connection


def _files(folder: Path) -> str:
    return str([str(path) for path in sorted((folder / "export").glob("*.parquet"))])


def _hashed(name: str) -> str:
    return f'hash("{name}")'


# ── measuring ─────────────────────────────────────────────────────────────────────────────────────────────────────


def measured(name: str, folder: Path) -> tuple[float, float]:
    """CPU seconds and peak memory in GB of one contestant.

    The peak is what the process says itself: `ru_maxrss` of a child counts this process too, which made the export.

    Raises:
        CalledProcessError: if it fails; its stderr goes where ours goes.
    """
    process = subprocess.Popen([sys.executable, __file__, "--one", name, "--folder", str(folder)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return usage.ru_utime + usage.ru_stime, float((folder / _PEAK).read_text())


def run(name: str, folder: Path) -> None:
    """One contestant in this process; its peak memory in GB goes into a file."""
    try:
        CONTESTANTS[name](folder)
    finally:
        status = Path("/proc/self/status").read_text()
        (folder / _PEAK).write_text(str(int(status.split("VmHWM:")[1].split()[0]) / 1024**2))


def totals(folder: Path, pattern: str) -> tuple[Decimal, ...]:
    """The four costs of a table's files."""
    found = duckdb.execute(f"SELECT {SUMS} FROM read_parquet('{folder / pattern}')").fetchone()  # noqa: S608 - our own paths
    return tuple(found or ())


def compare(rows: int, contestants: list[str], times: int, parent: Path) -> dict[str, tuple[float, float]]:
    """All contestants on one export, in turn; the tables of two of them must agree.

    Raises:
        SystemExit: if they do not.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"scale-{rows}-", dir=parent))
    try:
        generate(folder / "export", rows)
        results = dict.fromkeys(contestants, (math.inf, 0.0))
        for name in contestants * times:
            shutil.rmtree(folder / "store", ignore_errors=True)
            cpu, memory = measured(name, folder)
            results[name] = (min(results[name][0], cpu), max(results[name][1], memory))
        mine = totals(folder, "store/cost/*/*/*.parquet")
        for pattern in ("cost.parquet", "allocated.parquet", "store/allocated/*/*/*.parquet"):
            if (other := totals(folder, pattern)) != mine:
                raise SystemExit(f"{pattern}: {other} is not {mine}")
    finally:
        shutil.rmtree(folder)
    return results


def main() -> None:
    """Measure, and write a table per size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--naive", action="store_true", help="pandas in chunks too")
    parser.add_argument("--times", type=int, default=1, help="how often each of them runs")
    parser.add_argument("--memory", help="limit, for example 512MB; default: 1GB")
    parser.add_argument("--folder", type=Path, help="for exports and tables; default: the system's for temporary files")
    parser.add_argument("--one", choices=CONTESTANTS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        run(given.one, given.folder)
        return
    if given.memory:
        os.environ[_LIMIT] = given.memory
    sizes = given.rows or [1_000_000]
    contestants = [name for name in CONTESTANTS if given.naive or name != "naive"]
    seconds = {}
    for rows in sizes:
        results = compare(rows, contestants, given.times, given.folder)
        hand = results["by_hand"][0]
        seconds[rows] = results["ours"][0]
        sys.stdout.write(f"{rows:,} rows, totals equal to the last digit\n")
        for name, (cpu, memory) in results.items():
            sys.stdout.write(f"  {name:8} {cpu:7.1f} s of CPU  {cpu / hand:5.2f} x by hand  {memory:5.2f} GB at most\n")
        sys.stdout.flush()
    if len(sizes) > 1:
        first, last = min(sizes), max(sizes)
        exponent = math.log(seconds[last] / seconds[first]) / math.log(last / first)
        sys.stdout.write(f"exponent of ours over rows: {exponent:.2f}\n")


if __name__ == "__main__":
    main()
