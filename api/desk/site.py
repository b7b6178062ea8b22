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
from opentier.api.policy import countries, initiatives, laws, points

ROUTERS = tuple(
    module.router
    for module in (
        served,
        suggestions,
        search,
        traces,
        queries,
        maps,
        countries,
        laws,
        initiatives,
        points,
        jobs,
        actors,
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
