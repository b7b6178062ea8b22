"""The description of the API as it is committed, and the examples in it, which are answers about the worked example.

``make snapshot`` writes both; `test_openapi.py` compares.
"""

from __future__ import annotations

import json
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from opentier.api.contract import described
from opentier.api.service import create_app
from opentier.graph import Graph

SNAPSHOT = Path(__file__).parent / "data" / "openapi.json"
EXAMPLES = Path(str(files("opentier.api.contract"))) / "examples.json"
#: What is asked for an example of an operation, and for more of its answers that its schema has to hold.
ASKED: dict[str, tuple[str, ...]] = {
    "trace_get": (
        "/trace?actor=example/aurora&product=6109",
        "/trace?actor=example/aurora&group=designation&first=2",
        "/trace?actor=example/east-oasis-ginning&downstream=true&past=true",
        "/trace?actor=example/borealis&kinds=supply,operation,ownership,recruitment,co-location&past=true&pending=true",
        "/trace?actor=example/cloudberry-quartz",
        "/trace?actor=example/aurora&on=2024-06-30&max_tier=3&min_confidence=0.5&countries=BD,US&datasets=example",
    ),
    "exposure_get": ("/exposure?format=json", "/exposure?format=json&exploitation=trafficking"),
    "shared_get": ("/shared?a=example/aurora&b=example/borealis",),
    "nearest_get": (
        "/nearest?actor=example/aurora",
        "/nearest?actor=example/aurora&exploitation=trafficking",
    ),
    "without_get": ("/without?actor=example/aurora&drop=example/supply-link/sl-007",),
    "affected_get": ("/affected?dataset=example&from=0&to=1&roots=example",),
    "dossier_get": (
        "/dossier?actor=example/aurora&law=us-uflpa-2021",
        "/dossier?actor=example/borealis&law=eu-flr-2024&paths=2",
    ),
    "laws_list": ("/laws",),
    "search_get": ("/search?q=aurora", "/search?q=forced%20labour&kind=laws&limit=2", "/search?q=zzzzqqqq"),
    "obligations_get": (
        "/obligations?actor=example/aurora",
        "/obligations?actor=example/mistral&on=2024-06-30",
        "/obligations?seat=FR&employees=3000&on=2026-06-30",
    ),
    "initiatives_list": ("/initiatives?limit=20",),
    "countries_list": ("/countries",),
    "country_get": ("/countries/MY", "/countries/BR", "/countries/GB"),
    "data_points_get": ("/data-points",),
    "initiatives_gaps_get": ("/initiatives/gaps",),
    "datasets_list": ("/datasets",),
    "dataset_get": ("/datasets/example",),
    "dataset_version_get": ("/datasets/example/1",),
    "dataset_version_limits_get": ("/datasets/example/1/limits?of=ftm",),
    "dataset_diff_get": ("/datasets/example/diff",),
    "map_get": ("/map", "/map?show=gaps", "/map?show=sites", "/map?show=sites&country=BD"),
    "sparql_terms_get": ("/sparql/terms",),
    "questions_list": ("/questions",),
    "health_get": ("/health",),
    "ready_get": ("/ready",),
    "problems_list": ("/problems",),
    "problem_get": ("/problems/busy",),
}
#: What is not the same whenever the example is admitted.
_CHANGING = {"admitted": "2026-01-31T12:00:00Z", "workers": {"queries": {"busy": 0, "idle": 2, "waiting": 0}}}


def examples(client: TestClient) -> dict[str, Any]:
    """Return an example of the answer of each operation: of each list the first entry."""
    return {name: _brief(client.get(asked[0]).json()) for name, asked in ASKED.items()}


def _brief(value: Any) -> Any:
    if isinstance(value, list):
        return [_brief(each) for each in value[:1]]
    if isinstance(value, dict):
        return {name: _CHANGING.get(name, _brief(each)) for name, each in value.items()}
    return value


def text(found: Any) -> str:
    """Return a document as it is committed."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    from tests.conftest import admit

    with (
        tempfile.TemporaryDirectory() as folder,
        TestClient(create_app(Graph.open(admit(Path(folder) / "d")))) as client,
    ):
        EXAMPLES.write_text(text(examples(client)), "utf-8")
    described._data.cache_clear()
    SNAPSHOT.write_text(text(create_app(None).openapi()), "utf-8")  # type: ignore[arg-type]
    print(f"{EXAMPLES} and {SNAPSHOT} are written.")
