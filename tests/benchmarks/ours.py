"""What the benchmarks ask of OpenTier's trace engine, and the engine that answers."""

from __future__ import annotations

import heapq
import math
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numba
import numpy as np

from tests.benchmarks.chains import Array, Chain


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

    def cold(self, root: int, max_tier: int) -> float:
        """Return the seconds of a fresh process (already running Python) from nothing to the first answer."""

    def overlay(self, links: Chain) -> float:
        """Add links (their actors are known) and return the seconds until a trace sees them."""


def engine() -> Engine:
    """Return a new engine."""
    return _Temporary()


# --------------------------------------------------------------------------------------------------------------
# TEMPORARY: a simple implementation, so that the benchmarks run before the engine is there. To be replaced.
# --------------------------------------------------------------------------------------------------------------


class _Temporary:
    def load(self, chain: Chain, folder: Path) -> None:
        self.chain, self.folder = chain, folder
        self.order, begins = chain.rows
        self.begins = begins.astype(np.uint32)
        self.to = chain.supplier[self.order]
        self.start, self.end = chain.start[self.order], chain.end[self.order]
        self.sure, self.product = chain.sure[self.order], chain.product[self.order]
        back = np.argsort(chain.supplier, kind="stable")
        self.back_to = chain.buyer[back]
        self.back_links = np.empty(chain.links, np.uint32)
        place = np.empty(chain.links, np.uint32)
        place[self.order] = np.arange(chain.links, dtype=np.uint32)
        self.back_links = place[back]
        counts = np.bincount(chain.supplier, minlength=chain.actors)
        self.back_begins = np.concatenate(([0], np.cumsum(counts))).astype(np.uint32)
        self.stamp, self.queue = np.zeros(chain.actors, np.uint32), np.empty(chain.actors, np.uint32)
        self.tiers = np.empty(chain.actors, np.int32)
        self.epoch = 0
        self.fits = np.eye(len(chain.products), dtype=np.bool_)
        for given, made in sorted(chain.inputs, key=lambda pair: pair[1]):
            self.fits[made, given] = True
        for middle in range(len(chain.products)):
            self.fits |= np.outer(self.fits[:, middle], self.fits[middle])
        into = (chain.normalised(), (chain.buyer.astype(np.int32), chain.supplier.astype(np.int32)))
        self.matrix = import_module("scipy.sparse").csr_matrix(into, (chain.actors, chain.actors))
        np.save(folder / "begins.npy", self.begins)
        np.save(folder / "to.npy", self.to)

    def _walk(
        self, roots: Array, most: int, day: int, sure: float, back: bool = False
    ) -> tuple[Array, Array]:
        self.epoch += 1
        begins, to = (self.back_begins, self.back_to) if back else (self.begins, self.to)
        row = self.back_links if back else np.empty(0, np.uint32)
        columns = (row, self.start, self.end, self.sure)
        end = _bfs(
            begins, to, *columns, self.stamp, self.queue, self.tiers, self.epoch, roots, most, day, sure
        )
        return self.queue[:end].copy(), self.tiers[:end].copy()

    def reach(self, root: int, max_tier: int) -> tuple[Array, Array]:
        return self._walk(np.array([root]), max_tier, -2, 0.0)

    def reach_filtered(
        self, root: int, max_tier: int, day: int, least_confidence: float
    ) -> tuple[Array, Array]:
        return self._walk(np.array([root]), max_tier, day, least_confidence)

    def reach_product(self, root: int, product: int, day: int | None) -> tuple[Array, Array]:
        live = -2 if day is None else day
        seen = np.zeros(self.chain.actors * len(self.chain.products), np.bool_)
        columns = (self.begins, self.to, self.start, self.end, self.product)
        tiers = _states(*columns, self.fits, seen, root, product, live)
        actors = np.flatnonzero(tiers >= 0)
        return actors, tiers[actors]

    def whole(self, root: int) -> Array:
        return self._spread(self.reach(root, 1_000_000))

    def _spread(self, found: tuple[Array, Array]) -> Array:
        tiers = np.full(self.chain.actors, -1, np.int32)
        tiers[found[0]] = found[1]
        return tiers

    def bound(self) -> None:
        chain = self.chain
        best = np.full(chain.actors + 1, np.inf)
        best[chain.exposed] = 0.0
        heap = [(0.0, actor) for actor in chain.exposed.tolist()]
        while heap:
            cost, actor = heapq.heappop(heap)
            if cost > best[actor]:
                continue
            part = slice(self.back_begins[actor], self.back_begins[actor + 1])
            new = cost + 1000.0 - np.log2(self.sure[self.back_links[part]])
            for buyer, value in zip(self.back_to[part].tolist(), new.tolist(), strict=True):
                if value < best[buyer]:
                    best[buyer] = value
                    heapq.heappush(heap, (value, buyer))
        self.best = best
        self.is_exposed = np.zeros(chain.actors, bool)
        self.is_exposed[chain.exposed] = True

    def paths(self, root: int, many: int) -> list[tuple[int, float, list[int]]]:
        found: list[tuple[int, float, list[int]]] = []
        heap: list[tuple[float, int, float, tuple[int, ...], tuple[int, ...]]] = []
        heapq.heappush(heap, (float(self.best[root]), 1, 0.0, (root,), ()))
        while heap and len(found) < many:
            _, going, cost, actors, links = heapq.heappop(heap)
            if not going:
                tiers = len(links)
                found.append((tiers, 2.0 ** -(cost - 1000 * tiers), [int(self.order[n]) for n in links]))
                continue
            if self.is_exposed[actors[-1]]:
                heapq.heappush(heap, (cost, 0, cost, actors, links))
            surest: dict[int, int] = {}
            for link in range(self.begins[actors[-1]], self.begins[actors[-1] + 1]):
                other = surest.setdefault(int(self.to[link]), link)
                if self.sure[link] > self.sure[other]:
                    surest[int(self.to[link])] = link
            for supplier, link in surest.items():
                if supplier not in actors and self.best[supplier] < np.inf:
                    longer = cost + 1000.0 - math.log2(self.sure[link])
                    ahead = longer + float(self.best[supplier])
                    heapq.heappush(heap, (ahead, 1, longer, (*actors, supplier), (*links, link)))
        return found

    def nearest(self, day: int | None = None) -> Array:
        roots = self.chain.exposed.astype(np.int64)
        return self._spread(self._walk(roots, 1_000_000, -2 if day is None else day, 0.0, back=True))

    def shares(self, rounds: int) -> Array:
        exposed = np.zeros(self.chain.actors)
        exposed[self.chain.exposed] = 1.0
        share = exposed
        for _ in range(rounds):
            share = exposed + (1.0 - exposed) * (self.matrix @ share)
        return share

    def share_bytes(self, rounds: int) -> int:
        matrix = self.matrix.data.nbytes + self.matrix.indices.nbytes + self.matrix.indptr.nbytes
        return int(rounds * (matrix + 2 * 8 * self.chain.actors))

    def distinct(self) -> Array:
        count = np.zeros(self.chain.actors, np.int64)
        for begin in range(0, len(self.chain.exposed), 64):
            exposed = self.chain.exposed[begin : begin + 64]
            bits = np.zeros(self.chain.actors, np.uint64)
            bits[exposed] = np.uint64(1) << np.arange(len(exposed), dtype=np.uint64)
            while _sweep(self.begins, self.to, bits):
                pass
            count += np.bitwise_count(bits)
        count[self.chain.exposed] -= 1
        return count

    def bytes_per_link(self) -> float:
        columns = (self.order, self.begins, self.to, self.start, self.end, self.sure, self.product)
        reverse = (self.back_to, self.back_links, self.back_begins)
        return sum(column.nbytes for column in (*columns, *reverse)) / self.chain.links

    def cold(self, root: int, max_tier: int) -> float:
        code = f"""if True:
            from tests.benchmarks.ours import np, _bfs
            begins, to = (np.load({str(self.folder)!r} + "/" + n + ".npy", mmap_mode="r") for n in ("begins", "to"))
            n = len(begins) - 1
            stamp, queue, tiers = np.zeros(n, "u4"), np.empty(n, "u4"), np.empty(n, "i4")
            nothing = (np.empty(0, "u4"), np.empty(0, "i4"), np.empty(0, "i4"), np.empty(0))
            print(_bfs(begins, to, *nothing, stamp, queue, tiers, 1, np.array([{root}]), {max_tier}, -2, 0.0))"""
        command = [sys.executable, "-c", code]
        here = Path(__file__).parents[2]
        subprocess.run(command, check=True, capture_output=True, cwd=here)
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=here)
        return time.perf_counter() - begun

    def overlay(self, links: Chain) -> float:
        return math.nan


