"""SVG: matplotlib's drawing as one inline element: named, without prologue, metadata, style sheet or foreign ids."""

import re
from xml.etree import ElementTree as ET

POINTS_PER_MM = 72 / 25.4

_FONT = "IBM Plex Sans"
_LEFT_OUT = {"metadata", "style", "clipPath"}
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"


def finished(svg: str, name: str, *, title: str, description: str) -> str:
    """Matplotlib's drawing as one inline element: named, without prologue, metadata, style sheet or foreign ids."""
    ET.register_namespace("", _SVG.strip("{}"))
    ET.register_namespace("xlink", _XLINK_HREF.strip("{").split("}")[0])
    root = ET.fromstring(svg)  # noqa: S314 - written by matplotlib a moment ago
    for parent in list(root.iter()):
        parent.attrib.pop("clip-path", None)  # every value lies within its axis
        for child in [child for child in parent if child.tag.removeprefix(_SVG) in _LEFT_OUT]:
            parent.remove(child)
    _rename_ids(root, name)
    for element in root.iter():
        _plain_style(element)
    root.attrib.update({"role": "img", "aria-labelledby": f"{name}-title {name}-desc", "class": "chart"})
    root.attrib.update(
        {"width": "174mm", "height": f"{float(root.attrib['height'].removesuffix('pt')) / POINTS_PER_MM:.2f}mm"}
    )
    root.attrib.update({"stroke-linejoin": "round", "stroke-linecap": "butt"})
    for n, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{_SVG}{tag}", {"id": f"{name}-{tag}"})
        element.text = text
        root.insert(n, element)
    return ET.tostring(root, encoding="unicode")


def _rename_ids(root: ET.Element, name: str) -> None:
    """Keep only ids something refers to, under the chart's name, so that two charts on a page do not collide."""
    text = " ".join(value for element in root.iter() for value in element.attrib.values())
    referred = set(re.findall(r"#([\w-]+)", text))  # colours among them: no id has their name
    used = sorted(referred.intersection(element.attrib.get("id", "") for element in root.iter()))
    names = {old: f"{name}-{n}" for n, old in enumerate(used)}
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old in names:
            element.attrib["id"] = names[old]
        for key, value in element.attrib.items():
            element.attrib[key] = re.sub(r"#([\w-]+)", lambda match: f"#{names.get(match[1], match[1])}", value)


def _plain_style(element: ET.Element) -> None:
    """Style as attributes, which every reader of SVG understands and no page's style sheet parser stumbles over."""
    for part in element.attrib.pop("style", "").split(";"):
        name, _, value = part.partition(":")
        if value:
            element.attrib[name.strip()] = value.strip().removesuffix("px")
    if element.tag == f"{_SVG}text":
        element.attrib.pop("transform", None)  # a rotation by nothing
        element.attrib["font-family"] = _FONT
        if "font-weight" in element.attrib:
            element.attrib["font-weight"] = "600"
