"""A small BigQuery: speaks the REST calls we use, and answers by running the same SQL on DuckDB."""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

_PAIRS = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))
_TIME = pa.timestamp("us", tz="UTC")


def _record(*names: str) -> pa.StructType:
    return pa.struct([(name, pa.string()) for name in names])


STANDARD = pa.schema(
    [
        ("billing_account_id", pa.string()),
        ("service", _record("id", "description")),
        ("sku", _record("id", "description")),
        ("usage_start_time", _TIME),
        ("usage_end_time", _TIME),
        (
            "project",
            pa.struct([("id", pa.string()), ("number", pa.string()), ("name", pa.string()), ("labels", _PAIRS)]),
        ),
        ("labels", _PAIRS),
        ("system_labels", _PAIRS),
        ("location", _record("location", "country", "region", "zone")),
        ("export_time", _TIME),
        ("cost", pa.float64()),
        ("currency", pa.string()),
        ("currency_conversion_rate", pa.float64()),
        (
            "usage",
            pa.struct(
                [
                    ("amount", pa.float64()),
                    ("unit", pa.string()),
                    ("amount_in_pricing_units", pa.float64()),
                    ("pricing_unit", pa.string()),
                ]
            ),
        ),
        (
            "credits",
            pa.list_(
                pa.struct(
                    [
                        ("name", pa.string()),
                        ("amount", pa.float64()),
                        ("full_name", pa.string()),
                        ("id", pa.string()),
                        ("type", pa.string()),
                    ]
                )
            ),
        ),
        ("invoice", _record("month", "publisher_type")),
        ("cost_type", pa.string()),
        ("adjustment_info", _record("id", "description", "mode", "type")),
    ]
)
"""The standard usage cost export, without fields that nobody reads."""

DETAILED = STANDARD.append(pa.field("resource", _record("name", "global_name"))).append(
    pa.field("price", pa.struct([("effective_price", pa.float64()), ("pricing_unit_quantity", pa.float64())]))
)
"""The detailed one adds resources and prices."""


