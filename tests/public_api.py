"""What users of any face rely on, as one JSON document: names, signatures, commands, routes, keys.

``make snapshot`` writes it to `tests/data/public-api.json`; `test_public_api.py` compares.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from opentier import graph as library
from opentier.api.cli import main
from opentier.api.http import problems
from opentier.api.service import create_app
from opentier.graph import Graph, errors
from opentier.graph.answer.result import TraceResult
from opentier.graph.batch.everybody import Exposures
from opentier.graph.contribution.submission import Options
from opentier.graph.front import View
from opentier.graph.report.report import Report
from opentier.graph.trace.parameters import Parameters

SNAPSHOT = Path(__file__).parent / "data" / "public-api.json"
API = Path(main.__file__).parent
CLASSES = (Graph, View, Parameters, Options, TraceResult, Exposures, Report)


def surface(data: Path) -> dict[str, Any]:
    """Return the public API; `data` is a data directory with the shipped datasets."""
    graph = Graph.open(data)
    results = [
        graph.trace("example/aurora", product="6109").to_dict(),
        graph.trace("example/east-oasis-ginning", downstream=True).to_dict(),
    ]
    return {
        "library": {
            "names": sorted(library.__all__),
            "classes": {each.__name__: dict(sorted(_members(each))) for each in CLASSES},
            "errors": {
                name: [base.__name__ for base in each.__mro__[1:] if issubclass(base, Exception)]
                for name, each in sorted(vars(errors).items())
                if inspect.isclass(each) and issubclass(each, Exception)
            },
        },
        "commands": dict(_commands(typer.main.get_command(main.app))),
        "exit codes": dict(sorted(_exits())),
        "routes": _routes(create_app(graph).openapi()),
        "problems": {kind.__name__: status for kind, status, _ in problems.STATUSES},
        "keys of a trace": sorted({key for result in results for key in _keys(result)}),
    }


def text(found: dict[str, Any]) -> str:
    """Return a surface as it stands in the snapshot."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _signature(function: Any) -> str:
    """Return the signature of a function; of defaults that are functions only that they are there."""
    return re.sub(r"<function .*? at 0x[0-9a-f]+>", "...", str(inspect.signature(function)))


def _members(each: type) -> Iterator[tuple[str, str]]:
    """Yield the public members of a class: methods with their signatures, fields with their types."""
    if not dataclasses.is_dataclass(each):
        yield "__init__", _signature(each)
    for name in dir(each):
        member = inspect.getattr_static(each, name)
        if name.startswith("_") or hasattr(object, name):
            continue
        if isinstance(member, classmethod | staticmethod):
            yield name, f"{type(member).__name__} {_signature(member.__func__)}"
        elif inspect.isfunction(member):
            yield name, _signature(member)
        elif isinstance(member, property) or hasattr(member, "func"):
            yield name, "property"
    if dataclasses.is_dataclass(each):
        for field in dataclasses.fields(each):
            default = "" if field.default is dataclasses.MISSING else f" = {field.default!r}"
            yield field.name, f"{field.type}{default}"


def _commands(command: Any, *path: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every command with its arguments and options and their defaults."""
    for name, found in sorted(getattr(command, "commands", {}).items()):
        yield " ".join((*path, name)), [_option(each) for each in found.params if each.name != "help"]
        yield from _commands(found, *path, name)


def _option(found: Any) -> str:
    return ", ".join(found.opts) + (" (required)" if found.required else f" = {found.default!r}")


def _exits() -> Iterator[tuple[str, list[int]]]:
    """Yield the exit codes that functions of the command line leave with, beside 0."""
    for path in sorted(API.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                codes = {code for node in ast.walk(function) for code in _codes(node)} - {0}
                if codes:
                    yield function.name, sorted(codes)


def _codes(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("sys.exit", "typer.Exit"):
        yield from (
            each.value for each in node.args if isinstance(each, ast.Constant) and type(each.value) is int
        )


def _routes(described: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters and the answers of every route, as the service describes itself."""
    return {
        f"{method.upper()} {path}": {
            "parameters": [
                f"{each['in']} {each['name']}{' (required)' if each.get('required') else ''}: "
                f"{json.dumps(_plain(each['schema']), sort_keys=True)}"
                for each in operation.get("parameters", ())
            ],
            "body": sorted(operation.get("requestBody", {}).get("content", {})),
            "answers": {
                status: sorted(answer.get("content", {})) for status, answer in operation["responses"].items()
            },
        }
        for path, operations in sorted(described["paths"].items())
        for method, operation in sorted(operations.items())
    }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: said for name, said in schema.items() if name not in ("title", "description", "examples")}


def _keys(found: Any, path: str = "") -> Iterator[str]:
    """Yield the keys below a value of JSON, lists by ``[]``."""
    if isinstance(found, dict):
        for name, value in found.items():
            yield f"{path}.{name}".lstrip(".")
            yield from _keys(value, f"{path}.{name}")
    elif isinstance(found, list | tuple):
        for value in found:
            yield from _keys(value, f"{path}[]")


if __name__ == "__main__":
    from tests.conftest import admit

    with tempfile.TemporaryDirectory() as scratch:
        SNAPSHOT.write_text(text(surface(admit(Path(scratch, "data")))), "utf-8")
    print(f"{SNAPSHOT} is written.")
