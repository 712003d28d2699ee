"""Runs in children of a process that has imported what they need: a tenth of the time, and faults may fall into them.

The process is this module's own (`python -m tests.warm JOB [FOLDER]`): per line on standard input (a `Request` as JSON)
it forks, lets the fault happen and answers with an `Outcome`. With a folder it first ingests that one in a child, to
learn what an ingest takes: modules, and statements of expressions (two fifths of a run).
"""

import contextlib
import errno
import gc
import importlib
import json
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests import trap

PATIENCE = 60
"""Seconds after which a run counts as hung."""

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One run.

    Attributes:
        folder: what it is about.
        job: another one than the process was started for; empty: that one.
        said: file that gets what the run says.
        watched: folders below which operations count; none: nothing is watched.
        at: which operation fails, counted from 1; 0: none.
        error: what it fails with; 0: the process is killed there.
        on: all operations after it fail as well, but those that remove something: the disk stays full.
        kill_after: seconds after which it is killed; 0: it is not.
    """

    folder: str
    said: str
    job: str = ""
    watched: tuple[str, ...] = ()
    at: int = 0
    error: int = 0
    on: bool = False
    kill_after: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended.

    Attributes:
        code: as `subprocess` counts it.
        operations: (call, path) of what it did below the watched folders.
        hung: it did nothing for a minute, and was killed.
        said: on standard error.
    """

    code: int
    operations: list[tuple[str, str]] = field(default_factory=list)
    hung: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """The process, as a test sees it.

    Attributes:
        process: itself.
        folder: what runs are about.
        watched: where operations count.
        temporary: folder for temporary files.
        said: file for what a run says.
    """

    process: "subprocess.Popen[str]"
    folder: Path
    watched: tuple[Path, ...]
    temporary: Path
    said: Path

    def run(
        self, job: str = "", *, watched: bool = False, at: int = 0, error: int = 0, on: bool = False, kill: float = 0
    ) -> Outcome:
        """One run, as a `Request` says; it must not hang, nor show a traceback."""
        request = Request(
            folder=str(self.folder),
            said=str(self.said),
            job=job,
            watched=tuple(map(str, self.watched)) if watched else (),
            at=at,
            error=error,
            on=on,
            kill_after=kill,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asdict(request)) + "\n")
        self.process.stdin.flush()
        outcome = Outcome(**json.loads(self.process.stdout.readline()))
        assert not outcome.hung, f"it hangs: {request}"
        assert "Traceback" not in outcome.said, outcome.said
        return outcome


