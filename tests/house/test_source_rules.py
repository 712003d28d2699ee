"""Rules about calls, which import contracts cannot express: who executes, who knows the time, who prints.

Names are followed through imports (`from datetime import datetime as dt`, then `dt.now()` is found), not through
variables.
"""

import ast
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

EXECUTING = frozenset({"execute", "to_pandas", "to_polars", "to_pyarrow", "to_pyarrow_batches"})
ENGINES = frozenset({"ibis.connect", "ibis.duckdb", "ibis.get_backend", "ibis.pyspark", "ibis.set_backend"})
OUTSIDE = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "numpy.random",
        "os.environ",
        "os.getenv",
        "random",
        "secrets",
        "time.gmtime",
        "time.localtime",
        "time.time",
        "time.time_ns",
        "uuid.uuid1",
        "uuid.uuid4",
    }
)
SEEDED = frozenset(
    {
        "numpy.random.Generator",
        "numpy.random.PCG64",
        "numpy.random.SeedSequence",
        "numpy.random.default_rng",
        "random.Random",
    }
)

ALLOWED = {
    ("finops/store/lake.py", "uuid.uuid4"): "two writers must never choose the same file name",
    (
        "finops/store/lake.py",
        "datetime.now",
    ): "the Delta log says when a file was removed; deltalake stamps the commit so",
}


def executions(code: str) -> list[str]:
    """Lines that make an engine compute: an expression's own methods, or an engine that ibis opens."""
    tree = ast.parse(code)
    methods = [func for func in _called(tree) if isinstance(func, ast.Attribute) and func.attr in EXECUTING]
    engines = [node for node, name in _imported_names(tree) if _within(name, ENGINES)]
    return _lines(*methods, *engines)


def reaches_outside(code: str) -> list[str]:
    """Lines that use the clock, the environment or randomness; a generator counts unless it is built from a seed."""
    tree = ast.parse(code)
    unseeded = set(_called(tree, without_arguments=True))
    return _lines(
        *(
            node
            for node, name in _imported_names(tree)
            if _within(name, OUTSIDE) and (node in unseeded or not _within(name, SEEDED))
        )
    )


def prints(code: str) -> list[str]:
    """Lines that call the builtin print."""
    return _lines(*(func for func in _called(ast.parse(code)) if isinstance(func, ast.Name) and func.id == "print"))


def test_only_the_store_executes_expressions(checkout: Path, tracked: list[str]) -> None:
    assert _broken(executions, checkout, _shipped(tracked, spare="finops/store/")) == []


def test_clock_environment_and_randomness_stay_in_the_cli(checkout: Path, tracked: list[str]) -> None:
    found = _broken(reaches_outside, checkout, _shipped(tracked, spare="finops/cli/"))
    allowed = {each for each in found for name, use in ALLOWED if each.startswith(name) and each.endswith(f": {use}")}
    assert set(found) - allowed == set()
    assert len(allowed) == len(ALLOWED), "an exception nobody needs any more"


def test_nothing_prints(checkout: Path, tracked: list[str]) -> None:
    assert _broken(prints, checkout, [name for name in tracked if name.endswith(".py")]) == []


@pytest.mark.parametrize(
    "code",
    [
        "def f(table):\n    return table.sum().execute()",
        "frame = table.to_pandas()",
        "table.to_pyarrow_batches(chunk_size=10)",
        "import ibis\nbackend = ibis.duckdb.connect()",
        "from ibis import connect as open_engine\nopen_engine('duckdb://')",
    ],
)
def test_a_planted_execution_is_found(code: str) -> None:
    assert executions(code) != []


@pytest.mark.parametrize(
    "code",
    [
        "import datetime\ndatetime.datetime.now(datetime.UTC)",
        "from datetime import date as day\nday.today()",
        "from datetime import datetime\nfield(default_factory=datetime.utcnow)",
        "import time\ntime.time()",
        "import os\nos.environ.get('HOME')",
        "from os import getenv\ngetenv('HOME')",
        "def f():\n    import random\n    return random.random()",
        "import random\nrandom.Random()",
        "import numpy as np\nnp.random.normal(size=3)",
        "import numpy as np\nnp.random.default_rng()",
        "from uuid import uuid4\nuuid4()",
    ],
)
def test_a_planted_reach_outside_is_found(code: str) -> None:
    assert reaches_outside(code) != []


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import date\ndate(2026, 10, 1)",
        "import numpy as np\nnp.random.default_rng(seed).normal()",
        "import random\nrandom.Random(7).random()",
        "import time\ntime.sleep(1)",
        "def f(random):\n    return random.random()",
    ],
)
def test_what_was_passed_in_or_seeded_is_no_reach_outside(code: str) -> None:
    assert reaches_outside(code) == []


def test_a_planted_print_is_found() -> None:
    assert prints("def f():\n    print('x')") == ["line 2: print"]


def _shipped(tracked: list[str], *, spare: str) -> list[str]:
    sources = [name for name in tracked if name.endswith(".py") and name.startswith(("finops/", "connectors/"))]
    return [name for name in sources if not name.startswith(spare)]


def _broken(rule: Callable[[str], list[str]], checkout: Path, names: list[str]) -> list[str]:
    assert names, "a rule over no file holds for nothing"
    return [f"{name}, {line}" for name in names for line in rule((checkout / name).read_text(encoding="utf-8"))]


def _called(tree: ast.AST, *, without_arguments: bool = False) -> list[ast.expr]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call.func for call in calls if not (without_arguments and (call.args or call.keywords))]


def _imported_names(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Every use of an imported name with its dots, in full: (`dt.now`, `datetime.datetime.now`)."""
    known = dict(_imports(tree))
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner:
            first, *rest = ast.unparse(node).split(".")
            if first in known and all(part.isidentifier() for part in rest):
                yield node, ".".join([known[first], *rest])


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _within(name: str, prefixes: Collection[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def _lines(*nodes: ast.expr) -> list[str]:
    return sorted({f"line {node.lineno}: {ast.unparse(node)}" for node in nodes})
