"""What the service says of itself as OpenAPI: ids of operations, forms and schemas of answers, what may go wrong.

A route says what it answers (`answers`); what follows from its address and its parameters is added here, so that a
route to come is described, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from opentier.api.contract.forms import Forms
from opentier.api.http import ids, problems

Json = dict[str, Any]
JSON = "application/json"
_NONE: Mapping[str, str] = {}
_SCHEMAS = "#/components/schemas/"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": f"{_SCHEMAS}Problem"}}}
#: What may go wrong with every request: no parameter of the route, a key that opens nothing, too many requests, a fault
#: of ours, no data.
_ALWAYS = (400, 401, 429, 500, 503)
#: Parameters that name an actor, which may be unknown, or several.
_ACTORS = {"actor", "a", "b"}
#: What more a route may answer than follows from its address.
_MORE = {"/id/{path}": {307}}
#: What FastAPI says of an answer of which a route says nothing.
_UNSAID: Json = {JSON: {"schema": {}}}
#: Forms that need an extra.
_PRINTED = {"application/pdf", "image/png"}
#: Nouns of addresses that are lists of things with addresses of their own.
_LISTS = {
    "contributions", "countries", "datasets", "initiatives", "jobs", "judgements", "laws", "problems", "questions",
    "screenings",
}  # fmt: skip
_PART = re.compile(r"\{(\w+)\}")
#: Examples of parameters, by name and by format, where the route gives none.
_EXAMPLES = {
    "on": "2024-06-30", "from": "2020", "to": "2024-12-31", "as_known": "2026-01-31", "observed_since": "2020-01-01",
    "max_tier": 3, "min_confidence": 0.5, "min_path_confidence": 0.3, "min_share": 50.0, "kinds": "supply,operation",
    "countries": "CN,BD", "datasets": "example", "exploitation": "forced-labour", "paths": 3, "first": 5, "limit": 10,
    "suffix": "ttl", "path": "example/aurora", "kind": "busy", "number": 3, "cursor": 0, "offset": 0,
    "type": "facility", "roots": "example", "reason": "A mistake",
    "callback": "answer", "id": "example", "sheet": "Suppliers", "publisher": "Somebody", "accept": 0.9, "review": 0.7,
    "name": "Actor", "edition": "1.0.0", "part": "1", "save": "2026-09", "other": "2026-08", "form": "csv",
    "what": "entity", "format": "json", "output": "json", "results": "json",
    "default-graph-uri": "https://w3id.org/opentier/id/dataset/example/1",
    "named-graph-uri": "https://w3id.org/opentier/id/dataset/laws/1",
}  # fmt: skip
#: What parameters are, where the route does not say.
_ABOUT = {
    "id": "Its id.", "other": "The id of another one.", "form": "The form of the answer.",
    "path": "The rest of the IRI.",
    "name": "The name of a term.", "edition": "An edition of it.", "part": "The number of a part.",
    "default-graph-uri": "A graph that is asked.", "named-graph-uri": "A graph that is asked by its name.",
}  # fmt: skip
TAGS = {
    "Trace": "Who supplies whom, and where designations touch the chain.",
    "Laws and initiatives": "Which laws bind, which documents they ask for, and who works on it.",
    "Countries": "What is known of each country, and of the data that governments hold.",
    "Judgements": "Who is judged to be one with whom.",
    "Questions": "The questions that the graph must answer, as queries with inputs.",
    "Search": "By what somebody types.",
    "SPARQL": "The SPARQL 1.1 protocol, for reading.",
    "Linked data": "IRIs, the vocabulary and the catalogue as RDF.",
    "Datasets": "What was admitted: versions, differences, files.",
    "Contributions": "What somebody sends: checked, mapped, admitted.",
    "Screening": "Lists of suppliers: matched, traced, kept, asked again.",
    "Jobs": "Long acts: how far they are, and what came of them.",
    "Reconciliation": "The Reconciliation API, 0.2 and the draft of 1.0.",
    "Right of reply": "What those answer who are named in a listing or an incident.",
    "Operations": "For whoever runs the service.",
    "Problems": "The kinds of problems, and what to do.",
}


def answers(
    *statuses: int, schema: str | None = None, forms: Forms | None = None, also: Mapping[str, str] = _NONE
) -> dict[int | str, Json]:
    """Return what a route answers, as FastAPI's `responses` has it.

    Parameters
    ----------
    statuses
        What may go wrong beside what follows from its parameters: 504 where the work may take too long.
    schema
        The schema of its JSON, by name.
    forms
        The forms in which it answers; JSON where none are said.
    also
        Media types that it answers in beside these, by name.
    """
    offered = (*(forms.offered.values() if forms else () if also else (JSON,)), *also.values())
    content = {media_type: {"schema": _schema(media_type, schema)} for media_type in offered}
    return {
        200: {"description": "The answer.", "content": content},
        **{each: problem(each) for each in statuses},
    }


def _schema(media_type: str, schema: str | None) -> Json:
    if media_type == JSON:
        return {"$ref": f"{_SCHEMAS}{schema}"} if schema else {"type": "object"}
    return {} if "json" in media_type else {"type": "string"}


def problem(status: int) -> Json:
    """Return what OpenAPI says of a status that is a problem."""
    return {"description": HTTPStatus(status).phrase, "content": _PROBLEM}


@cache
def _data(name: str) -> Json:
    """Return a document that lies beside this module."""
    found: Json = json.loads(files("opentier.api.contract").joinpath(f"{name}.json").read_text("utf-8"))
    return found


def document(app: FastAPI) -> Json:
    """Return the description of an app."""
    about = {name: getattr(app, name) for name in ("title", "version", "description", "routes")}
    tags = [{"name": name, "description": said} for name, said in TAGS.items()]
    found = get_openapi(**about, tags=tags, license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"})
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    parts = found.setdefault("components", {})
    parts.setdefault("schemas", {}).update({**_data("schemas"), "Problem": problems.SCHEMA})
    parts["headers"] = {"Request": {"description": "The id of the request.", "schema": {"type": "string"}}}
    parts["securitySchemes"] = {
        "Key": {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of this service, for what is not public.",
        }
    }
    found["security"] = [{}, {"Key": []}]
    return found


def identified(method: str, path: str) -> str:
    """Return the id of an operation: the nouns of its address and what is done, ``dataset_diff_get``."""
    parts = [part for part in re.split(r"[/.]", path.replace("-", "_")) if part]
    words: list[str] = []
    for part in parts:
        if named := _PART.fullmatch(part):
            if words and words[-1] in _LISTS:
                words[-1] = words[-1][:-1]
            elif words:
                words.append(named[1])
        else:
            words.append(part)
    many = words[-1] in _LISTS
    done = {"get": "list" if many else "get", "post": "create" if many else "post"}.get(method, method)
    return "_".join((*words, done))


def _complete(path: str, method: str, operation: Json) -> None:
    """Add to an operation its id, examples of its parameters, and what may go wrong."""
    if operation["operationId"].endswith(re.sub(r"\W", "_", path) + f"_{method}"):  # FastAPI's own
        operation["operationId"] = identified(method, path)
    parameters, responses = operation.get("parameters", []), operation["responses"]
    for each in parameters:
        _exemplify(each)
    responses.pop("default", None)  # without it FastAPI would speak of a 422 that there is not
    content = responses["200"].get("content", {}) if "200" in responses else {}
    if content == _UNSAID:
        content = responses["200"]["content"] = {"*/*": {}}
    for status in sorted(_statuses(path, method, {each["name"] for each in parameters}, content)):
        responses.setdefault(str(status), problem(status))
    if method == "get":
        responses.setdefault("304", {"description": "What `If-None-Match` names is what there is."})
    if (example := _data("examples").get(operation["operationId"])) and JSON in content:
        content[JSON]["example"] = example
    for answer in responses.values():
        answer.setdefault("headers", {})[ids.HEADER] = {"$ref": "#/components/headers/Request"}
    operation["responses"] = dict(sorted(responses.items()))


def _statuses(path: str, method: str, names: set[str], content: Mapping[str, Any]) -> set[int]:
    """Return what may go wrong with an operation."""
    found = set(_ALWAYS)
    if names & _ACTORS:
        found |= {300, 404}
    if "{" in path or "release" in names:
        found.add(404)
    found |= _MORE.get(path, set())
    if len(content) > 1:
        found.add(406)
    if content.keys() & _PRINTED:
        found.add(501)
    return found | ({413, 415} if method in ("post", "put") else set())


def _exemplify(parameter: Json) -> None:
    """Give a parameter an example and a description, where it has none."""
    if parameter["name"] in _ABOUT:
        parameter.setdefault("description", _ABOUT[parameter["name"]])
    schema = parameter["schema"]
    kinds = [schema, *schema.get("anyOf", ())]
    several = any(kind.get("type") == "array" for kind in kinds)
    fixed = [
        value
        for kind in kinds
        for value in (*kind.get("enum", ()), *([kind["const"]] if "const" in kind else ()))
    ]
    if "examples" in schema:
        said = schema["examples"][0]
    elif fixed:
        said = fixed[0]
    elif any(kind.get("type") == "boolean" for kind in kinds):
        said = True
    else:
        said = _EXAMPLES.get(parameter["name"])
    if said is not None:
        parameter["example"] = [said] if several and not isinstance(said, list) else said
