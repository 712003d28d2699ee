"""Names that look random and are not: ids derived from what they stand for, the same in every run."""

import base64
import hashlib
import uuid

_NAMESPACE = uuid.UUID("6f0f7c1e-4b43-5d0c-9a57-1f2f5a1c77de")
_SKU_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def digest(*parts: object) -> bytes:
    """32 bytes that stand for these parts, and for nothing else."""
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).digest()


def line_id(*parts: object) -> str:
    """52 letters and digits in lower case, as in `identity/LineItemId`."""
    return base64.b32encode(digest(*parts)).decode().rstrip("=").lower()


def hexadecimal(length: int, *parts: object) -> str:
    """Hexadecimal digits, as in `i-0123456789abcdef0`."""
    return digest(*parts).hex()[:length]


def number(length: int, *parts: object) -> str:
    """Decimal digits without a leading zero."""
    value = int.from_bytes(digest(*parts), "big")
    return str(10 ** (length - 1) + value % (9 * 10 ** (length - 1)))


def letters(length: int, *parts: object) -> str:
    """Capital letters and digits, as in the SKU of a price list."""
    return "".join(_SKU_LETTERS[byte % len(_SKU_LETTERS)] for byte in digest(*parts))[:length]


def guid(*parts: object) -> str:
    """A UUID in lower case."""
    return str(uuid.uuid5(_NAMESPACE, "|".join(str(part) for part in parts)))


def seed_of(*parts: object) -> int:
    """A number to seed one workload's noise with, so that a new workload leaves the others as they were."""
    return int.from_bytes(digest(*parts)[:8], "big")
