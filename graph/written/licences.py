"""Licences in words: what one may do with data, and what one owes whoever published it. No legal advice."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Licences of data that have a page of their own at SPDX.
_SPDX = re.compile(
    r"(CC0|PDDL|ODbL|ODC-By|OGL-UK|etalab|DL-DE-(BY|ZERO)|NLOD|CDLA-(Permissive|Sharing)|EUPL|Apache|MIT"
    r"|CC-BY(-NC)?(-SA|-ND)?)(-[0-9.]+)?(-IGO)?"
)
#: What the licences that data is usually under allow, by their SPDX ids.
WORDS: Mapping[str, str] = {
    "CC0-1.0": "Free for any use; nothing is asked for in return.",
    "PDDL-1.0": "Free for any use; nothing is asked for in return.",
    "CC-PDDC": "In the public domain: free for any use.",
    "CC-BY-4.0": "Free for any use, also commercial, as long as its publisher is named.",
    "CC-BY-3.0-IGO": "Free for any use, also commercial, as long as its publisher is named.",
    "ODC-By-1.0": "Free for any use, also commercial, as long as its publisher is named.",
    "CC-BY-SA-4.0": "Free for any use; name its publisher, and give what you make of it under the same licence.",
    "ODbL-1.0": "Free for any use; name its publisher, and give a database that you make of it under the same licence.",
    "CC-BY-NC-4.0": "Not for commercial use; else free as long as its publisher is named.",
    "CC-BY-NC-SA-4.0": (
        "Not for commercial use; name its publisher, and give what you make of it under the same licence."
    ),
    "CC-BY-ND-4.0": "May be passed on as it is, with its publisher named; nothing changed may be passed on.",
    "CC-BY-NC-ND-4.0": "May be passed on as it is, not for commercial use; nothing changed may be passed on.",
    "OGL-UK-3.0": "Free for any use, also commercial, as long as its publisher is named (United Kingdom).",
    "etalab-2.0": "Free for any use, also commercial, as long as its publisher and its date are named (France).",
    "DL-DE-BY-2.0": "Free for any use, also commercial, as long as its publisher is named (Germany).",
}
#: Those among which a contributor chooses first: the data of most stands under one of them.
USUAL = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "ODbL-1.0", "CC-BY-NC-4.0")
_OTHER = "What it allows is not known here: read it before you use the data."


def words(licence: str) -> str:
    """Return what a licence allows; that it is not known of one that is none of these."""
    return WORDS.get(licence.partition(" ")[0].rstrip(",;"), _OTHER) if licence else "No licence is said."


def page(licence: str) -> str:
    """Return the address of the page of a licence, by its SPDX id; nothing where it has none."""
    return f"https://spdx.org/licenses/{licence}" if _SPDX.fullmatch(licence) else ""
