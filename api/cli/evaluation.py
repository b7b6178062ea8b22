"""What `opentier match --evaluate` prints."""

from __future__ import annotations

from pathlib import Path

from opentier.api.cli.terminal import form, open_graph, write
from opentier.graph.model import printed


def evaluation(
    pairs: Path,
    *,
    weights: Path | None = None,
    accept: float | None = None,
    review: float | None = None,
    format: str | None = None,
    out: Path | None = None,
    data: Path | None = None,
) -> None:
    """Write what weights are worth on labelled pairs; words are as rare as in the data, where some is named."""
    from opentier.graph.matching.evaluation import evaluate
    from opentier.graph.matching.scoring import Weights

    kind = form(format, out, ("table", "json"))
    meant = (Weights.read(weights) if weights else Weights.shipped()).within(accept, review)
    found = evaluate(pairs, meant, open_graph(data).view().matcher.rarity if data else None)
    write(printed.text(found.to_dict()) if kind == "json" else found.to_text(), out)
