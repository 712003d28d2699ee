"""What runs at Microsoft Azure: the price list in use, and a table of workloads."""

from collections.abc import Mapping
from dataclasses import dataclass

from bill import company
from bill.company import AZURE_BACKOFFICE, AZURE_LOGISTICS, AZURE_TEST
from bill.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureSku:
    """A meter of the price list.

    Attributes:
        service: FOCUS service name, here Microsoft's meter category too.
        category: FOCUS service category.
        meter: name of the meter.
        unit: unit of the price.
        price: of a unit in the billing currency.
        kind: resource type for people.
        path: resource provider and type in a resource id.
    """

    service: str
    category: str
    meter: str
    unit: str
    price: str
    kind: str
    path: str


_VM = ("Virtual Machines", "Compute", "Virtual machine", "microsoft.compute/virtualmachines")
_DISK = ("Storage", "Storage", "Disk", "microsoft.compute/disks")
_ACCOUNT = ("Storage", "Storage", "Storage account", "microsoft.storage/storageaccounts")
_DATABASE = ("SQL Database", "Databases", "SQL database", "microsoft.sql/servers/databases")
_PLAN = ("Azure App Service", "Web", "App Service plan", "microsoft.web/serverfarms")
_LOGS = (
    "Azure Monitor", "Management and Governance", "Log Analytics workspace", "microsoft.operationalinsights/workspaces"
)  # fmt: skip
_FACTORY = ("Azure Data Factory v2", "Analytics", "Data factory", "microsoft.datafactory/factories")


def _meter(of: tuple[str, str, str, str], meter: str, unit: str, price: str) -> AzureSku:
    service, category, kind, path = of
    return AzureSku(service=service, category=category, meter=meter, unit=unit, price=price, kind=kind, path=path)


D8S = _meter(_VM, "D8s v5", "Hours", "0.3960")
E16S = _meter(_VM, "E16s v5", "Hours", "1.0640")
DISK = _meter(_DISK, "P30 LRS Disk", "Months", "122.8800")
BLOB = _meter(_ACCOUNT, "Hot LRS Data Stored", "GB", "0.0173")
SQL = _meter(_DATABASE, "vCore", "Hours", "0.1586")
APP = _meter(_PLAN, "P2 v3 App", "Hours", "0.2990")
MONITOR = _meter(_LOGS, "Analytics Logs Data Ingestion", "GB", "2.5700")
COPY = _meter(_FACTORY, "Cloud Data Movement", "DIUHours", "0.2300")

_OFFICE = company.tags("backoffice", "erp")
_OFFICE_TEST = company.tags("backoffice", "erp", "test")
_MOVE = company.tags("logistics", "logistics")


def _runs(
    name: str,
    subscription: str,
    sku: AzureSku,
    daily: float,
    tags: Mapping[str, str],
    *,
    week: str = "flat",
    growth: float = 0.0,
    noise: float = 0.03,
    lag_hours: int = 16,
) -> Workload[AzureSku]:
    """One row of the table below."""
    return Workload(
        name=name, account=subscription, sku=sku, daily=daily, tags=tags, week=week, growth=growth, noise=noise,
        lag_hours=lag_hours,
    )  # fmt: skip


WORKLOADS: tuple[Workload[AzureSku], ...] = (
    # backoffice
    _runs("erp-db-01", AZURE_BACKOFFICE, E16S, 25.54, _OFFICE, noise=0),
    _runs("erp-db-02", AZURE_BACKOFFICE, E16S, 25.54, _OFFICE, noise=0),
    _runs("erp-app", AZURE_BACKOFFICE, D8S, 138, _OFFICE, week="office", growth=0.4),
    _runs("erp-desktops", AZURE_BACKOFFICE, D8S, 102, _OFFICE, week="office", growth=0.5, noise=0.06),
    _runs("erp-data", AZURE_BACKOFFICE, DISK, 84, _OFFICE, growth=0.6, noise=0.001, lag_hours=30),
    _runs("finance-sql", AZURE_BACKOFFICE, SQL, 96, _OFFICE, noise=0.01, growth=0.3),
    _runs("hr-portal", AZURE_BACKOFFICE, APP, 43.06, _OFFICE, noise=0),
    _runs("docs", AZURE_BACKOFFICE, BLOB, 31, {"env": "prod"}, growth=1.3, noise=0.002, lag_hours=30),
    _runs("erp-logs", AZURE_BACKOFFICE, MONITOR, 37, _OFFICE, week="office", growth=0.8, noise=0.07),
    _runs("erp-trial", AZURE_TEST, D8S, 38, _OFFICE_TEST, week="weekdays", noise=0.10),
    # logistics
    _runs("edi-gateway", AZURE_LOGISTICS, APP, 71.76, _MOVE, noise=0),
    _runs("edi-flows", AZURE_LOGISTICS, COPY, 74, _MOVE, week="office", growth=0.9, noise=0.08),
    _runs("customs-sql", AZURE_LOGISTICS, SQL, 66, _MOVE, noise=0.01, growth=0.4),
    _runs("customs-files", AZURE_LOGISTICS, BLOB, 24, _MOVE, growth=1.1, noise=0.002, lag_hours=30),
    # nobody's
    _runs("leftover-vm", AZURE_TEST, D8S, 28.51, {}, noise=0),
)
