"""The library: contribution, mapping, validation, store, index, trace and exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentier.graph.front import Graph

__all__ = ["Graph", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load `Graph` when it is asked for, so that a command which does not need it starts at once."""
    if name == "Graph":
        from opentier.graph.front import Graph

        return Graph
    raise AttributeError(name)
