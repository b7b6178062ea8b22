"""What a client asks by the SPARQL 1.1 Protocol: in the address, as a form, or as the body itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import Response

from opentier.api.http.deps import body_of, check
from opentier.api.http.problems import problem
from opentier.graph.errors import Named, UsageError

FORM = "application/x-www-form-urlencoded"
#: What UTF-8 is called, and what is part of it.
_CHARSETS = ("utf-8", "utf8", "us-ascii")


@dataclass(frozen=True)
class Operation:
    """An operation of the protocol.

    Attributes
    ----------
    name
        The parameter that holds what is asked.
    called
        What that is called at the beginning of a sentence.
    media_type
        What the body is that holds it.
    parameters
        All that a form and its address may say (see `deps.check`).
    most
        Bytes that it may have.
    refused
        What is said to a body of some other kind, by its media type.
    """

    name: str
    called: str
    media_type: str
    parameters: Mapping[str, bool | None]
    most: int
    refused: Mapping[str, str]

    async def posted(self, request: Request) -> dict[str, list[str]] | Response:
        """Return what a request says, by parameter: its address and its form are one; or the answer that refuses it.

        Raises
        ------
        UsageError
            If it says what no parameter is.
        """
        head = Message()
        head["content-type"] = request.headers.get("content-type", "")
        kind, charset = head.get_content_type(), head.get_content_charset("utf-8")
        if kind not in (self.media_type, FORM):
            said = self.refused.get(kind, f"POST a form, or a body of {self.media_type}.")
            return problem(415, "Unsupported media type", said)
        if charset not in _CHARSETS:
            return problem(415, "Unsupported media type", f"{self.called} is UTF-8 text; not {charset}.")
        body = await body_of(request, self.most)
        if body is None:
            return self.too_long()
        try:
            text = body.decode("utf-8")
            own = [(self.name, text)] if kind == self.media_type else _form(text)
        except UnicodeDecodeError:
            said = "The parameters are" if kind == FORM else f"{self.called} is"
            raise UsageError(f"{said} not UTF-8.") from None
        pairs = [*request.query_params.multi_items(), *own]
        check(pairs, self.parameters)
        return {name: [value for named, value in pairs if named == name] for name in self.parameters}

    def missing(self) -> UsageError:
        """Return what is wrong where nothing is asked."""
        return UsageError(Named(self.name), " is missing; give a value.")

    def too_long(self) -> Response:
        """Return the answer to what is longer than it may be."""
        return problem(
            413, f"{self.name.capitalize()} too long", f"{self.called} has at most {self.most:,} bytes."
        )


def _form(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="strict")
