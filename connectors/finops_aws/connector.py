"""The AWS connector: Cost and Usage Reports, CUR 2.0 and FOCUS exports from S3 or files; Cost Explorer without one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from finops.connector import Check, ControlTotals, Delivery, Fallback, RawExport, RawTable, RemoteExport, Source
from finops.errors import AccessError, BillError, ConfigurationError
from finops.findings import Finding, Severity
from finops.focus.files import export as focus_files
from finops_aws import answers, charges
from finops_aws.access import Access
from finops_aws.checks import checks, checks_of_cost_explorer
from finops_aws.columns import OtherFormat, read_header
from finops_aws.control import control_totals
from finops_aws.cost_explorer import USD_PER_REQUEST
from finops_aws.explored import FORMAT, Explored
from finops_aws.exports import exports
from finops_aws.layout import several_exports
from finops_aws.local import Local
from finops_aws.mapping import focus_rows
from finops_aws.organizations import account_names, accounts_table
from finops_aws.policy import policy
from finops_aws.pulled import SCHEMES, Pulled
from finops_aws.tables import raw_tables, services_table

if TYPE_CHECKING:
    import ibis.expr.types as ir

_MAPPING = "aws 1"
"""Raised when the mapping changes, so that deliveries are read again."""
_FORMATS = ("auto", "cur", "cur2", "focus", FORMAT)
_ASKED = ("group_by", "months", "max_requests")
"""Options of Cost Explorer alone."""


class AwsConnector:
    """Reads cost exports of AWS: delivery trees with manifests, partitions, single files."""

    def __init__(self, source: Source, workdir: Path) -> None:
        self._source = source
        self._workdir = workdir
        self._found: Local | Pulled | Explored | None = None
        self._names: dict[str, str] | None = None
        self._several: dict[str, list[str]] = {}

    def deliveries(self) -> list[Delivery]:
        """List the reports; one per month's manifest or partition, else one per folder.

        Raises:
            ConfigurationError: if the source has no location, or a format that is read otherwise.
            AccessError, RetryError, BillError: as the contract says.
        """
        names = self._source.options.get("account_names", "export")
        settings = [_MAPPING, self._source.format, self._source.currency or "", *([names] if names != "export" else [])]
        found = self._exports().deliveries("\n".join(settings))
        self._several = several_exports(delivery.key for delivery in found)
        return found

    def pull(self, deliveries: Sequence[Delivery]) -> None:
        """Download what the deliveries need, several objects at once."""
        place = self._exports()
        if isinstance(place, Pulled):
            place.pull([delivery.key for delivery in deliveries])

    def fetch(self, delivery: Delivery) -> RawExport:
        """Describe the files of a delivery as tables.

        Raises:
            IncompleteDelivery: if AWS is still writing it.
            AccessError, BillError: as the contract says; a missing file is named with the manifest that names it.
        """
        place = self._exports()
        workdir = self._workdir / delivery.fingerprint[:16]
        workdir.mkdir(parents=True, exist_ok=True)
        if isinstance(place, Explored):
            return self._explored(delivery, workdir)
        files = place.bring(delivery)
        doubts = self._other_exports(delivery)
        if self._holds_focus(files):
            raw = focus_files.fetch(delivery, files, workdir=workdir, source=self._source)
            return replace(raw, findings=(*doubts, *raw.findings))
        tables, findings = raw_tables(files, workdir=workdir, wanted=self._source.format)
        findings = [*doubts, *findings, *self._ask_for_names()]
        names = (accounts_table(self._names, workdir),) if self._names else ()
        return RawExport(
            delivery=delivery,
            tables=(*tables, services_table(workdir), *names),
            findings=tuple(
                replace(finding, source=self._source.name) for finding in [*findings, *self._missing_columns(tables)]
            ),
        )

    def to_focus(self, raw: RawExport) -> "ir.Table":
        """Map the export to FOCUS columns."""
        if focus_files.is_staged(raw):
            return focus_files.to_focus(raw, self._source)
        return focus_rows(raw, self._source.currency)

    def control_totals(self, raw: RawExport) -> ControlTotals:
        """Sum the export again with another reader."""
        place = self._exports()
        if focus_files.is_staged(raw) and not isinstance(place, Explored):
            return focus_files.control_totals(place.bring(raw.delivery), self._source)
        found = control_totals(raw, source=self._source.name, currency=self._source.currency)
        if isinstance(place, Explored):  # the table was made from the answer here, so its own text has the last word
            sums = answers.sums(raw.delivery.files[0])
            billed = {key: one.net if one.ties_out else one.gross for key, one in sums.items()}
            return replace(found, billed=billed, findings=tuple(map(charges.weighed, found.findings)))
        return found

    def checks(self) -> list[Check]:
        """Look at credentials, bucket and export; nothing where the files are on this machine."""
        if self._source.location is not None and not self._source.location.startswith(SCHEMES):
            return []
        if self._source.format == FORMAT:
            return list(checks_of_cost_explorer(self._source, self._kept))
        return list(checks(self._source, self._incomplete))

    def policy(self) -> str:
        """The least rights this source needs, as a policy document."""
        return policy(self._source)

    def exports(self) -> list[RemoteExport]:
        """The cost exports that the account has set up."""
        return [
            RemoteExport(name=each.name, location=each.location, description=each.description, trouble=each.trouble)
            for each in exports(Access.of(self._source))
        ]

    def fallback(self) -> Fallback:
        """Cost Explorer, which every account has."""
        return Fallback(
            settings={"format": FORMAT},
            description=f"Cost Explorer can stand in for one: {USD_PER_REQUEST} USD a request, about a dozen the "
            "first time, and cost by day, account and service alone. An export (CUR 2.0 or FOCUS) says more and costs "
            "nothing to read: set one up in the console, under Billing, Data Exports.",
        )

    def bill(self) -> str | None:
        """All that Cost Explorer shows to who asks; exports may hold other months or accounts of a bill."""
        if self._source.format != FORMAT or self._source.location is not None:
            return None
        options = self._source.options
        who = options.get("role_arn") or options.get("profile") or "the credentials of this machine"
        return f"what Cost Explorer shows to {who}"

    def _explored(self, delivery: Delivery, workdir: Path) -> RawExport:
        """The charges of a kept answer."""
        answer = answers.read(delivery.files[0])
        names = [] if answer.accounts else self._ask_for_names()
        found = [*charges.findings(answer), *names]
        more = (accounts_table(self._names, workdir),) if self._names else ()
        return RawExport(
            delivery=delivery,
            tables=(charges.line_items(answer, workdir), services_table(workdir), *more),
            findings=tuple(replace(finding, source=self._source.name) for finding in found),
        )

    def _kept(self) -> list[str]:
        place = self._exports()
        return place.kept() if isinstance(place, Explored) else []

    def _other_exports(self, delivery: Delivery) -> list[Finding]:
        """That the location holds another export with this delivery's month: the same charges would count twice."""
        exports = self._several.get(delivery.key)
        if exports is None:
            return []
        message = (
            f"{self._source.location} holds {len(exports)} exports of the same months ({', '.join(exports)}), and all "
            "count. Where they hold the same charges, point the source's location at one of them."
        )
        return [Finding(rule="aws.several-exports", severity="warning", message=message, source=self._source.name)]

    def _ask_for_names(self) -> list[Finding]:
        """Ask AWS Organizations once per run where the source wants it; a refusal costs names only."""
        if self._source.options.get("account_names") != "organizations" or self._names is not None:
            return []
        try:
            self._names = account_names(Access.of(self._source))
        except AccessError as error:
            self._names = {}
            return [Finding(rule="aws.no-account-names", severity="warning", message=str(error))]
        return []

    def _holds_focus(self, files: Sequence[Path]) -> bool:
        """Whether the files are a FOCUS export: what the source asks for, else what their columns say.

        Raises:
            BillError: they are one, and the source asks for a Cost and Usage Report.
        """
        wanted = self._source.format
        if wanted == "focus" or not files or files[0].name.lower().endswith(".zip"):  # AWS zips the legacy report only
            return wanted == "focus"
        found = focus_files.is_focus(files[0])
        if found and wanted != "auto":
            raise OtherFormat(str(files[0]), wanted, "focus")
        return found

    def _incomplete(self) -> list[str]:
        place = self._exports()
        return place.incomplete() if isinstance(place, Pulled) else []

    def _exports(self) -> Local | Pulled | Explored:
        """Where the exports lie, kept: what a bucket holds is listed once per run.

        Raises:
            ConfigurationError: if the source says no location, or a format that is read otherwise.
        """
        if self._found is None:
            self._found = _exports(self._source, self._workdir)
        return self._found

    def _missing_columns(self, tables: list[RawTable]) -> list[Finding]:
        """Doubts about columns that some or all files lack.

        Raises:
            BillError: if there is no currency, in the files or the configuration.
        """
        lacking = {name for table in tables for name in _EXPECTED if name not in read_header(list(table.columns)).known}
        if "line_item_currency_code" in lacking and self._source.currency is None:
            raise NoCurrency(self._source.name, str(tables[0].files[0]))
        return [
            Finding(rule=rule, severity=severity, message=message.format(source=self._source))
            for name, (rule, severity, message) in _EXPECTED.items()
            if name in lacking
        ]


