"""JSON text: the same bytes as json's own, whatever is written."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opentier.graph.model import printed
from tests.counts import runs

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@runs(400)
@given(VALUES)
def test_text_is_what_json_writes(value: Any) -> None:
    assert printed.text(value) == json.dumps(value, indent=1, ensure_ascii=False) + "\n"


@runs(200)
@given(st.dictionaries(st.text(), VALUES), VALUES)
def test_what_is_repeated_stands_right_at_every_depth(repeated: dict[str, Any], value: Any) -> None:
    whole = {"a": repeated, "b": [repeated, {"c": [repeated, value]}], "d": (value, repeated)}
    expected = json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
    assert printed.text(whole, [repeated]) == expected
