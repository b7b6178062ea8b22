"""The tier picture of a report, and the sheet that it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from opentier.graph.exposure.words import said
from opentier.graph.picture.svg import draw

Json = Mapping[str, Any]

#: Points of a pixel; those of a sheet of A4 that lies across; how much smaller than it is a picture can still be read.
_POINT, _SHEET, _SMALLEST = 0.75, (785.0, 538.0), 0.55
_SIZE = re.compile(r' (?:width|height)="([0-9.]+)"')


def drawing(scene: Json) -> Json:
    """Return the picture of a scene: SVG, its size in points, whether it needs a sheet of its own size to be read."""
    svg = draw(scene)
    wide, high = (float(text) * _POINT for text in _SIZE.findall(svg.partition(">")[0]))
    large = min(_SHEET[0] / wide, _SHEET[1] / high) < _SMALLEST
    return {"svg": svg, "alt": said("report", "picture"), "wide": wide, "high": high, "large": large}
