"""Column names: every spelling of a Cost and Usage Report becomes one vocabulary, the names of CUR 2.0.

Legacy CSV writes `lineItem/UsageAccountId`, legacy Parquet and CUR 2.0 `line_item_usage_account_id`; savings plan and
reservation names end in `ARN`, `Arn` or `a_r_n`. Without case, slashes and underscores all of them are one word.
Source: AWS Data Exports user guide, CUR and CUR 2.0 data dictionaries (read November 2026).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from finops.errors import BillError

Format = Literal["cur", "cur2"]

VOCABULARY = (
    "identity_time_interval",
    "bill_invoice_id",
    "bill_invoicing_entity",
    "bill_billing_entity",
    "bill_payer_account_id",
    "bill_payer_account_name",
    "bill_billing_period_start_date",
    "bill_billing_period_end_date",
    "line_item_usage_account_id",
    "line_item_usage_account_name",
    "line_item_line_item_type",
    "line_item_usage_start_date",
    "line_item_usage_end_date",
    "line_item_product_code",
    "line_item_usage_type",
    "line_item_operation",
    "line_item_availability_zone",
    "line_item_resource_id",
    "line_item_usage_amount",
    "line_item_currency_code",
    "line_item_unblended_rate",
    "line_item_unblended_cost",
    "line_item_net_unblended_rate",
    "line_item_net_unblended_cost",
    "line_item_line_item_description",
    "line_item_tax_type",
    "line_item_legal_entity",
    "product",
    "product_product_name",
    "product_product_family",
    "product_instance_type",
    "product_location",
    "product_region",
    "product_region_code",
    "product_sku",
    "pricing_public_on_demand_cost",
    "pricing_public_on_demand_rate",
    "pricing_rate_code",
    "pricing_unit",
    "reservation_reservation_a_r_n",
    "reservation_start_time",
    "reservation_end_time",
    "reservation_effective_cost",
    "reservation_net_effective_cost",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring_fee",
    "reservation_net_unused_amortized_upfront_fee_for_billing_period",
    "reservation_net_unused_recurring_fee",
    "savings_plan_savings_plan_a_r_n",
    "savings_plan_start_time",
    "savings_plan_end_time",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_net_savings_plan_effective_cost",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
    "savings_plan_amortized_upfront_commitment_for_billing_period",
    "savings_plan_recurring_commitment_for_billing_period",
    "savings_plan_net_amortized_upfront_commitment_for_billing_period",
    "savings_plan_net_recurring_commitment_for_billing_period",
    "split_line_item_parent_resource_id",
    "discount",
    "discount_total_discount",
    "discount_bundled_discount",
    "discount_edp_discount",
    "discount_private_rate_discount",
    "discount_ri_volume_discount",
    "discount_spp_discount",
    "resource_tags",
    "cost_category",
)
"""The columns the mapping and the control totals read; every other one is left in the file."""

DISCOUNTS = (
    "discount_bundled_discount",
    "discount_edp_discount",
    "discount_private_rate_discount",
    "discount_ri_volume_discount",
    "discount_spp_discount",
)
"""The single discounts; `discount_total_discount` is their sum where it exists."""

_SHORT = {
    "cost": "line_item_unblended_cost",
    "unblended_cost": "line_item_unblended_cost",
    "net_unblended_cost": "line_item_net_unblended_cost",
    "unblended_rate": "line_item_unblended_rate",
    "service": "line_item_product_code",
    "product_code": "line_item_product_code",
    "product_name": "product_product_name",
    "usage_type": "line_item_usage_type",
    "operation": "line_item_operation",
    "usage_amount": "line_item_usage_amount",
    "usage_start_date": "line_item_usage_start_date",
    "usage_end_date": "line_item_usage_end_date",
    "resource_id": "line_item_resource_id",
    "availability_zone": "line_item_availability_zone",
    "line_item_type": "line_item_line_item_type",
    "line_item_description": "line_item_line_item_description",
    "legal_entity": "line_item_legal_entity",
    "tax_type": "line_item_tax_type",
    "account_id": "line_item_usage_account_id",
    "usage_account_id": "line_item_usage_account_id",
    "usage_account_name": "line_item_usage_account_name",
    "currency": "line_item_currency_code",
    "currency_code": "line_item_currency_code",
    "payer_account_id": "bill_payer_account_id",
    "payer_account_name": "bill_payer_account_name",
    "invoice_id": "bill_invoice_id",
    "billing_entity": "bill_billing_entity",
    "billing_period_start_date": "bill_billing_period_start_date",
    "billing_period_end_date": "bill_billing_period_end_date",
    "region": "product_region",
    "region_code": "product_region_code",
    "tags": "resource_tags",
    "user_tags": "resource_tags",
}
"""Names an owner gives in a SQL column selection; they count only where the full name is absent."""


def _word(name: str) -> str:
    """A name without case, slashes and underscores."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


