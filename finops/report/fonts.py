"""Fonts: the bundled typeface as style sheet rules, embedded and cut to the characters used, or by address.

The files ship whole and unchanged; they are cut only inside the documents made with them.
"""

import base64
import io

from finops import resources

SCHEME = "finops-font"
"""Scheme of the addresses under which the PDF writer asks for a bundled font."""

_FAMILY = "IBM Plex Sans"
_FACES = (
    ("IBMPlexSans-Regular.woff2", 400, "normal"),
    ("IBMPlexSans-Italic.woff2", 400, "italic"),
    ("IBMPlexSans-SemiBold.woff2", 600, "normal"),
)
_FEATURES = ("ccmp", "kern", "liga", "locl", "mark", "mkmk")


def read(name: str) -> bytes:
    """One bundled font file.

    Raises:
        KeyError: if no font of this name ships.
    """
    if name not in {file for file, _, _ in _FACES}:
        raise KeyError(name)
    return (resources.templates() / "fonts" / name).read_bytes()


def linked() -> str:
    """Rules that name each face by its address."""
    return "\n".join(_rule(weight, style, f"{SCHEME}:{name}") for name, weight, style in _FACES)


def embedded(text: str) -> str:
    """Rules that carry each face, cut to the characters of a text; a face none of whose marks are used stays out.

    Args:
        text: everything that will be set, markup included; characters the face lacks are ignored.
    """
    characters = "".join(sorted(set(text)))
    faces = _FACES if _uses_italic(text) else tuple(face for face in _FACES if face[2] == "normal")
    return "\n".join(
        _rule(weight, style, f"data:font/woff2;base64,{base64.b64encode(_cut(name, characters)).decode('ascii')}")
        for name, weight, style in faces
    )


def _uses_italic(text: str) -> bool:
    return "<em" in text or "italic" in text


def _rule(weight: int, style: str, address: str) -> str:
    source = f'url("{address}") format("woff2")'
    return f'@font-face{{font-family:"{_FAMILY}";font-weight:{weight};font-style:{style};src:{source}}}'


def _cut(name: str, characters: str) -> bytes:
    from fontTools import subset  # slow to import
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.layout_features = list(_FEATURES)
    options.recalc_timestamp = False  # the same page has the same bytes
    font = TTFont(io.BytesIO(read(name)), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(font)
    font.flavor = "woff2"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()
