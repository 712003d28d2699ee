"""The bundled typeface: it has what reports print, and only what a page uses is embedded."""

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont

from finops import resources
from finops.report import fonts

NEEDED = "0123456789,.’ −+%€£$¥Δ–…·\u00a0\u202f\ufffd"
"""Figures, separators of the locales, signs, and what stands for a control character."""


def embedded_fonts(css: str) -> list[TTFont]:
    return [TTFont(io.BytesIO(base64.b64decode(data))) for data in re.findall(r"base64,([A-Za-z0-9+/=]+)", css)]


@pytest.mark.parametrize(
    "file", ["IBMPlexSans-Regular.woff2", "IBMPlexSans-Italic.woff2", "IBMPlexSans-SemiBold.woff2"]
)
def test_every_face_has_the_marks_reports_print(file: str) -> None:
    assert {ord(mark) for mark in NEEDED} <= set(TTFont(io.BytesIO(fonts.read(file))).getBestCmap())


def test_figures_have_one_width() -> None:
    font = TTFont(io.BytesIO(fonts.read("IBMPlexSans-Regular.woff2")))
    widths = {font["hmtx"][font.getBestCmap()[ord(digit)]][0] for digit in "0123456789"}

    assert len(widths) == 1


def test_the_licence_ships_with_the_fonts() -> None:
    licence = (resources.templates() / "fonts" / "OFL.txt").read_text("utf-8")

    assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_an_embedded_face_holds_the_characters_used_and_few_more() -> None:
    faces = embedded_fonts(fonts.embedded("€12,100 über"))

    assert len(faces) == 2
    for face in faces:
        characters = set(face.getBestCmap())
        assert {ord(mark) for mark in "€12,0 über"} <= characters
        assert ord("Q") not in characters


def test_italic_is_embedded_where_the_page_uses_it() -> None:
    assert len(embedded_fonts(fonts.embedded("<em>word</em>"))) == 3


def test_the_same_text_gives_the_same_bytes() -> None:
    assert fonts.embedded("forecast") == fonts.embedded("ttsforecaa")


def test_characters_no_face_has_are_left_out() -> None:
    assert embedded_fonts(fonts.embedded("日本語 \U0001f680 a"))


@pytest.mark.parametrize("name", ["", "OFL.txt", "../report.html.j2", "/etc/passwd"])
def test_only_fonts_are_read(name: str) -> None:
    with pytest.raises(KeyError):
        fonts.read(name)
