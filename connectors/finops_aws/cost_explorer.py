"""Cost Explorer: questions that cost money each, so their number and price are told before they are asked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from finops.connector import Source, Step
from finops.errors import AccessError, BillError, ConfigurationError, RetryError
from finops.money import add
from finops.quantities import counted
from finops_aws import answers
from finops_aws.access import Access
from finops_aws.answers import METRICS, NUMBER, Answer, Charge
from finops_aws.grouping import Grouping

USD_PER_REQUEST = Decimal("0.01")
PRICE_SOURCE = "AWS Cost Explorer FAQ and price list, each page counts, November 2026"
_MOST_REQUESTS = 200
"""Of one run where the source sets no limit: 2 USD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, and what day it is for AWS.

    Attributes:
        account: of the credentials.
        today: UTC, by AWS's clock.
    """

    account: str
    today: date


class CostExplorer:
    """Cost and usage of the account that asks, and of its members.

    Args:
        source: its options say who asks, and how often at most.
        groups: what charges are told apart by.
    """

    def __init__(self, source: Source, groups: Grouping) -> None:
        self._source = source
        self._groups = groups
        self._access = Access.of(source)
        self._limit = _limit(source)
        self._client: Any = None
        self._asked = 0

    def caller(self) -> Caller:
        """Who is signed in; free of charge.

        Raises:
            AccessError, RetryError: as AWS answers.
        """
        client = self._access.client("sts")
        with self._access.asking("ask who is signed in (sts:GetCallerIdentity)"):
            answer = client.get_caller_identity()
        clock = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        try:
            moment = parsedate_to_datetime(clock or "")
        except ValueError as error:
            raise NoClock from error
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return Caller(account=answer["Account"], today=moment.astimezone(UTC).date())

    def announce(self, months: Sequence[str]) -> None:
        """Tell what asking about these months will cost, as far as anybody can know before."""
        span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
        self._source.tell(
            f"{self._source.name}: asking Cost Explorer about {span}: one request for the kinds of charges, then one "
            f"for each kind and each further page, {USD_PER_REQUEST} USD each, at most {self._limit} "
            f"({_usd(self._limit)} USD; {PRICE_SOURCE})"
        )

    def ask(self, start: date, end: date, *, payer: str) -> list[Answer]:
        """The months from a first day to the day before `end`, one answer each.

        First which kinds of charges there are, then each kind by the two groups that a request may have.

        Raises:
            AccessError, RetryError: as AWS answers, or the sums changed meanwhile.
            ConfigurationError: if it takes more requests than the source allows.
        """
        days = {"Start": start.isoformat(), "End": end.isoformat()}
        estimated: set[str] = set()
        told: dict[str, dict[str, Decimal]] = {month: {} for month in months(start, end)}
        for day, entry, is_estimated in self._groups_of(days, [{"Type": "DIMENSION", "Key": "RECORD_TYPE"}], {}):
            month, amount = day[:7], Decimal(entry["Metrics"][METRICS[0]]["Amount"])
            estimated |= {month} if is_estimated else set()
            if any(Decimal(entry["Metrics"][metric]["Amount"]) for metric in METRICS if metric in entry["Metrics"]):
                [kind] = entry["Keys"]
                told[month][kind] = add(told[month].get(kind, Decimal(0)), amount)
        kinds = sorted({kind for month in told.values() for kind in month})
        if kinds:
            least = f"at least {counted(len(kinds), 'more request')}, {_usd(len(kinds))} USD"
            self._source.tell(f"{self._source.name}: {counted(len(kinds), 'kind')} of charges, so {least}")
        names: dict[str, str] = {}
        charges: list[Charge] = []
        for done, kind in enumerate(kinds):
            self._source.progress(
                Step(what=f"{self._source.name}: asking Cost Explorer", done=done, total=len(kinds), unit="kinds")
            )
            asked = [{"Type": group.type, "Key": group.key} for group in self._groups]
            found = self._groups_of(days, asked, {"Filter": _only(kind)}, names)
            charges += [each for day, entry, _ in found if (each := _charge(day, kind, entry)) is not None]
        return list(self._answers(told, charges, estimated, names, payer))

    def _answers(
        self,
        told: Mapping[str, Mapping[str, Decimal]],
        charges: Sequence[Charge],
        estimated: set[str],
        names: Mapping[str, str],
        payer: str,
    ) -> Iterator[Answer]:
        for month, by_kind in told.items():
            mine = [each for each in charges if each.day.startswith(month)]
            if differs := answers.difference(mine, by_kind):
                raise ChangedMeanwhile(month, differs)
            accounts = {
                key: names[key]
                for each in mine
                for group, key in zip(self._groups, each.keys, strict=True)
                if group.word == "account" and key in names
            }
            yield Answer(
                month=month,
                is_estimated=month in estimated,
                payer=payer,
                groups=self._groups,
                accounts=accounts,
                charges=tuple(mine),
            )

    def _groups_of(
        self,
        days: Mapping[str, str],
        groups: Sequence[Mapping[str, str]],
        more: Mapping[str, Any],
        names: dict[str, str] | None = None,
    ) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
        """Day, group and whether it is estimated, page by page; names of accounts are added to `names`."""
        question = {
            "TimePeriod": days,
            "Granularity": "DAILY",
            "Metrics": list(METRICS),
            "GroupBy": list(groups),
            **more,
        }
        token: str | None = None
        while True:
            page = self._page({**question, **({"NextPageToken": token} if token else {})})
            if not all(_fits(result, len(groups)) for result in page["ResultsByTime"]):
                raise OtherAnswer(self._source.name)
            for each in page.get("DimensionValueAttributes", ()) if names is not None else ():
                name = each.get("Attributes", {}).get("description")
                if name and names is not None:
                    names[each["Value"]] = name
            for result in page["ResultsByTime"]:
                for group in result.get("Groups", ()):
                    yield result["TimePeriod"]["Start"][:10], group, bool(result.get("Estimated"))
            token = page.get("NextPageToken")
            if not token:
                return

    def _page(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """One request, which is charged."""
        from botocore.exceptions import ClientError

        if self._asked >= self._limit:
            raise TooManyRequests(self._source.name, self._limit)
        self._asked += 1
        with self._access.asking("ask Cost Explorer (ce:GetCostAndUsage)"):
            self._client = self._client or self._access.client("ce")
            try:
                answer: Mapping[str, Any] = self._client.get_cost_and_usage(**question)
            except ClientError as error:
                code, said = (str(error.response.get("Error", {}).get(key, "")) for key in ("Code", "Message"))
                if code in {"DataUnavailableException", "BillExpirationException", "ValidationException"}:
                    raise NoData(self._source.name, question["TimePeriod"]["Start"], said or code) from error
                raise
        return answer


def months(start: date, end: date) -> list[str]:
    """Months from the one of a first day to the one of the day before `end`.

    >>> months(date(2025, 12, 1), date(2026, 2, 1))
    ['2025-12', '2026-01']
    """
    days = ((end - timedelta(days=1)).year - start.year) * 12 + (end - timedelta(days=1)).month - start.month + 1
    return [f"{start.year + at // 12}-{at % 12 + 1:02d}" for at in range(start.month - 1, start.month - 1 + days)]


def _fits(result: Mapping[str, Any], keys: int) -> bool:
    """Whether a day's groups are those that were asked for, each with amounts."""
    return bool(re.match(r"\d{4}-\d\d-\d\d", result.get("TimePeriod", {}).get("Start", ""))) and all(
        len(group.get("Keys", ())) == keys
        and METRICS[0] in group.get("Metrics", {})
        and all(
            NUMBER.fullmatch(each.get("Amount", "")) and each.get("Unit")
            for name, each in group["Metrics"].items()
            if name in METRICS
        )
        for group in result.get("Groups", ())
    )


