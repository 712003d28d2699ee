"""Explored months: the answers of Cost Explorer that are kept, and asked for again as long as AWS may change them."""

import hashlib
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

from finops import local_files
from finops.connector import Delivery, Source
from finops.errors import BillError, ConfigurationError
from finops_aws import answers
from finops_aws.cost_explorer import Caller, CostExplorer, months
from finops_aws.grouping import grouping

FORMAT = "cost-explorer"
_MONTHS = 14
"""The running month and the thirteen before it, which Cost Explorer keeps by day (AWS user guide, November 2026)."""
_MOST_MONTHS = 38


class Explored:
    """The months Cost Explorer knows; with a location, those kept there, and nobody is asked.

    Args:
        source: of format `cost-explorer`.
        workdir: for answers that are not kept.
    """

    def __init__(self, source: Source, workdir: Path) -> None:
        self._source = source
        self._folder = (source.cache or workdir) / FORMAT
        self._groups = grouping(source)
        self._number = _number(source)
        self._explorer = None if source.location else CostExplorer(source, self._groups)

    def deliveries(self, settings: str) -> list[Delivery]:
        """One per month with charges; asks, for money, about those that may have changed.

        Raises:
            AccessError, BillError, ConfigurationError, RetryError: as `CostExplorer`; there is no month with charges.
        """
        explorer = self._explorer
        location = str(self._brought_up_to_date(explorer)) if explorer else self._source.location or ""
        paths = local_files.find(location, (".json",))
        charged = [at for at, path in enumerate(paths) if answers.read(path).charges]
        if not charged:
            raise NoCharges(location if explorer is None else "Cost Explorer")
        paths = paths[charged[0] : charged[-1] + 1]  # a month between others that lost its charges has none to keep
        return [
            Delivery(
                key=f"{FORMAT}/{local_files.key(path, location).removesuffix('.json')}",
                fingerprint=local_files.fingerprint([path], mapping=settings),
                files=(path,),
            )
            for path in paths
        ]

    def kept(self) -> list[str]:
        """Months whose answers are here; asks nobody."""
        return sorted({path.stem for path in self._folder.rglob("*.json")})

    def _brought_up_to_date(self, explorer: CostExplorer) -> Path:
        """The folder of answers, those asked for again that AWS calls estimated, or that are of the last two months."""
        caller = explorer.caller()
        folder = self._place(caller)
        folder.mkdir(parents=True, exist_ok=True)
        for start, end in self._spans(folder, caller.today):
            explorer.announce(months(start, end))
            for answer in explorer.ask(start, end, payer=caller.account):
                path = folder / f"{answer.month}.json"
                coming = path.with_suffix(".coming")
                coming.write_text(answer.to_json(), encoding="utf-8")
                coming.replace(path)
        return folder

    def _place(self, caller: Caller) -> Path:
        """A folder for each account and grouping: answers to other questions are others."""
        words = ",".join(group.word for group in self._groups)
        return self._folder / f"{caller.account}-{hashlib.blake2b(words.encode(), digest_size=6).hexdigest()}"

    def _spans(self, folder: Path, today: date) -> Iterator[tuple[date, date]]:
        """First days and exclusive ends of the months to ask about, neighbours together; whole days only."""
        last = today.year * 12 + today.month - 1
        starts = [_first(at) for at in range(last - self._number + 1, last + 2)]
        wanted = [
            (start, min(end, today))
            for start, end in pairwise(starts)
            if start < today and (_first(last - 1) <= start or _may_change(folder / f"{start:%Y-%m}.json"))
        ]
        while wanted:
            start, end = wanted.pop(0)
            while wanted and wanted[0][0] == end:
                end = wanted.pop(0)[1]
            yield start, end


def _may_change(path: Path) -> bool:
    """Whether a month was never asked about, was estimated, or its file is damaged."""
    try:
        return not path.is_file() or answers.read(path).is_estimated
    except BillError:
        return True


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _number(source: Source) -> int:
    text = source.options.get("months", str(_MONTHS))
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_MONTHS:
        raise ConfigurationError(
            f"Source {source.name!r} has months = {text!r}.",
            f"Write how many months, with the running one, to ask Cost Explorer about: 1 to {_MOST_MONTHS}.",
        )
    return int(text)


class NoCharges(BillError):
    """There is no month with charges."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where} shows no charges in any month.",
            "Check which account the credentials belong to; a new account's first charges take a day.",
        )
