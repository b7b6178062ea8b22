"""Pairs of parties that people labelled as one or as two, from the real data beside the project, in two halves.

Of Open Supply Hub the 112 pairs on which its matcher was trained (name, address, country); of PalmWatch all distinct
pairs of names that somebody went through (`closest_parent.csv`, `closest_group.csv`; in `closest.csv` nothing was
decided, and in `matches_parent.csv` two names that are plainly two are one). The pairs of `match_method: random` are no
labels, and are not read. Weights were chosen on the half `chosen`; nobody looked at `held` before it was printed.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path

from opentier.graph.matching.labelled import Pair
from opentier.graph.matching.parties import Party

#: The seed by which the pairs of each source are parted in two.
SEED = 20261126


def osh(data: Path) -> Iterator[Pair]:
    """Yield the labelled pairs of Open Supply Hub."""
    said = json.loads((data / "osh_facilities" / "oar_dedupe_training.json").read_text("utf-8"))
    for label, same in (("match", True), ("distinct", False)):
        for pair in said[label]:
            left, right = (
                Party(
                    called=(each["name"],),
                    countries=(each["country"].upper(),),
                    address=each["address"] or "",
                )
                for each in pair["__value__"]
            )
            yield Pair(left, right, same, "osh")


def palmwatch(data: Path) -> Iterator[Pair]:
    """Yield the distinct labelled pairs of PalmWatch."""
    found: dict[tuple[str, str], bool] = {}
    for name in ("closest_parent", "closest_group"):
        with (data / "palmwatch" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                for n in range(1, 6):
                    if row[f"top{n}"] and row[f"ismatch_{n}"] in ("0", "1"):
                        low, high = sorted((row["value"], row[f"top{n}"]))
                        found[low, high] = found.get((low, high), False) or row[f"ismatch_{n}"] == "1"
    for (low, high), same in sorted(found.items()):
        if low != high:
            yield Pair(Party(called=(low,)), Party(called=(high,)), same, "palmwatch")


def halves(data: Path) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs that weights were chosen on, and those that were held back."""
    chosen, held = list[Pair](), list[Pair]()
    for source in (osh, palmwatch):
        pairs = list(source(data))
        random.Random(SEED).shuffle(pairs)
        middle = len(pairs) // 2
        chosen += pairs[:middle]
        held += pairs[middle:]
    return chosen, held
