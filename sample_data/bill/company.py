"""Who: Wielrijk B.V., a made-up seller of bicycles and parts in nine European countries, and its accounts."""

from collections.abc import Mapping

NAME = "Wielrijk B.V."

REPORTING_CURRENCY = "EUR"

CURRENCY: Mapping[str, str] = {"aws": "USD", "gcp": "EUR", "azure": "EUR"}
"""Billing currency per provider; `bill/rates.py` has what a dollar was worth."""

VAT = "0.21"
"""Dutch VAT. AWS, Google and Microsoft bill without it (reverse charge); marketplace software carries it."""

PAYER = "381904276615"
SHOP_PROD = "520817463902"
SHOP_TEST = "017642398851"
DATA_PROD = "694250137786"
ML_PROD = "748193650214"
LOGISTICS_PROD = "835517092436"
PLATFORM = "902361748805"

AWS_ACCOUNTS: Mapping[str, str] = {
    PAYER: "wielrijk-payer",
    SHOP_PROD: "shop-prod",
    SHOP_TEST: "shop-test",
    DATA_PROD: "data-prod",
    ML_PROD: "ml-prod",
    LOGISTICS_PROD: "logistics-prod",
    PLATFORM: "shared-platform",
}

GCP_BILLING_ACCOUNT = "01A7C4-9E52B0-3D61F8"
GCP_DATA, GCP_SEARCH, GCP_LLM, GCP_SANDBOX = (
    "wielrijk-data-prod",
    "wielrijk-search-prod",
    "wielrijk-llm-lab",
    "wielrijk-sandbox",
)
GCP_PROJECTS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    GCP_DATA: ("Data platform", "418830275961", {"project": "data-platform", "cost_centre": "4730"}),
    GCP_SEARCH: ("Search", "730192844526", {"cost_centre": "4715"}),
    GCP_LLM: ("LLM lab", "265574019384", {"project": "llm", "cost_centre": "4740"}),
    GCP_SANDBOX: ("Sandbox", "907741356208", {}),
}
"""Project id to name, number and project labels."""

AZURE_BILLING_ACCOUNT = "/providers/Microsoft.Billing/billingAccounts/7c1de2f0-5b7a-5a43-8a2e-90d1c3b6e4fa"
AZURE_BACKOFFICE, AZURE_LOGISTICS, AZURE_TEST = "sub-backoffice-prod", "sub-logistics-prod", "sub-test"
AZURE_SUBSCRIPTIONS: Mapping[str, str] = {
    AZURE_BACKOFFICE: "3d5c60c2-0f3a-5d4b-b7a0-6f2f6cf1c0de",
    AZURE_LOGISTICS: "9a4be8d7-77d1-5c1e-8f0b-2b1c7f60a9b3",
    AZURE_TEST: "c07f2f5e-6a5d-5e02-a3c9-41d9e8b5a614",
}


def tags(project: str, team: str, env: str = "prod", **more: str) -> dict[str, str]:
    """The tags that the company asks for, with the same keys at every provider."""
    return {"project": project, "team": team, "env": env, **more}
