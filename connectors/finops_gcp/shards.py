"""The files BigQuery writes of one export: it numbers them with twelve digits, and writes all of them anew.

Together they are one delivery. Apart, a fee in one file would not find the usage in another, and an export that shrank
by a file would leave the rows of that file behind.
"""

import re
from collections.abc import Iterable

_NUMBERED = re.compile(r"(?P<before>.*?)\d{12}(?P<after>(?:\.[A-Za-z0-9]+)*)")


def together(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Key of each delivery to the keys of its files, both in order.

    >>> together(["b-000000000001.json", "a.csv", "b-000000000000.json"])
    {'a.csv': ('a.csv',), 'b-*.json': ('b-000000000000.json', 'b-000000000001.json')}
    """
    found: dict[str, list[str]] = {}
    for key in sorted(keys):
        folder, slash, name = key.rpartition("/")
        numbered = _NUMBERED.fullmatch(name)
        whole = f"{folder}{slash}{numbered['before']}*{numbered['after']}" if numbered else key
        found.setdefault(whole, []).append(key)
    return {whole: tuple(members) for whole, members in sorted(found.items())}
