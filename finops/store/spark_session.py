"""Sessions of Spark: one that this process has already, or one started for an engine."""

import os
import re
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from finops.errors import ConfigurationError

_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "16",  # the default, 200, is for clusters
}
_OURS = "_started_by_finops"
_PORTS = {"sc": 15002, "spark": 7077}
"""Of masters at an address, where it names none."""
_PATIENCE = 10
"""Seconds until a master's address must answer: Spark itself tries for minutes, and says nothing meanwhile."""


def running() -> Any:
    """A session beside one that this process has; None where it has none."""
    # Newer versions say at each turn that they do not know pandas 3; we hand them Arrow, and never pandas.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NotInstalled(error) from error
    active = SparkSession.getActiveSession()
    return None if active is None else active.newSession()


def started(master: str, memory_limit: str, spill: Path) -> Any:
    """A session of this engine's own.

    Raises:
        ConfigurationError: if Spark cannot start or its master does not answer.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    log = spill / "spark.log"
    builder = SparkSession.builder.appName("finops")
    try:
        _reach(master)
        if master.startswith("sc://"):
            session = builder.remote(master).create()
            session.range(1).count()  # asks the server
        else:
            settings = {
                "spark.driver.memory": f"{_mebibytes(memory_limit)}m",
                "spark.local.dir": str(spill),
                "spark.sql.warehouse.dir": str(spill / "warehouse"),
                "spark.ui.enabled": "false",
                "spark.ui.showConsoleProgress": "false",
                **(_LOCAL if master.startswith("local") else {}),
            }
            with _stderr_to(log):
                session = builder.config(map=settings).master(master).getOrCreate()
    except ImportError as error:
        raise NotInstalled(error) from error
    except (PySparkException, Py4JError, OSError, TypeError) as error:
        raise NotStarted(master, error, log) from error
    setattr(session, _OURS, True)
    return session


def end(session: Any) -> None:
    """End a session that `started` gave; others stay."""
    if getattr(session, _OURS, False):
        session.stop()


def _reach(master: str) -> None:
    """Raise OSError unless one of a master's addresses, `spark://HOST:PORT,HOST:PORT` or `sc://HOST:PORT`, answers."""
    scheme, _, addresses = _address(master).partition("://")
    if scheme not in _PORTS:
        return
    refusals = []
    for address in addresses.split(","):
        host, _, port = address.rpartition(":") if re.search(r":\d+$", address) else (address, "", _PORTS[scheme])
        try:
            socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
        except (OSError, OverflowError, UnicodeError) as error:
            refusals.append(f"{address}: {getattr(error, 'strerror', None) or error}")
        else:
            return
    raise OSError("; ".join(refusals))


def _address(master: str) -> str:
    """A master without what follows its address: that may hold a token."""
    scheme, mark, rest = master.partition("://")
    return scheme + mark + re.split("[/;]", rest)[0]


@contextmanager
def _stderr_to(log: Path) -> Iterator[None]:
    """Let a program started meanwhile write its warnings to a file: Java and Spark write dozens of lines."""
    kept = os.dup(2)
    try:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


_UNITS = {"K": 1 / 1024, "M": 1, "G": 1024, "T": 1024**2}


def _mebibytes(limit: str) -> int:
    """Of a memory limit such as `1.5GB`, at least what Spark starts with."""
    number, unit = re.findall(r"[0-9.]+|[KMGT]", limit)[:2]
    return max(512, int(float(number) * _UNITS[unit]))


def said(error: Exception) -> str:
    """The line of an error that says most: of a job that failed, what its cause says."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    thrown = [line.removeprefix(": ") for line in lines if line.startswith(": ")]
    return (causes[-1:] or thrown or lines)[0].rstrip(".")


class NotInstalled(ConfigurationError):
    """Spark for Python is not there."""

    def __init__(self, error: ImportError) -> None:
        super().__init__(
            f'[store] engine is "spark", and Spark for Python is not installed ({error}).',
            "Type: pip install 'finops[spark]'; Java 17 or newer must be there as well.",
        )


class NotStarted(ConfigurationError):
    """Java is not there, or nobody answers at the master's address."""

    def __init__(self, master: str, error: Exception, log: Path) -> None:
        told = _failed(log) or said(error)
        todo = "Check master under [store]: the cluster must run and be reached from here."
        if "JAVA_GATEWAY_EXITED" in str(error):
            told = next(iter(_lines(log)), told)
            todo = "Install Java 17 or newer (Debian: apt-get install default-jre-headless), or set JAVA_HOME."
        super().__init__(f"Spark with master {_address(master)!r} did not start: {told}.", todo)


def _failed(log: Path) -> str | None:
    """What Spark's last error in its log says (`26/11/26 07:45:13 ERROR Class: what`): not why there is no context."""
    errors = [line.partition(" ERROR ")[2] for line in _lines(log) if " ERROR " in line]
    told = [line.partition(": ")[2].rstrip("!. ") for line in errors if "SparkContext" not in line]
    return told[-1] if told else None


def _lines(log: Path) -> list[str]:
    try:
        return [line.strip().rstrip(".") for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        return []
