"""The layout: one direction of imports, each library in its place, small modules, and what the wheel holds."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("ontology", "shapes", "graph", "api")

#: The modules of `graph`; each imports only what stands before it.
ORDER = (
    # what everything rests on
    "dates", "identity", "model", "products", "report", "errors", "characters", "sheet", "durable", "tables", "cells",
    "threads",
    # the vocabulary
    "vocabulary", "statements", "terms",
    # contribution
    "bounds", "source", "adapter", "package", "contribution", "records",
    # mapping, validation
    "mapping", "validation",
    # store
    "release", "catalogue", "examples", "store", "archive", "inspection", "admission",
    # index
    "network", "survey", "arrays", "columns", "scheme", "description", "ranges", "compiled", "kernels",
    "workspace", "costs", "goods", "index", "rows", "builder", "overlay", "additions", "indexing",
    "lookup", "places", "initiatives", "obligations",
    # trace, exposure
    "parameters", "question", "designated", "paths", "trace", "exposure", "batch", "nearest", "analytics",
    # what is shown of it
    "result", "triggers", "reading", "layout", "picture", "sparql", "export", "worker", "workers", "void",
    # the front door
    "graph", "inputs", "__init__",
)  # fmt: skip
#: What an adapter may import.
FOR_ADAPTERS = {"adapter", "cells", "report"}
RDFLIB = {
    "mapping", "validation", "catalogue", "store", "export", "admission", "vocabulary", "statements", "terms",
}  # fmt: skip
#: Libraries of the faces.
FACES = {"fastapi", "starlette", "uvicorn", "typer", "click", "rich"}
#: Lines that a module may have; the kernels stand in one file, so that numba does.
MOST_LINES = 330
MORE_LINES = {"graph/kernels.py": 950}
SPARQL = re.compile(r"\b(SELECT|CONSTRUCT|DESCRIBE)\s+(\?|\*|\{|DISTINCT|<|\()|\bWHERE\s*\{|\bASK\s*\{")
DATA = {".ttl", ".rq", ".toml", ".jsonld", ".csv", ".json", ".html", ".css"}


def modules(part: str) -> list[Path]:
    return sorted(path for path in (ROOT / part).rglob("*.py") if "__pycache__" not in path.parts)


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every module that a file imports, wherever it does, and the name taken from it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for item in node.names:
                yield item.name, ""
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            for item in node.names:
                yield node.module or "", item.name


def libraries(path: Path) -> set[str]:
    return {module.partition(".")[0] for module, _ in imports(path)}


def of_graph(path: Path) -> set[str]:
    """Return the modules of `graph` that a file imports."""
    found = set()
    for module, name in imports(path):
        if module == "opentier.graph":
            found.add(name if name in ORDER else "__init__")
        elif module.startswith("opentier.graph."):
            found.add(module.split(".")[2])
    return found


def test_every_module_of_graph_stands_in_the_order_once() -> None:
    assert sorted(ORDER) == sorted(path.stem for path in (ROOT / "graph").glob("*.py"))


@pytest.mark.parametrize("name", ORDER)
def test_a_module_imports_only_what_stands_before_it(name: str) -> None:
    before = ORDER[: ORDER.index(name)]
    assert of_graph(ROOT / "graph" / f"{name}.py") - set(before) == set()


@pytest.mark.parametrize("path", modules("graph/adapters"), ids=lambda path: path.stem)
def test_an_adapter_knows_only_how_to_read_and_emit(path: Path) -> None:
    assert of_graph(path) <= FOR_ADAPTERS


def test_the_stages_stand_in_their_order() -> None:
    stages = ("contribution", "mapping", "validation", "store", "index", "trace", "exposure")
    places = [ORDER.index(stage) for stage in stages]
    assert places == sorted(places)


def test_the_library_knows_nothing_of_the_faces() -> None:
    for path in [*modules("graph"), *modules("ontology"), *modules("shapes")]:
        assert not any(module.startswith("opentier.api") for module, _ in imports(path)), path
        assert not any((module, name) == ("opentier", "api") for module, name in imports(path)), path
        assert libraries(path) & FACES == set(), path


def test_the_faces_know_no_engine_of_triples() -> None:
    for path in modules("api"):
        assert "pyoxigraph" not in libraries(path), path


def test_rdflib_stays_where_rdf_is_made() -> None:
    users = {path.stem for path in modules("graph") if "rdflib" in libraries(path)}
    assert users <= RDFLIB
    assert not any("rdflib" in libraries(path) for path in modules("api"))
    assert {path.stem for path in modules("graph") if "pyshacl" in libraries(path)} == {"validation"}


def _examples(tree: ast.AST) -> set[ast.AST]:
    """Return what stands in the examples of the description of the interface."""
    shown = (
        node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "examples"
    )
    return {inner for value in shown for inner in ast.walk(value)}


@pytest.mark.parametrize("part", ["graph", "api"])
def test_sparql_is_written_in_rq_files_only(part: str) -> None:
    for path in modules(part):
        tree = ast.parse(path.read_text("utf-8"))
        examples = _examples(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in examples:
                assert not SPARQL.search(node.value), f"{path}:{node.lineno}: {node.value}"


def test_modules_are_small() -> None:
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for part in PARTS
        for path in modules(part)
    }
    assert {name: lines for name, lines in sizes.items() if lines > MORE_LINES.get(name, MOST_LINES)} == {}


def test_numba_stays_where_kernels_are_compiled() -> None:
    assert {path.stem for path in modules("graph") if "numba" in libraries(path)} == {"compiled"}
    assert not any("numba" in libraries(path) for path in modules("api"))


# The wheel.


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """Build the wheel from a copy of the sources, so that nothing old and nothing of others gets in."""
    pytest.importorskip("build")
    pytest.importorskip("setuptools")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, source)
    for part in PARTS:
        shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as opened:
        yield opened


def test_everything_is_installed_below_one_name(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    (info,) = tops - {"opentier"}
    assert info.startswith("opentier-")
    assert info.endswith(".dist-info")
    assert "opentier = opentier.api.cli:process" in wheel.read(f"{info}/entry_points.txt").decode()
    seconds = {name.split("/")[1] for name in wheel.namelist() if name.startswith("opentier/")}
    assert seconds == set(PARTS)


def test_the_wheel_holds_every_module_and_every_data_file(wheel: zipfile.ZipFile) -> None:
    wanted = {
        f"opentier/{path.relative_to(ROOT).as_posix()}"
        for part in PARTS
        for path in (ROOT / part).rglob("*")
        if (path.suffix in DATA | {".py"} or path.name == "py.typed") and "releases" not in path.parts
    }
    assert wanted - set(wheel.namelist()) == set()
    for suffix in sorted(DATA):
        assert any(name.endswith(suffix) for name in wheel.namelist()), suffix
    assert not any(
        part in name for part in ("__pycache__", "/tests/", "/releases/") for name in wheel.namelist()
    )
