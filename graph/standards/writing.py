"""A version of a dataset written to a file, in any form: ours (see `package`) or others'."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from opentier.graph.export import package
from opentier.graph.model.versions import Version
from opentier.graph.standards import bods, datacube, epcis, ftm, geojson, gexf, graphml, sdmx, untp
from opentier.graph.standards.forms import form
from opentier.graph.standards.limits import Limits
from opentier.graph.standards.network import Network, network
from opentier.graph.standards.source import Source
from opentier.graph.store.release import Release

_WRITERS: dict[str, Callable[[Source, TextIO], None]] = {
    "ftm": ftm.write, "bods": bods.write, "untp": untp.write, "epcis": epcis.write,
    "sdmx": sdmx.write, "dsd": sdmx.structure, "datacube": datacube.write,
}  # fmt: skip
#: The forms of networks, which results of traces have, too.
NETWORKS: dict[str, Callable[[Network, TextIO], None]] = {
    "graphml": graphml.write, "gexf": gexf.write, "geojson": geojson.write,
}  # fmt: skip
#: All forms of others.
OTHERS = (*_WRITERS, *NETWORKS)


def write(release: Release, version: Version, format: str, file: Path) -> Limits | None:
    """Write a version to a file, all of it or nothing; return what a form of others could not say.

    Raises
    ------
    UsageError
        If it says what no table says, and a Data Package is asked for.
    """
    if format not in OTHERS:
        package.write(release, version, format, file)
        return None
    draft = file.with_name(f".{file.name}.new")
    try:
        with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
            source = Source(release, version, form(format), Path(scratch))
            with draft.open("w", encoding="utf-8", newline="") as out:
                if format in NETWORKS:
                    NETWORKS[format](network(source), out)
                else:
                    _WRITERS[format](source, out)
            limits = source.finish()
        draft.replace(file)
        return limits
    finally:
        draft.unlink(missing_ok=True)