def _only(kind: str) -> dict[str, Any]:
    return {"Dimensions": {"Key": "RECORD_TYPE", "Values": [kind]}}


def _charge(day: str, kind: str, entry: Mapping[str, Any]) -> Charge | None:
    """The charge of one group; None where it is zero in every metric."""
    metrics = entry["Metrics"]
    amounts = tuple(metrics[name]["Amount"] if name in metrics else "" for name in METRICS)
    if not any(Decimal(amount or 0) for amount in amounts):
        return None
    unit = metrics[METRICS[0]]["Unit"]
    return Charge(day=day, kind=kind, keys=tuple(entry["Keys"]), currency=unit, amounts=amounts)


def _usd(requests: int) -> str:
    return f"{requests * USD_PER_REQUEST:.2f}"


def _limit(source: Source) -> int:
    text = source.options.get("max_requests", str(_MOST_REQUESTS))
    if not text.isdecimal() or not int(text):
        raise ConfigurationError(
            f"Source {source.name!r} has max_requests = {text!r}.", "Write how many requests a run may pay for: 200."
        )
    return int(text)


class TooManyRequests(ConfigurationError):
    """A run would ask more often than its source allows."""

    def __init__(self, source: str, limit: int) -> None:
        super().__init__(
            f"Source {source!r} asked Cost Explorer {limit} times, its limit ({_usd(limit)} USD), and was not done.",
            "Raise max_requests in this source, set fewer months, or set up a cost export, which is free to read.",
        )


class NoData(AccessError):
    """Cost Explorer has nothing for these days."""

    def __init__(self, source: str, start: str, said: str) -> None:
        super().__init__(
            f"Cost Explorer has no data of the source {source!r} from {start} on: {said.rstrip('.')}.",
            "Set months of this source to fewer than 14; Cost Explorer fills a day after it was switched on.",
        )


class ChangedMeanwhile(RetryError):
    """Two answers about the same charges do not fit."""

    def __init__(self, month: str, kind: str) -> None:
        super().__init__(
            f"Cost Explorer told two different sums of {kind} in {month}; nothing of its answers was used.",
            "Run again: it was brought up to date between two requests.",
        )


class OtherAnswer(BillError):
    """An answer to another question."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"Cost Explorer answered the source {source!r} with groups or amounts that were not asked for.",
            "Nothing of it was used. Check endpoint_url; a server in Cost Explorer's place must know its group-bys.",
        )


class NoClock(RetryError):
    """A server that does not say what time it is."""

    def __init__(self) -> None:
        super().__init__(
            "AWS did not say what day it is, so nobody knows which months there are.",
            "Check endpoint_url, and run again.",
        )
