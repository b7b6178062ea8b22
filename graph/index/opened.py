"""The index: the network of one release as columns, from which kernels walk and answers are printed.

Nodes are canonical actors, numbered; arcs are admissible hops of records in the upstream direction, numbered in the
order of their tails. What walks are decided by takes 22 bytes an arc, and 8 more for the way back; what is printed
of an arc (its record, its dates as stated, its evidence) lies in columns of its own, read only for what is shown.
"""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path
from typing import Any, SupportsInt

import numpy as np

from opentier.graph.engine.arrays import NONE, Arcs, Array, Bound, Goods, Texts, Ways
from opentier.graph.engine.columns import Keys, Strings, load, spread
from opentier.graph.engine.costs import cost
from opentier.graph.engine.workspace import Pool
from opentier.graph.errors import StoreError
from opentier.graph.index.actors import Actors, describe
from opentier.graph.index.description import Description
from opentier.graph.index.designated import Designated, Relations, ties
from opentier.graph.index.format import ARCS, BACK, ENDS, KEYS, NODES, PATCHES, RECORDS, TEXTS, Tables, broken
from opentier.graph.index.products import carried, goods
from opentier.graph.model.names import Names
from opentier.graph.model.products import Inputs, Product
from opentier.graph.model.versions import Version
from opentier.graph.network.network import (
    Actor,
    Arc,
    Designation,
    Judged,
    Place,
    Succession,
    arc,
    designation,
)
from opentier.graph.threads import kept

#: Actors, arcs, IRIs and documents of which each is kept: those that traces meet again and again.
KEPT = 2_000


