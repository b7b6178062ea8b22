"""Identity: which actors are one, as judgements say; never guessed, never merged against a judgement."""

from __future__ import annotations

from collections.abc import Iterable


class Components:
    """Connected components over names, the smallest name standing for each (union by name)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, name: str) -> str:
        """Return the name that stands for `name`."""
        parent = self._parent
        root = name
        while (above := parent.get(root, root)) != root:
            root = above
        while name != root:
            parent[name], name = root, parent.get(name, name)
        return root

    @classmethod
    def of(cls, pairs: Iterable[Iterable[str]]) -> Components:
        """Return the components of pairs of names."""
        found = cls()
        for left, right in pairs:
            found.join(left, right)
        return found

    def groups(self) -> dict[str, set[str]]:
        """Return the components of more than one name, by the name that stands for each."""
        found: dict[str, set[str]] = {}
        for name, stands in self.merged():
            found.setdefault(stands, {stands}).add(name)
        return found

    def merged(self) -> list[tuple[str, str]]:
        """Return the names for which another one stands, each with that one, in order."""
        return sorted((name, self.find(name)) for name in list(self._parent))

    def join(self, left: str, right: str) -> None:
        """Put two names into one component."""
        low, high = sorted((self.find(left), self.find(right)))
        if low != high:
            self._parent[high] = low


def regrouped(before: Components, now: Components) -> set[str]:
    """Return the names that are in other components now than before, or in other company there."""
    then, here = before.groups(), now.groups()
    changed = [name for name in then.keys() | here.keys() if then.get(name) != here.get(name)]
    return {name for stands in changed for name in (stands, *then.get(stands, ()), *here.get(stands, ()))}


def joined(positive: Iterable[tuple[str, str]], identified: Iterable[tuple[str, str]]) -> Components:
    """Return the components of positive judgements and of shared strong identifiers.

    Parameters
    ----------
    positive
        Pairs of actors judged to be one.
    identified
        Pairs (actor, strong identifier); equal strong identifiers are a positive judgement by rule.
    """
    components = Components()
    for left, right in positive:
        components.join(left, right)
    first: dict[str, str] = {}
    for actor, identifier in identified:
        components.join(first.setdefault(identifier, actor), actor)
    return components
