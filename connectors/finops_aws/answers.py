"""Answers: what Cost Explorer says of one month, as a file that is kept, and its sums read from that file's text."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops.errors import BillError
from finops.local_files import BrokenFile, opened_text
from finops.money import add, stored
from finops_aws.grouping import Group, Grouping
from finops_aws.sums import Sums

SCHEMA = "finops.cost-explorer/1"
METRICS = ("UnblendedCost", "NetUnblendedCost", "AmortizedCost", "NetAmortizedCost")
"""Asked for, in the order a charge keeps them."""
NUMBER = re.compile(r"[-+]?[0-9]{1,20}(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,2})?")
"""An amount of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What one group of charges of one kind cost on one day.

    Attributes:
        day: `2026-10-03`, UTC.
        kind: the record type, in Cost Explorer's words.
        keys: values of the grouping, in its order.
        currency: of the amounts.
        amounts: of `METRICS`, as the text of the answer has them.
    """

    day: str
    kind: str
    keys: tuple[str, ...]
    currency: str
    amounts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One billing month.

    Attributes:
        month: `2026-10`.
        is_estimated: AWS may still change it.
        payer: the account that asked.
        groups: what charges are told apart by.
        accounts: names of accounts by their ids, where the answer has them.
        charges: sorted; none that is zero in every metric.
    """

    month: str
    is_estimated: bool
    payer: str
    groups: Grouping
    accounts: Mapping[str, str]
    charges: tuple[Charge, ...]

    def to_json(self) -> str:
        """The file's text: the same for the same answer."""
        lines = [[each.day, each.kind, list(each.keys), each.currency, *each.amounts] for each in self.charges]
        content = {
            "schema": SCHEMA,
            "month": self.month,
            "estimated": self.is_estimated,
            "payer": self.payer,
            "group_by": [group.word for group in self.groups],
            "accounts": dict(sorted(self.accounts.items())),
            "charges": sorted(lines),
        }
        return json.dumps(content, ensure_ascii=False, indent=None) + "\n"


def read(path: Path) -> Answer:
    """The answer in a file.

    Raises:
        AccessError: if it may not be read.
        BillError: if it is cut off, or no such file.
    """
    content = _content(path)
    groups = [Group.named(word) for word in content["group_by"]]
    if not all(groups):
        raise BrokenFile(path, f"it groups by {', '.join(content['group_by'])}, which this version does not know")
    return Answer(
        month=content["month"],
        is_estimated=bool(content["estimated"]),
        payer=content["payer"],
        groups=tuple(group for group in groups if group is not None),
        accounts=content["accounts"],
        charges=tuple(
            Charge(day=day, kind=kind, keys=tuple(keys), currency=currency, amounts=tuple(amounts))
            for day, kind, keys, currency, *amounts in content["charges"]
        ),
    )


def sums(path: Path) -> dict[tuple[str, str], Sums]:
    """Unblended and net unblended cost per currency and month, from the file's text alone.

    Raises:
        AccessError, BillError: as `read`; an amount is not a number.
    """
    content = _content(path)
    found: dict[tuple[str, str], Sums] = {}
    for at, line in enumerate(content["charges"]):
        gross = _amount(path, at, line[4])
        net = _amount(path, at, line[5]) if line[5] else gross
        each = found.setdefault((line[3], content["month"]), Sums())
        each.take(Sums(rows=1, gross=gross, net=net, size=abs(gross)))
    return found


def difference(charges: Iterable[Charge], told: Mapping[str, Decimal]) -> str | None:
    """The kind whose charges do not add up to what a question about kinds alone was told; None where all do.

    Each amount of an answer is rounded by itself, so sums of many may differ by that.
    """
    charges = list(charges)
    for kind in sorted({*told, *(each.kind for each in charges)}):
        mine = [Decimal(each.amounts[0]) for each in charges if each.kind == kind]
        noise = (len(mine) + 31) * Decimal("1e-9")
        if abs(add(*mine) - told.get(kind, Decimal(0))) > noise:
            return kind
    return None


def _content(path: Path) -> Any:  # noqa: ANN401 - JSON
    with opened_text(path) as text:
        try:
            content = json.load(text, parse_float=str)
        except (ValueError, RecursionError) as error:
            raise BrokenFile(path, f"it is no JSON or cut off ({error})") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise NoAnswer(path)
    if not _is_whole(content):
        raise BrokenFile(path, "it is no answer as finops keeps it: something is missing or of another kind")
    return content


def _is_whole(content: Mapping[str, Any]) -> bool:
    """Whether everything that is read later is there, and text where text is expected."""
    words = [content.get(name) for name in ("month", "payer")]
    lists = [content.get(name) for name in ("group_by", "charges")]
    return (
        all(isinstance(word, str) for word in words)
        and bool(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", content["month"]))
        and isinstance(content.get("accounts"), dict)
        and all(isinstance(each, list) for each in lists)
        and all(isinstance(word, str) for word in content["group_by"])
        and all(_is_charge(line, len(content["group_by"])) for line in content["charges"])
    )


def _is_charge(line: object, groups: int) -> bool:
    """Whether a line holds a day, a kind, keys, a currency and the amounts."""
    if not isinstance(line, list) or len(line) != 4 + len(METRICS):
        return False
    day, kind, keys, *texts = line
    return (
        isinstance(keys, list)
        and len(keys) == groups
        and all(isinstance(text, str) for text in (day, kind, *keys, *texts))
        and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", day))
        and all(text == "" or NUMBER.fullmatch(text) for text in texts[1:])
        and bool(texts[1])
    )


def _amount(path: Path, at: int, text: str) -> Decimal:
    try:
        return stored(text)
    except ValueError as error:
        raise BrokenFile(path, f"charge {at + 1} has the amount {text!r}, which is not a number") from error


class NoAnswer(BillError):
    """A JSON file of something else."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is no answer of Cost Explorer that finops kept.",
            "Take location away, so that Cost Explorer is asked, or point it at a folder of kept answers.",
        )
