"""The service: one app over one data directory."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opentier.api import datasets, examples, laws, problems, resources, sparql, traces, vocabulary
from opentier.api.deps import declared
from opentier.graph import __version__
from opentier.graph.graph import Graph

_ABOUT = "The open system of record for forced-labour due diligence. Nothing here is an accusation without a source."


class HeadAsGet:
    """Answers HEAD as GET without the body (RFC 9110, section 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def headers_only(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, headers_only)


def create_app(graph: Graph) -> FastAPI:
    """Return the service over a graph; it follows the graph's releases."""
    app = FastAPI(
        title="OpenTier",
        version=__version__,
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(declared)],
        responses=problems.RESPONSES,
    )
    app.state.graph = graph
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        expose_headers=["OpenTier-Release"],
    )
    app.add_middleware(HeadAsGet)
    problems.install(app)
    for module in (sparql, examples, traces, laws, resources, vocabulary, datasets):
        app.include_router(module.router)

    @app.get("/openapi.json", include_in_schema=False)
    def described() -> JSONResponse:
        document = app.openapi()
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = problems.SCHEMA
        return JSONResponse(document)

    @app.get("/", include_in_schema=False)
    def root() -> RedirectResponse:
        return RedirectResponse("/openapi.json")

    return app
