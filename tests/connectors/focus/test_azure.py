"""Azure's own cost exports, in English and German: their columns by the names of FOCUS, their money kept."""

from datetime import UTC, datetime
from decimal import Decimal

from tests.connectors.focus.conftest import Bench

ENTERPRISE = """\
SubscriptionId,SubscriptionName,ResourceLocation,Date,ProductName,MeterCategory,MeterId,MeterName,UnitOfMeasure,Quantity,\
EffectivePrice,CostInBillingCurrency,ResourceId,Tags,ChargeType,Frequency,PricingModel,BillingAccountId,\
BillingCurrencyCode,BillingPeriodStartDate,BillingPeriodEndDate
0001,shop,CentralUS,9/2/2023,Peering,Virtual Network,m-1,Ingress,1 GB,2,0.01,0.02,/subscriptions/x,\
"""
ENTERPRISE += '"""team"": ""a"",""app"": ""b""",Usage,UsageBased,OnDemand,0042,CAD,9/1/2023,9/30/2023\n'

GERMAN = """\
Abonnement-GUID;Abonnementname;Datum;Kategorie der Verbrauchseinheit;ID der Verbrauchseinheit;Verbrauchte Menge;\
Maßeinheit;Kosten;Währung;Ressourcenstandort\r
0001;Laden;02.09.2023;Speicher;m-1;1.000,5;GB;1.234,5600000001;EUR;Deutschland\r
"""


def test_an_enterprise_export_is_read(bench: Bench) -> None:
    row = bench.read(bench.file(ENTERPRISE)).row
    assert (row["BilledCost"], row["BillingCurrency"], row["ProviderName"]) == (Decimal("0.02"), "CAD", "Microsoft")
    assert row["BillingPeriodStart"] == datetime(2023, 9, 1, tzinfo=UTC)
    assert row["BillingPeriodEnd"] == datetime(2023, 10, 1, tzinfo=UTC)  # Azure's own ends on the last day
    assert row["ChargePeriodStart"] == datetime(2023, 9, 2, tzinfo=UTC)
    assert (row["SubAccountId"], row["BillingAccountId"], row["ServiceName"]) == ("0001", "0042", "Virtual Network")
    assert (row["ChargeFrequency"], row["PricingCategory"]) == ("Usage-Based", "Standard")
    assert row["Tags"] == '{"app": "b", "team": "a"}'


def test_german_headers_dates_and_decimal_commas_are_read(bench: Bench) -> None:
    row = bench.read(bench.file("\ufeff" + GERMAN)).row
    assert (row["BilledCost"], row["BillingCurrency"]) == (Decimal("1234.5600000001"), "EUR")
    assert row["ChargePeriodStart"] == datetime(2023, 9, 2, tzinfo=UTC)
    assert (row["ConsumedQuantity"], row["ServiceName"]) == (1000.5, "Speicher")