class Index:
    """An opened index; columns are mapped, texts are read when they are asked for.

    Parameters
    ----------
    tables
        The small tables.
    columns : dict of arrays
        All columns by name: those of `format.ARCS` and `format.RECORDS`, ``out.begin``, ``out.end``, ``back.begin``,
        ``back.end``, ``back.other``, ``back.arc``, ``place`` and ``kind`` of the nodes, ``goods.*`` of the products.
    texts, keys
        Strings by the names of `format.TEXTS`; numbers of nodes and of evidence by text.
    folder
        Where its columns lie.
    patches
        Where the rows of nodes lie that an addition changed (see `overlay`); the columns have them already.
    """

    def __init__(
        self,
        tables: Tables,
        columns: dict[str, Array],
        texts: dict[str, Strings],
        keys: dict[str, Keys],
        folder: Path | None = None,
        patches: dict[str, Array] | None = None,
    ) -> None:
        self.folder = folder
        self.patches = {name: np.zeros(0, np.uint32) for name in PATCHES} | (patches or {})
        self.tables, self.columns, self.strings, self.keys = tables, columns, texts, keys
        self._anew = {node: {"name": name, "more": more} for node, name, more, _, _ in tables.anew}
        keys["node"].gone = frozenset(tables.gone)
        self.release, self.names = tables.release, Names(tables.base)
        self.pool = Pool(tables.counts["nodes"])
        #: What `nearest` computes once; the index to which this is an addition, until that is done.
        self.bound: Bound | None = None
        self.before: Index | None = None
        #: Taken by the one addition in memory that may write into the room behind the rows (see `extension`).
        self.room = threading.Lock()
        self.arcs = Arcs(*(columns[name] for name in Arcs._fields))
        none, nodes = np.zeros(0, np.uint32), tables.counts["nodes"]
        self.out = Ways(columns["out.begin"][:nodes], columns["out.end"][:nodes], columns["head"], none)
        self.back = Ways(
            columns["back.begin"][:nodes], columns["back.end"][:nodes], columns["back.other"], columns["back.arc"],
        )  # fmt: skip
        self.place: Array = columns["place"]
        self.goods = carried(tables, columns)
        self._more_goods: dict[Product, Goods] = {}
        record, iri, counts = texts["record"], texts["iri"], tables.counts
        self.texts = Texts(
            columns["record"], record.ends, record.heap, iri.ends, iri.heap, counts["ordered records"],
            counts["ordered nodes"],
        )  # fmt: skip

    @classmethod
    def open(cls, folder: Path, release: str, *, trusting: bool = True) -> Index:
        """Open the index of a release in a folder; `trusting` what was read in full before (see `description`).

        Raises
        ------
        StoreError
            If the folder holds none, or one that is damaged or of another format.
        """
        try:
            said = Description.read(folder, release)
            with said.held(trusting) as known:
                found = cls._read(said)
                damage = () if known else broken(found.tables, found.columns, found.strings, found.keys)
                if wrong := "; ".join(damage):
                    raise StoreError(wrong)
            return found
        except Exception as error:  # what reading damaged files may raise has no end
            raise StoreError(
                f"The index at {folder} is damaged: {error}. Run: opentier rebuild-index"
            ) from error

    @classmethod
    def _read(cls, said: Description) -> Index:
        """Read what a description tells of."""
        folder, mode = said.folder, said.mode
        columns = {name: load(folder, name, mode) for name in (*ARCS, *RECORDS, *ENDS, *BACK, *NODES)}
        with np.load(folder / f"{said.tables.release}.npz") as file:
            small = {name: file[name] for name in file.files}
        goods, patches = ({n: a for n, a in small.items() if n.startswith(p)} for p in ("goods.", "patch."))
        texts = {name: Strings.open(folder, name, mode) for name in TEXTS}
        keys = {name: Keys.open(folder, f"key.{name}", mode) for name in KEYS}
        for name in KEYS if patches else ():
            keys[name].extend(small[f"more.{name}.hash"], small[f"more.{name}.number"])
        for name, rows in patches.items():
            if not name.endswith(".nodes"):
                side = name.split(".")[1]
                columns[name.removeprefix("patch.")][patches[f"patch.{side}.nodes"]] = rows
        describe(said.tables, columns)
        return cls(said.tables, columns | goods, texts, keys, folder, patches)

    def __len__(self) -> int:
        """Return how many nodes there are."""
        return self.tables.counts["nodes"]

    def rows(self) -> Array:
        """Return the numbers of all arcs in the order of their tails."""
        begin, end = self.out.begin.astype(np.int64), self.out.end.astype(np.int64)
        return spread(begin, end).astype(np.uint32)

    # --- Nodes ---------------------------------------------------------------------------------------------------

    def iri(self, node: SupportsInt) -> str:
        """Return the IRI of a node."""
        return self.strings["iri"][int(node)]

    @kept(KEPT)
    def node(self, iri: str) -> int | None:
        """Return the node of an actor: a canonical one, or one that positive judgements join to it."""
        for node in self.keys["node"].find(iri):
            if self.iri(node) == iri or iri in self._more(node).get("members", ()):
                return node
        return None

    def described(self, node: int) -> bool:
        """Return whether a node is an actor that a dataset describes."""
        return bool(self.columns["kind"][node])

    @kept(KEPT)
    def actor(self, node: int) -> Actor:
        """Return the actor of a node; one that no dataset describes goes by its id."""
        iri, kind, places = self.iri(node), int(self.columns["kind"][node]), self.places[self.place[node]]
        if not kind:
            return Actor(iri, self.names.id(iri), self.tables.kinds[0], places)
        name, more = self._text("name", node), self._more(node)
        return Actor(
            iri, name, self.tables.kinds[kind], places, tuple(more.get("names", (name,))),
            tuple(more.get("members", (iri,))), tuple(more.get("identifiers", ())),
        )  # fmt: skip

    def _more(self, node: int) -> dict[str, list[str]]:
        text = self._text("more", node)
        found: dict[str, list[str]] = json.loads(text) if text else {}
        return found

    def _text(self, what: str, node: int) -> str:
        anew = self._anew.get(node)
        return self.strings[what][node] if anew is None else anew[what]

    @property
    def actors(self) -> Actors:
        """The actors that a dataset describes, by canonical IRI."""
        return Actors(self)

    # --- Arcs ----------------------------------------------------------------------------------------------------

    @kept(KEPT)
    def arc(self, number: int) -> Arc:
        """Return an arc as it is printed."""
        cell = {name: self.columns[name][number].item() for name in ARCS}
        cell |= {name: self.columns[name][cell["record"]].item() for name in RECORDS}
        product, made = (self.product(number) for number in self.tables.goods[cell["goods"]])
        currency, unit = self.tables.measures[cell["measures"]]
        return arc(
            cell, self._extra(cell["extra"]), self.confidences[cell["confidence"]],
            tail=self.iri(cell["tail"]), head=self.iri(cell["head"]), product=product, input_to=made,
            record=self.strings["record"][cell["record"]], dataset=self.tables.datasets[cell["dataset"]],
            currency=currency, unit=unit,
        )  # fmt: skip

    def _extra(self, number: int) -> dict[str, Any]:
        text = self.strings["extra"][number]
        found: dict[str, Any] = json.loads(text) if text else {}
        return found

    @kept(KEPT)
    def evidence(self, iri: str) -> dict[str, str]:
        """Return what is known of a piece of evidence."""
        for number in self.keys["evidence"].find(iri):
            found: dict[str, str] = json.loads(self.strings["evidence"][number])
            if found["iri"] == iri:
                return found
        return {"iri": iri}

    # --- Small tables --------------------------------------------------------------------------------------------

    def product(self, number: int) -> Product | None:
        """Return a product by its number; none has the number -1."""
        return None if number in (-1, NONE) else self.every_product[number]

    @cached_property
    def every_product(self) -> list[Product]:
        """The products by number, those among them that are only named."""
        return [Product(*said) for said in self.tables.products]

    @cached_property
    def products(self) -> dict[str, Product]:
        """The products that a dataset describes, by IRI."""
        return {product.iri: product for product in self.every_product if product.code or product.name}

    @cached_property
    def product_numbers(self) -> dict[str, int]:
        """The numbers of the products by IRI."""
        return {said[0]: number for number, said in enumerate(self.tables.products)}

    def goods_with(self, product: Product) -> tuple[Goods, int]:
        """Return what links carry and the number of a product among it, one that no dataset names too."""
        if (number := self.product_numbers.get(product.iri)) is not None:
            return self.goods, number
        found = self._more_goods.get(product)
        if found is None:
            rows = [*self.tables.products, [product.iri, product.code, product.name]]
            found = carried(self.tables, goods(replace(self.tables, products=rows)))
            self._more_goods = {**self._more_goods, product: found}
        return found, len(self.tables.products)

    @cached_property
    def inputs(self) -> Inputs:
        """Which product goes into which."""
        return Inputs((self.every_product[a], self.every_product[b]) for a, b in self.tables.inputs)

    @cached_property
    def places(self) -> list[tuple[Place, ...]]:
        """Where actors are: the places of a node by the number in its column ``place``."""
        return [tuple(Place(*place) for place in places) for places in self.tables.places]

    @cached_property
    def confidences(self) -> list[Fraction | int]:
        """The confidences that arcs have."""
        return [1 if text == "1" else Fraction(text) for text in self.tables.confidences]

    @cached_property
    def costs(self) -> Array:
        """The costs of the confidences (see `cost`)."""
        return np.array([cost(confidence) for confidence in self.confidences], np.int64)

    @cached_property
    def versions(self) -> dict[str, Version]:
        """The current version of each dataset."""
        return {said["dataset"]: Version(**said) for said in self.tables.versions}

    @cached_property
    def designations(self) -> list[Designation]:
        """All designations."""
        return [designation(said, self.every_product) for said in self.tables.designations]

    @property
    def targets(self) -> list[int | None]:
        """The nodes that the designations name, in the same order."""
        return [said["node"] for said in self.tables.designations]

    @cached_property
    def designated(self) -> Designated:
        """What the designations touch."""
        entries = list(zip(self.designations, self.targets, strict=True))
        # Nothing that an index keeps leads back to it, so that its files are closed as soon as nobody has it any more.
        of = partial(ties, self.tables, self.arcs, self.out, self.columns["tail"])
        relations = Relations(self.places, self.place[: len(self)], self.unsure, self.successions, of)
        return Designated(entries, relations)

    @cached_property
    def unsure(self) -> dict[int, list[int]]:
        """Nodes joined to a node by an unsure judgement only."""
        found: dict[int, list[int]] = {}
        for left, right in self.tables.unsure:
            found.setdefault(left, []).append(right)
        return found

    @cached_property
    def successions(self) -> list[tuple[int, int | None, Succession]]:
        """The changes of organisations, each with the nodes of what was before and after."""
        found = [(said[0], Succession(*said[1:])) for said in self.tables.successions]
        return [(before, said.after and self.node(said.after), said) for before, said in found]  # type: ignore[misc]

    @cached_property
    def judged(self) -> list[Judged]:
        """The judgements that join actors, or doubt whether they are one."""
        return [Judged(*said) for said in self.tables.judged]
