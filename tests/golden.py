"""What people see, kept as text beside the test: read like a page, written anew by `pytest --update-golden`."""

from pathlib import Path

UPDATE = "--update-golden"


def sections(file: Path) -> dict[str, str]:
    """The parts of a golden file: a line `=== name`, then its text, until the next such line."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        if line.startswith("=== "):
            lines = found.setdefault(line.removeprefix("=== "), [])
        else:
            lines.append(line)
    return {name: "\n".join(text).strip("\n") for name, text in found.items()}


def write(file: Path, head: str, parts: dict[str, str]) -> None:
    """Write a golden file: a head for its reader, then each part under its name."""
    text = "".join(f"\n=== {name}\n{part}\n" for name, part in parts.items())
    file.write_text(f"{head}\n{text}", encoding="utf-8")
