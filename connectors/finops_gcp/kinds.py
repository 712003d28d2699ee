"""Which kind of export a file holds, and of which billing accounts: two kinds of one hold all of its cost twice."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from finops.errors import ConfigurationError
from finops_gcp import export_table, fields, focus_export, json_file, records

Kind = Literal["standard", "detailed", "focus"]

_WORDS: Mapping[Kind, str] = {
    "standard": "the standard export",
    "detailed": "the detailed export",
    "focus": "the FOCUS export",
}
_RECORDS = 1000
"""Looked at of a JSON file, which leaves out what is null."""
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a file tells of itself.

    Attributes:
        kind: None where the records leave it open.
        accounts: billing accounts in the first records, or in the file's name.
    """

    kind: Kind | None
    accounts: frozenset[str]


def by_name(name: str) -> Told | None:
    """Told by the name of a file that is called after its table; None for any other name."""
    table = export_table.told_by(name.rpartition("/")[2])
    if table is None or table.account is None or table.kind == "view":
        return None
    return Told(kind=table.kind, accounts=frozenset({table.account}))


def of_file(path: Path, *, name: str | None = None) -> Told:
    """Told by the columns, or by the name of a file that is called after its table.

    Args:
        path: the export.
        name: it had where it comes from.

    Raises:
        AccessError, BillError: if the file cannot be read.
    """
    if named := by_name(name or path.name):
        return named
    if records.form(path) == "json":
        first = [record for _, record in islice(json_file.objects(path), _RECORDS)]
        columns = {fields.plain(column) for record in first for column in _columns(record)}
        found = {_account(record) for record in first}
    else:
        columns = set(map(fields.plain, records.names(path)))
        batch = next(records.batches(path), None)
        found = set(batch.texts("billing_account_id").to_pylist()) if batch else set()
    return Told(kind=_kind(columns), accounts=frozenset(filter(None, found)))


def refuse_mixed(told: Mapping[str, Told], source: str) -> None:
    """Raise where files of one account are of different kinds.

    Args:
        told: by name of the file.
        source: that holds them.

    Raises:
        BothKinds: names two of them.
    """
    first: dict[str, tuple[Kind, str]] = {}
    for name, one in sorted(told.items()):
        for account in sorted(one.accounts) if one.kind else ():
            kind, other = first.setdefault(account, (one.kind or "standard", name))
            if kind != one.kind and one.kind:
                raise BothKinds(source, account, (_WORDS[kind], other), (_WORDS[one.kind], name))


def remembered(folder: Path | None) -> dict[str, Told]:
    """What files of earlier runs told, by name; empty where nothing was kept."""
    if folder is None:
        return {}
    try:
        kept = json.loads((folder / "kinds.json").read_text(encoding="utf-8"))
        if kept["version"] != _VERSION:
            return {}
        return {
            name: Told(kind=kind if kind in _WORDS else None, accounts=frozenset(map(str, accounts)))
            for name, (kind, accounts) in kept["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def remember(folder: Path | None, told: Mapping[str, Told]) -> None:
    """Keep what files told for the next run; a folder that cannot be written forgets it."""
    if folder is None:
        return
    files = {name: [one.kind, sorted(one.accounts)] for name, one in sorted(told.items())}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / "kinds.json.new"
        new.write_text(json.dumps({"version": _VERSION, "files": files}, indent=1), encoding="utf-8")
        new.replace(folder / "kinds.json")
    except OSError:
        return


class BothKinds(ConfigurationError):
    """Two exports of one billing account would count twice."""

    def __init__(self, source: str, account: str, one: tuple[str, str], other: tuple[str, str]) -> None:
        super().__init__(
            f"Source {source!r} holds {one[0]} ({one[1]}) and {other[0]} ({other[1]}) of billing account {account}: "
            "each holds all of its cost.",
            "Keep one of them; of a standard and a detailed export, the detailed one has resources and prices. Where "
            "they hold different months, give each kind a source of its own.",
        )


def _kind(columns: set[str]) -> Kind | None:
    """A standard export never had resources; prices came to it late, so they say nothing."""
    if focus_export.is_one(columns):
        return "focus"
    if columns & {"resource", "resource_name", "resource_global_name"}:
        return "detailed"
    has_prices = any(column.startswith("price_") for column in columns)
    return "standard" if "usage_pricing_unit" in columns and not has_prices else None


def _columns(record: Mapping[str, Any]) -> list[str]:
    parts = {name: list(value) for name, value in record.items() if isinstance(value, dict)}
    return [*record, *(f"{name}.{part}" for name, inner in parts.items() for part in inner)]


def _account(record: Mapping[str, Any]) -> str | None:
    found = record.get("billing_account_id") or record.get("BillingAccountId")
    return str(found) if found else None
