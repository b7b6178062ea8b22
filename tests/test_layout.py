"""The layout: rooms that import only rooms before them, each library in its place, small modules, and the wheel."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("ontology", "shapes", "graph", "api")

#: The rooms and their modules, each in its order: a module imports only what stands before it.
ROOMS: dict[str, tuple[str, ...]] = {
    "graph": ("errors", "threads"),
    "graph.written": ("faults", "licences", "spelling", "countries", "hs", "goods", "days", "figures", "names"),
    "graph.model": (
        "characters", "dates", "names", "rdf", "formats", "products", "visibility", "versions", "sheet",
        "printed",
        "regions", "tables", "identifiers", "cells", "resources", "stated",
    ),
    "graph.engine": ("hops", "arrays", "columns", "compiled", "costs", "kernels", "workspace"),
    "graph.picture": ("widths", "marks", "canvas", "columns", "paths", "folding", "board", "svg"),
    "graph.jobs": ("progress", "frames", "worker", "process", "pool"),
    "graph.vocabulary": ("syntax", "blanks", "extents", "labels", "documents", "individuals", "statements", "terms"),
    "graph.report": ("findings", "corrected", "marks", "kinds", "wording", "report", "beside", "page", "table"),
    "graph.intake": (
        "unreadable", "bounds", "trees", "kinds", "wrapping", "native", "apart", "lines", "dialects",
        "writings",
        "mapping", "synonyms", "headless", "schema", "books", "corrections",
    ),
    "graph.contribution": (
        "text", "staging", "foreign", "forms", "headers", "package", "shipped", "bare", "parties", "leftover",
        "described", "rdf", "metadata", "anonymity", "submission", "originals",
    ),
    "graph.records": (
        "records", "references", "meanings", "telling", "together", "checking", "doubts", "written", "lines",
        "counted",
    ),
    "graph.triples": (
        "engine", "complaint", "answers", "embedded", "address", "wording", "protocol", "remote", "elsewhere",
        "divided", "opening",
    ),
    "graph.store": (
        "durable", "marker", "lock", "scope", "entries", "graphs", "release", "derived", "union",
        "catalogue", "difference", "references", "sealed", "current", "making", "directory",
    ),
    "graph.upkeep": ("archive", "inspection"),
    "graph.validation": (
        "declared", "patterns", "facets", "data", "breaches", "checks", "sets", "reference",
        "shacl",
    ),
    "graph.matching": (
        "parties", "keys", "rarity", "features", "scoring", "explaining", "book", "candidates", "matcher",
        "labelled", "evaluation",
    ),
    "graph.search": ("wording", "lines", "things", "roll", "finder"),
    "graph.identity": ("components", "judgements", "agreement", "touched", "identities", "closure"),
    "graph.query": (
        "federation", "sparql", "terms", "jsonld", "forms", "questions", "about", "subjects", "void", "dcat",
        "description",
        "worker",
        "apart",
    ),
    "graph.admission": (
        "audience", "edition", "elsewhere", "repeats", "stakes", "admitted", "admission", "matches",
        "withdrawal", "visibility", "completion", "upgrade",
    ),
    "graph.network": ("network", "history", "reading", "listings", "links", "survey"),
    "graph.index": (
        "format", "description", "products", "actors", "designated", "opened", "numbering",
        "statements", "arcs", "links",
        "build", "extension", "moves", "difference", "shelf", "soundness",
    ),
    "graph.trace": (
        "parameters", "lookup", "inputs", "asked", "paths", "plain", "vicinity", "states", "walks",
        "breadth", "likeness",
        "unindexed", "joins",
    ),
    "graph.risk": ("incidents", "likelihoods", "beside", "objects"),
    "graph.exposure": (
        "ownership", "touches", "severity", "exposures", "words", "objects", "chokepoints", "verdict",
        "unknown", "sold",
        "limits", "comparison",
    ),
    "graph.answer": (
        "apart", "documents", "statements", "particulars", "steps", "shown", "scene", "notebook", "digraph",
        "buyers",
        "fitting", "table", "result",
    ),
    "graph.batch": ("marks", "shares", "untested", "counts", "everybody", "nearest"),
    "graph.distributed": (
        "columns", "sessions", "work", "links", "reach", "traces", "shares", "exposure", "candidates", "pairs",
        "doubtless", "validation",
    ),
    "graph.law": (
        "commodities", "entries", "initiatives", "facts", "said", "thresholds", "bound", "coverage", "acts",
        "obligations", "told", "triggers",
    ),
    "graph.dossier": ("documents", "stages", "purchases", "answering", "enquiries", "dossier", "rows", "told"),
    "graph.export": ("rows", "package", "edition", "workbook"),
    "graph.standards": (
        "forms", "limits", "source", "documents", "ftm", "bods", "untp", "epcis", "network", "graphml", "gexf",
        "geojson", "sdmx", "datacube", "writing", "results",
    ),
    "graph.printing": (
        "onepage", "chapters", "papers", "drawing", "height", "html", "scripts", "typeset", "sheets",
        "report",
        "touched", "companies", "beside", "webpage",
    ),
    "graph.reconciliation": ("properties", "types", "queries", "reconciler", "search"),
    "graph.screening": (
        "listing", "entries", "goods", "matches", "placed", "asking", "answers", "lines", "screened",
        "returned", "columns", "matched", "found", "shelf",
    ),
    "graph.kept": (
        "record", "listed", "editions", "causes", "comparison", "rows", "told", "due", "roots", "affected",
        "screenings", "files", "onesheet",
    ),
    "graph.judging": ("sides", "said", "edition", "effect", "outcome", "draft", "ledger"),
    "graph.access": ("keys", "audit", "acts", "replies"),
    "graph.exchange": (
        "minisign", "packages", "reach", "client", "offers", "listing", "signing", "subscriptions", "parcel", "plan",
        "taking", "joining", "outcome", "sync",
    ),
    "graph.view": (),
    "graph.views": (),
    "graph.analytics": (),
    "graph.profile": (
        "sources", "listed", "points", "country", "touched", "found", "links", "records", "record", "actor", "contents",
        "map",
        "holdings", "changes",
    ),
    "graph.worker": (),
    "graph.front": (),
    "graph.tasks": (
        "job", "folder", "queue", "schedule", "drafts", "looked", "readers", "options", "task", "contributions",
        "lists", "screenings", "versions", "following", "acts", "program",
    ),
    "api": ("values", "filters"),
    "api.http": (
        "ids", "kinds", "problems", "answered", "rates", "access", "negotiation", "deps",
        "aside", "connections", "protocol", "work", "waiting", "journal", "meters", "guard",
    ),
    "api.contract": ("forms", "described", "asking", "paging", "uploads", "fields", "sent"),
    "api.linked": (
        "language", "carried", "page", "shown", "operation", "sparql", "terms", "graphs", "resources", "sitemap",
        "vocabulary",
        "catalogue",
    ),
    "api.routes": (
        "questions", "traces", "dossiers", "judgements", "laws", "search",
        "responses",
        "countries", "points", "maps", "audited", "jobs", "submissions", "screenings", "datasets", "analytics",
    ),
    "api.reconciliation": ("dialects", "suggest", "reconcile"),
    "api.about": ("operations", "explained", "documentation"),
    "api.pages": (
        "route", "served", "trouble", "suggestions", "listed", "search", "traces", "actors", "atlas", "rows", "charts",
        "queries", "maps", "front", "guides", "datasets",
    ),
    "api.policy": ("countries", "laws", "initiatives", "points"),
    "api.desk": ("jobs", "replies", "judging", "keys", "affected"),
    "api.contributing": ("steps", "corrections", "contribute", "columns", "about", "reported", "withdrawals"),
    "api.screening": ("lists", "suppliers", "headers", "matches", "results", "records"),
    "api.site": (),
    "api.service": (),
    "api.console": ("commands", "terminal", "engines", "show", "account", "answers"),
    "api.mcp": ("bounds", "arguments", "tools", "server"),
    "api.cli": (
        "reference", "traces", "analytics", "dossiers", "asking", "upkeep", "serving", "contributing",
        "datasets",
        "judging", "match", "screening", "screenings", "access", "exchange", "main",
    ),
}  # fmt: skip
#: What an adapter may import.
FOR_ADAPTERS = {
    "graph.contribution.foreign", "graph.model.cells", "graph.report.report", "graph.intake.trees",
    "graph.contribution.adapters.documents", "graph.contribution.adapters.events",
    "graph.contribution.adapters.messages",
}  # fmt: skip
#: What those of interchange standards share, and what it may import beside.
SHARED_BY_ADAPTERS = {
    "graph.contribution.adapters.documents": {
        "graph.intake.bounds", "graph.contribution.text", "graph.errors", "graph.model.identifiers",
        "graph.model.names", "graph.model.regions", "graph.intake.kinds", "graph.intake.wrapping",
        "graph.intake.unreadable",
    },
    "graph.contribution.adapters.events": {"graph.contribution.adapters.keys"},
    "graph.contribution.adapters.messages": {"graph.contribution.text"},
    "graph.contribution.adapters.sdmx": {"graph.model.tables"},
}  # fmt: skip
#: The rooms of the service.
SERVED = {
    "api.http", "api.contract", "api.linked", "api.routes", "api.reconciliation", "api.about", "api.pages",
    "api.policy", "api.desk", "api.contributing", "api.screening", "api.site", "api.service",
}  # fmt: skip
#: Where a library may be imported, by a room or a module.
PLACES = {
    "duckdb": {
        "graph.contribution.staging",
        "graph.intake.native",
        "graph.index.statements",
        "graph.distributed.columns",
    },
    "pyspark": {"graph.distributed"},
    "pysail": {"graph.distributed.sessions"},
    "python_calamine": {"graph.intake.native"},
    "numba": {"graph.engine.compiled", "graph.engine.kernels"},
    "pyoxigraph": {
        "graph.triples.answers",
        "graph.triples.embedded",
        "graph.triples.remote",
        "graph.vocabulary.syntax",
    },
    "babel": {"api.http.negotiation", "api.linked.language"},
    "SPARQLWrapper": {"graph.triples.protocol"},
    "rdflib": {
        "graph.vocabulary.documents",
        "graph.vocabulary.statements",
        "graph.vocabulary.terms",
        "graph.validation",
    },
    "python_multipart": {"api.contract.uploads"},
    "pyshacl": {"graph.validation.reference"},
    "fastapi": {
        "api.http",
        "api.contract",
        "api.linked",
        "api.routes",
        "api.reconciliation",
        "api.about",
        "api.pages",
        "api.policy",
        "api.desk",
        "api.contributing",
        "api.screening",
        "api.service",
    },
    "starlette": {
        "api.http",
        "api.contract",
        "api.linked",
        "api.routes",
        "api.reconciliation",
        "api.about",
        "api.pages",
        "api.policy",
        "api.desk",
        "api.contributing",
        "api.screening",
        "api.service",
    },
    "cryptography": {"graph.exchange.minisign"},
    "rfc8785": {"graph.store.sealed"},
    "xlsxwriter": {"graph.export.workbook"},
    "typer": {"api.console", "api.cli", "api.filters"},
    "rich": {"api.console", "api.cli"},
    "jinja2": {"api.linked.page", "graph.report.page", "graph.printing.html"},
    "typst": {"graph.printing.typeset"},
    "mcp": {"api.mcp"},
}
#: Arrows that there must never be: from a module (or all of a room) to another.
NEVER = (("graph.store", "graph.query.questions"), ("graph.engine", "graph.index"), ("api", "graph.store"),
         ("api", "graph.triples"))  # fmt: skip
#: Lines that a module may have; the kernels stand in one file, so that numba does.
MOST_LINES = 330
MORE_LINES = {"graph/engine/kernels.py": 1150}
SPARQL = re.compile(r"\b(SELECT|CONSTRUCT|DESCRIBE)\s+(\?|\*|\{|DISTINCT|<|\()|\bWHERE\s*\{|\bASK\s*\{")
DATA = {".ttl", ".rq", ".toml", ".jsonld", ".csv", ".json", ".html", ".css", ".typ", ".po", ".mo"}
#: Where SPARQL is made of shapes, and so stands in no file; and where SQL is made of tables.
COMPILED = {ROOT / "graph" / "validation", ROOT / "graph" / "records"}
#: All modules in their order.
ORDER = [
    f"{room}.{module}" if module else room
    for room, modules in ROOMS.items()
    for module in (modules if modules else ("",))
]


def modules(part: str) -> list[Path]:
    return sorted(path for path in (ROOT / part).rglob("*.py") if "__pycache__" not in path.parts)


def dotted(path: Path) -> str:
    """Return the name of a module below `opentier`; a folder's own module has the folder's name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {dotted(path): path for part in ("graph", "api") for path in modules(part)}
