"""``/datasets``: what was admitted, with versions, licences and counts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, HTTPException, Request

from opentier.api.http.deps import CurrentView
from opentier.graph.errors import StoreError
from opentier.graph.front import Graph

router = APIRouter(tags=["Datasets"])


@router.get("/datasets")
def datasets(view: CurrentView) -> dict[str, Any]:
    """List the current version of every dataset."""
    return {
        "release": view.release.id,
        "datasets": [asdict(version) for version in view.release.current.values()],
    }


@router.get("/datasets/{dataset}")
def dataset(view: CurrentView, dataset: str) -> dict[str, Any]:
    """Return all versions of one dataset, the newest last."""
    versions = [asdict(version) for version in view.release.versions if version.dataset == dataset]
    if not versions:
        raise HTTPException(404, f"No dataset is called {dataset!r}.")
    return {"id": dataset, "versions": versions}


@router.get("/health", tags=["Operations"])
async def health(request: Request) -> dict[str, Any]:
    """Tell that the service is up, and which release is current; it waits for nobody and opens nothing."""
    graph: Graph = request.app.state.graph
    try:
        release = graph.store.current
    except StoreError:  # whoever asks for data is told
        release = None
    return {"status": "ok", "release": release}
