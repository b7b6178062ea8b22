"""Bounds: what of an answer is given at once, and what is said of the rest."""

from __future__ import annotations

import json
from typing import Any

from opentier.graph.model.characters import visible

Json = dict[str, Any]

#: Letters of one answer, and of one text in it.
LETTERS, TEXT = 40_000, 2_000
#: What of a list is given at most.
_ITEMS = 500


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

    def shorten(path: str, each: list[Any], kept: int) -> None:
        left.setdefault(path, {"what": path, "given": kept, "of": len(each), "more": more})["given"] = kept
        del each[kept:]

    for path, each, _ in [*_lists(found)[1]]:
        if len(each) > _ITEMS:
            shorten(path, each, _ITEMS)
    while len(written(found)) > most:
        lists = [(len(each) > 1, size, path, each) for path, each, size in _lists(found)[1] if each]
        if not lists:
            break
        _, _, path, longest = max(lists, key=lambda each: each[:2])
        shorten(path, longest, len(longest) // 2)
    there = {path for path, *_ in _lists(found)[1]}
    return found, [each for path, each in left.items() if path in there]


def written(found: Any) -> str:
    """Return an answer as text."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _lists(found: Any, path: str = "") -> tuple[int, list[tuple[str, list[Any], int]]]:
    """Return about how many letters an answer has, and all lists in it, each with where it stands and its letters."""
    if not isinstance(found, dict | list):
        return len(written(found)), []
    size, lists = 2, list[tuple[str, list[Any], int]]()
    for key, value in found.items() if isinstance(found, dict) else enumerate(found):
        inner = f"{path}[{key}]" if isinstance(found, list) else f"{path}.{key}" if path else str(key)
        more, those = _lists(value, inner)
        size += more + 1 + (len(str(key)) + 3) * isinstance(found, dict)
        lists += those
    return size, [*lists, (path, found, size)] if isinstance(found, list) else lists
