"""Ledger: the append-only Delta table `forecasts` of a store; nothing in it is ever changed or removed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from finops.errors import AccessError
from finops.forecast.ledger import Issued, parsed_scope, scope_text
from finops.periods import Period
from finops.store.bucket import OPTIONS, Bucket

if TYPE_CHECKING:
    import pyarrow as pa

_NAME = "forecasts"


def keep(store: Path, issued: Sequence[Issued], url: str | None = None) -> int:
    """Add forecasts that the ledger does not hold yet, in one commit; one that it holds is not added again.

    Two runs at the same moment may both add the same forecast; `read` takes it once.

    Args:
        store: its folder; with a URL, that of the copies of its files.
        issued: forecasts.
        url: of a store in a bucket.

    Returns:
        How many were added.

    Raises:
        AccessError: if the store may not be written.
    """
    from deltalake import write_deltalake
    from deltalake.exceptions import DeltaError

    held = {one.entry for one in read(store, url)}
    fresh = [one for one in {one.entry: one for one in issued}.values() if one.entry not in held]
    if not fresh:
        return 0
    bucket = _bucket(store, url)
    try:
        write_deltalake(
            str(store / _NAME) if bucket is None else bucket.url,
            _table(fresh),
            mode="append",
            name=_NAME,
            # kept for years, as what was forecast is asked for when the year is over; Delta's own default is 30 days
            configuration={"delta.appendOnly": "true", "delta.logRetentionDuration": "interval 3650 days"},
            storage_options=None if bucket is None else dict(OPTIONS),
        )
    except (DeltaError, OSError) as error:
        raise LedgerUnusable(_place(store, url), error) from error
    return len(fresh)


def read(store: Path, url: str | None = None) -> list[Issued]:
    """Every forecast issued, the first issued first; empty where none was.

    Args:
        store: its folder; with a URL, that of the copies of its files.
        url: of a store in a bucket.

    Raises:
        AccessError: if the table cannot be read.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError, TableNotFoundError

    folder, bucket = store / _NAME, _bucket(store, url)
    if bucket is None and not (folder / "_delta_log").is_dir():
        return []
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # through the list of files: DeltaTable.to_pyarrow_table() made the interpreter abort at exit
        table = DeltaTable(str(folder)) if bucket is None else DeltaTable(bucket.url, storage_options=dict(OPTIONS))
        files = [folder / unquote(path) for path in table.get_add_actions().column("path").to_pylist()]
        if bucket is not None:
            bucket.download((file, None) for file in files)
        rows = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    except TableNotFoundError:
        return []
    except (DeltaError, OSError, pa.ArrowException) as error:
        raise LedgerUnusable(_place(store, url), error) from error
    found = {row["entry"]: _issued(row) for row in sorted(rows, key=lambda row: row["issued_at"], reverse=True)}
    return sorted(found.values(), key=lambda one: (one.issued_at, one.entry))


def _bucket(store: Path, url: str | None) -> Bucket | None:
    return None if url is None else Bucket(f"{url}/{_NAME}", store / _NAME)


def _place(store: Path, url: str | None) -> str:
    return str(store / _NAME) if url is None else f"{url}/{_NAME}"


class LedgerUnusable(AccessError):
    """The ledger cannot be read or written."""

    def __init__(self, place: str, error: Exception) -> None:
        reason = (getattr(error, "strerror", None) or str(error)).strip().splitlines()[0].rstrip(".")
        super().__init__(
            f"The ledger of forecasts {place} cannot be used: {reason}.",
            "Check that the folder may be read and written and holds a Delta table.",
        )


def _schema() -> "pa.Schema":
    import pyarrow as pa

    money, moment = pa.decimal128(38, 6), pa.timestamp("us", tz="UTC")
    return pa.schema(
        [
            ("entry", pa.string()),
            ("issued_at", moment),
            ("command", pa.string()),
            ("as_of", pa.date32()),
            ("known_at", moment),
            ("data_to", pa.date32()),
            ("cost_version", pa.int64()),
            ("allocated_version", pa.int64()),
            ("software", pa.string()),
            ("measure", pa.string()),
            ("unit", pa.string()),
            ("scope", pa.string()),
            ("start", pa.date32()),
            ("end", pa.date32()),
            ("to_date", money),
            ("base", money),
            ("forecast", money),
            ("quantiles", pa.list_(money)),
            ("events", pa.list_(pa.struct([("name", pa.string()), ("amount", money)]))),
            ("model", pa.string()),
            ("seed", pa.int64()),
            ("run_rate", money),
            ("seasonal_naive", money),
        ]
    )


_AS_IT_IS = (
    *("entry", "issued_at", "command", "as_of", "known_at", "data_to", "cost_version", "allocated_version"),
    *("software", "measure", "unit", "to_date", "base", "forecast", "model", "seed", "run_rate", "seasonal_naive"),
)


def _table(issued: Sequence[Issued]) -> "pa.Table":
    import pyarrow as pa

    rows = [
        {name: getattr(one, name) for name in _AS_IT_IS}
        | {"scope": scope_text(one.scope), "start": one.period.start, "end": one.period.end}
        | {"quantiles": list(one.quantiles)}
        | {"events": [{"name": name, "amount": amount} for name, amount in one.events]}
        for one in issued
    ]
    return pa.Table.from_pylist(rows, _schema())


def _issued(row: dict[str, Any]) -> Issued:
    return Issued(
        **{name: row[name] for name in _AS_IT_IS if name not in {"entry", "issued_at", "known_at"}},
        issued_at=_moment(row["issued_at"]),
        known_at=None if row["known_at"] is None else _moment(row["known_at"]),
        scope=parsed_scope(row["scope"]),
        period=Period(start=row["start"], end=row["end"]),
        quantiles=tuple(row["quantiles"]),
        events=tuple((event["name"], event["amount"]) for event in row["events"]),
    )


def _moment(value: datetime) -> datetime:
    return value.astimezone(UTC)