@contextlib.contextmanager
def warmed(
    job: str, folder: Path, *, watched: Iterable[Path], home: Path, temporary: Path, learn: Path | None = None
) -> Iterator[Warm]:
    """The process, ended afterwards.

    Args:
        job: `ingest` or `commit`.
        folder: what runs are about.
        watched: folders below which operations count.
        home: for what runs say, and for settings.
        temporary: folder for temporary files.
        learn: a folder to ingest first.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FINOPS_")}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.warm", job, *([] if learn is None else [str(learn)])],
        cwd=_ROOT,
        env={**kept, "XDG_CONFIG_HOME": str(home), "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        said = home / "said.txt"
        yield Warm(process=process, folder=folder, watched=tuple(watched), temporary=temporary, said=said)
        process.stdin.close()


def main(job: str, learn: str | None = None) -> None:
    """Serve until standard input ends."""
    _import(_MODULES[job])
    if learn is not None:
        from finops.store import engine

        modules, statements = _learnt(learn)
        _import(modules)
        engine._statements.update(statements)  # noqa: SLF001 - as they are remembered in one process
    gc.freeze()
    _answer("ready")
    for line in sys.stdin:
        request = Request(**json.loads(line))
        _answer(json.dumps(asdict(_run(request.job or job, request))))
    os._exit(0)  # without the libraries' last words


def _run(job: str, request: Request) -> Outcome:
    ours, theirs = socket.socketpair()
    said = Path(request.said)
    said.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        if request.watched:
            listener = trap.install()
            socket.send_fds(theirs, [b"1"], [listener])
            os.close(listener)
        os._exit(_code_of(job, request))
    theirs.close()
    met: list[trap.Operation] = []
    hung = False
    with ours:
        try:
            if request.watched:
                met = _watched(child, ours, request)
            else:
                hung = not _ended(child, request.kill_after or PATIENCE) and not request.kill_after
        except TimeoutError:
            hung = True
        if hung or request.kill_after:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return Outcome(
        code=os.waitstatus_to_exitcode(status),
        operations=[(one.call, one.path) for one in met],
        hung=hung,
        said=said.read_text(encoding="utf-8") if said.exists() else "",
    )


def _watched(child: int, ours: socket.socket, request: Request) -> list[trap.Operation]:
    _, [listener], _, _ = socket.recv_fds(ours, 1, 1)

    def decide(place: int, operation: trap.Operation) -> int:
        if place == request.at and not request.error:
            os.kill(child, signal.SIGKILL)
            return errno.EIO  # whichever it meets first, the operation does not happen
        takes_space = operation.call not in {"unlink", "unlinkat", "rmdir"}
        met = place == request.at or (request.on and place > request.at > 0 and takes_space)
        return request.error if met else 0

    folders = tuple(map(Path, request.watched))
    killing = threading.Timer(request.kill_after, os.kill, (child, signal.SIGKILL))
    if request.kill_after:
        killing.start()
    try:
        return trap.watch(listener, folders, decide, patience=PATIENCE)
    finally:
        killing.cancel()
        os.close(listener)


def _ended(child: int, seconds: float) -> bool:
    descriptor = os.pidfd_open(child)
    ready, _, _ = select.select([descriptor], [], [], seconds)
    os.close(descriptor)
    return bool(ready)


def _learnt(folder: str) -> "tuple[list[str], dict[Any, str]]":
    """A child may start threads, which the parent must not have: none of them would live on in its other children."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        from finops.store import engine

        code = _code_of("ingest", Request(folder=folder, said=os.devnull))
        with open(write, "wb") as out:  # noqa: PTH123 - a descriptor
            pickle.dump((sorted(sys.modules), engine._statements), out)  # noqa: SLF001 - as in `main`
        os._exit(code)
    os.close(write)
    with open(read, "rb") as told:  # noqa: PTH123 - a descriptor
        learnt: tuple[list[str], dict[Any, str]] = pickle.load(told)  # noqa: S301 - from our own child
    os.waitpid(child, 0)
    return learnt


def _import(names: Iterable[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            with contextlib.suppress(Exception):  # names that modules only registered
                importlib.import_module(name)


def _code_of(job: str, request: Request) -> int:
    """Do it, and give the code a process would end with."""
    out = os.open(request.said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 2)
    try:
        _JOBS[job](request.folder)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:  # noqa: BLE001 - what a console would show
        traceback.print_exc()
        return 1
    return 0


def _ingest(folder: str) -> None:
    """The command."""
    from finops.cli.main import main as command

    os.chdir(folder)
    sys.argv = ["finops", "ingest"]
    command()


def _commit(folder: str) -> None:
    """Replace both months of a table: version n holds n and twice that."""
    from finops.errors import FinopsError
    from finops.store.lake import LakeTable
    from tests.store.conftest import SCHEMA, staged

    table = LakeTable(Path(folder), SCHEMA)
    seen = table.version()
    amount = (seen or 0) + 1
    try:
        files = [staged(table, f"2026-0{month}", str(amount), [month * amount]) for month in (1, 2)]
        table.commit(add=files, remove=table.files(), seen=seen, why={})
    except (FinopsError, OSError) as error:
        sys.stderr.write(str(error))
        sys.exit(1)


def _vacuum(folder: str) -> None:
    """Keep what the newest version of a table needs."""
    from datetime import UTC, datetime

    from finops.errors import FinopsError
    from finops.store.lake import LakeTable
    from tests.store.conftest import SCHEMA

    try:
        LakeTable(Path(folder), SCHEMA).vacuum(datetime.now(UTC), grace_hours=0)
    except FinopsError as error:
        sys.stderr.write(str(error))
        sys.exit(1)


_JOBS = {"ingest": _ingest, "commit": _commit, "vacuum": _vacuum}
_MODULES = {
    "ingest": (
        *("finops.cli.main", "finops.pipeline", "finops.analysis", "ibis.backends.duckdb", "deltalake", "pandas"),
        *("pyarrow.parquet", "jsonschema", "finops_focus.connector"),
    ),
    "commit": ("deltalake.transaction", "finops.store.lake", "pandas", "tests.store.conftest"),
}


def _answer(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
