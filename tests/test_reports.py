"""Reports: one page first, the same in every form, in plain words; nothing is cut in silence, nothing is a box."""

from __future__ import annotations

import html as escapes
import json
import os
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import python_calamine

from opentier.graph import Graph
from opentier.graph.answer.result import TraceResult
from opentier.graph.answer.steps import steps
from opentier.graph.contribution.submission import Options
from opentier.graph.dossier import dossier as dossiers
from opentier.graph.engine.hops import HOPS
from opentier.graph.exposure import words
from opentier.graph.front import View
from opentier.graph.printing import chapters, drawing, html, onepage, papers, scripts, typeset
from opentier.graph.printing.height import ROOM, height
from opentier.graph.printing.report import Report
from opentier.graph.trace.parameters import Parameters
from tests.conftest import PATIENCE, Command
from tests.test_cli import fine, package, refused
from tests.test_words import NEVER

FORMS = ("html", "pdf", "png", "xlsx")
#: What is asked: of whom, how.
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "measure": ("example/aurora", {"product": "6109"}),
    "all kinds": (
        "example/aurora",
        {
            "kinds": ("supply", "operation", "ownership", "recruitment", "co-location"),
            "past": True,
            "pending": True,
        },
    ),
    "downstream": ("example/east-oasis-ginning", {"downstream": True}),
    "nothing": ("example/stork-tower-knits", {"max_tier": 1}),
    "not testable": ("example/cloudberry-quartz", {"datasets": ("laws",)}),
    "itself": ("example/quiet-river-yarn", {}),
}
#: A chain of so many hops.
LONG = 14
#: A page that holds all designations.
WIDE = onepage.SIZES[0]._replace(rows=99)
EVIL = '<b>&amp; "x"</b> *#panic()* $x$ _y_ @z \\'


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.fixture(scope="module")
def traced(view: View) -> dict[str, TraceResult]:
    return {name: view.trace(actor, Parameters(**asked)) for name, (actor, asked) in ASKED.items()}


@pytest.fixture(scope="module")
def found(traced: dict[str, TraceResult]) -> dict[str, dict[str, Any]]:
    return {name: each.to_dict() for name, each in traced.items()}


@pytest.fixture(scope="module")
def scene(traced: dict[str, TraceResult]) -> dict[str, Any]:
    """Return what the picture of some trace shows, for reports that are not asked about it."""
    return traced["measure"].scene


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with a long chain to a company of an odd name, in several scripts, and odd addresses."""
    names = [f"=HYPERLINK(1) Company {n} of a long chain" for n in range(LONG)]
    rows = "".join(f'c{n},"{name}",legal-entity,CN\n' for n, name in enumerate(names))
    rows += f'end,"{EVIL.replace(chr(34), chr(34) * 2)} 新疆棉花 Хлопок مصنع कपास",legal-entity,CN\n'
    links = "".join(
        f"l{n},c{n},{f'c{n + 1}' if n < LONG - 1 else 'end'},5201,2021-02,e1\n" for n in range(LONG)
    )
    folder = package(
        tmp_path_factory.mktemp("long") / "package",
        "long",
        actors=f"id,name,kind,country\n{rows}",
        evidence="id,type,title,url\ne1,invoice,发票,https://example.org/发票\n",
        supply_links=f"id,buyer,supplier,product,start_date,evidence\n{links}",
        designations="id,kind,authority,target,effect,exploitation,listing_date,status\n"
        "d1,import-order,海关 Customs,end,withhold,forced-labour,2021-01-05,active\n",
    )
    path = tmp_path_factory.mktemp("long") / "data"
    assert Graph.open(path, create=True).contribute(folder, Options(match=False)).new
    return path


@pytest.fixture(scope="module")
def chained(long: Path) -> TraceResult:
    return Graph.open(long).view().trace("long/c0", Parameters())


@pytest.fixture(scope="module")
def chain(chained: TraceResult) -> dict[str, Any]:
    return chained.to_dict()


def texts(made: Any) -> list[str]:
    if isinstance(made, str):
        return [made]
    if isinstance(made, dict | list | tuple):
        return [text for each in (made.values() if isinstance(made, dict) else made) for text in texts(each)]
    return []


def pages(pdf: bytes) -> int:
    assert pdf.startswith(b"%PDF-")
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


class Read(HTMLParser):
    """The text of a page, and what it leads to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.leads: list[str] = []
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "srcset", "data", "action", "xlink:href") or (name == "href" and tag != "a"):
                self.loads.append(value or "")
            if name == "href" and tag == "a":
                self.leads.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


