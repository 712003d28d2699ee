"""Allocation: rules that say whose cost a row is, evaluated on distinct keys; what no rule claims stays unallocated."""

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from finops.focus.columns import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finops.focus.columns import Column

UNASSIGNED = "unassigned"
"""The phase of cost that no phase rule claims."""

Field = Literal["tag", "account", "billing_account", "service", "provider", "region", "source"]

_COLUMN_OF: Mapping[str, str] = {
    "account": "SubAccountId",
    "billing_account": "BillingAccountId",
    "service": "ServiceName",
    "provider": "ProviderName",
    "region": "RegionId",
    "source": "x_Source",
}
"""The column a field of a condition looks at; `account` is the account, project or subscription using the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One test of one field.

    Attributes:
        field: what is looked at.
        key: tag key, for `tag` alone.
        values: texts one of which the field must equal; empty where `pattern` is used.
        pattern: linear-time regular expression (RE2) searched in the field; None where `values` are used.
    """

    field: Field
    key: str | None = None
    values: tuple[str, ...] = ()
    pattern: str | None = None

    @property
    def column(self) -> str:
        """The key column it looks at: a FOCUS name, or `tag:KEY`."""
        return f"tag:{self.key}" if self.field == "tag" else _COLUMN_OF[self.field]

    def __str__(self) -> str:
        """The condition in words, for reports and `x_AllocationRule`."""
        subject = f"tag {self.key}" if self.field == "tag" else self.field.replace("_", " ")
        if self.pattern == "":
            return f"{subject} is set"
        return f"{subject} ~ {self.pattern}" if self.pattern is not None else f"{subject} = {' or '.join(self.values)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A name that claims every row for which one alternative holds.

    Attributes:
        name: project, phase or environment.
        any_of: alternatives; within one alternative every condition must hold.
    """

    name: str
    any_of: tuple[tuple[Condition, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules, in the order they are tried: the first match wins, per kind."""

    projects: tuple[Rule, ...] = ()
    phases: tuple[Rule, ...] = ()
    environments: tuple[Rule, ...] = ()

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal characters that change when a rule, its order or this program's way to apply them changes."""
        text = json.dumps([_VERSION, asdict(self)], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    @property
    def tag_keys(self) -> tuple[str, ...]:
        """The tag keys that any rule looks at, sorted; `allocated` keeps them."""
        return tuple(sorted({c.key for c in self._conditions() if c.key is not None}))

    @property
    def columns(self) -> tuple[str, ...]:
        """The key columns that any rule looks at, sorted."""
        return tuple(sorted({condition.column for condition in self._conditions()}))

    def _conditions(self) -> Iterable[Condition]:
        return (
            c
            for rule in (*self.projects, *self.phases, *self.environments)
            for alternative in rule.any_of
            for c in alternative
        )


_VERSION = 2
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Key = tuple[str | None, ...]
"""One value per key column, in the order of `Rules.columns`; None where a row has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Whose a key is: project (None: unallocated) with the rule that said so, phase and environment."""

    project: str | None
    rule: str | None
    phase: str
    environment: str | None


class Assigner:
    """Applies rules to keys; patterns are compiled once.

    Raises:
        ValueError: if a pattern is no RE2 expression.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._position = {column: at for at, column in enumerate(rules.columns)}
        self._patterns = {
            condition.pattern: _compiled(condition.pattern)
            for condition in rules._conditions()  # noqa: SLF001 - same file
            if condition.pattern is not None
        }

    def assign(self, key: Key) -> Assignment:
        """Whose a key is."""
        project = self._first(self._rules.projects, key)
        phase = self._first(self._rules.phases, key)
        environment = self._first(self._rules.environments, key)
        return Assignment(
            project=project[0] if project else None,
            rule=project[1] if project else None,
            phase=phase[0] if phase else UNASSIGNED,
            environment=environment[0] if environment else None,
        )

    def _first(self, rules: Sequence[Rule], key: Key) -> tuple[str, str] | None:
        for rule in rules:
            for alternative in rule.any_of:
                if all(self._holds(condition, key[self._position[condition.column]]) for condition in alternative):
                    return rule.name, " and ".join(map(str, alternative))
        return None

    def _holds(self, condition: Condition, value: str | None) -> bool:
        if value is None:
            return False
        if condition.pattern is None:
            return value in condition.values
        return self._patterns[condition.pattern].search(value) is not None


def check_pattern(pattern: str) -> None:
    """Refuse what is no linear-time expression.

    Raises:
        ValueError: with RE2's own words.
    """
    _compiled(pattern)


# ── expressions: rows of `cost` to rows of `allocated` ──────────────────────────────────────────────────────────

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


@functools.lru_cache(maxsize=4)  # months repeat their expressions, and building one takes longer than a small month
def grouped(cost: "ir.Table", rules: Rules) -> "ir.Table":
    """Rows of `cost` summed per day and everything `allocated` or a rule looks at.

    Args:
        cost: rows of one source's month, partition columns included.
        rules: whose tag keys become columns `tag:KEY`.

    Returns:
        x_Day (date, inside the billing month), x_Source, x_BillingMonth, DIMENSIONS, `tag:KEY` per key, COSTS.
    """
    first = cost.BillingPeriodStart.date()
    last = (cost.BillingPeriodEnd - _microsecond()).date()
    started = cost.ChargePeriodStart.date()
    day = (started < first).ifelse(first, (started > last).ifelse(last, started))
    tags = {f"tag:{key}": tag(cost.Tags, key) for key in rules.tag_keys}
    keys = {"x_Day": day, **{name: cost[name] for name in ("x_Source", "x_BillingMonth", *DIMENSIONS)}, **tags}
    rows = cost.select(**keys, **{name: cost[name] for name in COSTS})
    return rows.group_by(list(keys)).agg(**_sums(rows))


def totals(rows: "ir.Table") -> "ir.Table":
    """The four costs per currency, of rows of `cost` or `allocated`: both must be equal to the last digit."""
    return rows.group_by("BillingCurrency").agg(**_sums(rows))


@functools.lru_cache(maxsize=4)
def distinct_keys(rows: "ir.Table", rules: Rules) -> "ir.Table":
    """The distinct keys of grouped rows: one column per entry of `rules.columns`, named k0, k1 and so on."""
    return rows.select(**_numbered(rows, rules)).distinct()


@functools.lru_cache(maxsize=4)
def allocated(rows: "ir.Table", assignments: "ir.Table", rules: Rules) -> "ir.Table":
    """Grouped rows joined with whose they are, summed again.

    Args:
        rows: from `grouped`.
        assignments: k0, k1, … and the columns RESULT, one row per distinct key.
        rules: the same rules.

    Returns:
        One row per x_Day and key: RESULT, DIMENSIONS, Tags (those the rules look at), COSTS, RESOURCES, x_Rules.
    """
    import ibis

    from finops.focus import cells  # noqa: PLC0415

    tags = cells.json_object({key: rows[f"tag:{key}"] for key in rules.tag_keys})
    keyed = rows.mutate(Tags=tags, **_numbered(rows, rules))
    joined = _joined(keyed, assignments, rules)
    keys = ["x_Day", *RESULT, "x_Source", "x_BillingMonth", *DIMENSIONS, "Tags"]
    summed = joined.group_by(keys).agg(**_sums(joined))
    return summed.mutate(
        **{name: ibis.null("float64") for name in RESOURCES}, x_Rules=ibis.literal(rules.fingerprint)
    ).select(*(column.name for column in columns() if column.name not in PARTITION_NAMES))


def tagged(cost: "ir.Table", assignments: "ir.Table", rules: Rules) -> "ir.Table":
    """The rows of `cost` with whose they are: the columns RESULT after the table's own.

    Args:
        cost: rows, partition columns included.
        assignments: k0, k1, … and the columns RESULT, one row per distinct key.
        rules: the same rules.
    """
    tags = {f"tag:{key}": tag(cost.Tags, key) for key in rules.tag_keys}
    keyed = cost.mutate(**tags)
    keyed = keyed.mutate(**_numbered(keyed, rules))
    return _joined(keyed, assignments, rules).select(*cost.columns, *RESULT)


def row_keys(cost: "ir.Table", rules: Rules) -> "ir.Table":
    """The distinct keys of rows of `cost`: one column per entry of `rules.columns`, named k0, k1 and so on."""
    tags = {f"tag:{key}": tag(cost.Tags, key) for key in rules.tag_keys}
    return distinct_keys(cost.mutate(**tags), rules)


PARTITION_NAMES = ("x_Source", "x_BillingMonth")


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
    return {f"k{at}": rows[column] for at, column in enumerate(rules.columns)}


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


def _microsecond() -> "ir.IntervalScalar":
    import ibis

    return ibis.interval(microseconds=1)


def _compiled(pattern: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - re2 has no types
    import re2

    options = re2.Options()
    options.log_errors = False  # the error is raised below; RE2 would print it as well
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        message = f"{pattern!r} is not a linear-time regular expression (RE2): {error}"
        raise ValueError(message) from error
