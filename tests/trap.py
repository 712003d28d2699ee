"""Trap: a process stops before each operation that changes files, and another one says whether it happens or fails.

Linux does it for any process that asks (seccomp with user notification, see seccomp(2) and seccomp_unotify(2)): no
rights are needed, native code is met as well, and operations of all threads have one order. Numbers are of x86-64.
"""

import ctypes
import errno
import fcntl
import os
import platform
import select
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DESCRIPTOR = {"write": 1, "pwrite64": 18, "writev": 20, "fsync": 74, "fdatasync": 75, "ftruncate": 77, "pwritev": 296}
_PATH = {"open": 2, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86, "unlink": 87}
_FOLDER_AND_PATH = {"openat": 257, "mkdirat": 258, "unlinkat": 263, "renameat": 264, "linkat": 265, "renameat2": 316}
_CALLS = {number: name for group in (_DESCRIPTOR, _PATH, _FOLDER_AND_PATH) for name, number in group.items()}
_SECCOMP = 317
_NO_NEW_PRIVILEGES = 38
_NEW_LISTENER = 8
_ALLOW, _ASK = 0x7FFF0000, 0x7FC00000
_RECEIVE, _SEND, _STILL_ASKED = 0xC0502100, 0xC0182101, 0x40082102
_NOTICE, _ANSWER = "QIIiIQ6Q", "QqiI"
_GO_ON = 1
_CHANGING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_LONGEST_PATH = 4096
_ROOT = Path(__file__).parents[1]

Decide = Callable[[int, "Operation"], int]
"""From the place of an operation (1, 2, ...) and itself to 0, it happens, or the error number it fails with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A system call that changes files, and the path it names (the old one where it names two)."""

    call: str
    path: str


@cache
def missing() -> str | None:
    """What keeps this machine from it, found by stopping one process of no importance; None: nothing does."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return "the numbers of system calls are those of Linux on x86-64"
    trial = [sys.executable, "-m", "tests.trap"]
    tried = subprocess.run(trial, cwd=_ROOT, capture_output=True, text=True, timeout=60, check=False)
    if tried.returncode == 0:
        return None
    return (tried.stderr.strip().splitlines() or [f"trying it ended with {tried.returncode}"])[-1]


def install() -> int:
    """Put this process, and what it starts, into the trap; returns the descriptor another process watches it by."""
    load, equal, answer = 0x20, 0x15, 0x06
    instructions = [(load, 0, 0, 0)]
    instructions += [(equal, len(_CALLS) - at, 0, number) for at, number in enumerate(_CALLS)]
    instructions += [(answer, 0, 0, _ALLOW), (answer, 0, 0, _ASK)]
    code = b"".join(struct.pack("HBBI", *one) for one in instructions)
    program = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(instructions), ctypes.addressof(program))
    c = ctypes.CDLL(None, use_errno=True)
    if c.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise _refused("no_new_privs")
    listener: int = c.syscall(_SECCOMP, 1, _NEW_LISTENER, ctypes.create_string_buffer(header, len(header)))
    if listener < 0:
        raise _refused("seccomp")
    return listener


def _refused(what: str) -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code), what)


def watch(listener: int, folders: Iterable[Path], decide: Decide, *, patience: float) -> list[Operation]:
    """Answer a trapped process until it has ended.

    Args:
        listener: what `install` returned there.
        folders: operations elsewhere happen, and are not counted.
        decide: about each operation below them; it may also end the process.
        patience: seconds without any operation after which the process counts as hung.

    Raises:
        TimeoutError: it hangs.
    """
    met: list[Operation] = []
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while True:
        events = poll.poll(patience * 1000)
        if not events:
            raise TimeoutError
        if not events[0][1] & select.POLLIN:
            return met
        notice = bytearray(struct.calcsize(_NOTICE))
        # one that was killed meanwhile has no files any more, or is gone
        with suppress(FileNotFoundError, ProcessLookupError):
            fcntl.ioctl(listener, _RECEIVE, notice)
            key, thread, _, number, _, _, *arguments = struct.unpack(_NOTICE, notice)
            operation = _operation(thread, _CALLS[number], arguments)
            fcntl.ioctl(listener, _STILL_ASKED, struct.pack("Q", key))  # else what was read is not what it asked
            error = 0
            if operation is not None and any(map(Path(operation.path).is_relative_to, folders)):
                met.append(operation)
                error = decide(len(met), operation)
            fcntl.ioctl(listener, _SEND, bytearray(struct.pack(_ANSWER, key, 0, -error, 0 if error else _GO_ON)))


def _operation(thread: int, call: str, arguments: list[int]) -> Operation | None:
    """None for opening a file only to read it, and for pipes, sockets and the like."""
    process = f"/proc/{thread}"
    if call in _DESCRIPTOR:
        path = str(Path(f"{process}/fd/{arguments[0] & 0xFFFFFFFF}").readlink())
        return Operation(call=call, path=path.removesuffix(" (deleted)")) if path.startswith("/") else None
    beside = call in _FOLDER_AND_PATH
    if call in {"open", "openat"} and not arguments[2 if beside else 1] & _CHANGING:
        return None
    with Path(f"{process}/mem").open("rb", 0) as memory:
        memory.seek(arguments[1 if beside else 0])
        path = os.fsdecode(memory.read(_LONGEST_PATH).partition(b"\0")[0])
    if not path.startswith("/"):
        handle = arguments[0] & 0xFFFFFFFF if beside else None
        folder = f"fd/{handle}" if handle is not None and handle < 1 << 31 else "cwd"
        path = str(Path(f"{process}/{folder}").readlink() / path)
    return Operation(call=call, path=path)


def _try_out(folder: Path) -> None:
    """Stop a child before it makes a folder, and let that fail; raises whatever keeps it from happening."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        try:
            listener = install()
            socket.send_fds(theirs, [b"1"], [listener])
            os.close(listener)
            (folder / "made").mkdir()
        except OSError as error:
            theirs.send(str(error).encode())
            os._exit(error.errno or 1)
        os._exit(0)
    theirs.close()
    told, listeners, _, _ = socket.recv_fds(ours, 100, 1)
    met = watch(listeners[0], [folder], lambda _, __: errno.EDQUOT, patience=10) if listeners else []
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != errno.EDQUOT or [one.call for one in met] != ["mkdir"]:
        raise OSError(f"seccomp's user notification does not work here: {told.decode()}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        _try_out(Path(made))
