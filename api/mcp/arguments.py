"""Arguments: what each tool may be asked with, as models of which the protocol's schemas are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from opentier.api import filters, values
from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.reconciliation.queries import LIMIT, MOST
from opentier.graph.search.finder import DEEP, LETTERS
from opentier.graph.trace.parameters import Filter, Parameters

#: Names that are matched at once, laws of one dossier, exposures that are given at once.
NAMES, LAWS, EXPOSURES = 20, 5, 100
#: Letters of a query.
QUERY = 100_000

Actor = Annotated[
    str, Field(max_length=LETTERS, description="An IRI, dataset/local-id, an identifier (lei:...) or a name.")
]
Kind = Literal["actors", "initiatives", "laws", "designations", "registers", "datasets", "terms", "products"]


class Arguments(BaseModel):
    """What a tool is asked with; nothing else may be said."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Search(Arguments):
    """What `search` is asked with."""

    text: Annotated[str, Field(max_length=LETTERS, description="A name, an identifier, or words of them.")]
    kinds: Annotated[list[Kind], Field(description="What is looked for; all, without.")] = []
    limit: Annotated[int, Field(ge=1, le=MOST, description="Of each kind, at most.")] = LIMIT
    offset: Annotated[int, Field(ge=0, le=DEEP, description="How many of each kind to skip.")] = 0


class Obligations(Arguments):
    """What `obligations` is asked with."""

    actor: Actor
    on: Annotated[str | None, Field(description="A day (YYYY-MM-DD); what does not yet apply is marked.")] = (
        None
    )


class Match(Arguments):
    """What `match` is asked with."""

    names: Annotated[
        list[Annotated[str, Field(max_length=LETTERS)]],
        Field(
            min_length=1, max_length=NAMES, description="Names of companies or sites, as they are written."
        ),
    ]
    country: Annotated[str | None, Field(description="The country of all of them, by name or code.")] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT, description="Candidates of each name, at most.")] = 5


class Query(Arguments):
    """What `query` is asked with."""

    sparql: Annotated[
        str, Field(max_length=QUERY, description="A SPARQL 1.1 query; prefixes ot:, rdfs:, skos: are known.")
    ]


class Datasets(Arguments):
    """What `datasets` is asked with."""


def _field(said: Filter) -> Any:
    bounds = filters.served(said) or said.bounds
    least, most = bounds if bounds else (None, None)
    return Field(alias=said.called, description=said.about, ge=least, le=most)


def _filtered(name: str, about: str, **own: Any) -> type[Arguments]:
    """Return the arguments of a tool that traces: its own, and the filters that all faces have."""
    fields: dict[str, Any] = {
        each.name: (each.annotation, each.default) for each in filters.signature(_field, alone=True, paths=1)
    }
    return create_model(name, __base__=Arguments, __doc__=about, **own, **fields)


Trace = _filtered(
    "Trace",
    "What `trace` is asked with.",
    actor=(Actor, ...),
    first=(Annotated[int, Field(ge=0, le=EXPOSURES, description="Exposures that are given, at most.")], 5),
    skip=(Annotated[int, Field(ge=0, description="Exposures that are left out before them.")], 0),
)
Dossier = _filtered(
    "Dossier",
    "What `dossier` is asked with.",
    actor=(Actor, ...),
    laws=(
        Annotated[list[str], Field(min_length=1, max_length=LAWS, description="Ids, as us-uflpa-2021.")],
        ...,
    ),
)


def parameters(asked: Arguments) -> Parameters:
    """Return the filters among the arguments of a tool that traces."""
    known = {each.name for each in filters.signature(_field, alone=True)}
    return filters.parameters(**{name: value for name, value in asked if name in known})


def read(model: type[Arguments], said: dict[str, Any]) -> Arguments:
    """Return what a tool is asked with.

    Raises
    ------
    UsageError
        If something is not known, missing, or not what it has to be.
    """
    try:
        return model.model_validate(said, by_alias=True, by_name=False)
    except ValidationError as error:
        first = error.errors()[0]
        *_, name = (str(part) for part in first["loc"] if isinstance(part, str))
        if first["type"] == "extra_forbidden":
            known = [each.alias or key for key, each in model.model_fields.items()]
            raise UsageError(
                "There is no argument ", Named(name), f" here.{mean(name, known, len(known))}"
            ) from None
        raise UsageError(Named(name), f" {_wrong(first)}") from None


def _wrong(item: Mapping[str, Any]) -> str:
    """Return what is wrong with an argument."""
    kind, bounds = str(item["type"]), item.get("ctx", {})
    if kind.endswith("too_long"):
        return f"is too long: {bounds['max_length']:,} at most."
    if kind.endswith("too_short"):
        return f"is too short: {bounds['min_length']:,} at least."
    if kind in ("string_type", "list_type"):
        return f"is not a {'text' if kind == 'string_type' else 'list'}."
    return values.wrong(item)
