"""Table: from rows of `cost` to rows of `allocated`, as expressions.

What a rule looks at is narrowed first to what rules can tell apart: a tag text to the tags they name, a column that
`allocated` does not keep to one value per set of answers. So rows are grouped, and keys judged, by little.

Months repeat their expressions, and building one takes longer than a small month: they are remembered by their tables
(`store.engine.named`) and rules.
"""

import functools
import re
from typing import TYPE_CHECKING

from finops.allocation.rules import DAY, Rules
from finops.focus.columns import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finops.focus.columns import Column

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

DIMENSIONS = (
    "ProviderName",
    "BillingAccountId",
    "SubAccountId",
    "SubAccountName",
    "ServiceCategory",
    "ServiceName",
    "RegionId",
    "ChargeCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountStatus",
    "BillingCurrency",
)
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
RESOURCES = ("x_AcceleratorHours", "x_VcpuHours", "x_MemoryGbHours", "x_Flop", "x_EnergyKwh", "x_Co2eKg")
RESULT = ("x_Project", "x_Phase", "x_Environment", "x_AllocationRule")

Lookups = tuple[tuple[str, "ir.Table"], ...]
"""Per narrowed column of `cost`, sorted: a table of its values (`value`) and what rules tell apart in them (`told`)."""


def told(rules: Rules) -> tuple[str, ...]:
    """The columns that are narrowed before rows are grouped, sorted: Tags, and those that `allocated` does not keep."""
    kept = {*DIMENSIONS, *PARTITION_NAMES, DAY}
    return tuple(sorted({column for column in rules.columns if column not in kept}))


@functools.lru_cache(maxsize=16)
def kept_tags(cost: "ir.Table", rules: Rules) -> "ir.Table":
    """The distinct tag texts, and what of them a rule looks at.

    Returns:
        value: the text; told: a JSON object of the tags that rules name, keys sorted, valueless tags `true`; null where
        it has none of them.
    """
    from finops.focus import cells  # noqa: PLC0415

    texts = cost.filter(cost.Tags.notnull()).select(value=cost.Tags).distinct()
    # Nothing is filtered by `told`: engines would look for it in every row, before they are distinct.
    return texts.mutate(told=cells.json_object({key: tag(texts.value, key) for key in rules.tag_keys}))


def distinct_values(cost: "ir.Table", column: str) -> "ir.Table":
    """The distinct values of a column, as `value`, without null, sorted."""
    return cost.filter(cost[column].notnull()).select(value=cost[column]).distinct().order_by("value")


@functools.lru_cache(maxsize=16)
def grouped(cost: "ir.Table", rules: Rules, lookups: Lookups) -> "ir.Table":
    """Rows of `cost` summed per day and everything `allocated` keeps or rules tell apart.

    Args:
        cost: rows of one source's month, partition columns included.
        rules: to be applied.
        lookups: of the columns `told` names.

    Returns:
        x_Day (date, inside the billing month), x_Source, x_BillingMonth, DIMENSIONS, `told:COLUMN` per lookup, COSTS.
    """
    rows = _narrowed(cost, lookups)
    names = ("x_Source", "x_BillingMonth", *DIMENSIONS, *(f"told:{column}" for column in told(rules)))
    keys = {DAY: day_of(rows), **{name: rows[name] for name in names}}
    rows = rows.select(**keys, **{name: rows[name] for name in COSTS})
    return rows.group_by(list(keys)).agg(**_sums(rows))


@functools.lru_cache(maxsize=16)
def totals(rows: "ir.Table") -> "ir.Table":
    """The four costs per currency, of rows of `cost` or `allocated`: both must be equal to the last digit."""
    return rows.group_by("BillingCurrency").agg(**_sums(rows))


@functools.lru_cache(maxsize=16)
def distinct_keys(rows: "ir.Table", rules: Rules) -> "ir.Table":
    """The distinct keys of grouped rows: one column per entry of `rules.columns`, named k0, k1 and so on."""
    return rows.select(**_numbered(rows, rules)).distinct()


@functools.lru_cache(maxsize=16)
def direct(rows: "ir.Table", assignments: "ir.Table", rules: Rules) -> "ir.Table":
    """Grouped rows joined with whose they are, summed again where several have one key; shared cost is not split yet.

    Args:
        rows: from `grouped`.
        assignments: k0, k1, … and the columns RESULT and x_Shared, one row per distinct key.
        rules: the same rules.

    Returns:
        One row per x_Day and key: RESULT, x_Shared (the pool, or null), DIMENSIONS, Tags (those the rules look at),
        COSTS, RESOURCES, and the partition columns.
    """
    import ibis

    tags = rows["told:Tags"] if "Tags" in rules.columns else ibis.null("string")
    keyed = rows.mutate(Tags=tags, **_numbered(rows, rules))
    joined = _joined(keyed, assignments, rules)
    keys = [DAY, *RESULT, SHARED, "x_Source", "x_BillingMonth", *DIMENSIONS, "Tags"]
    if set(told(rules)) <= {"Tags"}:
        summed = joined.select(*keys, *COSTS)  # `grouped` kept all it was grouped by: there is one row per key
    else:
        summed = joined.group_by(keys).agg(**_sums(joined))
    return summed.mutate(**{name: ibis.null("float64") for name in RESOURCES})


