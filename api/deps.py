"""What routes depend on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from opentier.graph.graph import Graph, View


def _view(request: Request) -> View:
    graph: Graph = request.app.state.graph
    return graph.view()


#: The current release and its index; one request sees one release.
CurrentView = Annotated[View, Depends(_view)]
