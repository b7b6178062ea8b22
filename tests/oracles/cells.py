"""What the tables of small packages say, drawn at random: the cells of links, listings, judgements and changes.

Everything that a contribution may say, and nothing that it is refused for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.oracles import rows as tables
from tests.oracles.joins import components, counting, judgements, strong
from tests.oracles.listed import IN_FORCE, OVER

ACTORS = ("a", "b", "c", "d", "e", "f")
#: Products: headings and some that stand above or below them, one of a dataset with a code and one without.
PRODUCTS = ("52", "5201", "520100", "5205", "6109", "610910", "lint", "ore")
PRODUCT_ROWS = [{"id": "lint", "name": "Lint", "hs": "5201"}, {"id": "ore", "name": "Ore", "hs": ""}]
INTERVALS = (
    *[("", "")] * 6, ("", "2021-06-30"), ("2020", "2021"), ("2020-02", ""), ("", "2022-01"),
    ("2021-03", "2022-01-15"), ("2020-02-29", "2021-03"), ("2022", ""), ("", "2020-02"), ("2021-03-31", "2021-03-31"),
    ("2019-12-31", "2021-07-01"),
)  # fmt: skip
CONFIDENCES = (*[""] * 5, "1", "0.9", "0.9", "0.5", "0.5", "0.25", "0")
DAYS = ("2020-02-29", "2021-03-31", "2021-07-01", "2022-01-16", "2019-12-31")
SPANS = (
    ("2020", "2020"), ("2021-03", "2021-03"), ("2021-03-31", "2022"), ("2022-02", None), (None, "2020-02"),
    ("2021-01", "2021-07-01"),
)  # fmt: skip
ALL_KINDS = ("supply", "operation", "ownership", "recruitment", "co-location")
KINDS = (
    ("supply", "operation"), *[ALL_KINDS] * 4, ("supply",), ("supply", "operation", "ownership"),
    ("supply", "recruitment", "co-location"), ("operation", "ownership", "recruitment"),
)  # fmt: skip
#: Countries and regions; Hong Kong and Taiwan also by their aliases below CN, a region by its name, and one that
#: stays text.
PLACES = (
    ("CN", ""), ("CN", ""), ("CN", "CN-XJ"), ("", "CN-XJ"), ("MY", ""), ("", "MY-13"), ("HK", ""), ("CN", "CN-HK"),
    ("", "CN-TW"), ("TW", ""), ("CN", "Xinjiang"),
)  # fmt: skip
NOWHERE = (("", ""), ("", ""), ("CN", "Uplands"))
EXPLOITATION = (
    *[""] * 4, "forced-labour", "child-labour", "forced-child-labour", "child-labour|forced-labour", "trafficking",
    "not-stated",
)  # fmt: skip
#: Days from which a status holds: no two of them say when the same day is.
CHANGED = ("2020-02-15", "2020-06", "2021-03-31", "2021-05", "2021-12-01", "2022-01", "2022-03-15", "2023")

actors = st.sampled_from(ACTORS)
products = st.sampled_from(PRODUCTS)


def mostly(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What the strategy gives, or nothing."""
    return st.one_of(strategy, strategy, strategy, strategy, st.just(""))


@st.composite
def rows(draw: st.DrawFn, /, ends: Sequence[str], **more: st.SearchStrategy[str]) -> dict[str, str]:
    """Draw a row: two actors, an interval, a confidence, and more cells."""
    found = {end: draw(actors) for end in ends}
    found["start_date"], found["end_date"] = draw(st.sampled_from(INTERVALS))
    found["confidence"] = draw(st.sampled_from(CONFIDENCES))
    return found | {name: draw(strategy) for name, strategy in more.items()}


def split(row: dict[str, str]) -> dict[str, str]:
    """Return a supply link with what it is worth and how much it is in two cells each."""
    value, _, currency = row.pop("money").partition(" ")
    quantity, _, unit = row.pop("amount").partition(" ")
    return row | {"value": value, "currency": currency, "quantity": quantity, "unit": unit}


