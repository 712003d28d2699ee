"""Let the peers forecast a folder of tasks, one after the other, each into a file of its own.

./run peers --tasks DIR --output DIR [NAME...]

`--tasks` holds `history.parquet` and `tasks.parquet`, as for `finops backtest --tasks`. Each peer writes
`OUTPUT/NAME.parquet` and its CPU seconds into `OUTPUT/NAME.txt`; one that has written already is not run again, so a
run that was stopped goes on where it was. `./run bench forecast_accuracy --peers OUTPUT` scores them beside finops.
"""

import argparse
import importlib
import os
import sys
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"  # one thread each: CPU seconds are compared, and threads only cost on series this short

import pandas as pd  # noqa: E402 - after the number of threads is set

PEERS = ("run_rate", "seasonal_naive", "stl", "ets", "auto_theta", "prophet", "auto_ets", "auto_arima")
"""The cheap ones first."""


def main() -> None:
    """Run the peers asked for that have no file yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("peers", nargs="*", metavar="NAME", default=PEERS, help=f"default: {', '.join(PEERS)}")
    arguments = parser.parse_args()
    history = pd.read_parquet(arguments.tasks / "history.parquet")
    tasks = pd.read_parquet(arguments.tasks / "tasks.parquet")
    forecasters = importlib.import_module("forecasters")  # lies beside this script
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in arguments.peers:
        file = arguments.output / f"{name}.parquet"
        if file.exists():
            sys.stderr.write(f"{name}: there already\n")
            continue
        before = sum(os.times()[:4])
        forecasts = getattr(forecasters, name)(history, tasks)
        seconds = sum(os.times()[:4]) - before
        forecasts.to_parquet(file, index=False)
        file.with_suffix(".txt").write_text(f"{seconds:.1f} CPU seconds for {tasks['item_id'].nunique()} items\n")
        sys.stderr.write(f"{name}: {seconds:.0f} CPU seconds\n")


if __name__ == "__main__":
    main()
