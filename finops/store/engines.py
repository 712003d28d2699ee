"""Engines: the one place that chooses what executes expressions."""

from pathlib import Path
from typing import Protocol

from finops.store.engine import DuckDB, Engine


class Settings(Protocol):
    """What [store] of finops.toml says about the engine."""

    @property
    def memory_limit(self) -> str:
        """For example `4GB`."""
        ...


def opened(settings: Settings, *, spill: Path) -> Engine:
    """The engine that [store] names, not started yet.

    Args:
        settings: of [store].
        spill: existing folder for temporary files; the caller removes it.
    """
    return DuckDB(memory_limit=settings.memory_limit, spill=spill)
