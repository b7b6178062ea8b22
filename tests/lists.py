"""The shipped tables of official lists, made by their adapters of the facts that they carry.

``OPENTIER_SHARED=... python -m tests.lists`` writes them; `test_reference` holds the written ones against the facts.
"""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from opentier.graph.contribution.foreign import convert
from opentier.graph.model.tables import TABLES
from opentier.graph.report.report import Report

DATASETS = Path(__file__).parents[1] / "graph" / "datasets"
#: Where the facts of a list stand below the shared folder, by adapter; the shipped dataset is called as that.
FACTS = {
    "cbp": "facts/us_import_orders_2026-06-23.csv",
    "uflpa": "facts/us_uflpa_entities_2026-07-09.csv",
    "ilab": "data/ilab_goods",
}


def tables(adapter: str, path: Path) -> dict[str, str]:
    """Return the tables that an adapter makes of a file or folder, as CSV by their file's name."""
    report = Report()
    source = convert(adapter, path, report)
    assert report.conforms, report.to_text()
    found = {}
    for name, rows in source.tables.items():
        used = {column for row in rows for column in row.cells}
        columns = [column.name for column in TABLES[name] if column.name in used]
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(row.cells for row in rows)
        found[f"{name}.csv"] = text.getvalue()
    return found


if __name__ == "__main__":
    for adapter, facts in FACTS.items():
        for file, text in tables(adapter, Path(os.environ["OPENTIER_SHARED"]) / facts).items():
            (DATASETS / adapter / file).write_text(text, "utf-8")