@numba.njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _bfs(
    begins: Any, to: Any, row: Any, start: Any, end: Any, sure: Any, stamp: Any, queue: Any, tiers: Any,
    epoch: int, roots: Any, most: int, day: int, least: float,
) -> Any:  # fmt: skip
    tail = 0
    for root in roots:
        stamp[root] = epoch
        queue[tail] = root
        tiers[tail] = 0
        tail += 1
    head = 0
    tests = day > -2 or least > 0.0
    while head < tail:
        actor, tier = queue[head], tiers[head] + 1
        head += 1
        if tier > most:
            break
        for n in range(begins[actor], begins[actor + 1]):
            if stamp[to[n]] == epoch:
                continue
            if tests:
                link = row[n] if len(row) else n
                if sure[link] < least or (day > -2 and (start[link] > day or end[link] < day)):
                    continue
            stamp[to[n]] = epoch
            queue[tail] = to[n]
            tiers[tail] = tier
            tail += 1
    return tail


@numba.njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _states(
    begins: Any, to: Any, start: Any, end: Any, product: Any, fits: Any, seen: Any, root: int, asked: int, day: int
) -> Any:  # fmt: skip
    best = np.full(len(begins) - 1, -1, np.int32)
    best[root] = 0
    many = len(fits)
    queue = [(root, asked, 0)]
    head = 0
    while head < len(queue):
        actor, carried, tier = queue[head]
        head += 1
        for n in range(begins[actor], begins[actor + 1]):
            if tier == 0 and product[n] != asked:
                continue
            state = to[n] * many + product[n]
            if seen[state] or not fits[carried, product[n]]:
                continue
            if day > -2 and (start[n] > day or end[n] < day):
                continue
            seen[state] = True
            if best[to[n]] < 0:
                best[to[n]] = tier + 1
            queue.append((np.int64(to[n]), np.int64(product[n]), tier + 1))  # type: ignore[arg-type]
    return best


@numba.njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _sweep(begins: Any, to: Any, bits: Any) -> Any:
    changed = False
    for actor in range(len(bits) - 1, -1, -1):
        old = bits[actor]
        new = old
        for n in range(begins[actor], begins[actor + 1]):
            new |= bits[to[n]]
        if new != old:
            bits[actor] = new
            changed = True
    return changed