@functools.lru_cache(maxsize=16)
def allocated(rows: "ir.Table", split: "ir.Table | None", rules: Rules) -> "ir.Table":
    """Rows of `allocated`, without the partition columns.

    Args:
        rows: from `direct`.
        split: what becomes of the shared cost among them, with the columns of `direct`; None where nothing is shared.
        rules: the same rules, whose fingerprint the rows carry.
    """
    import ibis

    names = [column.name for column in columns() if column.name not in (*PARTITION_NAMES, "x_Rules")]
    if split is not None:
        rows = rows.filter(rows[SHARED].isnull()).select(*names).union(split.select(*names))
    return rows.select(*names, x_Rules=ibis.literal(rules.fingerprint))


def tagged(cost: "ir.Table", assignments: "ir.Table", rules: Rules, lookups: Lookups) -> "ir.Table":
    """The rows of `cost` with whose they are: the columns RESULT after the table's own; shared cost is whole.

    Args:
        cost: rows, partition columns included.
        assignments: k0, k1, … and the columns RESULT, one row per distinct key.
        rules: the same rules.
        lookups: as in `grouped`.
    """
    return _joined(_keyed(cost, rules, lookups), assignments, rules).select(*cost.columns, *RESULT)


def row_keys(cost: "ir.Table", rules: Rules, lookups: Lookups) -> "ir.Table":
    """The distinct keys of rows of `cost`: one column per entry of `rules.columns`, named k0, k1 and so on."""
    keyed = _keyed(cost, rules, lookups)
    return keyed.select(*(f"k{at}" for at in range(len(rules.columns)))).distinct()


PARTITION_NAMES = ("x_Source", "x_BillingMonth")
SHARED = "x_Shared"
"""The pool a row of shared cost belongs to: a column on the way to `allocated`, not of it."""


def columns() -> "tuple[Column, ...]":
    """The columns of the table `allocated`, partition columns last."""
    from finops.focus.columns import BY_NAME, PARTITIONS, Column  # noqa: PLC0415

    own = {
        "x_Day": "date",
        **dict.fromkeys(RESULT, "string"),
        **dict.fromkeys(RESOURCES, "float64"),
        "x_Rules": "string",
    }
    names = ("x_Day", *RESULT, *DIMENSIONS, "Tags", *COSTS, *RESOURCES, "x_Rules")
    return (*(BY_NAME.get(name) or Column(name, own[name], "own", nullable=True) for name in names), *PARTITIONS)


def tag(tags: "ir.StringColumn", key: str) -> "ir.StringValue":
    """The text of one tag; null where the row does not carry it, `true` where it has no value.

    Args:
        tags: a JSON object as text per row, as `cost` and `allocated` hold it.
        key: data: any text, dots, slashes and quotes included.
    """
    objects = tags.cast("json")
    if _PLAIN_KEY.fullmatch(key):
        value = objects[key]
        return value.str.fill_null(value.cast("string").nullif("null"))
    # Engines read such a key as a path (`app.kubernetes.io/name` as name below app), a map does not; a plain key's way
    # takes a third of the time.
    return objects.cast("map<string, string>").get(key)


def _narrowed(cost: "ir.Table", lookups: Lookups) -> "ir.Table":
    """Rows with a column `told:COLUMN` per lookup; null where rules see nothing in its value."""
    for column, lookup in lookups:
        told_of = lookup.select(**{f"value:{column}": lookup.value, f"told:{column}": lookup.told})
        cost = cost.left_join(told_of, cost[column] == told_of[f"value:{column}"]).drop(f"value:{column}")
    return cost


def _keyed(cost: "ir.Table", rules: Rules, lookups: Lookups) -> "ir.Table":
    rows = _narrowed(cost, lookups)
    rows = rows.mutate(**{DAY: day_of(rows)})
    return rows.mutate(**_numbered(rows, rules)) if rules.columns else rows


def day_of(rows: "ir.Table") -> "ir.DateValue":
    """The UTC day a charge starts on, moved to the nearest end of its billing month where it lies outside."""
    import ibis

    first = rows.BillingPeriodStart.date()
    last = (rows.BillingPeriodEnd - ibis.interval(microseconds=1)).date()
    started = rows.ChargePeriodStart.date()
    return (started < first).ifelse(first, (started > last).ifelse(last, started))


def _joined(keyed: "ir.Table", assignments: "ir.Table", rules: Rules) -> "ir.Table":
    """Rows with their keys, joined with whose they are; a null key equals a null key."""
    names = [f"k{at}" for at in range(len(rules.columns))]
    if not names:
        return keyed.cross_join(assignments)
    renamed = assignments.rename({f"{name}_right": name for name in names})
    return keyed.inner_join(renamed, [keyed[name].identical_to(renamed[f"{name}_right"]) for name in names])


def _sums(table: "ir.Table") -> "dict[str, ir.Scalar]":
    return {name: table[name].sum().cast(MONEY) for name in COSTS}


def _numbered(rows: "ir.Table", rules: Rules) -> "dict[str, ir.Value]":
    narrowed = told(rules)
    return {
        f"k{at}": _since(rows[DAY], rules)
        if column == DAY
        else rows[f"told:{column}" if column in narrowed else column]
        for at, column in enumerate(rules.columns)
    }


def _since(day: "ir.DateValue", rules: Rules) -> "ir.StringValue":
    """The last day up to a day on which a rule began or ceased to apply, as text; empty where there is none.

    A month without such a day has one key instead of thirty.
    """
    import ibis

    newest_first = [(day >= boundary, boundary.isoformat()) for boundary in reversed(rules.boundaries)]
    return ibis.cases(*newest_first, else_="")