@dataclass(kw_only=True)
class FakeBigQuery:
    """The tables of a project, and what was asked of them.

    Attributes:
        url: of the server.
        queries: SQL that was run, in order; dry runs are in `dry_runs`.
        refuse: kind of call (`tables`, `jobs`) to status and reason to answer with.
    """

    url: str = ""
    queries: list[str] = field(default_factory=list)
    dry_runs: list[str] = field(default_factory=list)
    limits: list[str | None] = field(default_factory=list)
    refuse: dict[str, tuple[int, str]] = field(default_factory=dict)
    _tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    _results: dict[str, pa.Table] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _duckdb: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def __post_init__(self) -> None:
        self._duckdb.execute("SET TimeZone = 'UTC'")

    def close(self) -> None:
        """Forget everything."""
        self._duckdb.close()

    def create(self, name: str, schema: pa.Schema = STANDARD, *, kind: str = "TABLE") -> None:
        """An empty table `project.dataset.table`, partitioned by the day its rows are loaded."""
        project, dataset, table = name.split(".")
        hidden = schema.append(pa.field("_PARTITIONTIME", _TIME))
        with self._lock:
            if project not in {
                row[0] for row in self._duckdb.sql("SELECT database_name FROM duckdb_databases()").fetchall()
            }:
                self._duckdb.execute(f"ATTACH ':memory:' AS \"{project}\"")
            self._duckdb.execute(f'CREATE SCHEMA IF NOT EXISTS "{project}"."{dataset}"')
            self._duckdb.register("empty", hidden.empty_table())
            self._duckdb.execute(f'CREATE TABLE "{project}"."{dataset}"."{table}" AS FROM empty')
            self._tables[name] = {"schema": schema, "kind": kind, "modified": 1}

    def load(self, name: str, records: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
        """Append records, as Google's export does; they lie in the partition of that day."""
        schema: pa.Schema = self._tables[name]["schema"].append(pa.field("_PARTITIONTIME", _TIME))
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        rows = [{**_typed(record), "_PARTITIONTIME": day} for record in records]
        project, dataset, table = name.split(".")
        with self._lock:
            self._duckdb.register("more", pa.Table.from_pylist(rows, schema=schema))
            self._duckdb.execute(f'INSERT INTO "{project}"."{dataset}"."{table}" FROM more')
            self._tables[name]["modified"] += 1

    def delete(self, name: str, where: str) -> None:
        """What Google never does."""
        project, dataset, table = name.split(".")
        with self._lock:
            self._duckdb.execute(f'DELETE FROM "{project}"."{dataset}"."{table}" WHERE {where}')  # noqa: S608 - a test's name
            self._tables[name]["modified"] += 1

    def result(self, job_id: str) -> pa.Table:
        """What a query found."""
        return self._results[job_id]

    def answer(self, method: str, path: str, asked: Mapping[str, str], body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and body of one call."""
        for kind, (status, reason) in self.refuse.items():
            if f"/{kind}" in path:
                error = {"code": status, "message": reason, "errors": [{"reason": "accessDenied", "message": reason}]}
                return status, {"error": error}
        with self._lock:
            if found := re.fullmatch(r".*/projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)", path):
                return self._table(".".join(found.groups()))
            if method == "POST" and path.endswith("/jobs"):
                return self._job(path, body)
            if found := re.fullmatch(r".*/projects/([^/]+)/queries/([^/]+)", path):
                return 200, self._page(found[1], found[2], asked)
            if found := re.fullmatch(r".*/tables/([^/]+)/data", path):
                return 200, self._page("p", found[1], asked)
        return 404, {"error": {"code": 404, "message": f"no such call: {method} {path}"}}

    def _table(self, name: str) -> tuple[int, Any]:
        if name not in self._tables:
            return 404, {
                "error": {"code": 404, "message": f"Not found: Table {name}", "errors": [{"reason": "notFound"}]}
            }
        known = self._tables[name]
        project, dataset, table = name.split(".")
        (count,) = self._duckdb.execute(f'SELECT COUNT(*) FROM "{project}"."{dataset}"."{table}"').fetchall()[0]  # noqa: S608 - a test's name
        is_table = known["kind"] == "TABLE"
        return 200, {
            "tableReference": {"projectId": project, "datasetId": dataset, "tableId": table},
            "schema": {"fields": [_field(one) for one in known["schema"]]},
            "type": known["kind"],
            "location": "EU",
            **({"numRows": str(count), "timePartitioning": {"type": "DAY"}} if is_table else {}),
            "lastModifiedTime": str(1_700_000_000_000 + known["modified"]),
        }

    def _job(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        configuration = body["configuration"]
        asked = configuration["query"]
        job_id = body.get("jobReference", {}).get("jobId", "dry")
        project = path.split("/")[-2]
        try:
            result = self._run(asked["query"])
        except duckdb.Error as error:
            return 400, {"error": {"code": 400, "message": str(error), "errors": [{"reason": "invalidQuery"}]}}
        read = str(len(asked["query"]) * 1000)
        self._results[job_id] = result
        if configuration.get("dryRun"):
            self.dry_runs.append(asked["query"])
        else:
            self.queries.append(asked["query"])
            self.limits.append(asked.get("maximumBytesBilled"))
        return 200, {
            "kind": "bigquery#job",
            "id": f"{project}:{job_id}",
            "jobReference": {"projectId": project, "jobId": job_id, "location": "EU"},
            "configuration": {
                **configuration,
                "query": {**asked, "destinationTable": {"projectId": project, "datasetId": "_r", "tableId": job_id}},
            },
            "status": {"state": "DONE"},
            "statistics": {
                "totalBytesProcessed": read,
                "query": {"totalBytesProcessed": read, "statementType": "SELECT", "schema": _schema(result)},
            },
        }

    def _run(self, sql: str) -> pa.Table:
        return self._duckdb.sql(to_duckdb(sql)).to_arrow_table()

    def _page(self, project: str, job_id: str, asked: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        result = self._results[job_id]
        first = int(asked.get("pageToken") or asked.get("startIndex") or 0)
        size = min(int(asked.get("maxResults") or 1000), 1000)
        rows = result.slice(first, size)
        more = first + size < result.num_rows
        return {
            "kind": "bigquery#getQueryResultsResponse",
            "jobReference": {"projectId": project, "jobId": job_id, "location": "EU"},
            "jobComplete": True,
            "schema": _schema(result),
            "totalRows": str(result.num_rows),
            "totalBytesProcessed": "1",
            "rows": [_cell(row, pa.struct(list(result.schema))) for row in rows.to_pylist()],
            **({"pageToken": str(first + size)} if more else {}),
        }


def to_duckdb(sql: str) -> str:
    """BigQuery's SQL as DuckDB takes it: BIGNUMERIC as the widest decimal with 18 places, which test amounts fit."""
    tree = sqlglot.parse_one(sql, read="bigquery")

    def changed(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.BIGDECIMAL:
            return exp.DataType.build("DECIMAL(38, 18)", dialect="duckdb")
        if isinstance(node, exp.Round) and node.args.get("truncate") is not None:
            inner: exp.Expression = node.this
            return inner.transform(changed)
        return node

    return tree.transform(changed).sql(dialect="duckdb")


@contextmanager
def serving() -> Iterator[FakeBigQuery]:
    """A server on a free port of this machine."""
    fake = FakeBigQuery()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self, body: Mapping[str, Any]) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            try:
                status, answer = fake.answer(self.command, parts.path, asked, body)
            except Exception as error:  # noqa: BLE001 - a fault of the fake ends the test at once: 400 is not retried
                status, answer = 400, {"error": {"code": 400, "message": f"the fake failed: {error!r}"}}
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}"))

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        fake.close()


def _typed(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as exports write it, with times as times."""
    return {name: _moment(value) if name.endswith("_time") else value for name, value in record.items()}


def _moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    return datetime.fromisoformat(value.removesuffix(" UTC")).replace(tzinfo=UTC)


def _field(column: pa.Field) -> dict[str, Any]:
    kind, mode = column.type, "NULLABLE"
    if pa.types.is_list(kind):
        kind, mode = kind.value_type, "REPEATED"
    if pa.types.is_struct(kind):
        return {"name": column.name, "type": "RECORD", "mode": mode, "fields": [_field(part) for part in kind]}
    return {"name": column.name, "type": _type(kind), "mode": mode}


def _type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP"
    if pa.types.is_integer(kind):
        return "INTEGER"
    if pa.types.is_floating(kind):
        return "FLOAT"
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    return "BIGNUMERIC" if pa.types.is_decimal(kind) else "STRING"


def _schema(result: pa.Table) -> dict[str, Any]:
    return {"fields": [_field(column) for column in result.schema]}


def _cell(value: Any, kind: pa.DataType) -> Any:  # noqa: ANN401 - JSON
    """A value as BigQuery writes it in JSON: scalars as text, records as `f`, repeated ones as `v`, never null."""
    if pa.types.is_list(kind):
        return [{"v": _cell(one, kind.value_type)} for one in value or ()]
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {"f": [{"v": _cell(value[part.name], part.type)} for part in kind]}
    return str(round(value.timestamp() * 1_000_000)) if isinstance(value, datetime) else str(value)
