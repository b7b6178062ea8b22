"""Options of long acts, held against all that can be known of them before their file is looked at.

What is wrong is refused before anything is accepted; what only the file can tell is a finding, or an error of the job.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opentier.graph.contribution import foreign, metadata
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import Named, UsageError
from opentier.graph.exposure import severity
from opentier.graph.intake import corrections, mapping
from opentier.graph.matching.scoring import Weights
from opentier.graph.report.report import Report, Where
from opentier.graph.screening import listing

#: What stands where an option is not given, so that nothing is missing.
_GIVEN = "CC0-1.0"
#: By which option a property of a dataset is said.
_SAID = {"name": "dataset", "licenses": "licence"}


def contribution(said: Mapping[str, Any], papers: Mapping[str, Path]) -> None:
    """Refuse options of a contribution that no file fits.

    Parameters
    ----------
    papers
        The options that are files.

    Raises
    ------
    UsageError
        If there are any.
    """
    columns(said, papers)
    adapter, dataset, licence = said["adapter"], said["dataset"], said["licence"]
    if adapter:
        with _of("from"):
            foreign.describe(adapter)
    if "corrections" in papers:
        with _of("corrections", papers):
            corrections.read(papers["corrections"])
    Options(adapter, dataset, licence, said["publisher"], anonymous=said["anonymous"])
    report = Report()
    about = metadata.of({"name": "named"}, dataset, licence or _GIVEN, said["publisher"])
    metadata.demand(about, Where(""), report)
    for found in report.sorted():
        if found.blocks:
            raise UsageError(
                Named(_SAID.get(found.column or "", found.column or "")), f": {found.message} {found.advice}"
            )


def columns(said: Mapping[str, Any], papers: Mapping[str, Path]) -> None:
    """Refuse options of a table that no file fits; see `contribution`."""
    table = None
    if said["table"]:
        with _of("table"):
            table = mapping.named(said["table"])
    with _of("map"):
        mapping.demand(said["map"] or (), table)
    if "mapping" in papers:
        with _of("mapping", papers):
            kept, headers, constants, forms = mapping.read(papers["mapping"])
            mapping.demand_columns(table or kept, (*headers, *constants, *forms), forms.values())


def suppliers(said: Mapping[str, Any], papers: Mapping[str, Path], weights: str) -> None:
    """Refuse options of a list that no file fits; see `contribution`.

    Parameters
    ----------
    weights
        The paper that has the weights of the matcher.
    """
    with _of("map"):
        listing.demand(said["map"] or ())
    with _of(weights, papers):
        found = Weights.read(papers[weights]) if weights in papers else Weights.shipped()
    with _of("review"):
        found.within(said["accept"], said["review"])


def screening(said: Mapping[str, Any], papers: Mapping[str, Path]) -> None:
    """Refuse options of a screening that no file fits; see `contribution`."""
    suppliers(said, papers, "match_weights")
    if "weights" in papers:
        with _of("weights", papers):
            severity.weights(papers["weights"])


@contextmanager
def _of(name: str, papers: Mapping[str, Path] | None = None) -> Iterator[None]:
    """Say of which option something is wrong, and not where it lies."""
    try:
        yield
    except UsageError as error:
        told = str(error)
        if papers and name in papers:
            told = told.replace(str(papers[name]), "the file")
        raise UsageError(Named(name), f": {told}") from None
