"""Joins: which judgements make the members of an actor one, and which ones doubt that two actors are."""

from __future__ import annotations

from collections import deque
from functools import cached_property

from opentier.graph.identity.judgements import Judged
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Place
from opentier.graph.trace.unindexed import Unindexed

#: A judgement, from one of its actors to the other.
Join = tuple[str, str, Judged]


class Joins:
    """The judgements of an index that count."""

    def __init__(self, index: Index, unindexed: Unindexed) -> None:
        self.index, self.unindexed = index, unindexed

    @cached_property
    def _of(self) -> dict[str, list[Join]]:
        """The judgements that join an actor, by its IRI."""
        found: dict[str, list[Join]] = {}
        for said in self.index.judged:
            if said.judgement == "positive":
                for here, there in ((said.left, said.right), (said.right, said.left)):
                    found.setdefault(here, []).append((here, there, said))
        return found

    def between(self, here: str, there: str) -> list[Join]:
        """Return the fewest judgements that make two members of an actor one, each from one member to the next."""
        before: dict[str, Join | None] = {here: None}
        todo = deque([here])
        while todo and there not in before:
            for join in self._of.get(todo.popleft(), ()):
                if join[1] not in before:
                    before[join[1]] = join
                    todo.append(join[1])
        found, end = [], there
        while (step := before.get(end)) is not None:
            found.append(step)
            end = step[0]
        return found[::-1]

    def placed(self, here: str, place: Place | None) -> str:
        """Return the member that says itself that it is in a place, the nearest to one member; else that one."""
        todo, seen = [here] if here in self._of else [], {here}
        for end in todo:
            if place and any(place.covers(said) for said in self.unindexed.member(end).places):
                return end
            fresh = [there for _, there, _ in self._of[end] if there not in seen]
            seen.update(fresh)
            todo += fresh
        return here

    def doubts(self, iri: str) -> list[Join]:
        """Return the unsure judgements on a canonical actor: what each calls it, and the other one."""
        node = self.index.node(iri)
        members = (iri,) if node is None else self.index.actor(node).members or (iri,)
        found = [each for member in members for each in self._unsure.get(member, ())]
        return [join for _, join in sorted(found, key=lambda each: each[0])]

    @cached_property
    def _unsure(self) -> dict[str, list[tuple[int, Join]]]:
        """The unsure judgements on an actor as records name it, each with its number."""
        found: dict[str, list[tuple[int, Join]]] = {}
        for number, said in enumerate(self.index.judged):
            if said.judgement == "unsure":
                for here, there in ((said.left, said.right), (said.right, said.left)):
                    found.setdefault(here, []).append((number, (here, there, said)))
        return found
