"""All pages of the site, in the order in which their addresses are looked at."""

from __future__ import annotations

from opentier.api.contributing import (
    about,
    columns,
    contribute,
    corrections,
    reported,
    withdrawals,
)
from opentier.api.desk import (
    affected,
    jobs,
    judging,
    keys,
    replies,
)
from opentier.api.pages import (
    actors,
    datasets,
    front,
    guides,
    maps,
    queries,
    search,
    served,
    suggestions,
    traces,
)
from opentier.api.policy import (
    countries,
    initiatives,
    laws,
    points,
)
from opentier.api.screening import (
    headers,
    matches,
    records,
    results,
    suppliers,
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
        corrections,
        reported,
        replies,
        judging,
        keys,
        datasets,
        affected,
        withdrawals,
    )
)
