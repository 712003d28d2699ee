"""The least rights a source needs, as commands for whoever administers the project and the billing account."""

from finops.connector import Source
from finops.errors import FinopsError
from finops_gcp import export_table

_TABLE = """\
# Read the billing export, and nothing else of the dataset's project:
bq add-iam-policy-binding --member="$WHO" --role=roles/bigquery.dataViewer {project}:{dataset}.{table}
# Run queries, at the cost of this project:
gcloud projects add-iam-policy-binding {runner} --member="$WHO" --role=roles/bigquery.jobUser
# Optional, faster on large months: results by the Storage Read API.
gcloud projects add-iam-policy-binding {runner} --member="$WHO" --role=roles/bigquery.readSessionUser
# Optional: names of billing accounts, linked projects and list prices.
gcloud billing accounts add-iam-policy-binding {account} --member="$WHO" --role=roles/billing.viewer
"""
_BUCKET = """\
# Read exported files:
gcloud storage buckets add-iam-policy-binding gs://{bucket} --member="$WHO" --role=roles/storage.objectViewer
"""
_IMPERSONATED = """\
# Act as that service account, for the person or machine that runs finops:
gcloud iam service-accounts add-iam-policy-binding {account} --member=PRINCIPAL \\
  --role=roles/iam.serviceAccountTokenCreator
"""


def text(source: Source) -> str:
    """Commands that grant what the source needs; capital letters stand for what it does not say."""
    impersonated = source.options.get("impersonate")
    lines = [f'WHO="serviceAccount:{impersonated or "SERVICE_ACCOUNT_EMAIL"}"\n']
    if source.location and source.location.startswith("gs://"):
        lines.append(_BUCKET.format(bucket=source.location.removeprefix("gs://").split("/")[0]))
    else:
        lines.append(_TABLE.format(**_places(source)))
    if impersonated:
        lines.append(_IMPERSONATED.format(account=impersonated))
    return "".join(lines)


def _places(source: Source) -> dict[str, str]:
    try:
        name = export_table.named(source.options.get("table", ""), source.name)
    except FinopsError:
        return {
            "project": "PROJECT",
            "dataset": "DATASET",
            "table": "TABLE",
            "runner": "PROJECT_THAT_PAYS_FOR_QUERIES",
            "account": "BILLING_ACCOUNT_ID",
        }
    return {
        "project": name.project,
        "dataset": name.dataset,
        "table": name.table,
        "runner": source.options.get("project", name.project),
        "account": name.account or "BILLING_ACCOUNT_ID",
    }
