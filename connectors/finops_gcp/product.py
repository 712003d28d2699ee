"""What a commitment covers, told from the words of SKUs and credits."""

import re
from functools import lru_cache
from typing import NamedTuple

_RESOURCES = (
    (re.compile(r"\b(gpu|nvidia|tpu)\b", re.IGNORECASE), "accelerator"),
    (re.compile(r"\b(ram|memory)\b(?!.optimi)", re.IGNORECASE), "memory"),
    (re.compile(r"\b(v?cpu|core|cores)\b", re.IGNORECASE), "cpu"),
    (re.compile(r"\bssd\b", re.IGNORECASE), "ssd"),
)
_ACCELERATOR = re.compile(r"\b(?:nvidia )?(?:tesla )?([a-z]{1,2}[0-9]{1,4}[a-z]?)(?: [0-9]+gb)? gpu\b", re.IGNORECASE)
_FAMILY = re.compile(
    r"\b(n[1-9]d?|e[2-9]|c[2-9][ad]?|h[3-9]|m[1-9]|a[2-9]|g[2-9]|t2[ad]|z[3-9]|x[4-9]|memory.optimi[sz]ed|compute.optimi[sz]ed)\b",
    re.IGNORECASE,
)
_OLDEST_FAMILY = "n1"
"""What SKUs that name no family are for: those of the first generation, `Commitment v1: Cpu in Americas for 1 Year`."""

FEE = r"(?i)\bcommitment\b"
"""What the SKUs of all commitments are called."""
_FEE = re.compile(FEE)
_COMMITMENT = re.compile(r"\bcommitment\b(?: - dollar based)? v\d", re.IGNORECASE)
_FLEXIBLE = re.compile(r"\bflex", re.IGNORECASE)


class Product(NamedTuple):
    """A resource of a machine family; both lower case, and empty where the words do not say."""

    resource: str
    family: str


NONE = Product("", "")


@lru_cache(maxsize=65_536)
def of(words: str) -> Product:
    """The product in a SKU's description, or in a credit's name.

    >>> of("Commitment v1: Ram in Americas for 3 Year"), of("N2D AMD Instance Core running in Frankfurt")
    (Product(resource='memory', family='n1'), Product(resource='cpu', family='n2d'))
    >>> of("Commitment - dollar based v1: Cloud SQL in us-central1 for 1 year")
    Product(resource='', family='')
    """
    resource = next((name for pattern, name in _RESOURCES if pattern.search(words)), "")
    if not resource:
        return NONE
    named = (_ACCELERATOR if resource == "accelerator" else _FAMILY).search(words)
    return Product(resource, named[1].lower() if named else _OLDEST_FAMILY)


@lru_cache(maxsize=65_536)
def is_fee(words: str) -> bool:
    """Whether a SKU is the fee of a commitment of any kind."""
    return _FEE.search(words) is not None


@lru_cache(maxsize=65_536)
def is_commitment(words: str) -> bool:
    """Whether a SKU is the fee of a commitment whose usage carries credits, by the wording Google gives all of them.

    >>> is_commitment("Commitment v1: Cpu in Frankfurt for 1 Year"), is_commitment("Enterprise 1 Year Commitment")
    (True, False)
    """
    return _COMMITMENT.search(words) is not None


@lru_cache(maxsize=65_536)
def is_flexible(words: str) -> bool:
    """Whether a commitment is for usage in any region."""
    return _FLEXIBLE.search(words) is not None
