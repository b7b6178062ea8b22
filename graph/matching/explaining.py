"""Why two parties may be one, or not, in words."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from opentier.graph.matching.features import Compared, aligned, kilometres
from opentier.graph.matching.parties import Party
from opentier.graph.model import printed
from opentier.graph.model.characters import legal

#: What is more than this much alike is told as alike.
_ALIKE = 0.6


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, str]:
    return tomllib.loads(files("opentier.graph.matching").joinpath("words.toml").read_text("utf-8"))


def _said(name: str, *given: object) -> str:
    return _texts()[name].format(*given)


def why(left: Party, right: Party, compared: Compared) -> str:
    """Return why two parties may be one, or not: a phrase for each feature that says something."""
    return "; ".join([*_of_names(compared), *_of_others(left, right, compared.values)])


def _of_names(compared: Compared) -> Iterator[str]:
    left, right, values = compared.left, compared.right, compared.values
    if left is None or right is None:
        yield _said("nobody")
        return
    if values["core"] == 1.0 or values["words"] == 1.0:
        if left.text == right.text:
            yield _said("same")
        elif values.get("script"):
            yield _said("same-script")
        else:
            yield _said("same-but" if values["core"] == 1.0 else "same-words")
    else:
        yield _said("alike" if values["words"] > _ALIKE else "unlike", printed.score(values["words"], ".0%"))
    if values.get("alias"):
        yield _said("alias", right.text)
    if values["core"] < 1.0:
        _, mine, others = aligned(left.words, right.words)
        if mine and others:
            yield _said("instead", " ".join(mine), " ".join(others))
        elif mine or others:
            yield _said("more", " ".join(mine or others))
    if compared.whole:
        yield _said("whole", legal(" ".join(compared.whole.text.split())))
    if "numbers" in values:
        here, there = _listed(left.numbers), _listed(right.numbers)
        if here and there:
            yield _said("number", here) if values["numbers"] == 1.0 else _said("numbers", here, there)
        else:
            yield _said("number-one", here or there)
    if values.get("form") == 0.0:
        yield _said("form", _listed(left.forms), _listed(right.forms))


def _of_others(left: Party, right: Party, values: Mapping[str, float]) -> Iterator[str]:
    if "identifiers" in values:
        schemes = sorted(left.strong.keys() & right.strong.keys())
        equal = [f"{each}:{value}" for each in schemes for value in left.strong[each] & right.strong[each]]
        others = [each for each in schemes if not left.strong[each] & right.strong[each]]
        if equal:
            yield _said("identifier", _listed(equal))
        if others:
            yield _said("identifiers", *(_numbered(side, others) for side in (left, right)))
    if "country" in values:
        yield from _places("country", "countries", left.countries, right.countries, values["country"])
    if "region" in values:
        yield from _places("region", "regions", left.regions, right.regions, values["region"])
    if "address" in values:
        yield _said(
            "address" if values["address"] > _ALIKE else "addresses", printed.score(values["address"], ".0%")
        )
    if values.get("house", 1.0) < 0.5:
        yield _said("house")
    if "distance" in values and left.position and right.position:
        yield _said("distance", f"{kilometres(left.position, right.position):,.0f}")
    if values.get("sector", 1.0) < 0.5:
        yield _said("sectors", left.sector, right.sector)
    yield from (_said(name) for name in ("time", "kind") if values.get(name) == 0.0)


def _places(same: str, other: str, left: Iterable[str], right: Iterable[str], value: float) -> Iterator[str]:
    yield _said(same, _listed({*left} & {*right})) if value else _said(other, _listed(left), _listed(right))


def _numbered(party: Party, schemes: Iterable[str]) -> str:
    return _listed(f"{each}:{value}" for each in schemes for value in party.strong[each])


def _listed(said: Iterable[str]) -> str:
    return ", ".join(sorted(said))
