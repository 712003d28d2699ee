"""The spreadsheet of a study: LibreOffice calculates what is stored, to the cent, also after an input is changed."""

import io
import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from finops.report import tco_workbook
from finops.tco.answer import answer
from finops.tco.cashflow import flows
from finops.tco.compare import break_even_month
from finops.tco.scenario import Study
from finops.tco.scenario_file import load
from tests.tco import studies
from tests.tco.test_properties import ASSETS

AS_OF = date(2026, 11, 25)
DOCS = Path(__file__).parents[2] / "docs" / "tco"
CENT = 0.005

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:.*:UserWarning:openpyxl"),  # what LibreOffice writes and openpyxl does not read
]


def rendered(study: Study) -> bytes:
    return tco_workbook.render(study, answer(study, as_of=AS_OF, seed=1, draws=200))


def without_results(written: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb"(</f>)<v>.*?</v>", rb"\1", part, flags=re.DOTALL)
            target.writestr(name, part)
    return out.getvalue()


def calculated(books: dict[str, bytes], folder: Path) -> dict[str, Any]:
    """The workbooks as LibreOffice calculates them."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    (folder / "out").mkdir()
    for name, written in books.items():
        (folder / f"{name}.xlsx").write_bytes(written)
    given = [str(folder / f"{name}.xlsx") for name in books]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "out"), *given]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {name: openpyxl.load_workbook(folder / "out" / f"{name}.xlsx", data_only=True) for name in books}


def test_libreoffice_calculates_every_stored_figure_to_the_cent(tmp_path: Path) -> None:
    everything = """tax_rate = 0.25"""
    made = {file.stem: load(file) for file in sorted(DOCS.glob("*.toml"))}
    for at, asset in enumerate(ASSETS.values()):
        made[f"asset{at}"] = studies.study(tmp_path, asset=asset, life=30, study=everything if at % 2 else "")
    stored = {name: rendered(study) for name, study in made.items()}
    found = calculated({name: without_results(written) for name, written in stored.items()}, tmp_path)
    compared = 0
    for name, written in stored.items():
        for sheet in openpyxl.load_workbook(io.BytesIO(written), data_only=True):
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, int | float):
                        other = found[name][sheet.title][cell.coordinate].value
                        assert other == pytest.approx(cell.value, abs=CENT), (name, sheet.title, cell.coordinate)
                        compared += 1
    assert compared > 20_000


def test_a_changed_assumption_moves_the_break_even_as_ours_does(tmp_path: Path) -> None:
    study = studies.study(tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(without_results(rendered(study))))
    cell = next(row[1] for row in book["Inputs"].iter_rows() if row[0].value == "Own: Server, price")
    cell.value = 150_000
    changed = io.BytesIO()
    book.save(changed)
    found = calculated({"changed": changed.getvalue()}, tmp_path)["changed"]
    values = {"options.Own.assets.Server.cost": 150_000.0}
    own, cloud = (flows(study, name, values).cumulative for name in ("Own", "Cloud"))
    ours, before = break_even_month(own, cloud).month, break_even_month(flows(study, "Own").cumulative, cloud).month
    shown = {row[0].value: row[1].value for row in found["Answer"].iter_rows()}
    assert shown["Break-even month, Own against Cloud"] == ours != before


def test_texts_of_a_scenario_are_never_formulas(tmp_path: Path) -> None:
    evil = '=HYPERLINK(\\"http://x\\",\\"y\\")'
    once = f'once = [{{ name = "{evil}", month = 0, cost = {{ value = 5, source = "{evil}" }} }}]'
    written = rendered(studies.study(tmp_path, own=once))
    book = openpyxl.load_workbook(io.BytesIO(written))
    hostile = [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if "HYPERLINK" in str(cell.value or "")
    ]
    assert hostile
    assert {cell.data_type for cell in hostile} == {"s"}
