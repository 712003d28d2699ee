"""Columns are found by the names of every FOCUS version, whatever their case; what has no place is listed."""

from finops.focus.files import names


def test_older_names_feed_their_column_of_1_2() -> None:
    older = ["BilledCost", "BillingPeriodStart", "Region", "Provider", "Publisher", "InvoiceIssuer", "ChargeType"]
    older += ["UsageQuantity", "UsageUnit", "AmortizedCost"]
    found = names.layout(older)
    assert {stored: sources[0] for stored, sources in found.sources.items()} == {
        "BilledCost": "BilledCost",
        "BillingPeriodStart": "BillingPeriodStart",
        "RegionId": "Region",
        "ProviderName": "Provider",
        "PublisherName": "Publisher",
        "InvoiceIssuerName": "InvoiceIssuer",
        "ChargeCategory": "ChargeType",
        "ConsumedQuantity": "UsageQuantity",
        "ConsumedUnit": "UsageUnit",
        "EffectiveCost": "AmortizedCost",
    }
    assert found.is_focus
    assert found.dropped == ()


def test_newer_names_stand_behind_the_stored_one() -> None:
    columns = ["HostProviderName", "ServiceProviderName", "ProviderName", "AllocatedResourceId", "ContractApplied"]
    found = names.layout(columns)
    assert found.sources["ProviderName"] == ("ProviderName", "ServiceProviderName", "HostProviderName")
    assert found.dropped == ("AllocatedResourceId", "ContractApplied")


def test_case_does_not_matter_but_an_exact_name_comes_first() -> None:
    assert names.layout(["SKUPRICEID", "skumeter"]).sources == {
        "SkuMeter": ("skumeter",),
        "SkuPriceId": ("SKUPRICEID",),
    }
    both = names.layout(["billedcost", "BilledCost"])
    assert both.sources == {"BilledCost": ("BilledCost",)}
    assert both.dropped == ("billedcost",)


def test_own_columns_are_kept_where_the_table_has_them() -> None:
    found = names.layout(["x_ServiceCode", "x_CostType", "x_SomethingElse", "x_Delivery", "x_Source"])
    assert found.sources == {"x_LineItemType": ("x_CostType",), "x_ServiceCode": ("x_ServiceCode",)}
    assert found.dropped == ("x_SomethingElse", "x_Delivery", "x_Source")


def test_a_focus_file_says_what_was_billed_and_when() -> None:
    assert names.layout(["billedcost", "ChargePeriodStart"]).is_focus
    assert not names.layout(["BilledCost", "ChargePeriodEnd"]).is_focus
    assert not names.layout(["EffectiveCost", "ChargePeriodStart"]).is_focus


def test_an_unknown_export_is_of_no_kind() -> None:
    assert names.kind(["day", "euros"]) is None
