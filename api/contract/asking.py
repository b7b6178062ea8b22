"""How routes ask for actors and for the filters of traces; which those are, the library says."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query

from opentier.api.filters import asking, served
from opentier.graph.trace.parameters import Filter, Parameters

_ABOUT = "An IRI, dataset/local-id, an identifier or a name."


def query(said: Filter) -> Any:
    """Return a filter as a parameter of a route."""
    examples = [said.example] if said.example else None
    least, most = served(said) or said.bounds or (None, None)
    told = {} if most is None else {"minimum": least, "maximum": most}
    return Query(alias=said.called, description=said.about, examples=examples, json_schema_extra=told)


#: An actor.
Who = Annotated[str, Query(description=_ABOUT, examples=["example/aurora"])]
WhoOrNobody = Annotated[str | None, Query(description=_ABOUT, examples=["example/aurora"])]
#: The filters that all traces have, those of one actor too, and those of one with one path where none is said.
Filters = Annotated[Parameters, Depends(asking(query, alone=False))]
FiltersOfOne = Annotated[Parameters, Depends(asking(query, alone=True))]
FiltersOfPath = Annotated[Parameters, Depends(asking(query, alone=True, paths=1))]
#: Laws; those of a report, which may be none.
_LAWS = Query(description="A law by its id; several times for several.", examples=["us-uflpa-2021"])
Laws = Annotated[list[str], _LAWS]
LawsOfReport = Annotated[list[str] | None, _LAWS]
