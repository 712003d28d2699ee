"""Plugins: list connector names without importing them; load exactly one."""

import difflib
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from finops.connector import Connector, Source
from finops.errors import ConfigurationError

GROUP = "finops.connectors"


def names() -> list[str]:
    """The names of installed connectors, sorted; none is imported."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def connector(name: str, source: Source, workdir: Path) -> Connector:
    """Build the connector of that name for one source.

    Raises:
        UnknownConnector: if none is installed under the name.
        BrokenConnector: if its package cannot be imported.
    """
    entry = find(name, source.name)
    try:
        make: Callable[[Source, Path], Connector] = entry.load()
    except (ImportError, AttributeError) as error:
        raise BrokenConnector(name, entry.value, error) from error
    return make(source, workdir)


def find(name: str, source: str) -> EntryPoint:
    """The entry point of that name; nothing is imported.

    Raises:
        UnknownConnector: if none is installed under the name; `source` is who asked for it.
    """
    found = [entry for entry in entry_points(group=GROUP) if entry.name == name]
    if not found:
        raise UnknownConnector(name, source)
    return found[0]


class UnknownConnector(ConfigurationError):
    """No installed package registers a connector of that name."""

    def __init__(self, name: str, source: str) -> None:
        near = difflib.get_close_matches(name, names(), n=1)
        todo = f"Did you mean {near[0]!r}?" if near else f"Installed: {', '.join(names())}."
        super().__init__(f"Source {source!r} names the connector {name!r}, which is not installed.", todo)


class BrokenConnector(ConfigurationError):
    """A connector is registered but its package cannot be imported."""

    def __init__(self, name: str, value: str, error: Exception) -> None:
        super().__init__(f"The connector {name!r} ({value}) cannot be loaded: {error}.", "Install its package again.")
