"""What the repository may hold: the top level as agreed, no address of a registry, no path of somebody's machine."""

import re
from pathlib import Path

TOP_LEVEL = {
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "benchmarks",
    "connectors",
    "docs",
    "finops",
    "pyproject.toml",
    "requirements.lock",
    "run",
    "sample_data",
    "templates",
    "tests",
}
# Also the options that would carry such an address in a requirements file.
REGISTRY = re.compile(
    rb"https?://[^\s\"'<>]*(?:pypi|pythonhosted|artifactory|nexus|jfrog|/simple\b)"
    rb"|^\s*--?(?:i|index-url|extra-index-url|find-links)[ =]\S",
    re.IGNORECASE | re.MULTILINE,
)
MACHINE_PATH = re.compile(rb"(?<![\w.:/~*-])/(?:home|root|work|Users|mnt)/[\w.]|\b[A-Z]:\\Users\\")


def test_the_top_level_is_as_agreed(tracked: list[str]) -> None:
    assert {name.partition("/")[0] for name in tracked} == TOP_LEVEL


def test_no_file_names_a_package_registry(checkout: Path, tracked: list[str]) -> None:
    assert _found(REGISTRY, checkout, tracked) == []


def test_no_file_names_a_path_of_a_machine(checkout: Path, tracked: list[str]) -> None:
    assert _found(MACHINE_PATH, checkout, tracked) == []
    here = re.compile(rb"(?<![\w.-])" + re.escape(bytes(checkout)) + rb"(?![\w-])")
    assert _found(here, checkout, tracked) == []


def test_a_planted_address_or_path_is_found() -> None:
    host = b"https://" + b"pypi.example/root"
    for text in (host, b"pkg==1\n--index" + b"-url x://y", b"https://mirror.example/" + b"simple/"):
        assert REGISTRY.search(text), text
    for text in (b'open("/' + b'home/ada/bill.csv")', b"C:" + b"\\Users\\ada"):
        assert MACHINE_PATH.search(text), text
    for text in (b"s3://bucket/home/x", b"a/work/b", b"https://example.com/home/x"):
        assert not MACHINE_PATH.search(text), text


def test_every_locked_package_has_hashes_and_no_address(checkout: Path) -> None:
    lock = (checkout / "requirements.lock").read_text()
    packages = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert [each.split("\n", 1)[0] for each in packages if "--hash=sha256:" not in each] == []
    assert "://" not in lock


def _found(pattern: re.Pattern[bytes], checkout: Path, tracked: list[str]) -> list[str]:
    texts = ((name, (checkout / name).read_bytes()) for name in tracked)
    return [f"{name}: {match[0].decode(errors='replace')}" for name, text in texts for match in pattern.finditer(text)]
