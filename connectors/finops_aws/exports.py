"""Exports: which cost exports an account has, told by the APIs of the legacy reports and of Data Exports."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from finops_aws.access import Access

Kind = Literal["cur", "cur2", "focus"]

_FROM = re.compile(r"\bFROM\s+([A-Z0-9_]+)", re.IGNORECASE)
_REPORT = "COST_AND_USAGE_REPORT"
_FOCUS = "FOCUS_"
_SHOWN: Mapping[Kind, str] = {"cur": "legacy Cost and Usage Report", "cur2": "CUR 2.0", "focus": "FOCUS export"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export that the account has set up.

    Attributes:
        name: its own.
        kind: what its files are.
        location: where it is delivered, as a source's location says it.
        details: how it is delivered, for example `Parquet, overwriting`.
        trouble: what AWS says is wrong with it; None where nothing is.
    """

    name: str
    kind: Kind
    location: str
    details: str
    trouble: str | None

    @property
    def description(self) -> str:
        """A few words for people."""
        return f"{_SHOWN[self.kind]} {self.name!r} ({self.details})"


def exports(access: Access) -> list[Export]:
    """All cost exports of the account, Data Exports first; those of carbon or recommendations are none.

    Raises:
        AccessError: if nobody is signed in or the APIs may not be asked.
        RetryError: if they cannot be reached.
    """
    return [*_data_exports(access), *_reports(access)]


def _data_exports(access: Access) -> Iterator[Export]:
    client = access.client("bcm-data-exports")
    with access.asking("list data exports (bcm-data-exports:ListExports)"):
        references = [each for page in client.get_paginator("list_exports").paginate() for each in page["Exports"]]
    for reference in references:
        with access.asking(f"describe the data export {reference['ExportName']} (bcm-data-exports:GetExport)"):
            found = _data_export(client.get_export(ExportArn=reference["ExportArn"])["Export"], reference)
        if found is not None:
            yield found


def _data_export(export: Mapping[str, Any], reference: Mapping[str, Any]) -> Export | None:
    table = _FROM.search(export["DataQuery"]["QueryStatement"])
    name = table[1].upper() if table else ""
    if name != _REPORT and not name.startswith(_FOCUS):
        return None
    place = export["DestinationConfigurations"]["S3Destination"]
    output = place["S3OutputConfigurations"]
    status = reference["ExportStatus"]
    return Export(
        name=export["Name"],
        kind="cur2" if name == _REPORT else "focus",
        location=_location(place["S3Bucket"], place["S3Prefix"], export["Name"]),
        details=_details(output["Format"], overwrites=output["Overwrite"].startswith("OVERWRITE")),
        trouble=None if status["StatusCode"] == "HEALTHY" else status.get("StatusReason", status["StatusCode"]),
    )


def _reports(access: Access) -> Iterator[Export]:
    client = access.client("cur")
    with access.asking("list Cost and Usage Reports (cur:DescribeReportDefinitions)"):
        pages = list(client.get_paginator("describe_report_definitions").paginate())
    for report in (each for page in pages for each in page.get("ReportDefinitions", ())):
        status = report.get("ReportStatus", {}).get("lastStatus", "SUCCESS")
        yield Export(
            name=report["ReportName"],
            kind="cur",
            location=_location(report["S3Bucket"], report["S3Prefix"], report["ReportName"]),
            details=_details(report["Format"], overwrites=report.get("ReportVersioning") == "OVERWRITE_REPORT"),
            trouble=None if status == "SUCCESS" else f"its last delivery ended with {status}",
        )


def _location(bucket: str, prefix: str, name: str) -> str:
    return "/".join(part for part in (f"s3://{bucket}", *prefix.split("/"), name) if part)


def _details(kind: str, *, overwrites: bool) -> str:
    return (
        f"{'Parquet' if kind.lower() == 'parquet' else 'CSV'}, {'overwriting' if overwrites else 'new files each time'}"
    )
