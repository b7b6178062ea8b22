"""All pages of the site, in the order in which their addresses are looked at."""

from __future__ import annotations

from opentier.api.desk import jobs
from opentier.api.pages import countries, initiatives, laws, points, search, served, suggestions, traces

ROUTERS = tuple(
    module.router
    for module in (served, suggestions, search, traces, countries, laws, initiatives, points, jobs)
)
