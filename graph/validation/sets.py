"""Shapes held against data, one set query after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from opentier.graph.validation.checks import Checks, Result
from opentier.graph.validation.data import Data
from opentier.graph.validation.declared import Shapes
from opentier.graph.validation.patterns import Nodes


def results(
    shapes: Shapes, data: Data, progress: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[Result]:
    """Yield what shapes find in data; the same result may come twice.

    Parameters
    ----------
    progress
        Is told how many shapes of how many are done.
    """
    checks, total = Checks(data), len(shapes.targeted)
    for done, (shape, targets) in enumerate(shapes.targeted):
        progress(done, total)
        nodes = Nodes.of(targets, data.below, data.least, data.ask)
        if nodes is not None:
            yield from checks.results(shape, nodes)
    progress(total, total)
