"""Goods: what the codes of the Harmonized System are called, in a few words of our own.

``goods.csv`` names all chapters and headings of ``hs.csv``, and the subheadings that laws and lists of goods are about.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files


def called(code: str) -> str:
    """Return what a code is called, or what it stands under is; nothing for codes of national use (98, 99)."""
    return next((name for at in (6, 4, 2) if (name := names().get(code[:at]))), "")


@lru_cache(maxsize=1)
def names() -> Mapping[str, str]:
    """Return the names by code."""
    text = files("opentier.graph.written").joinpath("goods.csv").read_text("utf-8")
    return {row["heading"]: row["name"] for row in csv.DictReader(io.StringIO(text))}
