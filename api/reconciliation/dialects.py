"""The versions of the Reconciliation API that are spoken: what each asks and answers, as its schemas have it.

Both are about the same queries, candidates and values (`reconciler`); 0.2 is what OpenRefine speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from opentier.api import values
from opentier.graph import __version__
from opentier.graph.errors import Named, UsageError
from opentier.graph.model.names import OT
from opentier.graph.network.network import Actor
from opentier.graph.reconciliation import properties
from opentier.graph.reconciliation.queries import (
    LIMIT,
    MOST,
    NAME,
    Candidate,
    Condition,
    Quantifier,
    Query,
)
from opentier.graph.reconciliation.reconciler import Reconciler
from opentier.graph.reconciliation.types import Type

Json = dict[str, Any]
T = TypeVar("T")
OLD, DRAFT = "0.2", "1.0-draft"
#: Queries of one batch, actors of one extension, and properties of these.
BATCH, EXTENDED, COLUMNS = 50, 200, 20
#: Letters of a name or a value, values of a property, and properties of a query.
LETTERS, VALUES, CONDITIONS = 1000, 50, 20
_VALUE = (
    f"One is a text of at most {LETTERS:,} letters, a number, true, false or an object with an id; "
    f"there may be a list of up to {VALUES}."
)
#: Pixels of a preview.
WIDTH, HEIGHT = 430, 240


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Text = Annotated[str, Field(max_length=LETTERS)]


class _Other(BaseModel):
    """A value that was reconciled itself."""

    model_config = ConfigDict(frozen=True)
    id: _Text
    name: _Text = ""


_Value = _Text | bool | int | float | _Other
_Values = _Value | Annotated[list[_Value], Field(max_length=VALUES)]
_Limit = Annotated[int, Field(ge=1, le=MOST)]


class _Mapped(_Said):
    pid: str
    v: _Values


class Asked(_Said):
    """A query of 0.2."""

    query: _Text = ""
    type: str | list[str] = []
    limit: _Limit = LIMIT
    properties: Annotated[list[_Mapped], Field(max_length=CONDITIONS)] = []
    type_strict: Literal["any", "should", "all"] = "should"

    def read(self) -> Query:
        """Return the query that is meant."""
        named = [Condition(NAME, (self.query,))] if self.query.strip() else []
        more = [Condition(each.pid, _texts(each.v)) for each in self.properties]
        types = [self.type] if isinstance(self.type, str) else self.type
        return Query((*named, *more), tuple(filter(None, types)), self.limit)


class _Condition(_Said):
    match_type: Annotated[Literal["name", "id", "property"], Field(alias="matchType")]
    property_id: Annotated[str, Field(alias="propertyId")] = ""
    property_value: Annotated[_Values, Field(alias="propertyValue")]
    required: bool = False
    quantifier: Annotated[Quantifier, Field(alias="matchQuantifier")] = "any"
    qualifier: Annotated[str | None, Field(alias="matchQualifier")] = None
    lang: str = ""
    dir: str = ""

    def read(self) -> Condition:
        """Return the condition that is meant."""
        if self.qualifier is not None:
            raise UsageError(
                f"No property has the qualifier {self.qualifier!r}; leave ", Named("matchQualifier"), " away."
            )
        if self.match_type == "property" and not self.property_id:
            raise UsageError("A condition on a property needs ", Named("propertyId"), ".")
        about = self.property_id if self.match_type == "property" else self.match_type
        return Condition(about, _texts(self.property_value), self.required, self.quantifier)


class _DraftQuery(_Said):
    conditions: Annotated[list[_Condition], Field(min_length=1, max_length=CONDITIONS)]
    type: str = ""
    limit: _Limit = LIMIT
    lang: str = ""
    dir: str = ""


class Batch(_Said):
    """A batch of queries of the draft."""

    queries: list[_DraftQuery]

    def read(self) -> list[Query]:
        """Return the queries that are meant."""
        return [
            Query(
                tuple(each.read() for each in said.conditions), tuple(filter(None, [said.type])), said.limit
            )
            for said in self.queries
        ]


class _Wanted(_Said):
    id: str
    settings: dict[str, Any] = {}


class Extension(_Said):
    """A query for what is known of some actors, in both versions."""

    ids: list[str]
    properties: list[_Wanted]


OF_OLD: TypeAdapter[dict[str, Asked]] = TypeAdapter(dict[str, Asked])
OF_DRAFT: TypeAdapter[Batch] = TypeAdapter(Batch)
OF_EXTENSION: TypeAdapter[Extension] = TypeAdapter(Extension)


def read(kind: TypeAdapter[T], text: str | bytes, called: str) -> T:
    """Return what a text says in JSON.

    Raises
    ------
    UsageError
        If it is no JSON, or says something else; the message says where.
    """
    try:
        return kind.validate_json(text)
    except ValidationError as error:
        raise UsageError(Named(called), f": {_wrong(error.errors()[0])}") from None


def _wrong(item: Any) -> str:
    """Return what one of pydantic's errors says, and where; of a value, which may be of many kinds, what one is."""
    where = [str(part) for part in item["loc"]]
    at = next((at for at, part in enumerate(where, 1) if part in ("v", "propertyValue")), 0)
    path, kind = ".".join(where[:at] if at else where), item["type"]
    said = {
        "json_invalid": f"this is no JSON: {item.get('ctx', {}).get('error')}.",
        "extra_forbidden": f"{path} is not known here.",
        "string_type": f"{path} is no text.",
        "too_short": f"{path} is empty.",
        "too_long": f"{path} has at most {item.get('ctx', {}).get('max_length')} entries.",
        "string_too_long": f"{path} has at most {LETTERS:,} letters.",
    }
    if at and kind != "missing":
        return f"{path} is no value. {_VALUE}"
    return said.get(kind) or f"{path} {values.wrong(item)}".strip()


