"""Write the sample bill of a made-up company in the providers' own formats.

    python sample_data/generate.py [--out DIR] [--seed N]

The same seed gives the same rows; see README.md beside this file.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bill import (
    aws_cur2,
    aws_legacy,
    aws_lines,
    azure_focus,
    chapters,
    company,
    files,
    gcp_export,
    period,
    rates,
    story,
    truth,
)
from bill.aws_line import CurLine
from bill.truth import MonthTotal

SEED = 20260901


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and write everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write to, default: here")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    totals = write(options.out, options.seed)
    for source, months in totals.items():
        sys.stdout.write(f"{source}: {sum(month.rows for month in months):,} rows in {len(months)} months\n")


def write(folder: Path, seed: int = SEED) -> dict[str, list[MonthTotal]]:
    """Write every export, `rates.csv` and `TRUTH.json` under a folder.

    Returns:
        Control totals per source.
    """
    aws, gcp, azure = (
        aws_lines.lines_by_month(seed),
        gcp_export.rows_by_month(seed),
        azure_focus.rows_by_month(seed),
    )
    totals = {**_write_aws(folder, aws), "gcp": gcp_export.write(folder / "gcp", gcp),
              "azure": azure_focus.write(folder / "azure", azure)}  # fmt: skip
    rates.write(folder)
    document = {
        "company": company.NAME,
        "seed": seed,
        "first_day": f"{period.FIRST_DAY}",
        "last_day": f"{period.LAST_DAY}",
        "sources": truth.by_source(totals),
        "story": chapters.told(aws, gcp, azure),
    }
    files.write_json(folder / "TRUTH.json", document)
    return totals


def _write_aws(folder: Path, by_month: Mapping[str, list[CurLine]]) -> dict[str, list[MonthTotal]]:
    """The first month is a legacy report; the company moved to CUR 2.0 in September."""
    first, *later = by_month.items()
    restated = story.RESTATEMENT
    superseded = aws_lines.as_first_invoiced(by_month[restated.month])
    aws_cur2.write(folder / "aws", restated.month, superseded, restated.invoiced_at)
    return {
        "aws-legacy": [aws_legacy.write(folder / "aws-legacy", *first)],
        "aws": [aws_cur2.write(folder / "aws", month, lines, story.executed_at(month)) for month, lines in later],
    }


if __name__ == "__main__":
    main()
