"""Examples in docstrings hold."""

import doctest
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import finops
import finops_aws
import finops_focus
import finops_gcp


def _modules() -> Iterator[str]:
    for package in (finops, finops_aws, finops_focus, finops_gcp):
        yield package.__name__
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                yield module.name


@pytest.mark.parametrize("name", list(_modules()))
def test_the_examples_of_a_module_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
