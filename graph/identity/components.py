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

    def merged(self) -> list[tuple[str, str]]:
        """Return the names for which another one stands, each with that one, in order."""
        return sorted((name, self.find(name)) for name in list(self._parent))

    def join(self, left: str, right: str) -> None:
        """Put two names into one component."""
        low, high = sorted((self.find(left), self.find(right)))
        if low != high:
            self._parent[high] = low


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
