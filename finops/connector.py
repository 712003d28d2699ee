"""What a connector is: two calls that touch the world, one pure mapping, one independent sum.

A connector is a class named in the entry-point group `finops.connectors`, built with one `Source` and a folder for
temporary files. What it may offer beyond that are Protocols of one method each: `Checked`, `Permitted`, `Whole`,
`Pulling`, `Discovering`, `Substituted`. How to write one: connectors/README.md; the suite it must pass: finops.testing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from finops.errors import RetryError
from finops.findings import Finding

if TYPE_CHECKING:
    import ibis.expr.types as ir  # heavy: only for annotations


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far something long has come.

    Attributes:
        what: it is doing, a few words such as `aws: downloading 2026-10`; the same from its first step to its last.
        done: how many of `total`, from 0 up.
        total: None where nobody knows.
        unit: what is counted; `bytes` are shown as MB.
    """

    what: str
    done: int
    total: int | None
    unit: str = "files"


Progress = Callable[[Step], None]
"""Takes the steps of something long, as often as they come, from one thread at a time; what it does with them is the
caller's business."""


Tell = Callable[[str], None]
"""Takes one line that a person should read before something happens, for example what it costs."""


def unheard(_: Step | str) -> None:
    """Progress and words nobody waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One `[[sources]]` entry, as a connector sees it.

    Attributes:
        name: unique name; the tables carry it as `x_Source`.
        location: absolute folder, file or glob; None when the source is no files.
        format: what the user says the export is; `auto` lets the connector read the manifest or the header.
        currency: of exports that have no currency column.
        currency_from: where that fallback was configured, for the Finding that names it.
        options: every other key of the entry, as text.
        cache: folder of this source that outlives a run, for what was fetched from a provider; it need not exist yet,
            and everything in it can be fetched again. None where nothing may be kept.
        progress: told how far a download or a query has come.
        tell: told what a person should know before it happens.
    """

    name: str
    location: str | None
    format: str = "auto"
    currency: str | None = None
    currency_from: str = "the source's currency"
    options: Mapping[str, str] = field(default_factory=dict)
    cache: Path | None = None
    progress: Progress = field(default=unheard, compare=False)
    tell: Tell = field(default=unheard, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a provider rewrites as a whole: a manifest's file set, or one exported file.

    Attributes:
        key: stable name inside the source: the same after a restatement. Never a path of this machine.
        fingerprint: changes when, and only when, the content or its mapping changes.
        files: the files of this machine to read; a missing one is an error of `fetch`, not of listing. Empty where
            `fetch` brings them from a provider.
    """

    key: str
    fingerprint: str
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """Files of one layout that an engine can scan as one table.

    Attributes:
        name: identifier of the table inside the export, for example `line_items`.
        files: CSV (gzip by suffix) or Parquet files, all with these columns.
        format: how to read them. CSV cells arrive as text, blank and quoted-blank ones as empty text or null.
        columns: name to Ibis type, in file order; for CSV every type is `string`.
        delimiter: of CSV.
    """

    name: str
    files: tuple[Path, ...]
    format: Literal["csv", "parquet"]
    columns: Mapping[str, str]
    delimiter: str = ","

    def table(self) -> "ir.Table":
        """The files as an unbound Ibis table of this name."""
        import ibis

        return ibis.table(dict(self.columns), name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawExport:
    """One delivery, fetched: tables to map, and what was doubtful while reading it.

    Attributes:
        delivery: what was fetched.
        tables: at least one; the connector knows its own by name.
        findings: doubts of the reader, without rows lost.
    """

    delivery: Delivery
    tables: tuple[RawTable, ...]
    findings: tuple[Finding, ...] = ()

    def table(self, name: str) -> "ir.Table":
        """The table of that name, unbound.

        Raises:
            KeyError: if the export has none of that name.
        """
        return next(table.table() for table in self.tables if table.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotals:
    """What the export says it costs, summed from its text by a reader that shares no code with the mapping.

    Attributes:
        billed: billed cost per (currency, billing month such as `2026-10`); each cell rounded as `money.stored` does.
        rows: rows read.
        rounded_cells: cells of the billed cost that had more than 18 places.
        findings: broken invariants of the provider's, and cells that were rounded.
    """

    billed: Mapping[tuple[str, str], Decimal]
    rows: int
    rounded_cells: int = 0
    findings: tuple[Finding, ...] = ()


class Connector(Protocol):
    """A source of billing exports.

    The constructor takes `(source: Source, workdir: Path)`, stores and never reads. `workdir` is an empty folder that
    lives as long as the connector; staged files go there and nowhere else.
    """

    def deliveries(self) -> list[Delivery]:
        """List what the source holds now, in a stable order.

        Raises:
            AccessError: the location does not exist or may not be read.
            BillError: nothing there is an export this connector knows, or a manifest is broken.
        """
        ...

    def fetch(self, delivery: Delivery) -> RawExport:
        """Make the files of one delivery readable for an engine.

        Raises:
            IncompleteDelivery: the provider has not finished writing it; other deliveries go on.
            AccessError: a file is missing or may not be read.
            BillError: a file is not what its name says, or its columns are not an export of this kind.
        """
        ...

    def to_focus(self, raw: RawExport) -> "ir.Table":
        """Map the export to FOCUS columns. Pure: builds an expression over `raw`'s tables, reads nothing.

        The expression depends on the tables' names and columns alone, so exports of one layout share theirs.

        Returns:
            A table with any subset of the columns of `finops.focus.columns`, in any order, at least `REQUIRED`;
            what is left out becomes null. One row per row of the export, plus Unused-commitment, Credit and
            Adjustment rows. Types: money and prices `decimal(36, 18)`, quantities `float64`, times
            `timestamp('UTC')`, the rest `string`.
        """
        ...

    def control_totals(self, raw: RawExport) -> ControlTotals:
        """Sum the export again, from its text, without the mapping and its engine.

        Raises:
            BillError: an amount is not a number, or a row has no currency or billing month; names file and line.
        """
        ...


class IncompleteDelivery(RetryError):
    """A delivery that the provider has not finished; what was read of it earlier stays, other deliveries go on.

    Args:
        key: of the delivery.
        why: how one knows, for example `its manifest names x.csv.gz, which is not there yet`.
    """

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"{key} is not complete: {why}.", "What was read of it earlier stays; a later run takes it.")


@runtime_checkable
class Whole(Protocol):
    """A connector whose source holds the whole of a bill, so that no other source may hold it too."""

    def bill(self) -> str | None:
        """Whose bill, in words that are the same for every source of it; None where the entry does not say.

        Asks nobody.
        """
        ...


@runtime_checkable
class Pulling(Protocol):
    """A connector that brings many deliveries faster together than one by one."""

    def pull(self, deliveries: Sequence[Delivery]) -> None:
        """Bring what these deliveries need, as far as there is room for it; `fetch` brings the rest.

        Raises:
            AccessError, RetryError: as `fetch`, but for deliveries that are not complete.
        """
        ...


CheckStatus = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that `finops doctor` looked at.

    Attributes:
        name: what was looked at, one or two words such as `credentials`.
        status: `warning` where the tool works but something deserves a look, `failed` where it cannot do its job.
        message: one sentence with the value, account, bucket or path concerned.
        todo: what the reader does about it; None where there is nothing to do.
    """

    name: str
    status: CheckStatus
    message: str
    todo: str | None = None


@runtime_checkable
class Checked(Protocol):
    """A connector that can say what stands between it and its exports."""

    def checks(self) -> list[Check]:
        """Look at access, rights and exports, from the outside in; what depends on a failed check is left out.

        May ask the provider, but only calls that are free of charge. Raises nothing for what is wrong with the source.
        """
        ...


@runtime_checkable
class Permitted(Protocol):
    """A connector that needs rights at its provider."""

    def policy(self) -> str:
        """The least rights its source needs, as text to hand to the provider.

        Asks nobody. Where the source says no location, placeholders in capital letters stand for it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteExport:
    """A cost export that exists at a provider.

    Attributes:
        name: its own.
        location: as a source's location says it.
        description: what it is, a few words.
        trouble: what its provider says is wrong with it; None where nothing is.
    """

    name: str
    location: str
    description: str
    trouble: str | None = None


@runtime_checkable
class Discovering(Protocol):
    """A connector that can ask its provider which exports there are."""

    def exports(self) -> list[RemoteExport]:
        """The exports that the one who is signed in may see; free of charge.

        Raises:
            AccessError, RetryError: the provider cannot be asked.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What a source can be where its provider has no cost export.

    Attributes:
        settings: of its entry, beside name and connector.
        description: what it gives and costs, in a sentence or two.
    """

    settings: Mapping[str, str]
    description: str


@runtime_checkable
class Substituted(Protocol):
    """A connector that can do without a cost export."""

    def fallback(self) -> Fallback:
        """What to set, and what that costs; asks nobody."""
        ...
