"""All pages of the site, in the order in which their addresses are looked at."""

from __future__ import annotations

from opentier.api.desk import (
    about,
    columns,
    contribute,
    headers,
    jobs,
    matches,
    reported,
    results,
    suppliers,
)
from opentier.api.pages import (
    actors,
    maps,
    queries,
    search,
    served,
    suggestions,
    traces,
)

ROUTERS = tuple(
    module.router
    for module in (
        served,
        suggestions,
        search,
        traces,
        jobs,
        actors,
        queries,
        maps,
        suppliers,
        headers,
        matches,
        results,
        contribute,
        columns,
        about,
        reported,
    )
)