ADAPTERS = [name for name in MODULES if name.startswith("graph.contribution.adapters.")]
#: Packages, which hold a docstring; those of the two folders hold what they promise.
FOLDERS = [name for name, path in MODULES.items() if path.name == "__init__.py"]


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


def ours(name: str) -> set[str]:
    """Return the modules of ours that a module imports."""
    found = set()
    for module, taken in imports(MODULES[name]):
        if module.startswith("opentier."):
            below = module.removeprefix("opentier.")
            found.add(f"{below}.{taken}" if f"{below}.{taken}" in MODULES else below)
    return found


def room(name: str) -> str:
    """Return the room of a module."""
    return name if name in ROOMS else name.rpartition(".")[0]


def within(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}.")


def test_every_module_stands_in_its_room_once() -> None:
    assert sorted(ORDER) == sorted(set(MODULES) - set(ADAPTERS) - set(FOLDERS))
    rooms = {name for name in FOLDERS if name not in ("graph", "api", "graph.contribution.adapters")}
    assert rooms == set(ROOMS) - {
        "graph", "api", "api.site", "api.service", "graph.view", "graph.views", "graph.analytics", "graph.worker",
        "graph.front",
    }  # fmt: skip


@pytest.mark.parametrize("name", ORDER)
def test_a_module_imports_only_what_stands_before_it(name: str) -> None:
    assert ours(name) - {"graph"} - set(ORDER[: ORDER.index(name)]) == set()


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_knows_only_how_to_read_and_emit(name: str) -> None:
    assert ours(name) - {"graph.contribution"} <= FOR_ADAPTERS | SHARED_BY_ADAPTERS.get(name, set())