# --- What the first page says ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["measure", "all kinds", "downstream"])
def test_the_chain_leads_to_the_nearest_measure_and_to_no_risk_list_before_it(
    found: dict[str, dict[str, Any]], name: str
) -> None:
    near = onepage.nearest(found[name])
    current = [each for each in found[name]["exposures"] if each["state"] == "current"]
    measures = [each["actor"]["tier"] for each in current if each["group"] == "measure"]
    assert near is not None
    assert (near["group"], near["actor"]["tier"]) == ("measure", min(measures))
    risks = {**found[name], "exposures": [each for each in current if each["group"] == "risk"]}
    assert (nearest := onepage.nearest(risks)) is None or nearest["group"] == "risk"


def test_the_chain_of_the_example_names_what_is_held_and_what_lacks(found: dict[str, dict[str, Any]]) -> None:
    page = onepage.page(found["measure"])
    rows = page["chain"]["rows"]
    assert [(row["tier"], row["name"].removesuffix(" (invented)"), row["held"]) for row in rows] == [
        ("1", "Kingfisher Knitwear", "supplier list; purchase order"),
        ("", "Kingfisher Unit 2", "audit; supplier list"),
        ("2", "Willow Lake Knitting and Dyeing", "customs record"),
        ("3", "Stonebridge Cotton Spinning", "invoice"),
        ("", "Poplar Crown Holding", "filing"),
    ]
    assert [row["name"] for row in rows if row["end"]] == ["Stonebridge Cotton Spinning (invented)"]
    assert rows[1]["missing"] == rows[4]["missing"] == "–"
    assert "transport document" not in rows[2]["missing"]
    assert rows[3]["missing"].startswith("purchase order, proof of payment, transport document")
    assert (
        page["title"]
        == "T-shirts and vests (HS 6109) of Aurora Apparel Imports (invented), United States (US)"
    )
    assert page["answer"][0] == found["measure"]["verdict"]["reasons"][0]
    assert "The nearest measure is at tier 3 and touches Stonebridge" in page["answer"][1]


@pytest.mark.parametrize("name", ASKED)
def test_everything_that_touches_is_counted_by_company(found: dict[str, dict[str, Any]], name: str) -> None:
    by: dict[tuple[str, str, str], set[str]] = {}
    for each in found[name]["exposures"]:
        key = each["state"], each["group"], each["designation"]["title"]
        by.setdefault(key, set()).add(each["actor"]["iri"])
    rows = onepage.page(found[name], WIDE)["touches"]["rows"]
    assert [(row["title"], int(re.split(r"[,:]", row["touches"])[0])) for row in rows] == [
        (title, len(actors)) for (_, _, title), actors in by.items()
    ]


def test_what_is_past_is_marked_as_no_measure(found: dict[str, dict[str, Any]]) -> None:
    rows = onepage.page(found["all kinds"], WIDE)["touches"]["rows"]
    past = [each for each in found["all kinds"]["exposures"] if each["state"] != "current"]
    assert past
    assert {row["word"] for row in rows if not row["mark"]} <= {"Past", "Pending", "Past and pending"}
    marked = {row["mark"]: row["word"] for row in rows if row["mark"]}
    assert marked == {"measure": "Measure", "risk": "Risk list", "possible": "Possible identity"}
    assert sum(not row["mark"] for row in rows) == len({each["designation"]["iri"] for each in past})


