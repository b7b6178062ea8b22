"""How many names of public lists hold each word: what graph/matching/words.csv is made of.

Run as ``python -m tests.benchmarks.words``: reads the lists of facilities, mills and shippers beside the project (all
of them free to use), and writes the words that at least `LEAST` of their distinct names hold.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from opentier.graph.written.names import names

SHARED = Path(os.environ.get("OPENTIER_SHARED", "../shared"))
LEAST = 5


def texts() -> Iterator[str]:
    """Yield the names of the lists."""
    data = SHARED / "data"
    for path in sorted((data / "osh_facilities").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from (row["name"] for row in csv.DictReader(file))
    with (data / "cargill_mills" / "cargill_global_mill_list_2018Q3.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            yield from (row["parentCompanyName"] or "", row["millName"] or "")
    with (data / "sayari_nike_tiers" / "normalised" / "nodes.csv").open(encoding="utf-8-sig") as file:
        yield from (row["label"] for row in csv.DictReader(file))


def main() -> None:
    """Count, and write."""
    found = {name.core: name.words for text in texts() if text for name in names(text)}
    counts = Counter(word for words in found.values() for word in set(words))
    with Path("graph/matching/words.csv").open("w", encoding="utf-8", newline="\n") as output:
        output.write(f"word,names\n,{len(found)}\n")
        output.writelines(f"{word},{many}\n" for word, many in sorted(counts.items()) if many >= LEAST)


if __name__ == "__main__":
    main()
