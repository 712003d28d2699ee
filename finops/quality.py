"""Data quality of the cost table per source and billing month: whole days, repeated rows, tags, blanks, odd signs."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Any

from finops.findings import Finding
from finops.focus.columns import FOCUS
from finops.money import add

if TYPE_CHECKING:
    import ibis.expr.types as ir

THIN = 0.5
"""A day with less than this share of a month's usual rows is incomplete, or something stopped."""
STALE_DAYS = 3
"""Providers deliver within a day or two; a week's end may add one."""
_FEW_DAYS = 5
"""With fewer days there is no usual number of rows."""
_SHARE = Decimal("0.000001")
_NEVER_NULL = tuple(column.name for column in FOCUS if column.level == "mandatory" and not column.nullable)
_AMOUNTS = ("size", "used", "tagged", "negative_size")
_ALIKE = (
    "x_Source", "x_BillingMonth", "BillingCurrency", "x_Delivery", "SubAccountId", "ChargeCategory", "ChargeClass",
    "ChargePeriodStart", "ChargePeriodEnd", "ChargeDescription", "ServiceName", "RegionId", "ResourceId", "SkuId",
    "SkuMeter", "SkuPriceId", "BilledCost", "EffectiveCost", "ConsumedQuantity", "PricingQuantity", "Tags",
    "InvoiceId", "CommitmentDiscountId", "CommitmentDiscountStatus", "x_LineItemType", "x_Operation",
)  # fmt: skip
"""Rows alike in all of these are one row twice, as far as anybody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """One source in one billing month. Shares are of billed cost without its signs, 0 to 1.

    Attributes:
        rows: of the month.
        data_to: last day with charges, inclusive.
        usual_rows: median of rows per day.
        thin_days: days with less than half of them.
        missing_days: days without a row, between the month's first and last day with one.
        tagged: share of usage cost that carries a tag; None without usage.
        negative_rows, negative: usage of less than nothing that corrects no earlier month: rows, and share of cost.
        blanks: column that FOCUS wants filled to the rows where it is not; only columns with such rows.
    """

    source: str
    month: str
    rows: int
    data_to: date
    usual_rows: int
    thin_days: tuple[date, ...]
    missing_days: tuple[date, ...]
    tagged: Decimal | None
    negative_rows: int
    negative: Decimal
    blanks: Mapping[str, int]


@functools.lru_cache(maxsize=16)  # as in `allocation.table`
def by_day(cost: "ir.Table") -> "ir.Table":
    """What `qualities` needs, one row per source, billing month and day of charge."""
    size = cost.BilledCost.abs()
    is_usage = cost.ChargeCategory == "Usage"
    is_negative = is_usage & (cost.BilledCost < 0) & cost.ChargeClass.isnull()
    seen = cost.select(
        source=cost.x_Source,
        month=cost.x_BillingMonth,
        day=cost.ChargePeriodStart.date(),
        size=size,
        used=is_usage.ifelse(size, 0),
        tagged=(is_usage & cost.Tags.notnull()).ifelse(size, 0),
        negative_size=is_negative.ifelse(size, 0),
        negative=is_negative.cast("int64"),
        **{name: cost[name].isnull().cast("int64") for name in _NEVER_NULL},
    )
    summed = (*_AMOUNTS, "negative", *_NEVER_NULL)
    return seen.group_by("source", "month", "day").agg(rows=seen.count(), **{name: seen[name].sum() for name in summed})


def of_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `by_day` that JSON kept, with decimals and days as text."""
    amounts = {name: Decimal(row[name]) for name in _AMOUNTS}
    counts = {name: int(row[name]) for name in ("rows", "negative", *_NEVER_NULL)}
    return {**row, **amounts, **counts, "day": date.fromisoformat(row["day"])}


def repeated(cost: "ir.Table") -> "ir.Table":
    """Rows that stand more than once: per source, month and currency, how many too many and what they cost."""
    groups = cost.group_by(list(_ALIKE)).agg(times=cost.count())
    twice = groups.filter(groups.times > 1)
    more = twice.times - 1
    return twice.group_by("x_Source", "x_BillingMonth", "BillingCurrency").agg(
        rows=more.sum(), cost=(twice.BilledCost * more).sum()
    )


def qualities(days: Iterable[Mapping[str, Any]], *, as_of: date) -> tuple[Quality, ...]:
    """The quality of every source and month, sorted by both.

    Args:
        days: the rows of `by_day`.
        as_of: the clock; later days do not count, its own is never called thin.
    """
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in days:
        if row["day"] <= as_of:
            grouped.setdefault((row["source"], row["month"]), []).append(row)
    return tuple(_quality(source, month, grouped[source, month], as_of) for source, month in sorted(grouped))


