"""What the benchmarks ask of OpenTier's trace engine, and the engine that answers."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from pyoxigraph import Store

from opentier.graph.answer.result import TraceResult
from opentier.graph.batch import counts, nearest, shares
from opentier.graph.batch.marks import Marks
from opentier.graph.exposure.exposures import expose
from opentier.graph.index import extension
from opentier.graph.index.format import ARCS
from opentier.graph.index.opened import Index
from opentier.graph.model.dates import EVER, NEVER, iso
from opentier.graph.store.marker import FORMAT
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.plain import reach
from opentier.graph.trace.walks import trace
from tests.benchmarks.chains import Array, Chain
from tests.benchmarks.indexed import NAMES, addition, build, iri
from tests.benchmarks.table import COLD

RELEASE = "00000001"
#: Rows of room that are in memory before links are added.
_ROOM = 1 << 16
#: What decides walks, and what leads back; what is only printed stays on disk.
HOT = ("head", "start", "end", "goods", "confidence", "hop", "tiers", "dataset", "out.begin", "out.end", "back.begin",
       "back.end", "back.other", "back.arc")  # fmt: skip


class Engine(Protocol):
    """The trace engine over a chain. Actors and links go by their numbers in the chain."""

    def load(self, chain: Chain, folder: Path) -> None:
        """Build the index of a chain in a folder, and open it."""

    def reach(self, root: int, max_tier: int) -> tuple[Array, Array]:
        """Return the actors within so many tiers (the root at 0 among them) and their tiers; dates are ignored."""

    def reach_filtered(
        self, root: int, max_tier: int, day: int, least_confidence: float
    ) -> tuple[Array, Array]:
        """Return the same over links that are live on the day and at least so sure."""

    def reach_product(self, root: int, product: int, day: int | None) -> tuple[Array, Array]:
        """Return the actors (with tiers) that a product is traced to over links live on the day.

        The first link carries the product; after a link with p the next one carries p or what goes into p,
        directly or through a chain of inputs.
        """

    def whole(self, root: int) -> Array:
        """Return the tier of every actor upstream, -1 where there is no way; dates are ignored."""

    def bound(self) -> None:
        """Compute and keep, for every actor, the cheapest cost of a path to any exposed actor."""

    def paths(self, root: int, many: int) -> list[tuple[int, float, list[int]]]:
        """Return the best paths to any exposed actors as (tiers, confidence, links), with the bound as kept.

        No path repeats an actor; fewest tiers first, then the surest.
        """

    def nearest(self, day: int | None = None) -> Array:
        """Return for every actor the least tiers to an exposed actor upstream: 0 if it is one, -1 if none."""

    def shares(self, rounds: int) -> Array:
        """Return for every actor the value share of inputs that passes through exposed actors."""

    def share_bytes(self, rounds: int) -> int:
        """Return the bytes that these rounds must move at least: the matrix and two vectors in each."""

    def distinct(self) -> Array:
        """Return for every actor the number of distinct exposed actors upstream, itself not counted."""

    def bytes_per_link(self) -> float:
        """Return the resident bytes a link, both directions and all columns touched."""

    def result(self, root: int, max_tier: int) -> TraceResult:
        """Return the finished result of a trace: reached actors, exposures with paths and severity, limits."""

    def cold(self, root: int, max_tier: int) -> float:
        """Return the seconds of a fresh process (already running Python) from nothing to the first answer."""

    def overlay(self, links: Chain) -> float:
        """Add links (their actors are known) and return the seconds until a trace sees them."""


def engine() -> Engine:
    """Return a new engine."""
    return _Ours()


class _Ours:
    def load(self, chain: Chain, folder: Path) -> None:
        self.chain, self.folder = chain, folder / "index" / RELEASE
        build(chain, self.folder, RELEASE)
        self.index = Index.open(self.folder, RELEASE)
        self.links = self.index.columns["record"]
        many = len(self.index.columns["start"])
        always = {"start": np.full(many, EVER, np.int32), "end": np.full(many, NEVER, np.int32)}
        known = self.index
        # Peers ignore dates; so does this one, which is otherwise the same.
        self.undated = Index(
            replace(known.tables, dated=False),
            known.columns | always,
            known.strings,
            known.keys,
            known.folder,
        )

    def reach(self, root: int, max_tier: int) -> tuple[Array, Array]:
        return self._reach(self.undated, root, Parameters(max_tier=max_tier))

    def reach_filtered(
        self, root: int, max_tier: int, day: int, least_confidence: float
    ) -> tuple[Array, Array]:
        return self._reach(
            self.index, root, Parameters(on=iso(day), max_tier=max_tier, min_confidence=least_confidence)
        )

    def _reach(self, index: Index, root: int, parameters: Parameters) -> tuple[Array, Array]:
        asked = Asked.of(index, parameters)
        return reach(index, asked, np.array([root], np.uint32), downstream=False)

    def reach_product(self, root: int, product: int, day: int | None) -> tuple[Array, Array]:
        asked = Parameters(
            product=self.chain.products[product], on=iso(day) if day else None, strict_product=True
        )
        found = trace(self.index, iri(root), asked)
        return found.nodes, found.tier

    def whole(self, root: int) -> Array:
        tiers = np.full(self.chain.actors, -1, np.int32)
        nodes, tier = self._reach(self.undated, root, Parameters())
        tiers[nodes] = tier
        return tiers

    def bound(self) -> None:
        self.near = nearest.Nearest(self.undated, Parameters(paths=10))
        self.near.bound = nearest.bounded(self.undated, self.near.exposed)

    def paths(self, root: int, many: int) -> list[tuple[int, float, list[int]]]:
        self.near.wanted = many
        found, truncated = self.near.find(root)
        assert not truncated
        confidence = self.chain.sure
        links = [self.links[numbers].tolist() for numbers in found]
        return [(len(path), math.prod(confidence[path].tolist()), path) for path in links]

    def nearest(self, day: int | None = None) -> Array:
        asked = Asked.of(self.undated, Parameters(on=iso(day) if day else None, kinds=("supply",)))
        tiers = counts.nearest_tiers(self.undated, asked, self._exposed.opening)
        tiers[self._exposed.exposed != 0] = 0
        return tiers

    def distinct(self) -> Array:
        return counts.distinct(self.undated, Asked.of(self.undated, Parameters()), self._exposed.opening)

    @cached_property
    def _exposed(self) -> Marks:
        return Marks(self.undated, Parameters())

    def shares(self, rounds: int) -> Array:
        if not hasattr(self, "weights"):
            inputs = shares.Inputs.of(self.undated, Asked.of(self.undated, Parameters()))
            met = np.isin(inputs.rows, self._exposed.opening)
            self.weights = shares.weighted(inputs, met)
        return np.where(self._exposed.exposed, 1.0, shares.added_up(self.weights, rounds))

    def share_bytes(self, rounds: int) -> int:
        moved = self.weights.begin.nbytes + self.weights.other.nbytes + self.weights.weight.nbytes
        return int(rounds * (moved + 2 * 8 * self.chain.actors))

    def result(self, root: int, max_tier: int) -> TraceResult:
        found = trace(self.index, root, Parameters(max_tier=max_tier))
        made = TraceResult(found, expose(found))
        assert made.reached
        assert made.limits
        return made

    def bytes_per_link(self) -> float:
        """Return what a fresh process holds once it has touched every row of the columns that decide walks."""
        code = f"""if True:
            from pathlib import Path
            from opentier.graph.index.opened import Index
            from tests.benchmarks.ours import HOT
            from tests.benchmarks.table import resident
            index = Index.open(Path({str(self.folder)!r}), {RELEASE!r})
            before = resident()[0]
            counts = {{"out": len(index), "back": len(index)}}
            for name in HOT:
                rows = len(index) if name.endswith(("begin", "end")) and "." in name else {self.chain.links}
                index.columns[name][:rows].max()
            print(resident()[0] - before)"""
        return float(_python(code)) / self.chain.links

    def cold(self, root: int, max_tier: int) -> float:
        data = self.folder.parents[1]
        (data / "opentier.json").write_text(f'{{"format": {FORMAT}, "base": "{NAMES.base}"}}')
        (data / "releases").mkdir()
        Store(str(data / "releases" / RELEASE)).flush()  # a release without records; all is in the index
        (data / "current").write_text(RELEASE)
        options = f"--on 2024-06-30 --kinds supply --max-tier {max_tier} --format csv --quiet --data"
        command = [
            sys.executable,
            "-m",
            "opentier.api.cli.main",
            "trace",
            iri(root),
            *options.split(),
            str(data),
        ]
        times = []
        for _ in range(4):
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - begun)
        return min(times[1:])

    def overlay(self, links: Chain) -> float:
        """Return the best of four: the same links are added each time to an index that is opened and, but where caches
        are cold, in memory with the room that they take.
        """
        times = []
        for _ in range(5):
            before = Index.open(self.folder, RELEASE)
            added = addition(before.tables, links)
            if not COLD:
                for name in (*ARCS, "back.arc", "back.other"):
                    count = before.tables.counts["back" if name.startswith("back") else "arcs"]
                    before.columns[name][count : count + _ROOM] = 0
                texts = [texts.ends for texts in before.strings.values()]
                assert all(
                    column.size == 0 or column.max() is not None
                    for column in (*before.columns.values(), *texts)
                )
            begun = time.perf_counter()
            self.index = self.undated = extension.extended(before, added)
            reach(self.index, Asked.of(self.index, Parameters(max_tier=1)), links.buyer[:1], downstream=False)
            times.append(time.perf_counter() - begun)
        return min(times[1:])


def _python(code: str) -> str:
    """Return what a fresh Python prints."""
    here = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(here)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=here, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
