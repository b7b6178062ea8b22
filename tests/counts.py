"""How many examples are generated: the one place from which all counts scale.

The profile `full` is what the counts in the tests mean; `quick` takes a tenth of them (`make quick`). Both draw
the same examples on every machine.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

_FULL = settings(
    max_examples=1000,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
)
settings.register_profile("full", _FULL)
settings.register_profile("quick", _FULL, max_examples=_FULL.max_examples // 10)
settings.load_profile("full")


def few() -> bool:
    """Return whether the profile in use makes fewer examples than the counts in the tests mean."""
    return settings().max_examples < _FULL.max_examples


def scaled(count: int) -> int:
    """Return how many random cases the profile in use makes of a count; at least one."""
    return max(1, count * settings().max_examples // _FULL.max_examples)


def runs(examples: int) -> settings:
    """Return the settings of a test with so many examples."""
    return settings(max_examples=scaled(examples))
