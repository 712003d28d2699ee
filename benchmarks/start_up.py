"""CPU seconds until `finops --help` is there, against a click program that does nothing else."""

import os
import statistics
import subprocess
import sys

BARE = """
import click

@click.group()
def main():
    "A program."

@main.command()
def run():
    "A command."

main(["--help"])
"""
FINOPS = """
import sys
from finops.cli.main import main

sys.argv = ["finops", "--help"]
main()
"""


def cpu_seconds(program: str) -> float:
    """User and system time of a fresh interpreter that runs the program.

    Raises:
        CalledProcessError: if the program fails; its stderr goes where ours goes.
    """
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return usage.ru_utime + usage.ru_stime


def measure(runs: int = 9) -> tuple[float, float]:
    """Median CPU seconds of `finops --help` and of the bare program, run in turns: both meet the same machine."""
    both = [(cpu_seconds(FINOPS), cpu_seconds(BARE)) for _ in range(runs)]
    return statistics.median(ours for ours, _ in both), statistics.median(bare for _, bare in both)


def main() -> None:
    """Write one line."""
    ours, bare = measure()
    sys.stdout.write(f"finops --help {ours:.3f} s, bare click {bare:.3f} s of CPU: {ours / bare:.2f} times\n")


if __name__ == "__main__":
    main()
