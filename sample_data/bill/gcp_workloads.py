"""What runs at Google Cloud: the price list in use, and a table of workloads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bill import company
from bill.company import GCP_DATA, GCP_LLM, GCP_SANDBOX, GCP_SEARCH
from bill.workload import Workload

SERVICES: Mapping[str, str] = {
    "Compute Engine": "6F81-5844-456A",
    "BigQuery": "24E6-581D-38E5",
    "Cloud Storage": "95FF-2EF5-5EA1",
    "Cloud SQL": "9662-B51E-5089",
    "Vertex AI": "C7E2-9256-1C43",
    "Networking": "E505-1604-58F8",
    "Cloud Logging": "5490-F7B7-8DF6",
    "Vectorpost Managed Index": "B41D-70AE-11F2",
}
"""Service to its id."""

GIBIBYTE = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpSku:
    """A line of the price list.

    Attributes:
        service: service description.
        description: SKU description.
        price: of one pricing unit in the billing currency.
        pricing_unit: unit of the price.
        unit: unit of the measured usage.
        units: measured units in one pricing unit.
        resource: pattern of the resource's global name; `{project}` and `{name}` fill in; empty for none.
        machine: machine type in the system labels, where there is one.
        sustained: whether it earns a sustained use discount.
        commitment: SKU description of the commitment that covers it, if one does.
        commitment_rate: price under the commitment, as a part of `price`.
        committed_daily: worth of the commitment a day, at the list price, in the billing currency.
        global_location: whether it is charged for no region.
    """

    service: str
    description: str
    price: str
    pricing_unit: str
    unit: str
    units: float
    resource: str = ""
    machine: str | None = None
    sustained: bool = False
    commitment: str | None = None
    commitment_rate: str = "1"
    committed_daily: str = "0"
    global_location: bool = False


_VM = "//compute.googleapis.com/projects/{project}/zones/europe-west3-a/instances/{name}"


def _per_hour(service: str, description: str, price: str, resource: str) -> GcpSku:
    return GcpSku(
        service=service, description=description, price=price, pricing_unit="hour", unit="seconds", units=3600,
        resource=resource,
    )  # fmt: skip


def _core_hour(description: str, price: str, machine: str) -> GcpSku:
    return replace(_per_hour("Compute Engine", description, price, _VM), machine=machine)


def _memory_hour(description: str, price: str, machine: str) -> GcpSku:
    hour = _core_hour(description, price, machine)
    return replace(hour, pricing_unit="gibibyte hour", unit="byte-seconds", units=GIBIBYTE * 3600)


def _stored(service: str, description: str, price: str, resource: str) -> GcpSku:
    return GcpSku(
        service=service, description=description, price=price, pricing_unit="gibibyte month", unit="byte-seconds",
        units=GIBIBYTE * 86400 * 30, resource=resource,
    )  # fmt: skip


def _sent(service: str, description: str, price: str, resource: str = "") -> GcpSku:
    return GcpSku(
        service=service, description=description, price=price, pricing_unit="gibibyte", unit="bytes", units=GIBIBYTE,
        resource=resource,
    )  # fmt: skip


N2_CORE = replace(
    _core_hour("N2 Instance Core running in Frankfurt", "0.037489", "n2-standard-16"),
    sustained=True,
    commitment="Commitment v1: N2 Cpu in Frankfurt for 1 Year",
    commitment_rate="0.63",
    committed_daily="120",
)
N2_RAM = replace(
    _memory_hour("N2 Instance Ram running in Frankfurt", "0.005024", "n2-standard-16"),
    sustained=True,
    commitment="Commitment v1: N2 Ram in Frankfurt for 1 Year",
    commitment_rate="0.63",
    committed_daily="60",
)
E2_CORE = _core_hour("E2 Instance Core running in Frankfurt", "0.025863", "e2-standard-8")
E2_RAM = _memory_hour("E2 Instance Ram running in Frankfurt", "0.003466", "e2-standard-8")
A2_CORE = _core_hour("A2 Instance Core running in Netherlands", "0.032126", "a2-highgpu-1g")
A100 = _core_hour("Nvidia Tesla A100 GPU running in Netherlands", "2.766180", "a2-highgpu-1g")
DISK = _stored("Compute Engine", "Balanced PD Capacity in Frankfurt", "0.110400",
               "//compute.googleapis.com/projects/{project}/zones/europe-west3-a/disks/{name}")  # fmt: skip
EGRESS = _sent("Networking", "Network Internet Data Transfer Out from Frankfurt to EMEA", "0.078200")
ANALYSIS = GcpSku(
    service="BigQuery", description="Analysis (europe-west3)", price="6.900000", pricing_unit="tebibyte", unit="bytes",
    units=2**40, resource="//bigquery.googleapis.com/projects/{project}/jobs/{name}",
)  # fmt: skip
SLOTS = _per_hour(
    "BigQuery", "BigQuery Enterprise Edition for Frankfurt (europe-west3)", "0.069000",
    resource="//bigqueryreservation.googleapis.com/projects/{project}/locations/europe-west3/reservations/{name}",
)  # fmt: skip
ACTIVE = _stored("BigQuery", "Active Logical Storage (europe-west3)", "0.021200",
                 "//bigquery.googleapis.com/projects/{project}/datasets/{name}")  # fmt: skip
BUCKET = _stored("Cloud Storage", "Standard Storage Frankfurt", "0.021200", "//storage.googleapis.com/{name}")
SQL_CORE = _per_hour("Cloud SQL", "Cloud SQL for PostgreSQL: Zonal - vCPU in Frankfurt", "0.045700",
                     resource="//cloudsql.googleapis.com/projects/{project}/instances/{name}")  # fmt: skip
PREDICT = _per_hour(
    "Vertex AI", "Vertex AI: Online/Batch Prediction Nvidia L4 GPU running in EMEA", "0.742000",
    resource="//aiplatform.googleapis.com/projects/{project}/locations/europe-west4/endpoints/{name}",
)  # fmt: skip
GEMINI_IN = GcpSku(
    service="Vertex AI", description="Gemini 2.5 Flash Text Input - Predictions", price="0.000000280",
    pricing_unit="count", unit="count", units=1, global_location=True,
)  # fmt: skip
GEMINI_OUT = GcpSku(
    service="Vertex AI", description="Gemini 2.5 Flash Text Output - Predictions", price="0.000002300",
    pricing_unit="count", unit="count", units=1, global_location=True,
)  # fmt: skip
LOGGING = _sent("Cloud Logging", "Log Storage cost", "0.460000")

_DATA = company.tags("data-platform", "data")
_DATA_DEV = company.tags("data-platform", "data", "dev")
_SEARCH = company.tags("search", "search")
_LLM = company.tags("llm", "ml")
_LLM_DEV = company.tags("llm", "ml", "dev")


def _runs(
    name: str,
    project: str,
    sku: GcpSku,
    daily: float,
    labels: Mapping[str, str],
    *,
    week: str = "flat",
    growth: float = 0.0,
    noise: float = 0.04,
    lag_hours: int = 14,
) -> Workload[GcpSku]:
    """One row of the table below."""
    return Workload(
        name=name, account=project, sku=sku, daily=daily, tags=labels, week=week, growth=growth, noise=noise,
        lag_hours=lag_hours,
    )  # fmt: skip


WORKLOADS: tuple[Workload[GcpSku], ...] = (
    # data-platform
    _runs("analysts", GCP_DATA, ANALYSIS, 362, _DATA, week="office", growth=1.4, noise=0.11, lag_hours=18),
    _runs("etl-slots", GCP_DATA, SLOTS, 302, _DATA, week="pipeline", growth=0.9, noise=0.05),
    _runs("sales_mart", GCP_DATA, ACTIVE, 98, _DATA, growth=1.7, noise=0.002, lag_hours=32),
    _runs("wielrijk-lake-eu", GCP_DATA, BUCKET, 76, _DATA, growth=1.5, noise=0.002, lag_hours=32),
    _runs("notebooks", GCP_DATA, E2_CORE, 58, _DATA_DEV, week="office", growth=0.5, noise=0.09),
    _runs("notebooks-ram", GCP_DATA, E2_RAM, 26, _DATA_DEV, week="office", growth=0.5, noise=0.09),
    _runs("metastore", GCP_DATA, SQL_CORE, 31, _DATA, noise=0.001),
    _runs("data-logs", GCP_DATA, LOGGING, 22, {}, week="pipeline", growth=0.8, noise=0.07, lag_hours=20),
    # search
    _runs("ranker", GCP_SEARCH, N2_CORE, 252, _SEARCH, week="shop", growth=0.9, noise=0.03),
    _runs("ranker-ram", GCP_SEARCH, N2_RAM, 112, _SEARCH, week="shop", growth=0.9, noise=0.03),
    _runs("ranker-disk", GCP_SEARCH, DISK, 19, _SEARCH, growth=0.6, noise=0.002, lag_hours=30),
    _runs("embeddings", GCP_SEARCH, PREDICT, 94, _SEARCH, week="shop", growth=1.2, noise=0.05),
    _runs("search-egress", GCP_SEARCH, EGRESS, 56, {}, week="shop", growth=1.1, noise=0.07, lag_hours=34),
    _runs("search-db", GCP_SEARCH, SQL_CORE, 35, _SEARCH, noise=0.001),
    # llm
    _runs("finetune", GCP_LLM, A100, 182, _LLM_DEV, week="office", growth=1.0, noise=0.12),
    _runs("finetune-core", GCP_LLM, A2_CORE, 26, _LLM_DEV, week="office", growth=1.0, noise=0.12),
    _runs("gemini-in", GCP_LLM, GEMINI_IN, 38, _LLM, week="shop", growth=2.9, noise=0.10, lag_hours=24),
    _runs("gemini-out", GCP_LLM, GEMINI_OUT, 60, _LLM, week="shop", growth=2.9, noise=0.10, lag_hours=24),
    _runs("wielrijk-llm-corpus", GCP_LLM, BUCKET, 21, _LLM_DEV, growth=1.8, noise=0.002, lag_hours=32),
    # nobody's
    _runs("trial-vm", GCP_SANDBOX, E2_CORE, 26, {}, week="office", growth=0.4, noise=0.14),
    _runs("trial-query", GCP_SANDBOX, ANALYSIS, 30, {}, week="office", growth=0.9, noise=0.22, lag_hours=18),
)
