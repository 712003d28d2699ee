"""What an export in BigQuery holds, month by month, and until when it was looked at: the watermark of a table.

Rows are only ever appended, so the next look asks for later rows alone. BigQuery tells for nothing how many rows a
table has; where that number says that the watermark missed some, everything is counted anew.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The rows of one invoice month.

    Attributes:
        month: such as `202610`; empty for rows without one.
        rows: how many.
        newest: when the last one was exported.
        loaded: the first and the last partition they are in; None where the table has none.
    """

    month: str
    rows: int
    newest: datetime
    loaded: tuple[datetime | None, datetime | None] = (None, None)

    def with_more(self, later: "Month") -> "Month":
        """Both together."""
        first, last = zip(self.loaded, later.loaded, strict=True)
        return Month(
            month=self.month,
            rows=self.rows + later.rows,
            newest=max(self.newest, later.newest),
            loaded=(min(filter(None, first), default=None), max(filter(None, last), default=None)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """All months of a table.

    Attributes:
        table: whose.
        changed: version of the table's content that was looked at, as BigQuery tells it.
        months: by month.
    """

    table: str
    changed: str
    months: Mapping[str, Month]

    @property
    def rows(self) -> int:
        """In all months."""
        return sum(month.rows for month in self.months.values())

    @property
    def watermark(self) -> datetime | None:
        """When the last row seen was exported; None where there was none."""
        return max((month.newest for month in self.months.values()), default=None)

    def with_more(self, later: Iterable[Month], *, changed: str) -> "Survey":
        """Both together."""
        months = dict(self.months)
        for month in later:
            months[month.month] = months[month.month].with_more(month) if month.month in months else month
        return Survey(table=self.table, changed=changed, months=months)


def months(rows: Iterable[Mapping[str, Any]]) -> list[Month]:
    """The months in the result of a survey query."""
    return [
        Month(
            month=row["month"] or "",
            rows=int(row["number_of_rows"]),
            newest=row["newest"].astimezone(UTC),
            loaded=(_utc(row["first_loaded"]), _utc(row["last_loaded"])),
        )
        for row in rows
    ]


def remembered(folder: Path | None, table: str) -> Survey | None:
    """The last survey of a table; None where there was none, or it cannot be read: then everything is counted anew."""
    if folder is None:
        return None
    try:
        told = json.loads((folder / "survey.json").read_text(encoding="utf-8"))
        if told["version"] != _VERSION or told["table"] != table:
            return None
        found = [
            Month(
                month=one["month"],
                rows=one["rows"],
                newest=datetime.fromisoformat(one["newest"]),
                loaded=(_read(one["loaded"][0]), _read(one["loaded"][1])),
            )
            for one in told["months"]
        ]
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
    return Survey(table=table, changed=told["changed"], months={month.month: month for month in found})


def remember(folder: Path | None, survey: Survey) -> None:
    """Keep a survey for the next run; a folder that cannot be written costs that run a longer look."""
    if folder is None:
        return
    told = {
        "version": _VERSION,
        "table": survey.table,
        "changed": survey.changed,
        "months": [
            {
                "month": month.month,
                "rows": month.rows,
                "newest": month.newest.isoformat(),
                "loaded": [moment and moment.isoformat() for moment in month.loaded],
            }
            for month in survey.months.values()
        ],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / "survey.json.new"
        new.write_text(json.dumps(told, indent=1), encoding="utf-8")
        new.replace(folder / "survey.json")
    except OSError:
        return


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC)


def _read(moment: str | None) -> datetime | None:
    return None if moment is None else datetime.fromisoformat(moment)