def _texts(said: _Values) -> tuple[str, ...]:
    return tuple(map(_text, said if isinstance(said, list) else [said]))


def _text(said: _Value) -> str:
    if isinstance(said, _Other):
        return said.name or said.id
    return str(said).lower() if isinstance(said, bool) else str(said)


# --- Answers ---------------------------------------------------------------------------------------------------------


def candidates(found: Iterable[Candidate], reconciler: Reconciler) -> list[Json]:
    """Return the candidates of a query; both versions have the same."""
    return [
        {
            **entity(each.actor, reconciler, each.why),
            "type": typed(each.actor, reconciler),
            "score": each.score,
            "match": each.sure,
            "features": [
                {"id": id, "name": id, "value": round(value, 4)} for id, value in each.features.items()
            ],
        }
        for each in found
    ]


def entity(actor: Actor, reconciler: Reconciler, why: str = "") -> Json:
    """Return an actor as clients list it."""
    about = "; ".join(filter(None, (reconciler.about(actor), why)))
    return {"id": reconciler.id(actor), "name": actor.name, "description": about}


def typed(actor: Actor, reconciler: Reconciler) -> list[Json]:
    """Return the type of an actor; none where nobody says what it is."""
    found = reconciler.types.all.get(actor.kind)
    return [{"id": found.id, "name": found.name}] if found else []


def kind(said: Type, reconciler: Reconciler) -> Json:
    """Return a type as clients list it."""
    wider = [kind(reconciler.types.all[said.broader], reconciler)] if said.broader else []
    return {"id": said.id, "name": said.name, "description": said.about, "broader": wider}


def columns(wanted: Iterable[str]) -> list[Json]:
    """Return properties by id and name."""
    return [{"id": each.id, "name": each.name} for each in map(properties.given, wanted)]


def extended(
    asked: Extension, reconciler: Reconciler
) -> tuple[list[Json], Mapping[str, Mapping[str, list[Json]]]]:
    """Return the properties that are asked for, and their values by actor and property; none of an unknown actor.

    Raises
    ------
    UsageError
        If a property is not known, or settings are asked for.
    """
    for each in asked.properties:
        if each.settings:
            raise UsageError(f"The property {each.id} has no settings.")
    wanted = list(dict.fromkeys(each.id for each in asked.properties))
    meta, rows = columns(wanted), dict[str, dict[str, list[Json]]]()
    for id in asked.ids:
        node = reconciler.node(id)
        actor = None if node is None else reconciler.index.actor(node)
        rows[id] = {
            each: [{"str": text} for text in reconciler.values(actor, each)] if actor else []
            for each in wanted
        }
    return meta, rows


# --- Manifests -------------------------------------------------------------------------------------------------------


def manifest(version: str, service: str, base: str, reconciler: Reconciler) -> Json:
    """Return the manifest of the service in the terms of a version.

    Parameters
    ----------
    service
        The address of the service itself, such as ``http://127.0.0.1:8087/``.
    base
        The base of the IRIs of individuals.
    """
    top = [kind(each, reconciler) for each in reconciler.types.all.values() if not each.broader]
    root = f"{service}reconcile"
    shared = {"name": "OpenTier", "serviceVersion": __version__, "defaultTypes": top, "batchSize": BATCH}
    if version == DRAFT:
        return {
            "versions": [DRAFT],
            **shared,
            "view": {"url": f"{service}id/{{id}}"},
            "preview": {"width": WIDTH, "height": HEIGHT},
            "suggest": {"entity": True, "property": True, "type": True},
            "extend": {"proposeProperties": True, "propertySettings": []},
            "standardizedScore": True,
        }
    return {
        "versions": [OLD, DRAFT],
        **shared,
        "identifierSpace": base,
        "schemaSpace": OT,
        "view": {"url": f"{service}id/{{{{id}}}}"},
        "preview": {"url": f"{root}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "suggest": {
            what: {
                "service_url": root,
                "service_path": f"/suggest/{what}",
                "flyout_service_path": f"/flyout/{what}?id=${{id}}",
            }
            for what in ("entity", "property", "type")
        },
        "extend": {
            "propose_properties": {"service_url": root, "service_path": "/extend/propose"},
            "property_settings": [],
        },
    }
