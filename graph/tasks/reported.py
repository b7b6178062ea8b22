"""The report on a contribution in all its forms, as files: what the command line writes, byte for byte."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opentier.graph.contribution import originals
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.model import printed
from opentier.graph.report import page, table
from opentier.graph.report.report import Report
from opentier.graph.tasks.task import WIDTH


def write(
    report: Report, sent: Path, options: Options, more: Mapping[str, Any], folder: Path, scratch: Path
) -> dict[str, str]:
    """Write a report to files in a folder; return their names by their forms.

    A contribution of one table has it with its problems beside it as ``csv``. ``zip`` holds such tables where there are
    several, and the rows that were not admitted.
    """
    texts = {
        "json": printed.text({**more, **report.to_dict()}),
        "html": page.html(report),
        "txt": report.to_text(WIDTH),
        "md": table.markdown(report),
    }
    files = {form: f"result.{form}" for form in texts}
    for form, text in texts.items():
        (folder / files[form]).write_text(text, "utf-8")
    if originals.given_back(sent, options):
        files |= _tables(report, sent, options, folder, scratch)
    return files


def _tables(report: Report, sent: Path, options: Options, folder: Path, scratch: Path) -> dict[str, str]:
    made = scratch / "tables"
    made.mkdir()
    try:
        tables = originals.annotated(sent, options, report, made / "result.csv", scratch)
    except UsageError:  # it holds no table
        return {}
    problems = originals.problems(sent, options, report, made, scratch)
    files = {}
    if len(tables) == 1:
        files["csv"] = "result.csv"
        tables[0].rename(folder / files["csv"])
    packed = problems if len(tables) == 1 else [*tables, *problems]
    if packed:
        files["zip"] = "result.zip"
        with zipfile.ZipFile(folder / files["zip"], "w", zipfile.ZIP_DEFLATED) as archive:
            for each in packed:
                archive.writestr(zipfile.ZipInfo(each.name), each.read_bytes(), zipfile.ZIP_DEFLATED)
    return files
