"""Hops by number, declared once: kernels go by the numbers, everybody else by the names."""

from __future__ import annotations

#: "start" stands before the first hop; then come the kinds of links, each with its directions.
HOPS = (
    "start", "supply", "operation-up", "operation-down", "ownership-up", "ownership-down", "recruitment",
    "co-location",
)  # fmt: skip
START, SUPPLY, OPERATION_UP, OPERATION_DOWN, OWNERSHIP_UP, OWNERSHIP_DOWN, RECRUITMENT, CO_LOCATION = range(
    len(HOPS)
)


def parted(hop: str) -> tuple[str, str]:
    """Return the kind of a hop and its direction: "up", "down" or ""."""
    for direction in ("up", "down"):
        if hop.endswith(f"-{direction}"):
            return hop.removesuffix(f"-{direction}"), direction
    return hop, ""


#: The kinds of links.
KINDS = tuple(dict.fromkeys(parted(hop)[0] for hop in HOPS[START + 1 :]))
