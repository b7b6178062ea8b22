"""Bounds: what of an answer is given at once, and what is said of the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from opentier.graph.model.characters import visible

Json = dict[str, Any]

#: Letters of one answer, and of one text in it.
LETTERS, TEXT = 40_000, 2_000


def seen(found: Any) -> Any:
    """Return what came from data, texts of bounded length, what in them is not seen, or steers, by its code point."""
    if isinstance(found, str):
        told = visible(found, keep="\n\t")
        return told if len(told) <= TEXT else f"{told[:TEXT]} ... ({len(told):,} letters)"
    if isinstance(found, dict):
        return {seen(str(key)): seen(value) for key, value in found.items()}
    return [seen(value) for value in found] if isinstance(found, list | tuple) else found


def cut(found: Json, more: str, most: int = LETTERS) -> tuple[Json, list[Json]]:
    """Return an answer that has no more than so many letters, and which lists in it were shortened.

    The list that takes most is halved, again and again, so that small parts of an answer stay whole; what alone is in
    its list goes last.

    Parameters
    ----------
    more
        How to ask for the rest.
    """
    found, left = json.loads(written(found)), dict[str, Json]()
    while len(written(found)) > most:
        lists = [(len(each) > 1, len(written(each)), path, each) for path, each in _lists(found, "") if each]
        if not lists:
            break
        _, _, path, longest = max(lists, key=lambda each: each[:2])
        told = left.setdefault(path, {"what": path, "given": 0, "of": len(longest), "more": more})
        del longest[len(longest) // 2 :]
        told["given"] = len(longest)
    there = {path for path, _ in _lists(found, "")}
    return found, [each for path, each in left.items() if path in there]


def written(found: Any) -> str:
    """Return an answer as text."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _lists(found: Any, path: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield all lists in an answer, each with where it stands."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _lists(value, f"{path}.{key}" if path else str(key))
    if isinstance(found, list):
        yield path, found
        for number, value in enumerate(found):
            yield from _lists(value, f"{path}[{number}]")