def test_where_nothing_was_found_no_chain_is_shown_and_the_limits_are(
    found: dict[str, dict[str, Any]], scene: dict[str, Any]
) -> None:
    for name, first in (
        ("nothing", "No exposure found within these limits."),
        ("not testable", "Not testable"),
    ):
        page = onepage.page(found[name])
        assert page["chain"] is None
        assert page["answer"][0].startswith(first)
        assert page["answer"][1:] == found[name]["verdict"]["reasons"]
        assert page["untested"]
        assert "Nothing that was searched, within these limits." in Report(found[name], scene).to_html()


def test_a_listed_company_itself_has_no_hop(found: dict[str, dict[str, Any]]) -> None:
    chain = onepage.page(found["itself"])["chain"]
    assert (chain["rows"], chain["none"]) == ([], "no link: it is the traced one itself")


def test_the_address_asks_what_was_asked(found: dict[str, dict[str, Any]]) -> None:
    assert onepage.address(found["measure"]) == "/trace?actor=example/aurora&product=6109"
    assert onepage.address(found["all kinds"]) == (
        "/trace?actor=example/aurora&kinds=supply,operation,ownership,recruitment,co-location&past=true&pending=true"
    )
    assert onepage.address(found["nothing"]) == "/trace?actor=example/stork-tower-knits&max_tier=1"


def test_every_kind_of_hop_and_every_reason_has_words() -> None:
    said = words.shipped()
    assert set(said["relations"]) == {*HOPS, "holds"} - {"start", "supply"}
    assert set(said["by"]) == set(said["reasons"]) - {"possible-place"}


@pytest.mark.parametrize("name", ["measure", "all kinds", "downstream"])
def test_the_steps_of_a_path_lead_from_the_traced_actor_to_whom_it_touches(
    found: dict[str, dict[str, Any]], name: str
) -> None:
    downstream = found[name]["parameters"]["downstream"]
    seen = 0
    for exposure in found[name]["exposures"]:
        for number, path in enumerate(exposure["paths"]):
            along = list(steps(exposure, number, downstream=downstream))
            walked = along[: len(path["hops"])]
            assert sum(step.end for step in along) == bool(path["hops"])
            if not path["hops"] or any(step.hop["kind"] == "identity" for step in walked):
                continue
            here = found[name]["root"]["iri"]
            for step in walked:
                ends = {step.hop["from"]["iri"], step.hop["to"]["iri"]}
                assert here in ends
                (here,) = ends - {here}
                assert here == step.actor["iri"]
            assert walked[-1].tier == path["tier"]
            seen += 1
    assert seen > 3


# --- One page --------------------------------------------------------------------------------------------------------


def test_a_chain_over_eight_hops_names_how_many_are_folded(chain: dict[str, Any]) -> None:
    whole = onepage.page(chain)["chain"]["rows"]
    assert len(whole) == LONG
    (size,) = [size for size in onepage.SIZES if size.hops == 8]
    rows = onepage.page(chain, size)["chain"]["rows"]
    assert [row["name"] for row in rows if not row["tier"]] == [f"{LONG - 8} hops, see record"]
    assert [row["tier"] for row in rows if row["tier"]] == ["1", "2", "3", "4", "11", "12", "13", "14"]
    assert rows[-1]["end"]


def stuffed(found: dict[str, Any], times: int = 400) -> dict[str, Any]:
    """Return a trace with as much as a page was never made for."""
    many = []
    for number in range(times):
        for each in found["exposures"]:
            entry = {**each["designation"], "iri": f"{each['designation']['iri']}-{number}"}
            entry["title"] = f"{entry['title']} {number} " + "very long " * 40
            many.append({**each, "designation": entry})
    sets = [{**each, "id": f"{each['id']}-{n}"} for each in found["limits"]["datasets"] for n in range(50)]
    alike = [
        {
            "actor": {**found["root"], "iri": f"a{n}", "name": f"Alike {n} " * 30},
            "designation": {"title": "List", "id": "l"},
        }
        for n in range(60)
    ]
    limits = {**found["limits"], "datasets": sets, "names_alike": alike}
    root = {**found["root"], "name": "A company with a name that has no end " * 20}
    return {**found, "exposures": many, "limits": limits, "root": root}