@pytest.mark.parametrize(("here", "there"), NEVER)
def test_some_arrows_are_never_there(here: str, there: str) -> None:
    for name in MODULES:
        if within(name, here):
            assert not any(within(imported, there) for imported in ours(name)), name


@pytest.mark.parametrize("name", FOLDERS)
def test_a_room_says_what_it_is_for(name: str) -> None:
    text = ast.get_docstring(ast.parse(MODULES[name].read_text("utf-8"))) or ""
    assert len(text) > 20, name


@pytest.mark.parametrize("library", PLACES)
def test_a_library_stays_in_its_place(library: str) -> None:
    users = {name for name, path in MODULES.items() if library in libraries(path)}
    assert users
    assert {name for name in users if not any(within(name, place) for place in PLACES[library])} == set()


def imported() -> str:
    """Return who imports whom as text: a line a room, with the rooms before it that it imports."""
    lines = []
    for here in ROOMS:
        members = [name for name in ORDER if room(name) == here]
        there = {room(name) for member in members for name in ours(member)} - {here, "graph"}
        lines.append(f"{here:<20} <- {' '.join(name for name in ROOMS if name in there)}".rstrip(" <-"))
    return "\n".join(lines)


def pictured(text: str) -> str:
    """Return the description of the architecture with the picture of imports as they are."""
    return re.sub(r"(?<=```\n)graph\n.*?(?=\n```)", lambda found: imported(), text, flags=re.DOTALL)