def findings(quality: Quality, *, as_of: date, is_newest: bool) -> tuple[Finding, ...]:
    """What is doubtful about a source's month.

    Args:
        quality: of the month.
        as_of: the clock.
        is_newest: whether it is the source's last month, which has to be fresh.
    """
    found = []
    if is_newest and (as_of - quality.data_to).days > STALE_DAYS:
        late = (as_of - quality.data_to).days
        found.append(_finding(quality, "stale", f"the last charges are of {quality.data_to}, {late} days ago."))
    if quality.missing_days:
        found.append(_finding(quality, "missing-days", f"no row at all on {_days(quality.missing_days)}."))
    if quality.thin_days:
        message = f"less than half of the usual {quality.usual_rows:,} rows on {_days(quality.thin_days)}."
        found.append(_finding(quality, "thin-days", message))
    if quality.negative_rows:
        message = "usage of less than nothing, which corrects no earlier month."
        found.append(_finding(quality, "negative-usage", message, quality.negative_rows, quality.negative))
    if quality.blanks:
        listed = ", ".join(f"{name} ({rows:,} rows)" for name, rows in quality.blanks.items())
        found.append(_finding(quality, "blanks", f"FOCUS wants these filled: {listed}.", max(quality.blanks.values())))
    if quality.tagged is not None and quality.tagged < 1:
        message = f"tags on {quality.tagged:.1%} of usage cost."
        found.append(_finding(quality, "untagged", message, None, 1 - quality.tagged, is_info=True))
    return tuple(found)


def all_findings(days: Iterable[Mapping[str, Any]], *, as_of: date) -> tuple[Finding, ...]:
    """What is doubtful in every source and month; the last month of a source has to be fresh.

    Args:
        days: the rows of `by_day`.
        as_of: the clock.
    """
    told = qualities(days, as_of=as_of)
    newest = {one.source: one.month for one in told}
    return tuple(
        finding for one in told for finding in findings(one, as_of=as_of, is_newest=newest[one.source] == one.month)
    )


def repeated_findings(rows: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """What the rows of `repeated` say."""
    return tuple(
        Finding(
            rule="quality.repeated-rows",
            severity="warning",
            message=f"{row['x_BillingMonth']}: rows that stand more than once, alike in every telling cell.",
            source=row["x_Source"],
            rows=int(row["rows"]),
            cost=row["cost"],
            currency=row["BillingCurrency"],
        )
        for row in sorted(rows, key=lambda row: (row["x_Source"], row["x_BillingMonth"], row["BillingCurrency"]))
    )


def _quality(source: str, month: str, days: Sequence[Mapping[str, Any]], as_of: date) -> Quality:
    rows = {row["day"]: int(row["rows"]) for row in days}
    # Charges of other months' days are late or early ones, not days that lack rows.
    own = [day for day in sorted(rows) if f"{day:%Y-%m}" == month]
    usual = int(median([rows[day] for day in own] or [0]))
    inside = [own[0] + timedelta(days=n) for n in range((own[-1] - own[0]).days + 1)] if own else []
    is_told = len(own) >= _FEW_DAYS
    sums = {name: add(*(Decimal(row[name]) for row in days)) for name in _AMOUNTS}
    blanks = {name: sum(int(row[name]) for row in days) for name in _NEVER_NULL}
    return Quality(
        source=source,
        month=month,
        rows=sum(rows.values()),
        data_to=max(rows),
        usual_rows=usual,
        thin_days=tuple(day for day in own if is_told and day < as_of and rows[day] < usual * THIN),
        missing_days=tuple(day for day in inside if is_told and day not in rows),
        tagged=_part(sums["tagged"], sums["used"]) if sums["used"] else None,
        negative_rows=sum(int(row["negative"]) for row in days),
        negative=_part(sums["negative_size"], sums["size"]),
        blanks={name: count for name, count in blanks.items() if count},
    )


def _finding(
    quality: Quality,
    name: str,
    message: str,
    rows: int | None = None,
    share: Decimal | None = None,
    *,
    is_info: bool = False,
) -> Finding:
    return Finding(
        rule=f"quality.{name}",
        severity="info" if is_info else "warning",
        message=f"{quality.month}: {message}",
        source=quality.source,
        rows=rows,
        cost_share=share,
    )


def _days(days: Sequence[date]) -> str:
    """The days, no more than a reader wants."""
    shown = ", ".join(str(day) for day in days[:_FEW_DAYS])
    return f"{shown} and {len(days) - _FEW_DAYS} more" if len(days) > _FEW_DAYS else shown


def _part(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(_SHARE) if whole else Decimal(0)
