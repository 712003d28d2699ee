"""Printable: text without characters that no page shows and that would make markup unreadable."""

import re

_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Controls, overrides of the reading direction and lone surrogates: nothing of the page's own, so always data."""


def printable(text: str) -> str:
    r"""The text with a mark in place of each such character.

    >>> printable("a\x00b")
    'a\ufffdb'
    """
    return _NOT_TEXT.sub("\ufffd", text)