def lengthened(chain: dict[str, Any]) -> dict[str, Any]:
    """Return a trace whose chain has more hops than any size of the page holds."""
    (exposure,) = chain["exposures"]
    (path,) = exposure["paths"]
    return {**chain, "exposures": [{**exposure, "paths": [{**path, "hops": path["hops"] * 3}]}]}


@pytest.mark.parametrize("name", ["aurora", "long", "folded", "stuffed"])
def test_the_first_page_is_one_page(
    found: dict[str, dict[str, Any]], chain: dict[str, Any], name: str, scene: dict[str, Any]
) -> None:
    pytest.importorskip("typst")
    made = {
        "aurora": found["measure"], "long": chain, "folded": lengthened(chain), "stuffed": stuffed(found["measure"]),
    }[name]  # fmt: skip
    report = Report(made, scene, digest="0" * 64, kept="a-record")
    assert report.to_png().startswith(b"\x89PNG")  # of several pages typst would make a list
    pdf = report.to_pdf()
    assert pages(pdf) > 2
    set_ = typeset._first(report._page, typeset._Fonts(scripts.letters(report._page())))["page"]["points"]
    assert set_ >= {"aurora": 8, "long": 7, "folded": 6, "stuffed": 6}[name]
    assert any(height(onepage.page(made, size)) <= ROOM for size in onepage.SIZES)


def test_what_a_report_leaves_out_is_counted(found: dict[str, dict[str, Any]]) -> None:
    many = stuffed(found["measure"])
    every = len(onepage.groups(many))
    made = chapters.chapters(many)
    assert len(made["groups"]) == chapters.DESIGNATIONS
    exposures = sum(len(group) for group in onepage.groups(many)[chapters.DESIGNATIONS :])
    assert (
        f"and {every - chapters.DESIGNATIONS:,} designations more with {exposures:,} exposures"
        in made["more"]
    )
    reached = {**many, "reached": many["reached"] * 100}
    companies = chapters.chapters(reached)["companies"]
    assert len(companies["rows"]) == chapters.COMPANIES
    assert f"and {len(reached['reached']) - chapters.COMPANIES:,} actors more" in companies["more"]
    one = {**many, "exposures": many["exposures"][:1] * 1000}
    (group,) = chapters.chapters(one)["groups"]
    paths = sum(len(each["paths"]) for each in one["exposures"])
    assert (len(group["rows"]), len(group["paths"])) == (chapters.EXPOSURES, chapters.PATHS)
    assert f"and {1000 - chapters.EXPOSURES:,} exposures more" in group["more"]
    assert f"and {paths - chapters.PATHS:,} paths more" in group["more_paths"]
    touches = onepage.page(many)["touches"]
    assert f"and {every - len(touches['rows']):,} designations more" in touches["more"]


# --- The same in every form ------------------------------------------------------------------------------------------


#: Writes a report in every form, in a process of its own.
WRITE = """
import sys
from pathlib import Path
from opentier.graph import Graph
from opentier.graph.printing.report import Report

data, actor, folder = sys.argv[1:]
Path(folder).mkdir()
traced = Graph.open(Path(data)).trace(actor)
report = Report(traced.to_dict(), traced.scene)
(Path(folder) / "a.html").write_text(report.to_html(), "utf-8")
(Path(folder) / "a.pdf").write_bytes(report.to_pdf())
(Path(folder) / "a.png").write_bytes(report.to_png())
report.write_xlsx(Path(folder) / "a.xlsx")
"""


def write(data: Path, actor: str, folder: Path, **variables: str) -> None:
    subprocess.run(
        [sys.executable, "-c", WRITE, str(data), actor, str(folder)], env={**os.environ, **variables}, check=True,
        timeout=PATIENCE,
    )  # fmt: skip