def test_the_picture_of_imports_is_that_of_the_modules() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert imported() in text, f"run: make snapshot\n{imported()}"
    assert pictured(text) == text


def _examples(tree: ast.AST) -> set[ast.AST]:
    """Return what stands in the examples of the description of the interface."""
    shown = (
        node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "examples"
    )
    return {inner for value in shown for inner in ast.walk(value)}


@pytest.mark.parametrize("part", ["graph", "api"])
def test_sparql_is_written_in_rq_files_only(part: str) -> None:
    for path in modules(part):
        if path.parent in COMPILED:
            continue
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


def test_no_room_is_a_hall() -> None:
    assert {name: len(held) for name, held in ROOMS.items() if len(held) > 16} == {}


# The wheel.


def test_every_room_is_a_package() -> None:
    said = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    wanted = {f"opentier.{name}" for name in [*FOLDERS, "ontology", "shapes"]}
    assert set(said["packages"]) == wanted
    assert said["package-dir"] == {name: name.removeprefix("opentier.").replace(".", "/") for name in wanted}


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
    assert "opentier = opentier.api.cli.main:process" in wheel.read(f"{info}/entry_points.txt").decode()
    seconds = {name.split("/")[1] for name in wheel.namelist() if name.startswith("opentier/")}
    assert seconds == set(PARTS)


def test_the_wheel_holds_every_module_and_every_data_file(wheel: zipfile.ZipFile) -> None:
    wanted = {
        f"opentier/{path.relative_to(ROOT).as_posix()}"
        for part in PARTS
        for path in (ROOT / part).rglob("*")
        if (path.suffix in DATA | {".py"} or path.name == "py.typed")
        and not {"releases", "web"} & set(path.parts)
    }
    assert wanted - set(wheel.namelist()) == set()
    for suffix in sorted(DATA):
        assert any(name.endswith(suffix) for name in wheel.namelist()), suffix
    assert not any(
        part in name for part in ("__pycache__", "/tests/", "/releases/") for name in wheel.namelist()
    )


if __name__ == "__main__":
    place = ROOT / "ARCHITECTURE.md"
    place.write_text(pictured(place.read_text("utf-8")), "utf-8")
    print(f"{place} is written.")
