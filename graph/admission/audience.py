"""The audience of a contribution: who may see its dataset, and so which others it is held against.

A public dataset is held against public ones alone: what it says stands without the others, and its report tells nothing
of them. One that is not public is held against what whoever contributes it may see.
"""

from __future__ import annotations

from opentier.graph.contribution.submission import Options
from opentier.graph.identity.judgements import CLOSED
from opentier.graph.model import dates, visibility
from opentier.graph.store.release import Release
from opentier.graph.store.scope import PUBLIC, Reader


def visibility_of(dataset: str, options: Options, release: Release | None) -> str:
    """Return who may see a dataset once it is contributed: who might before, where nothing is said.

    Raises
    ------
    UsageError
        If what is said is no visibility.
    """
    day = release.day if release else dates.today()
    if dataset in CLOSED:
        return visibility.CLOSED
    if options.visibility is not None:
        return visibility.check(options.visibility, day)
    said = release.visibility.get(dataset, visibility.PUBLIC) if release else visibility.PUBLIC
    return said if visibility.closed(said, day) else visibility.PUBLIC


def beside(dataset: str, options: Options, release: Release | None, reader: Reader) -> Release | None:
    """Return a release as a contribution to a dataset is held against it; one that is not seen is not there."""
    said = visibility_of(dataset, options, release)
    if release is None:
        return None
    if dataset in release.hidden_from(reader):
        said = options.visibility or visibility.PUBLIC
    return shown(release, dataset, said, reader)


def shown(release: Release, dataset: str, said: str, reader: Reader) -> Release:
    """Return a release as those may see it who may see a dataset of a visibility."""
    hidden = release.hidden_from(PUBLIC if said == visibility.PUBLIC else reader)
    own = {dataset} - release.hidden_from(reader)
    return release.within(release.scope.hiding(hidden - own))
