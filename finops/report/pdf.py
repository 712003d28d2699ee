"""PDF: the report as a tagged PDF/A-3a with its data attached, the same bytes for the same input.

WeasyPrint sets the page; pikepdf adds the PDF/UA-1 mark to its metadata.
"""

import contextlib
import io
import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from finops.errors import AccessError
from finops.report import fonts, html
from finops.report.locale import Negative
from finops.report.model import Report

if TYPE_CHECKING:
    import pikepdf

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz0b", "libharfbuzz-subset0", "libfontconfig1")
"""Debian packages that hold the native libraries."""

_NO_ATTACHMENTS: Mapping[str, bytes] = MappingProxyType({})

_UA_MARK = """
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
"""The mark, and its description: PDF/A wants one of every property it does not know (ISO 19005-3, 6.6.2.3)."""


class LibrariesMissing(AccessError):
    """The native libraries that set the page cannot be loaded."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The PDF libraries cannot be loaded: {problem}.",
            f"Install them with: apt-get install -y {' '.join(PACKAGES)}",
        )


class AddressRefused(ValueError):
    """A page asked for something that does not ship with it; nothing is ever fetched."""

    def __init__(self, address: str) -> None:
        super().__init__(f"Not fetched: {address[:200]!r}")


def render(
    report: Report,
    *,
    attachments: Mapping[str, bytes] = _NO_ATTACHMENTS,
    paper: html.Paper = "A4",
    negative: Negative = "minus",
) -> bytes:
    """The report as PDF.

    Args:
        report: what to show.
        attachments: file name to content, attached as data in the order given.
        paper: sheet size.
        negative: how plain negative amounts are written.

    Raises:
        LibrariesMissing: if Pango or HarfBuzz are not installed.
        UnknownLocale: if the report's locale is not known.
    """
    weasyprint = _weasyprint()
    page = html.for_paper(report, attached=tuple(attachments), paper=paper, negative=negative)
    fetcher = _bundled_fonts_only(weasyprint)
    stamp = datetime.combine(report.as_of, time(), tzinfo=UTC)  # attachments default to the time of writing
    files = [
        weasyprint.Attachment(
            string=content,
            name=name,
            description=name,
            created=stamp,
            modified=stamp,
            relationship="Data",
            url_fetcher=fetcher,
        )
        for name, content in attachments.items()
    ]
    document = weasyprint.HTML(string=page, url_fetcher=fetcher, base_url=None)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # WeasyPrint 70 leaves its colour profile's file to the collector
        written = document.write_pdf(pdf_variant="pdf/a-3a", attachments=files)
    return _marked_accessible(written)


def libraries() -> str:
    """The version of Pango that sets the page.

    Raises:
        LibrariesMissing: if Pango or HarfBuzz are not installed.
    """
    _weasyprint()
    from weasyprint.text import ffi

    packed = int(ffi.pango.pango_version())  # 10000, 100 and 1 times its three numbers
    return f"{packed // 10_000}.{packed // 100 % 100}.{packed % 100}"


def bundled(address: str) -> bytes:
    """What a page may load: a bundled font, nothing else.

    Raises:
        AddressRefused: for anything but a bundled font.
    """
    scheme, _, name = address.partition(":")
    try:
        return fonts.read(name if scheme == fonts.SCHEME else "")
    except KeyError as error:
        raise AddressRefused(address) from error


def _weasyprint() -> Any:  # noqa: ANN401 - the package carries no types
    """WeasyPrint, which takes a second to import and prints to standard output when its libraries are missing."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import weasyprint
    except OSError as error:
        raise LibrariesMissing(str(error).splitlines()[0].rstrip(".")) from error
    return weasyprint


def _bundled_fonts_only(weasyprint: Any) -> Any:  # noqa: ANN401 - the package carries no types
    """A fetcher that serves the bundled fonts and refuses every other address."""

    class BundledFonts(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # the package carries no types
        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ANN401, ARG002 - as WeasyPrint calls it
            return weasyprint.urls.URLFetcherResponse(url, bundled(url), {"Content-Type": "font/woff2"})

    return BundledFonts(allowed_protocols=[fonts.SCHEME])


def _marked_accessible(written: bytes) -> bytes:
    """The PDF with the PDF/UA-1 mark, saved so that its identifier depends on its content alone."""
    import pikepdf

    with pikepdf.open(io.BytesIO(written)) as document:
        _mark(document)
        out = io.BytesIO()
        document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.preserve)
    return out.getvalue()


def _mark(document: "pikepdf.Pdf") -> None:
    import pikepdf

    metadata = document.Root.Metadata.read_bytes().decode("utf-8")
    marked, count = re.subn(r"<rdf:RDF\b[^>]*>", lambda start: start[0] + _UA_MARK, metadata, count=1)
    if not count:
        message = "WeasyPrint wrote no metadata to mark"
        raise RuntimeError(message)
    document.Root.Metadata = document.make_stream(
        marked.encode("utf-8"), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
    )
