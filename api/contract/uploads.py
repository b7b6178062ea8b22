"""What clients send to be worked on: a file with options, written to disk while it is read, within bounds.

Nothing is kept of what was not sent to its end. A file is called as its client calls it, without what a name could do
to whoever reads it.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO

from fastapi import HTTPException, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from opentier.graph.errors import Named, UsageError, mean

#: Bytes that may be sent at once; those of a file that is an option, and of any other option.
MOST, MOST_PAPER, MOST_FIELD = 64 << 20, 1 << 20, 1 << 16
#: Options that may be sent at once.
MOST_FIELDS = 200
#: The part of a form that is the file.
FILE = "file"
#: How names of files end that are sent as they are, by their media types.
PLAIN = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/zip": ".zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.apache.parquet": ".parquet",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "text/turtle": ".ttl",
    "application/trig": ".trig",
    "application/n-triples": ".nt",
    "application/n-quads": ".nq",
    "application/ld+json": ".jsonld",
    "application/rdf+xml": ".rdf",
}
_FORM = "multipart/form-data"
#: Characters and bytes of the name of a file, and of its endings.
_LONG, _WIDE, _ENDS = 100, 200, re.compile(r"(?:\.[A-Za-z0-9]{1,12}){1,2}$")


@dataclass(frozen=True)
class Upload:
    """What was sent.

    Attributes
    ----------
    name, bytes, sha256
        Of the file.
    fields
        The options, in their order.
    papers
        The options that are files: their SHA-256 by their names.
    """

    name: str
    bytes: int
    sha256: str
    fields: list[tuple[str, str]]
    papers: Mapping[str, str]


async def received(
    request: Request, folder: Path, papers: Collection[str], watch: Callable[[bytes], None] | None = None
) -> Upload:
    """Write what is sent to a folder, and return what it is; a paper becomes a file of its name behind a dot.

    Parameters
    ----------
    papers
        The options that are files.
    watch
        Is shown the file as it comes, and raises where no more of it is wanted.

    Raises
    ------
    HTTPException
        413 if it is too long, as soon as that is known; 415 if it is neither a form nor a file of a known type.
    UsageError
        If it is no form, or one that holds something else.
    """
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > MOST:
        raise _too_long()
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "Send the file as it is, without Content-Encoding; a .gz or a .zip is read.")
    kind, given = _kind(request)
    if kind == _FORM:
        receiver: _Form | _Body = _Form(folder, _boundary(request), papers, watch)
    elif kind in PLAIN:
        receiver = _Body(folder, named(given) if given else f"upload{PLAIN[kind]}", watch)
    else:
        plain = ", ".join(PLAIN)
        raise HTTPException(
            415, f"POST a form ({_FORM}) with the part {FILE}, or the file itself, as one of: {plain}."
        )
    many = 0
    try:
        async for chunk in request.stream():
            many += len(chunk)
            if many > MOST:
                raise _too_long()
            await asyncio.to_thread(receiver.write, chunk)
        return await asyncio.to_thread(receiver.ended)
    finally:
        receiver.close()


def _too_long() -> HTTPException:
    return HTTPException(
        413, f"At most {MOST:,} bytes are taken at once: send less, or contribute on the machine."
    )


def _kind(request: Request) -> tuple[str, str]:
    """Return the media type of a body, and the name that it is given, if any."""
    head = Message()
    head["content-type"] = request.headers.get("content-type", "application/octet-stream")
    head["content-disposition"] = request.headers.get("content-disposition", "attachment")
    return head.get_content_type(), head.get_filename() or ""


def _boundary(request: Request) -> bytes:
    _, said = parse_options_header(request.headers["content-type"])
    if not (found := said.get(b"boundary")):
        raise UsageError("The form tells no boundary in its Content-Type.")
    return found


def named(said: str) -> str:
    """Return the name of a file without folders, without what is not seen or turned round, and not too long."""
    name = unicodedata.normalize("NFC", re.split(r"[\\/]", said)[-1])
    name = "".join(each for each in name if unicodedata.category(each)[0] not in "CZ" or each == " ")
    name = re.sub(r'[<>:"|?*]', "-", name).strip(" ")
    end = found[0] if (found := _ENDS.search(name)) else ""
    stem = name[: len(name) - len(end)].lstrip(" .-")[: _LONG - len(end)]
    stem = stem.encode()[:_WIDE].decode(errors="ignore").rstrip(" .")
    return f"{stem or 'upload'}{end}"


class _Written:
    """A file that is written as it comes."""

    def __init__(self, path: Path, most: int, watch: Callable[[bytes], None] | None = None) -> None:
        self.path, self._most, self._watch = path, most, watch
        self._file: IO[bytes] = path.open("xb")
        self._sum = hashlib.sha256()
        self.bytes = 0

    def write(self, data: bytes) -> None:
        self.bytes += len(data)
        if self.bytes > self._most:
            raise UsageError(Named(self.path.name[1:]), f" has at most {self._most:,} bytes.")
        if self._watch is not None:
            self._watch(data)
        self._sum.update(data)
        self._file.write(data)

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()

    def close(self) -> None:
        self._file.close()


class _Body:
    """A body that is the file."""

    def __init__(self, folder: Path, name: str, watch: Callable[[bytes], None] | None) -> None:
        self._file = _Written(folder / name, MOST, watch)

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def ended(self) -> Upload:
        self.close()
        _demand_some(self._file)
        return Upload(self._file.path.name, self._file.bytes, self._file.sha256, [], {})

    def close(self) -> None:
        self._file.close()


def _demand_some(file: _Written) -> None:
    if not file.bytes:
        raise UsageError(Named(FILE), " is empty: it has 0 bytes.")


@dataclass
class _Part:
    """A part of a form, as far as its head is read."""

    head: list[tuple[bytes, bytes]] = field(default_factory=list)
    name: str = ""
    text: bytearray | None = None
    file: _Written | None = None


class _Form:
    """A form: parts, of which one is the file."""

    def __init__(
        self,
        folder: Path,
        boundary: bytes,
        papers: Collection[str],
        watch: Callable[[bytes], None] | None,
    ) -> None:
        self._folder, self._papers, self._watch = folder, papers, watch
        self._part = _Part()
        self._label, self._value = bytearray(), bytearray()
        self._fields: list[tuple[str, str]] = []
        self._files: dict[str, _Written] = {}
        self._whole = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begun, "on_part_data": self._data, "on_part_end": self._done,
                    "on_header_field": self._labelled, "on_header_value": self._valued,
                    "on_header_end": self._noted, "on_headers_finished": self._headed, "on_end": self._end,
                },
            )  # fmt: skip
        except FormParserError as error:
            raise UsageError(f"The form tells no boundary that can be one: {error}") from None

    def write(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except FormParserError:
            raise UsageError("This is no form: its parts do not stand between its boundaries.") from None

    def ended(self) -> Upload:
        self.close()
        if not self._whole:
            raise UsageError("The form has no end: its last boundary is missing.")
        if FILE not in self._files:
            raise UsageError(Named(FILE), " is missing; send the file in a part of this name.")
        sent = self._files.pop(FILE)
        _demand_some(sent)
        papers = {name: each.sha256 for name, each in self._files.items()}
        return Upload(sent.path.name, sent.bytes, sent.sha256, self._fields, papers)

    def close(self) -> None:
        for each in self._files.values():
            each.close()

    # What the parser tells.

    def _begun(self) -> None:
        self._part = _Part()
        if len(self._fields) + len(self._files) >= MOST_FIELDS:
            raise UsageError(f"A form has at most {MOST_FIELDS} parts.")

    def _labelled(self, data: bytes, start: int, end: int) -> None:
        self._label += data[start:end]

    def _valued(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _noted(self) -> None:
        self._part.head.append((bytes(self._label).lower(), bytes(self._value)))
        self._label, self._value = bytearray(), bytearray()

    def _headed(self) -> None:
        head = dict(self._part.head)
        _, said = parse_options_header(head.get(b"content-disposition"))
        if b"name" not in said:
            raise UsageError("A part of the form has no name.")
        self._part.name = name = _text(said[b"name"], "The name of a part")
        kind, more = parse_options_header(head.get(b"content-type", b"text/plain"))
        if kind.startswith(b"multipart/"):
            raise UsageError(Named(name), " holds a form in a form; send each file in a part of its own.")
        if head.get(b"content-transfer-encoding", b"binary").lower() not in (b"binary", b"8bit", b"7bit"):
            raise UsageError(Named(name), " is encoded; send it as it is.")
        if name in (FILE, *self._papers):
            if name in self._files:
                raise UsageError(Named(name), " is given twice; give it once.")
            sent = named(_text(said.get(b"filename", b""), "The name of the file", lenient=True))
            path, most = (sent, MOST) if name == FILE else (f".{name}", MOST_PAPER)
            self._part.file = self._files[name] = _Written(
                self._folder / path, most, self._watch if name == FILE else None
            )
        elif b"filename" in said:
            raise UsageError("No file is taken as ", Named(name), f".{mean(name, [FILE, *self._papers], 9)}")
        elif more.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8", b"us-ascii"):
            raise UsageError(Named(name), " is text in UTF-8, and in nothing else.")
        else:
            self._part.text = bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.file is not None:
            part.file.write(data[start:end])
        elif part.text is not None:
            part.text += data[start:end]
            if len(part.text) > MOST_FIELD:
                raise UsageError(Named(part.name), f" has at most {MOST_FIELD:,} bytes.")

    def _done(self) -> None:
        if self._part.text is not None:
            self._fields.append((self._part.name, _text(bytes(self._part.text), self._part.name)))

    def _end(self) -> None:
        self._whole = True


def _text(data: bytes, what: str, *, lenient: bool = False) -> str:
    try:
        return data.decode("utf-8", "replace" if lenient else "strict")
    except UnicodeDecodeError:
        raise UsageError(f"{what} is not UTF-8.") from None