_FULL = {_word(name): name for name in VOCABULARY}
_ALIASES = {_word(name): full for name, full in _SHORT.items()}
_TAG = re.compile(r"^(?:resourceTags/|resource_?tags_)(user|aws)[:_](.+)$", re.IGNORECASE)
_CATEGORY = re.compile(r"^(?:costCategory/|cost_category_)(.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the columns of one file mean.

    Attributes:
        known: name of the vocabulary to the file's own name.
        tags: key of a resource tag (`team`, `aws:createdBy`) to the file's own name, one per tag column.
        categories: name of a cost category to the file's own name.
    """

    known: Mapping[str, str]
    tags: Mapping[str, str]
    categories: Mapping[str, str]

    @property
    def used(self) -> frozenset[str]:
        """The file's own names of every column that is read."""
        return frozenset((*self.known.values(), *self.tags.values(), *self.categories.values()))


def read_header(names: Sequence[str]) -> Header:
    """Understand the column names of one file.

    Args:
        names: in file order, as `unique` gives them.

    Raises:
        BillError: never; `check` tells whether this is a report at all.
    """
    known: dict[str, str] = {}
    for table in (_FULL, _ALIASES):
        for name in names:
            full = table.get(_word(name))
            if full is not None:
                known.setdefault(full, name)
    rest = [name for name in names if name not in known.values()]
    return Header(
        known=known,
        tags=_keys((_tag_key(name), name) for name in rest),
        categories=_keys((_category(name), name) for name in rest),
    )


def check(names: Sequence[str], *, file: str, wanted: str) -> None:
    """Make sure that the columns are those of a Cost and Usage Report.

    Args:
        names: columns of the file.
        file: for the error.
        wanted: format the source asks for: `auto`, `cur` or `cur2`.

    Raises:
        BillError: if they are not; says what they look like and what to configure.
    """
    known = read_header(names).known
    if "line_item_unblended_cost" not in known or not known.keys() & {
        "line_item_usage_start_date",
        "bill_billing_period_start_date",
    }:
        raise NoCostAndUsageReport(file, names)
    told = _told(names)
    if wanted in {"cur", "cur2"} and told not in {None, wanted}:
        raise OtherFormat(file, wanted, told or wanted)


def unique(names: Iterable[str]) -> list[str]:
    """The names with a number behind those that differ from an earlier one by case only, or not at all.

    Tag columns of the legacy report do (`resourceTags/user:Name` and `resourceTags/user:name`), and engines take such
    names for the same column.
    """
    seen: set[str] = set()
    found: list[str] = []
    for position, name in enumerate(names):
        label = name if name.strip() and name.lower() not in seen else f"{name} #{position + 1}"
        seen.add(label.lower())
        found.append(label)
    return found


def tag_key(key: str) -> str:
    """The tag's own key: `user_team` and `user:team` are `team`, `aws_createdBy` is `aws:createdBy`.

    >>> tag_key("user_team"), tag_key("aws:createdBy"), tag_key("team")
    ('team', 'aws:createdBy', 'team')
    """
    kind, rest = key[:5].lower(), key[5:]
    if rest and kind in {"user_", "user:"}:
        return rest
    return f"aws:{key[4:]}" if key[4:] and key[:4].lower() in {"aws_", "aws:"} else key


def _told(names: Sequence[str]) -> Format | None:
    """The format that column names give away; None where both could have written them."""
    if any("/" in name for name in names) or any(_TAG.match(name) for name in names):
        return "cur"
    return (
        "cur2" if {"product", "resource_tags", "cost_category", "discount"} & {name.lower() for name in names} else None
    )


def _tag_key(name: str) -> str | None:
    """Key of the tag whose values the column holds; None for other columns."""
    found = _TAG.match(re.sub(r" #\d+$", "", name))
    return tag_key(f"{found[1]}:{found[2]}") if found else None


def _category(name: str) -> str | None:
    """Name of the cost category whose values the column holds; None for other columns."""
    found = _CATEGORY.match(re.sub(r" #\d+$", "", name))
    return found[1] if found else None


def _keys(pairs: Iterable[tuple[str | None, str]]) -> dict[str, str]:
    """The pairs with a key, the first of each."""
    found: dict[str, str] = {}
    for key, name in pairs:
        if key is not None:
            found.setdefault(key, name)
    return found


class NoCostAndUsageReport(BillError):
    """The columns of a file are those of something else."""

    def __init__(self, file: str, names: Sequence[str]) -> None:
        like, todo = _resemblance(names)
        super().__init__(f"{file} is no Cost and Usage Report: its columns {like}.", todo)


class OtherFormat(BillError):
    """The source asks for one format of the report and the file is of the other."""

    def __init__(self, file: str, wanted: str, told: str) -> None:
        super().__init__(
            f'{file} has the columns of format "{told}", and the source asks for "{wanted}".',
            f'Set format = "{told}" or "auto" for this source in finops.toml.',
        )


def _resemblance(names: Sequence[str]) -> tuple[str, str]:
    """What other export the columns look like, and what to configure for it."""
    words = {_word(name) for name in names}
    other = 'Set connector = "{}" for this source in finops.toml.'
    if {"billedcost", "effectivecost"} & words:
        return "are those of FOCUS", 'Set format = "auto" or "focus" for this source in finops.toml.'
    if {"costinbillingcurrency", "pretaxcost", "metercategory", "subscriptionid", "subscriptionguid"} & words:
        return (
            "look like an Azure cost export",
            'Export the FOCUS format from Azure and set connector = "focus" for this source in finops.toml.',
        )
    if {"billingaccountid", "invoicemonth", "usagestarttime"} & words:
        return "look like a Google Cloud usage export", other.format("gcp")
    shown = ", ".join(names[:4]) or "nothing"
    return (
        f"begin with {shown}, and none is an unblended cost with a usage or billing date",
        (
            "Point the source's location at the report's files, or keep line_item_unblended_cost, "
            "line_item_usage_start_date and bill_billing_period_start_date in the export's column selection."
        ),
    )