SUPPLY = rows(
    ("buyer", "supplier"),
    product=mostly(products),
    input_to=st.one_of(st.just(""), st.just(""), products),
    observed_date=st.sampled_from(("", "2020", "2021-03", "2021-03-31")),
    declared_tier=st.sampled_from((*[""] * 6, "1", "2", "3")),
    status=st.sampled_from((*[""] * 10, "current", "closed", "closed", "retracted")),
    share=st.sampled_from((*[""] * 8, "12.5", "40", "60", "100", "0")),
    money=st.sampled_from((*[" "] * 6, "900 USD", "100 USD", "250.5 USD", "100 EUR")),
    amount=st.sampled_from((*[" "] * 3, "30 t", "10 t", "5 kg")),
).map(split)
OPERATION = rows(("operator", "facility"))
OWNERSHIP = rows(
    ("owner", "asset"),
    share_exact=st.sampled_from(("", "", "50", "100", "20", "30", "30", "60")),
    share_minimum=st.sampled_from(("", "", "75", "49.9", "20")),
    direct=st.sampled_from(("", "", "", "true", "false", "false")),
    interest=st.sampled_from(("", "controlling", "shareholding")),
)
RECRUITMENT = rows(
    ("recruiter", "employer"),
    worksite=st.one_of(st.just(""), actors),
    sub_agent_of=st.one_of(st.just(""), actors),
)
CO_LOCATION = rows(("actor", "other"))
INPUT = st.tuples(products, products).filter(lambda pair: pair[0] != pair[1])
DESIGNATION = st.fixed_dictionaries(
    {
        "touched": st.one_of(
            st.tuples(actors, st.just(""), st.just(("", ""))),
            st.tuples(st.just(""), st.just(""), st.sampled_from(PLACES)),
            st.tuples(st.just(""), products, st.sampled_from(PLACES)),
            st.tuples(st.just(""), st.sampled_from(("52", "61", "lint")), st.sampled_from(PLACES[2:5])),
        ),
        "scope_products": st.sampled_from(("", "", "", "5205", "52|6109", "lint", "ore")),
        "dates": st.tuples(*(st.sampled_from((*[""] * 4, *days)) for days in (
            ("2020", "2021-03", "2021-03-31"), ("2021", "2022-02", "2021-07-01"), ("2021-03", "2022", "2021-07-01"),
        ))),
        "status": st.sampled_from((*[""] * 8, "active", "partially-active", "modified", "revoked", "inactive")),
        "observed_date": st.sampled_from(("", "", "2019", "2021-07")),
        "exploitation": st.sampled_from(EXPLOITATION),
        "includes_subsidiaries": st.sampled_from(("", "", "true", "false")),
        "changes": st.dictionaries(
            st.sampled_from(CHANGED), st.sampled_from((*IN_FORCE, "active", "active", *OVER, *OVER)), max_size=2
        ),
    }
)  # fmt: skip
CHANGE = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(("renamed", "merged", "split", "continued", "dissolved")),
        "before": actors,
        "after": actors,
        "date": st.sampled_from(("", "2020-02", "2021-03-31", "2021-07-01", "2022")),
    }
)
JUDGEMENT = st.fixed_dictionaries(
    {
        "left": actors,
        "right": actors,
        "judgement": st.sampled_from(("positive", "unsure", "unsure", "negative")),
        "decided_by": st.sampled_from(("", "rule:name-match", "person:reviewer-1")),
        "date": st.sampled_from(("", "2020", "2021-03-31")),
    }
)


def described(name: str, where: tuple[str, str], number: int) -> dict[str, str]:
    """Return the row of an actor; a few of them have a number in common, or one that is a filler."""
    numbers = ("100000000", "100000001", "999999999", "UNKNOWN")
    duns = f"duns:{numbers[number]}" if number < len(numbers) else ""
    return {"id": name, "name": name.upper(), "country": where[0], "region": where[1], "identifiers": duns}


def listing(number: int, drawn: Mapping[str, Any]) -> dict[str, str]:
    """Return the row of a designation."""
    target, product, where = drawn["touched"]
    listing, effective, delisting = drawn["dates"]
    if any(
        date and delisting and tables.first(delisting) < tables.last(date) for date in (listing, effective)
    ):
        delisting = ""  # refused by the shapes
    kind = "entity-listing" if target else "goods-listing" if product else "regional-presumption"
    said = ("scope_products", "status", "observed_date", "exploitation", "includes_subsidiaries")
    return {
        "id": f"d{number}", "kind": kind, "authority": "An authority", "target": target, "product": product,
        "country": where[0], "region": where[1], "listing_date": listing, "effective_date": effective,
        "delisting_date": delisting,
    } | {name: drawn[name] for name in said}  # fmt: skip


def changes(row: Mapping[str, str], drawn: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the changes of a designation's status: only such as come after its beginning."""
    began = max(tables.last(row[name]) if row[name] else "" for name in ("listing_date", "effective_date"))
    return [
        {"designation": row["id"], "status": status, "date": date}
        for date, status in drawn.items()
        if began < tables.first(date)
    ]


def agreeing(package: Mapping[str, Sequence[dict[str, str]]]) -> list[dict[str, str]]:
    """Return the judgements of a package without those that part whom others, or equal identifiers, join.

    Such a package is refused.
    """
    known = {row["id"]: strong(row) for row in package["actors"]}
    left = [
        row
        for row in package["identity_judgements"]
        if row["judgement"] != "negative" or not known[row["left"]] & known[row["right"]]
    ]
    while True:
        said = {**package, "identity_judgements": left}
        alias = components(said)
        parted = {
            pair
            for pair, judgement in counting(judgements(said), lambda judgement: judgement.pair).items()
            if judgement.said == "negative" and len({alias[actor] for actor in pair}) == 1
        }
        if not parted:
            return left
        left = [row for row in left if {row["left"], row["right"]} not in parted]
