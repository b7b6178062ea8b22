"""The guide on fourteen ways to a wrong "nothing found": its commands are run, and what it says is what they print."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from opentier.graph import Graph
from opentier.graph.trace.parameters import Parameters
from tests.test_cli import package

if TYPE_CHECKING:
    from tests.conftest import Command

GUIDE = Path(__file__).parents[1] / "docs" / "nothing-found.md"
IMPORTER = "id,name,country,region\nimporter,Importer,US,\n"
MILL = IMPORTER + "mill,Bee Mill,CN,\n"
LINK = "buyer,supplier,product,start_date,end_date\nimporter,mill,5205,,\n"
REGION = "id,kind,authority,country,region,effect,status\nd,regional-presumption,Somebody,CN,CN-XJ,withhold,active\n"
GOODS = "id,kind,authority,country,product,effect,status\nd,goods-listing,Somebody,CN,5205,name-and-shame,active\n"
NAMED = "id,kind,authority,target,effect,status\nd,import-order,Somebody,{},withhold,active\n"
#: The tables of each data directory.
DATA: dict[str, dict[str, str]] = {
    "no-lists": {"actors": MILL, "supply_links": LINK},
    "no-country": {"actors": IMPORTER + "mill,Bee Mill,,\n", "supply_links": LINK, "designations": REGION},
    "region-as-text": {
        "actors": IMPORTER + "mill,Bee Mill,CN,The far west\n", "supply_links": LINK, "designations": REGION,
    },
    "edition-year": {
        "actors": MILL,
        "supply_links": LINK,
        "designations": "id,kind,authority,country,product,effect,observed_date\n"
        "d,goods-listing,Somebody,CN,5205,name-and-shame,2024\n",
    },
    "no-product": {"actors": MILL, "supply_links": "buyer,supplier\nimporter,mill\n", "designations": GOODS},
    "refused": {
        "actors": MILL + "knitter,Knitter,VN,\n",
        "supply_links": "buyer,supplier,product\nimporter,knitter,6109\nknitter,mill,8542\n",
        "designations": NAMED.format("mill"),
    },
    "owner": {
        "actors": MILL + "owner,Owner Holding,CN,\n",
        "supply_links": LINK,
        "ownership_links": "owner,asset,share_exact\nowner,mill,100\n",
        "designations": NAMED.format("owner"),
    },
    "closed": {
        "actors": MILL,
        "supply_links": "buyer,supplier,start_date,end_date,status\nimporter,mill,2015,2019,closed\n",
        "designations": NAMED.format("mill"),
    },
    "ended": {
        "actors": MILL + "other,Other Works,CN,\n",
        "supply_links": LINK,
        "designations": "id,kind,authority,target,effect,listing_date,delisting_date\n"
        "d,import-order,Somebody,mill,withhold,2019-01-01,2022-01-01\n"
        "e,import-order,Somebody,other,withhold,2019-01-01,\n",
    },
    "gap": {
        "actors": MILL + "other,Other Works,CN,\n",
        "supply_links": "buyer,supplier,declared_tier\nimporter,mill,3\n",
        "designations": NAMED.format("other"),
    },
    "same-name": {
        "actors": IMPORTER + 'mill,"Bee Mill Co., Ltd.",CN,\nlisted,BEE MILL,CN,\n',
        "supply_links": LINK,
        "designations": NAMED.format("listed"),
    },
    "seller": {
        "actors": MILL + "runner,Runner of the mill,CN,\n",
        "supply_links": LINK,
        "operation_links": "operator,facility\nrunner,mill\n",
        "designations": GOODS,
    },
    "many-ways": {"actors": MILL, "supply_links": "", "designations": NAMED.format("mill")},
}  # fmt: skip


def many_ways(steps: int = 16) -> tuple[str, str]:
    """Return actors and links with two ways at each of some steps; of all ways two alone live together."""
    sides = [[f"{side}{step}" for side in "ab"] for step in range(steps)]
    live = {"a": "2020,2021", "b": "2021,2022"}
    links = ["importer,a0,2020,2020", "importer,b0,2022,2022"]
    links += [
        f"{a},{b},{live[b[0]]}" for step in range(1, steps) for a in sides[step - 1] for b in sides[step]
    ]
    links += [f"{name},mill,," for name in sides[-1]]
    actors = "".join(f"{name},Works {name},CN,\n" for names in sides for name in names)
    return actors, "buyer,supplier,start_date,end_date\n" + "\n".join(links) + "\n"


DATA["many-ways"] |= {"actors": MILL + many_ways()[0], "supply_links": many_ways()[1]}


@dataclass(frozen=True)
class Way:
    """A row of the guide."""

    name: str
    command: str
    says: tuple[str, ...]


def ways() -> list[Way]:
    """Return the rows of the guide's table."""
    rows = [
        line.strip("|").split("|") for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("|")
    ]
    code = re.compile(r"`([^`]+)`")
    found = []
    for name, _, typed, says in rows[2:]:
        (command,) = code.findall(typed)
        found.append(Way(name.strip(), command, tuple(code.findall(says))))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the data directories of the guide."""
    folder = tmp_path_factory.mktemp("ways")
    for name, tables in DATA.items():
        graph = Graph.open(folder / name, create=True)
        assert graph.contribute(package(folder / "packages" / name, "shop", **tables)).new
    return folder


def test_the_guide_has_fourteen_ways_and_uses_all_the_data() -> None:
    found = ways()
    assert len({way.name for way in found}) == 14
    assert {way.command.rpartition("--data ")[2] for way in found} == set(DATA)
    assert all(way.says for way in found)


@pytest.mark.parametrize("way", ways(), ids=lambda way: way.name)
def test_an_answer_says_what_the_guide_says(call: Command, folder: Path, way: Way) -> None:
    words = way.command.split()
    assert words[0] == "opentier"
    run = call(*words[1:], "--quiet", cwd=folder)
    assert run.code == (2 if way.name == "Unknown filter" else 0), run.err
    said = " ".join((run.out + run.err).split())
    for text in way.says:
        assert text in said
    if any(text.startswith("Not testable") for text in way.says):
        assert "No exposure found" not in said


def test_a_search_that_was_given_up_is_said_in_every_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Command
) -> None:
    told = "A search was given up: there may be more than this answer holds."
    assert f"`{told}`" in GUIDE.read_text("utf-8")
    mills = [f"m{number}" for number in range(8)]
    actors = "id,name,country\n" + "".join(f"{mill},Mill {mill},CN\n" for mill in mills)
    links = "buyer,supplier\n" + "".join(f"{a},{b}\n" for a, b in itertools.permutations(mills, 2))
    data = tmp_path / "data"
    graph = Graph.open(data, create=True)
    made = package(
        tmp_path / "crowd", "shop", actors=actors, supply_links=links, designations=NAMED.format("m7")
    )
    assert graph.contribute(made).new
    monkeypatch.setattr("opentier.graph.trace.walks.MAX_PARTIAL_PATHS", 30)
    found = graph.view().trace("shop/m0", Parameters(paths=50))
    assert found.to_dict()["limits"]["truncated"] is True
    assert told in found.to_svg()
    assert told in found._repr_html_()
    assert "truncated,,True" in found.limits_csv()
    assert told in call("trace", "shop/m0", "--paths", "50", "--quiet", "--data", str(data)).out
