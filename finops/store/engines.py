"""Engines: the one place that chooses what executes expressions."""

from pathlib import Path
from typing import Protocol

from finops.store.engine import DuckDB, Engine
from finops.store.spark import Spark


class Settings(Protocol):
    """What [store] of finops.toml says about the engine."""

    @property
    def engine(self) -> str:
        """`duckdb` or `spark`."""
        ...

    @property
    def master(self) -> str:
        """Where Spark runs."""
        ...

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
    if settings.engine == "spark":
        return Spark(master=settings.master, memory_limit=settings.memory_limit, spill=spill)
    return DuckDB(memory_limit=settings.memory_limit, spill=spill)
