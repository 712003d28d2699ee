"""`finops compute`: the AI compute budget; so far its audit, `verify`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from finops.cli.options import Context, common
from finops.report.grid import Column, Grid
from finops.report.grid import Row as GridRow
from finops.verify import Row


@click.group()
def compute() -> None:
    """The AI compute budget: published figures computed again with the tool's own formulas."""


@compute.command()
@click.option(
    "--cases",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    metavar="FILE|DIR",
    help="Cases as CSV: case_id, formula_id, inputs, quantity, expected, unit, tol_rel, tol_abs.",
)
@common("table", "json", "csv", "md")
def verify(context: Context, *, cases: Path) -> None:
    """Compute published tables again; exit 1 where a row is outside its tolerance or of an unknown formula."""
    import json

    from finops import verify as audit
    from finops.report import grid

    rows = audit.verify(cases)
    if context.format == "json":
        context.write(json.dumps(audit.document(rows), ensure_ascii=False, indent=1))
    elif context.format == "csv":
        context.write(grid.comma_separated(*_records(rows)))
    else:
        shown = _grid(rows)
        context.write(grid.markdown(shown) if context.format == "md" else grid.terminal(shown, colour=context.colour))
    if not all(row.ok for row in rows):
        sys.exit(1)


def _records(rows: Sequence[Row]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    header = ("case_id", "formula_id", "quantity", "expected", "computed", "ok", "reason")
    return header, [
        (
            row.case_id,
            row.formula_id,
            row.quantity,
            "" if row.expected is None else repr(row.expected),
            "" if row.computed is None else repr(row.computed),
            "yes" if row.ok else "no",
            row.reason or "",
        )
        for row in rows
    ]


def _grid(rows: Sequence[Row]) -> Grid:

    ok = sum(row.ok for row in rows)
    return Grid(
        title=f"{ok} of {len(rows)} published figures hold",
        columns=(
            Column(header="Case", align="left"),
            Column(header="Formula", align="left", dropped=2),
            Column(header="Quantity", align="left", dropped=1),
            Column(header="Expected"),
            Column(header="Computed"),
            Column(header="Holds"),
        ),
        rows=tuple(
            GridRow(
                cells=(
                    row.case_id,
                    row.formula_id,
                    row.quantity,
                    "–" if row.expected is None else f"{row.expected:.10g}",
                    "–" if row.computed is None else f"{row.computed:.10g}",
                    "yes" if row.ok else "no",
                ),
                style="plain" if row.ok else "high",
            )
            for row in rows
        ),
        notes=tuple(f"{row.where}: {row.case_id}: {row.reason}." for row in rows if not row.ok),
    )
