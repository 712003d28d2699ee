"""A process that has imported what `finops ingest` imports, and forks a run per request: `python warm.py FOLDER`.

It ingests FOLDER once, in a child, to learn which modules that takes; after an import of its own it answers "ready".
Per line on standard input, a JSON list [folder, file for what the run says], it forks and answers with the child's
number; the child waits for the next line, so that whoever asked can attach to it first, then runs. The last answer is
how the child ended, as `subprocess` counts it.
"""

import contextlib
import importlib
import json
import os
import sys
import traceback
import warnings


def main() -> None:
    """Serve until standard input ends."""
    _import(_modules_of_a_run(sys.argv[1]))
    _answer("ready")
    for line in sys.stdin:
        folder, told = json.loads(line)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(write)
            os.read(read, 1)
            os._exit(_ingest(folder, told))
        os.close(read)
        _answer(child)
        sys.stdin.readline()
        os.write(write, b"\n")
        os.close(write)
        _, status = os.waitpid(child, 0)
        _answer(os.waitstatus_to_exitcode(status))


def _modules_of_a_run(folder: str) -> list[str]:
    """A child may start threads, which the parent must not have: none of them would live on in its other children."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _ingest(folder, os.devnull)
        with open(write, "w", encoding="utf-8") as out:  # noqa: PTH123 - a descriptor
            json.dump(sorted(sys.modules), out)
        os._exit(0)
    os.close(write)
    with open(read, encoding="utf-8") as told:  # noqa: PTH123 - a descriptor
        modules: list[str] = json.load(told)
    os.waitpid(child, 0)
    return modules


def _import(names: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            with contextlib.suppress(Exception):  # names that modules only registered
                importlib.import_module(name)


def _ingest(folder: str, told: str) -> int:
    from finops.cli.main import main as command

    os.chdir(folder)
    out = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 2)
    sys.argv = ["finops", "ingest"]
    try:
        command()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:  # noqa: BLE001 - what a console would show
        traceback.print_exc()
        return 1
    return 0


def _answer(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