def _exports(source: Source, workdir: Path) -> Local | Pulled | Explored:
    if source.format not in _FORMATS:
        raise ConfigurationError(
            f'Source "{source.name}" has format "{source.format}", which "aws" does not read.',
            f"Set format to one of {', '.join(_FORMATS)}.",
        )
    if source.format == FORMAT:
        if (source.location or "").startswith(SCHEMES):
            raise ConfigurationError(
                f"Source {source.name!r} has the format {FORMAT!r} and the location {source.location}.",
                "Take location away to ask Cost Explorer, or format to read the export that is there.",
            )
        return Explored(source, workdir)
    if misplaced := next((name for name in _ASKED if name in source.options), None):
        raise ConfigurationError(
            f"Source {source.name!r} sets {misplaced}, which is for Cost Explorer.",
            f'Take it away, or set format = "{FORMAT}".',
        )
    if source.location is None:
        raise ConfigurationError(
            f'Source "{source.name}" of connector "aws" has no location.',
            "Set location to the folder, file or glob of its reports, or to s3://bucket/prefix, in finops.toml; "
            f'without any export, format = "{FORMAT}".',
        )
    return Pulled(source, workdir) if source.location.startswith(SCHEMES) else Local(source)


class NoCurrency(BillError):
    """The export does not say what money it is in, and nobody else does."""

    def __init__(self, source: str, file: str) -> None:
        super().__init__(
            f"{file} has no currency column.",
            f'Set currency for the source "{source}" in finops.toml, for example "USD".',
        )


_EXPECTED: Mapping[str, tuple[str, Severity, str]] = {
    "line_item_currency_code": (
        "aws.no-currency-column",
        "info",
        "The export has no currency column; its amounts were taken as {source.currency}, from {source.currency_from}.",
    ),
    "bill_billing_period_start_date": (
        "aws.no-billing-period-column",
        "warning",
        "The export has no billing period; the month of each row's usage was taken, which differs for late charges.",
    ),
    "line_item_line_item_type": (
        "aws.no-line-item-type-column",
        "warning",
        "The export has no line item type; every row was taken as usage, be it commitment, tax or credit.",
    ),
    "line_item_usage_end_date": (
        "aws.no-usage-end-column",
        "info",
        "The export has no end of usage; charges were taken to end with their day.",
    ),
    "line_item_usage_account_id": (
        "aws.no-account-column",
        "warning",
        "The export has no usage account; its cost cannot be told apart by account.",
    ),
}
"""Columns that are expected though the export may lack them: rule, severity and message of the Finding."""
