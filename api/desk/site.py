"""All pages of the site, in the order in which their addresses are looked at."""

from __future__ import annotations

from opentier.api.desk import (
    about,
    columns,
    contribute,
    headers,
    jobs,
    keys,
    matches,
    reported,
    results,
    suppliers,
    withdrawals,
)
from opentier.api.pages import actors, datasets, maps, queries, search, served, suggestions, traces

ROUTERS = tuple(
    module.router
    for module in (
        served,
        suggestions,
        search,
        traces,
        queries,
        maps,
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
        keys,
        datasets,
        withdrawals,
    )
)
