"""All pages of the site, in the order in which their addresses are looked at."""

from __future__ import annotations

from opentier.api.desk import (
    about,
    columns,
    contribute,
    headers,
    jobs,
    judging,
    keys,
    matches,
    records,
    replies,
    reported,
    results,
    suppliers,
    withdrawals,
)
from opentier.api.pages import (
    HEAD,
    actors,
    countries,
    datasets,
    front,
    guides,
    initiatives,
    laws,
    maps,
    points,
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
        front,
        guides,
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
        records,
        contribute,
        columns,
        about,
        reported,
        HEAD,
        replies,
        judging,
        keys,
        datasets,
        withdrawals,
    )
)