def test_the_same_data_gives_the_same_bytes_in_every_form_and_process(admitted: Path, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    write(admitted, "example/aurora", tmp_path / "1")
    traced = Graph.open(admitted).trace("example/aurora")
    report = Report(traced.to_dict(), traced.scene)
    for _ in range(2):
        report.write_xlsx(tmp_path / "2.xlsx")
        made = {"html": report.to_html().encode(), "pdf": report.to_pdf(), "png": report.to_png()}
        for form, bytes_ in {**made, "xlsx": (tmp_path / "2.xlsx").read_bytes()}.items():
            assert (tmp_path / "1" / f"a.{form}").read_bytes() == bytes_, form
            assert len(bytes_) > 10_000


def test_the_command_writes_every_form(call: Command, admitted: Path, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    words = ("trace", "example/aurora", "--product", "6109", "--quiet", "--data", str(admitted))
    begins = {"html": b"<!DOCTYPE html>", "pdf": b"%PDF-1.7", "png": b"\x89PNG", "xlsx": b"PK"}
    for form, first in begins.items():
        fine(call(*words, "--out", str(tmp_path / f"a.{form}")))
        assert (tmp_path / f"a.{form}").read_bytes().startswith(first)
    assert fine(call(*words, "--format", "html")).out == (tmp_path / "a.html").read_text("utf-8")


def test_no_form_accuses_or_absolves(
    view: View, found: dict[str, dict[str, Any]], tmp_path: Path, scene: dict[str, Any]
) -> None:
    traced = view.trace("example/aurora", Parameters(product="6109", paths=1))
    laws = dossiers.dossier(view.release, traced, ["us-uflpa-2021"])
    for name, made in found.items():
        report = Report(made, scene, digest="0" * 64, dossier=laws if name == "measure" else None)
        page = report.to_html()
        assert NEVER.findall(" ".join(Read(page).text)) == [], name
        assert not re.search(r"goods-input|goods-site|owner-(up|down)|none-found", " ".join(Read(page).text))
        report.write_xlsx(tmp_path / "report.xlsx")
        for sheet, rows in sheets(tmp_path / "report.xlsx").items():
            assert NEVER.findall(" ".join(str(cell) for row in rows for cell in row)) == [], (name, sheet)
        set_ = (onepage.page(made), chapters.chapters(made), papers.papers(laws))
        assert NEVER.findall(" ".join(texts(set_))) == [], name
    template = Path(typeset.__file__).with_name("report.typ").read_text("utf-8")
    assert NEVER.findall(re.sub(r"//.*", "", template)) == []


def test_html_needs_no_other_file_and_no_script(
    found: dict[str, dict[str, Any]], chain: dict[str, Any], chained: TraceResult
) -> None:
    for made in (found["all kinds"], chain):
        page = Report(made, chained.scene).to_html()
        read = Read(page)
        assert read.loads == []
        assert not {"script", "link", "iframe", "img", "object", "embed", "base"} & read.tags
        assert all(re.match(r"#|https?://[!-~]+$", each) for each in read.leads)
        assert "url(" not in page
        assert page.count("<h1") == 1
        assert "break-after: page" in page


def test_no_name_becomes_markup(chain: dict[str, Any], chained: TraceResult) -> None:
    page = Report(chain, chained.scene).to_html()
    assert "<b>&amp;amp;" not in page.replace(escapes.escape(EVIL, quote=False), "")
    assert EVIL in "".join(Read(page).text)
    assert "https://example.org/%E5%8F%91%E7%A5%A8" in Read(page).leads
    assert chapters.link("javascript:alert(1)") == ""


def test_a_workbook_has_all_and_its_formulas_stay_texts(
    chain: dict[str, Any], found: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    for made in (chain, found["all kinds"], stuffed(found["measure"], 20)):
        path = tmp_path / "report.xlsx"
        Report(made, {}).write_xlsx(path)
        rows = {name: len(each) - 1 for name, each in sheets(path).items()}
        assert rows["Companies"] == len(made["reached"])
        assert rows["Exposures"] == len(made["exposures"])
        assert rows["Paths"] == sum(
            len(path["hops"]) + len(each["stakes"]) for each in made["exposures"] for path in each["paths"]
        )
        assert rows["Datasets"] == len(made["limits"]["datasets"])
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                assert b"<f>" not in book.read(name), name
                assert b"hyperlink" not in book.read(name), name
    assert any("=HYPERLINK(1)" in str(cell) for row in sheet_of_companies(chain, tmp_path) for cell in row)


def sheet_of_companies(found: dict[str, Any], folder: Path) -> list[list[Any]]:
    Report(found, {}).write_xlsx(folder / "companies.xlsx")
    return sheets(folder / "companies.xlsx")["Companies"]


def test_the_hash_on_the_page_is_that_of_the_record(call: Command, long: Path, tmp_path: Path) -> None:
    words = ("trace", "long/c0", "--quiet", "--data", str(long))
    kept, other = tmp_path / "kept.html", tmp_path / "other.html"
    fine(call(*words, "--save", "long-1", "--out", str(kept)))
    record = json.loads(
        fine(call("screenings", "show", "long-1", "--format", "json", "--data", str(long))).out
    )
    assert f"{record['hash']}." in kept.read_text("utf-8")
    assert "Record long-1" in kept.read_text("utf-8")
    fine(call(*words, "--out", str(other)))
    assert record["hash"] not in other.read_text("utf-8")
    assert "which is not kept" in other.read_text("utf-8")
    assert len(set(re.findall(r"\b[0-9a-f]{64}\b", other.read_text("utf-8")))) == 1


def test_a_report_holds_the_documents_that_a_law_asks_for(
    call: Command, admitted: Path, tmp_path: Path
) -> None:
    words = ("trace", "example/aurora", "--product", "6109", "--quiet", "--data", str(admitted))
    law = ("--law", "us-uflpa-2021")
    page, book = tmp_path / "a.html", tmp_path / "a.xlsx"
    fine(call(*words, *law, "--out", str(page)))
    said = " ".join(Read(page.read_text("utf-8")).text)
    assert "Documents that laws ask for" in said
    assert "Uyghur Forced Labor Prevention Act (us-uflpa-2021)" in said
    assert "Whom to ask what" in said
    fine(call(*words, *law, "--out", str(book)))
    assert {"Report", "Paths", "Dossier", "Questions", "Dossier paths", "Limits"} <= set(sheets(book))
    fine(call("dossier", *words[1:], *law, "--out", str(tmp_path / "b.html")))
    said = " ".join(Read((tmp_path / "b.html").read_text("utf-8")).text)
    assert "The chain to the nearest measure" in said
    assert "Whom to ask what" in said
    refused(call(*words, *law), 2, "--law is for a report", "html or pdf or png or xlsx")
    refused(call(*words, "--law", "us-uflpa-2022", "--save", "x", "--out", str(page)), 2, "us-uflpa-2021")
    assert not (admitted / "screenings").exists()


# --- Where something is not there ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS[1:])
def test_what_is_no_text_asks_for_a_file(call: Command, admitted: Path, form: str) -> None:
    words = ("trace", "example/aurora", "--quiet", "--data", str(admitted), "--format", form)
    refused(call(*words), 2, f"--format {form} is for a file; name it with --out")


@pytest.mark.parametrize("form", ["pdf", "png"])
def test_without_typst_an_error_says_what_to_install_and_nothing_is_kept(
    command: Command, long: Path, tmp_path: Path, form: str
) -> None:
    (tmp_path / "typst.py").write_text('raise ImportError("not here")\n', "utf-8")
    out = tmp_path / f"a.{form}"
    words = ("trace", "long/c0", "--quiet", "--data", str(long), "--save", "x", "--out", str(out))
    run = command(*words, PYTHONPATH=str(tmp_path))
    refused(run, 1, 'pip install "opentier[print]"')
    assert "Traceback" not in run.err
    assert not out.exists()
    assert not (long / "screenings" / "x.json").exists()


def without_fonts(folder: Path) -> dict[str, str]:
    """Return what hides the fonts of a machine."""
    (folder / "none").mkdir()
    said = f'<?xml version="1.0"?><fontconfig><dir>{folder / "none"}</dir></fontconfig>'
    (folder / "fonts.conf").write_text(said, "utf-8")
    return {"FONTCONFIG_FILE": str(folder / "fonts.conf")}


#: Says which letters of a first page have no font, and how it is set.
LETTERS = """
import sys
from opentier.graph import Graph
from opentier.graph.printing import onepage, typeset
from opentier.graph.printing.scripts import letters

page = onepage.page(Graph.open(sys.argv[1]).trace("long/c0").to_dict())
fonts = typeset._Fonts(letters(page))
print(fonts.own, *sorted(fonts.lacking))
print(fonts.latin(page))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="fonts are hidden by fontconfig")
def test_a_name_without_a_font_is_in_latin_letters_and_marked(long: Path, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    hidden = without_fonts(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", LETTERS, str(long)], capture_output=True, text=True, timeout=PATIENCE, check=True,
        env={**os.environ, **hidden},
    )  # fmt: skip
    first, page = done.stdout.split("\n", 1)
    assert first.startswith("False ")
    assert set("新疆棉花海关") <= set(first)
    assert set("Хлопокمصنع").isdisjoint(first)
    assert "Xin\\u200bJiang\\u200bMian\\u200bHua° Хлопок مصنع" in page
    assert "HaiGuan° Customs" in page
    write(long, "long/c0", tmp_path / "made", **hidden)
    assert "新疆棉花" in (tmp_path / "made" / "a.html").read_text("utf-8")
    companies = sheets(tmp_path / "made" / "a.xlsx")["Companies"]
    assert any("新疆棉花" in str(cell) for row in companies for cell in row)
    assert pages((tmp_path / "made" / "a.pdf").read_bytes()) > 2


def test_a_name_with_a_font_of_the_machine_keeps_its_script(
    chain: dict[str, Any], chained: TraceResult
) -> None:
    pytest.importorskip("typst")
    page = onepage.page(chain)
    fonts = typeset._Fonts(scripts.letters(page))
    if fonts.lacking & set("新疆棉花"):
        pytest.skip("this machine has no font for Chinese (Debian: fonts-wqy-zenhei)")
    assert "新疆棉花" in str(fonts.latin(page))
    assert pages(Report(chain, chained.scene).to_pdf()) > 2


def test_words_are_romanised_whole_and_alone() -> None:
    lacking = set("新疆तกา\ue000")
    found = scripts.romanised({"a": ["ABC新疆 (Söhne 新) ok", "plain"], "b": 7}, lacking)
    assert found == {"a": ["ABCXinJiang° (Söhne Xin°) ok", "plain"], "b": 7}
    assert scripts.romanised("\ue000", lacking) == "U+E000°"
    assert scripts.romanised("新疆", set()) == "新疆"


def test_a_picture_that_a_sheet_cannot_hold_has_its_own(
    found: dict[str, dict[str, Any]], traced: dict[str, TraceResult]
) -> None:
    drawn = drawing.drawing(traced["measure"].scene)
    assert drawn["large"] == (min(785 / drawn["wide"], 538 / drawn["high"]) < 0.55)
    small = drawing.drawing(traced["nothing"].scene)
    assert not small["large"]
    made = html.html(
        lambda size: onepage.page(found["nothing"], size), chapters.chapters(found["nothing"]), small
    )
    assert small["svg"] in made


def test_every_command_of_the_page_on_reports_does_what_it_says(
    call: Command, admitted: Path, tmp_path: Path
) -> None:
    pytest.importorskip("typst")
    said = (Path(__file__).parents[1] / "docs" / "reports.md").read_text("utf-8")
    commands = re.findall(r"^\$ opentier (.*)$", said, re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        fine(call(*command.split(), "--quiet", cwd=tmp_path, OPENTIER_DATA=str(admitted)))
        assert (tmp_path / command.split()[-1]).stat().st_size > 10_000
    (program,) = re.findall(r"^```python\n(.*?)^```", said, re.MULTILINE | re.DOTALL)
    exec(
        program.replace('"demo-data"', repr(str(admitted))).replace(
            '"aurora.html"', repr(str(tmp_path / "p.html"))
        )
    )
    assert "seize cotton yarn (HS 5205)" in (tmp_path / "p.html").read_text("utf-8")
    for name in python_calamine.CalamineWorkbook.from_path(str(tmp_path / "aurora.xlsx")).sheet_names:
        assert f"`{name}`" in said
