"""The options of an act: declared once as the parameters of a function, given in an address or in a form."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError, create_model

from opentier.api import values
from opentier.api.contract.uploads import FILE
from opentier.api.http.deps import check
from opentier.graph.errors import Named, UsageError


class Fields:
    """The options of an act.

    Parameters
    ----------
    declared
        A function that a route depends on: its parameters are the options.
    papers
        Those that are files, which stand in forms alone.
    """

    def __init__(self, declared: Callable[..., Any], papers: Mapping[str, str] | None = None) -> None:
        self.papers = papers or {}
        parameters = inspect.signature(declared, eval_str=True).parameters.values()
        made: dict[str, Any] = {each.name: (each.annotation, each.default) for each in parameters}
        self._model: type[BaseModel] = create_model("Options", **made)
        self._many = {
            field.alias or name: _many(field.annotation) for name, field in self._model.model_fields.items()
        }

    @property
    def names(self) -> list[str]:
        """The options that are no files, as they are called outside."""
        return list(self._many)

    def read(self, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Return the options that are given, by the names of the parameters, with the defaults of all others.

        Raises
        ------
        UsageError
            If one is unknown, given twice, or of which its type cannot be made.
        """
        pairs = list(pairs)
        check(pairs, self._many)
        given: dict[str, Any] = {}
        for name, value in pairs:
            if self._many[name]:
                given.setdefault(name, []).append(value)
            else:
                given[name] = value
        try:
            return self._model.model_validate(given).model_dump()
        except ValidationError as error:
            [first, *_] = error.errors()
            raise UsageError(Named(str(first["loc"][0])), " " + values.wrong(first)) from None

    def body(self, plain: Iterable[str]) -> dict[str, Any]:
        """Return what OpenAPI says of the body of a request."""
        said = self._model.model_json_schema()
        binary = {"type": "string", "format": "binary"}
        properties = {
            FILE: {**binary, "description": "The file."},
            **{name: {**each, "title": name} for name, each in said["properties"].items()},
            **{name: {**binary, "description": about} for name, about in self.papers.items()},
        }
        form = {"type": "object", "required": [FILE], "properties": properties}
        content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
        content |= {media_type: {"schema": binary} for media_type in plain}
        return {"requestBody": {"required": True, "content": content}}


def _many(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_many(part) for part in get_args(annotation))
