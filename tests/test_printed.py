"""JSON text: the same bytes as json's own, whatever is written."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opentier.graph.model import printed
from tests.counts import runs

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@runs(400)
@given(VALUES)
def test_text_is_what_json_writes(value: Any) -> None:
    assert printed.text(value) == json.dumps(value, indent=1, ensure_ascii=False) + "\n"
