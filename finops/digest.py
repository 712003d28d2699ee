"""Digest: what the line items of a month say beside their daily sums; kept in the footer of its file of `allocated`.

With it neither `finops status` nor `finops forecast` reads line items, however many there are.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from finops import quality
from finops.arrivals import Arrival
from finops.commitments import Commitment


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Of one source's month.

    Attributes:
        days: the rows of `quality.by_day`.
        commitments: whose end the rows tell; None where the file is older than this being kept.
        arrivals: when its days were exported; nothing where its rows do not tell, or the file is older.
    """

    days: tuple[Mapping[str, Any], ...]
    commitments: tuple[Commitment, ...] | None
    arrivals: tuple[Arrival, ...] = ()

    def to_json(self) -> str:
        """One line of JSON, decimals and dates as text."""
        told = {
            "days": self.days,
            "commitments": [asdict(one) for one in self.commitments or ()],
            "arrivals": [[one.day, one.exported.isoformat(), one.amount] for one in self.arrivals],
        }
        return json.dumps(told, default=str)


def parsed(note: str | None) -> Digest | None:
    """The digest that `to_json` wrote; None for the file of another writer."""
    if note is None:
        return None
    told = json.loads(note)
    if isinstance(told, list):  # until commitments were kept, the days alone
        return Digest(days=tuple(map(quality.of_json, told)), commitments=None)
    return Digest(
        days=tuple(map(quality.of_json, told["days"])),
        commitments=tuple(Commitment(**{**one, "end": date.fromisoformat(one["end"])}) for one in told["commitments"]),
        arrivals=tuple(
            Arrival(day=date.fromisoformat(day), exported=datetime.fromisoformat(exported), amount=float(amount))
            for day, exported, amount in told.get("arrivals", ())
        ),
    )
