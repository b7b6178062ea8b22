"""What is said about a contribution as a whole, and what it cannot be without: a name and a licence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from opentier.graph.model import dates
from opentier.graph.model.characters import controls, one_line
from opentier.graph.model.names import DATASET_ID, RESERVED
from opentier.graph.report.report import Report, Where, holds

#: Where a descriptor says what is called otherwise here.
_PROPERTIES = {"licence": "licenses", "licence_url": "licenses", "publisher": "contributors"}
#: Characters of a dataset's name, which is part of names of folders.
MAX_DATASET = 100


@dataclass(frozen=True)
class Metadata:
    """What is said about a contribution as a whole."""

    dataset: str
    title: str = ""
    description: str = ""
    licence: str = ""
    licence_url: str = ""
    publisher: str = ""
    version: str = ""
    created: str = ""
    homepage: str = ""
    adapter: str = ""


def of(
    described: dict[str, Any],
    dataset: str | None = None,
    licence: str | None = None,
    publisher: str | None = None,
) -> Metadata:
    """Return the metadata of a descriptor, with what else is said in its place."""
    licences = described.get("licenses") or [{}]
    first = licences[0] if isinstance(licences[0], dict) else {}
    made = one_line(str(described.get("created", "")))
    contributors = [item for item in described.get("contributors") or [] if isinstance(item, dict)]
    return Metadata(
        dataset=dataset or str(described.get("name", "")),
        title=one_line(str(described.get("title", ""))),
        description=one_line(str(described.get("description", ""))),
        licence=one_line(licence or str(first.get("name") or first.get("path") or "")),
        licence_url="" if licence else one_line(str(first.get("path", ""))),
        publisher=one_line(publisher or str(contributors[0].get("title", "") if contributors else "")),
        version=one_line(str(described.get("version", ""))),
        created=dates.moment(made) or made,
        homepage=one_line(str(described.get("homepage", ""))),
    )


def demand(metadata: Metadata, where: Where, report: Report) -> None:
    """Report a dataset id or a licence that is missing or cannot be used, and what no text may hold."""
    report.dataset = metadata.dataset[:MAX_DATASET]
    for name, said in asdict(metadata).items():
        if name == "dataset":
            continue
        column = _PROPERTIES.get(name, name)
        if holds(report, where, said, column=column) and (found := controls(said)):
            report.add(
                "error", where, f"The text holds the control character {found}.", "Take it out.",
                column=column, value=said,
            )  # fmt: skip
    if len(metadata.dataset) > MAX_DATASET:
        report.add(
            "error", where, f"The dataset's name has {len(metadata.dataset):,} characters.",
            f"Give one of at most {MAX_DATASET}.", column="name", value=metadata.dataset,
        )  # fmt: skip
        return
    if not is_name(metadata.dataset):
        report.add(
            "error", where, "A dataset needs a name that is a slug and not reserved.",
            "Use lower-case letters, digits and dashes; set `name`, or give --dataset.",
            column="name", value=metadata.dataset,
        )  # fmt: skip
    if metadata.created and not dates.moment(metadata.created):
        report.add(
            "error", where, "It is not said on which day it was made.", "Write created as YYYY-MM-DD.",
            column="created", value=metadata.created,
        )  # fmt: skip
    if not metadata.licence:
        report.add(
            "error", where, "The licence is missing.",
            "Set `licenses` (an SPDX id such as CC-BY-4.0), or give --licence.", column="licenses",
        )  # fmt: skip


def is_name(dataset: str) -> bool:
    """Return whether a dataset may be called so."""
    return len(dataset) <= MAX_DATASET and bool(DATASET_ID.fullmatch(dataset)) and dataset not in RESERVED
