"""Files that ship with the package (templates, fonts, the sample bill): in a wheel and in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def templates() -> Path:
    """Folder of report templates, style sheets and fonts."""
    return _shipped("templates")


def sample_data() -> Path:
    """Folder of the sample bill and its `finops.toml`."""
    return _shipped("sample_data")


def _shipped(name: str) -> Path:
    """`finops/NAME` in a wheel, `NAME` beside the package in a checkout."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
