"""The command line: every command, its exit codes, and data apart from messages."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyoxigraph as ox
import pytest
import typer

from opentier.api.cli import main
from opentier.graph import front
from opentier.graph.contribution.submission import Options
from opentier.graph.front import Graph
from opentier.graph.model import sheet
from tests.conftest import once

if TYPE_CHECKING:
    from tests.conftest import Command, Run

ALL_KINDS = "supply,operation,ownership,recruitment,co-location"
SELECT = "SELECT ?link { ?link a ot:SupplyLink } ORDER BY ?link LIMIT 3"
CONSTRUCT = "CONSTRUCT { ?link a ot:SupplyLink } WHERE { ?link a ot:SupplyLink }"
DESIGNATION_KEYS = {
    "iri", "kind", "authority", "register", "title", "target", "effect", "status", "listing_date", "law", "class",
    "exploitation", "good", "place", "scope_products", "status_history", "replies", "dataset",
}  # fmt: skip
HOP_KEYS = {
    "kind", "from", "to", "record", "product", "start_date", "end_date", "observed_date", "confidence", "dataset",
    "licence", "evidence",
}  # fmt: skip


def fine(run: Run) -> Run:
    assert run.code == 0, run.err
    assert "Traceback" not in run.err
    return run


def refused(run: Run, code: int, *said: str) -> Run:
    """Assert that a run failed with a message on standard error and nothing else."""
    assert run.code == code, run
    assert run.out == ""
    assert "Traceback" not in run.err
    for text in said:
        assert text in run.err
    return run


def traced(command: Command, data: Path, *words: str) -> dict[str, Any]:
    run = fine(command("trace", *words, "--format", "json", "--quiet", "--data", str(data)))
    found: dict[str, Any] = json.loads(run.out)
    return found


def package(folder: Path, name: str, **tables: str) -> Path:
    folder.mkdir(parents=True)
    resources = [
        {"name": table.replace("_", "-"), "path": f"{table}.csv", "format": "csv"} for table in tables
    ]
    described = {"name": name, "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
    for table, text in tables.items():
        (folder / f"{table}.csv").write_text(text, "utf-8")
    return folder


@pytest.fixture
def twins(directory: Path, tmp_path: Path) -> Path:
    """Return a data directory in which two actors have one name."""
    actors = "id,name,country,kind\none,Twin Mills,IN,facility\ntwo,Twin Mills,TR,legal-entity\n"
    Graph.open(directory).contribute(package(tmp_path / "twins", "twins", actors=actors))
    return directory


# The commands.


def test_help_lists_every_call(call: Command) -> None:
    run = fine(call("--help"))
    assert run.err == ""
    for name in ("demo", "contribute", "validate", "datasets", "trace", "query", "serve"):
        assert f" {name} " in run.out
        assert fine(call(name, "--help")).out


def test_help_imports_no_heavy_library(command: Command) -> None:
    code = (
        "import sys; from opentier.api.cli import main\n"
        "sys.argv = ['opentier', '--help']\n"
        "try: main.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'rdflib', 'pyoxigraph', 'pyshacl', 'frictionless', 'fastapi', 'uvicorn', 'networkx'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert "trace" in done.stdout
    assert done.stderr == "[]\n"


def test_contribute_and_validate_take_the_same_options_but_for_engines() -> None:
    group = typer.main.get_command(main.app)
    known = {
        name: [(param.name, param.opts, getattr(param, "help", "")) for param in found.params]
        for name, found in group.commands.items()  # type: ignore[attr-defined]
        if name in ("contribute", "validate")
    }
    engines = ["engine", "master", "place"]
    assert known["contribute"] == [each for each in known["validate"] if each[0] not in engines]
    assert [name for name, *_ in known["validate"]] == [
        "path", "adapter", "columns", "saved", "table", "sheet", "dataset", "licence", "publisher", "leave_out",
        "older", "match", "visibility", "anonymous", "corrected", "format", "report", *engines, "data", "quiet",
    ]  # fmt: skip


def test_demo(command: Command, tmp_path: Path) -> None:
    run = fine(command("demo", cwd=tmp_path))
    said = " ".join(run.out.split())
    assert "13 exposures touch 8 actors of the chain." in said
    assert (
        "25 actors reached over supply and operation links; tier 1: 6, tier 2: 5, tier 3: 4, tier 4: 6, tier 5: 4"
        in said
    )
    assert "opentier trace example/east-oasis-ginning --downstream" in run.out
    assert "admitted: example version 1" in run.err
    ET.fromstring((tmp_path / "tier-picture.svg").read_bytes())
    again = fine(command("demo", cwd=tmp_path))
    assert "already there: example version 1" in again.err
    assert again.out == run.out
    elsewhere = fine(command("demo", "--data", "d", "--out", "p.svg", "--quiet", cwd=tmp_path))
    assert elsewhere.err == ""
    assert (tmp_path / "p.svg").read_bytes() == (tmp_path / "tier-picture.svg").read_bytes()


def test_the_data_directory_is_an_option_a_variable_or_a_default(
    call: Command, directory: Path, tmp_path: Path
) -> None:
    directory.rename(tmp_path / "here")
    by_option = fine(call("datasets", "--data", "here", cwd=tmp_path))
    assert fine(call("datasets", cwd=tmp_path, OPENTIER_DATA="here")).out == by_option.out
    refused(call("datasets", cwd=tmp_path), 1, "There is no data at opentier-data")
    (tmp_path / "here").rename(tmp_path / "opentier-data")
    assert fine(call("datasets", cwd=tmp_path)).out == by_option.out


def test_contribute(command: Command, example: Path, tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    fine(command("contribute", str(example.parent / "laws"), *data))
    run = fine(command("contribute", str(example), *data))
    assert run.out.splitlines()[-1] == "example conforms (223 rows: 223 accepted, 0 warned, 0 refused)"
    assert run.err.splitlines()[-1] == "admitted: example version 1"
    again = fine(command("contribute", str(example), *data))
    assert again.err.splitlines()[-1] == "nothing new: this is example version 1 already"
    other = fine(
        command("contribute", str(example), "--licence", "CC-BY-4.0", "--quiet", "--format", "json", *data)
    )
    assert other.err == ""
    found = json.loads(other.out)
    assert (found["version"], found["new"], found["dataset"], found["conforms"]) == (2, True, "example", True)
    assert found["counts"] == {"rows": 223, "accepted": 223, "warned": 0, "refused": 0}
    assert {finding["severity"] for finding in found["findings"]} <= {"info"}


def test_a_refused_contribution_exits_1_with_its_report(command: Command, tmp_path: Path) -> None:
    wrong = package(tmp_path / "wrong", "wrong", actors="id,name,country\na,Ant Mill,Atlantis\n")
    data = ("--data", str(tmp_path / "data"))
    run = command("contribute", str(wrong), *data)
    assert (run.code, "Traceback" in run.err) == (1, False)
    assert "actors.csv" in run.out
    assert "wrong refused: 1 error(s) to mend (1 rows: 0 accepted, 0 warned, 1 refused)" in run.out
    parsed = command("contribute", str(wrong), "--format", "json", "--quiet", *data)
    assert (parsed.code, parsed.err) == (1, "")
    report = json.loads(parsed.out)
    (finding,) = report["findings"]
    assert (finding["file"], finding["row"], finding["column"]) == ("actors.csv", 2, "country")
    assert (finding["severity"], finding["value"]) == ("error", "Atlantis")
    refused(command("datasets", *data), 1, "Nothing was contributed")


def test_validate_changes_nothing(call: Command, example: Path, admitted: Path, tmp_path: Path) -> None:
    run = fine(call("validate", str(example.parent / "initiatives"), "--quiet", cwd=tmp_path))
    assert run.err == ""
    assert run.out.splitlines()[-1] == "initiatives conforms (92 rows: 92 accepted, 0 warned, 0 refused)"
    assert list(tmp_path.iterdir()) == []
    wrong = package(tmp_path / "wrong", "wrong", actors="id,name\n,Ant Mill\n")
    assert call("validate", str(wrong)).code == 1
    links = "buyer,supplier\nexample/aurora,b\n"
    outside = package(tmp_path / "new", "new", actors="id,name\nb,Bee\n", supply_links=links)
    assert call("validate", str(outside), cwd=tmp_path).code == 1
    fine(call("validate", str(outside), "--data", str(admitted)))


def test_a_foreign_file_needs_its_adapter(call: Command, shared: Path, tmp_path: Path) -> None:
    path = str(shared / "data" / "sayari_nike_tiers")
    run = fine(call("validate", path, "--from", "sayari", "--format", "json", "--quiet"))
    counts = json.loads(run.out)["counts"]
    assert counts["rows"] == counts["accepted"] + counts["warned"] + counts["refused"] == 378
    assert call("validate", path, "--quiet").code == 1


def test_datasets(call: Command, admitted: Path) -> None:
    data = ("--data", str(admitted))
    bare = fine(call("datasets", *data))
    assert bare.err == ""
    assert fine(call("datasets", "list", *data)).out == bare.out
    assert fine(call("datasets", *data, "list")).out == bare.out
    listed = json.loads(fine(call("datasets", "list", "--format", "json", *data)).out)
    assert [(item["dataset"], item["number"], item["licence"]) for item in listed] == [
        ("example", 1, "CC0-1.0"),
        ("initiatives", 1, "CC0-1.0"),
        ("laws", 1, "CC0-1.0"),
    ]
    shown = fine(call("datasets", "show", "example", *data)).out
    (version,) = json.loads(fine(call("datasets", "show", "example", "--format", "json", *data)).out)
    assert version == {**listed[0], "current": True, "withdrawals": [], "folder": version["folder"]}
    assert (Path(version["folder"]) / "original.zip").is_file()
    assert version["checksum"] in shown
    refused(call("datasets", "show", "nope", *data), 2, "No dataset is called 'nope'")


# A trace.


def test_the_json_of_a_trace_has_the_promised_keys(call: Command, admitted: Path) -> None:
    found = traced(call, admitted, "example/aurora", "--product", "6109")
    assert list(found) == [
        "verdict", "root", "parameters", "reached", "exposures", "chokepoints", "shared_suppliers", "counts", "limits",
        "incidents", "likelihoods",
    ]  # fmt: skip
    assert found["verdict"] == {"result": "exposed", "reasons": ["13 exposures touch 8 actors of the chain."]}
    named = {"iri", "id", "name", "country"}
    assert set(found["root"]) == named | {"names", "members"}
    assert {"product", "from", "to", "on", "kinds", "downstream", "max_tier"} <= set(found["parameters"])
    assert found["parameters"]["product"] == "6109"
    assert all(set(actor) == named | {"kind", "tier", "names", "members"} for actor in found["reached"])
    order = [(actor["tier"], actor["iri"]) for actor in found["reached"]]
    assert order == sorted(order)
    assert found["root"]["iri"] not in {iri for _, iri in order}
    for exposure in found["exposures"]:
        assert set(exposure) >= {
            "actor", "designation", "reason", "sentence", "group", "state", "scope_match", "in_force_while_live",
            "stakes", "severity", "paths", "initiatives",
        }  # fmt: skip
        assert set(exposure["actor"]) == named | {"tier"}
        assert set(exposure["designation"]) >= DESIGNATION_KEYS
        assert set(exposure["severity"]) == {"value", "factors"}
        for path in exposure["paths"]:
            assert set(path) >= {"tier", "confidence", "product_continuity", "live", "gaps", "hops"}
            assert set(path["confidence"]) == {"product", "minimum"}
            assert set(path["live"]) == {"from", "to"}
            assert path["product_continuity"] in ("consistent", "unknown")
            assert all(set(hop) >= HOP_KEYS for hop in path["hops"])
            assert path["hops"][0]["from"] == {
                key: found["root"][key] for key in found["root"] if key in named
            }
            assert path["hops"][-1]["to"]["iri"] == exposure["actor"]["iri"]
    groups = ("measure", "risk", "possible")
    ranked = [(groups.index(each["group"]), -each["severity"]["value"]) for each in found["exposures"]]
    assert ranked == sorted(ranked)
    assert all(set(item) == {"actor", "exposures_ended", "other_buyers"} for item in found["chokepoints"])
    assert set(found["counts"]) == {"reached", "exposed", "root_exposed", "shared_suppliers", "by_tier"}
    promised = {
        "datasets", "designations", "dates", "filters", "kinds_not_walked", "actors_without_upstream_links",
        "actors_without_country", "place_unknown", "links_without_product", "refused_by_product", "declared_tier_gaps",
        "names_alike", "refused_first", "organisation_changes", "disputed", "filtered_exposures", "broken_references",
        "contradictions", "truncated",
    }  # fmt: skip
    assert promised <= set(found["limits"])
    assert {"id": "example", "version": 1, "licence": "CC0-1.0"} in found["limits"]["datasets"]


def tiers(found: dict[str, Any]) -> tuple[int, ...]:
    counted = Counter(actor["tier"] for actor in found["reached"])
    return tuple(counted[tier] for tier in range(1, max(counted) + 1))


def exposed(found: dict[str, Any]) -> set[str]:
    return {exposure["actor"]["id"].removeprefix("example/") for exposure in found["exposures"]}


def entries(found: dict[str, Any]) -> set[tuple[int, str, str, str]]:
    return {
        (
            exposure["actor"]["tier"],
            exposure["actor"]["id"].removeprefix("example/"),
            exposure["designation"]["iri"].rpartition("/")[2],
            exposure["reason"],
        )
        for exposure in found["exposures"]
    }


def test_the_example_gives_the_answers_of_its_readme(call: Command, admitted: Path) -> None:
    found = traced(call, admitted, "example/aurora")
    assert tiers(found) == (8, 6, 5, 7, 7)
    assert len(exposed(found)) == 12
    cotton, region = "d-ilab-cn-cotton", "d-uflpa-region"
    assert entries(found) == {
        (2, "willow-lake-knit", cotton, "goods-input"),
        (3, "stonebridge-spinning", cotton, "goods-input"),
        (3, "stonebridge-spinning", "d-uflpa-poplar-crown", "owned-by-listed"),
        (3, "tidewater-textiles", cotton, "goods-input"),
        (3, "long-rampart-wafer", "d-ilab-cn-polysilicon", "goods-input"),
        (3, "long-rampart-wafer", "d-uflpa-long-rampart", "possible-identity"),
        (4, "quiet-river-yarn", "d-cbp-quiet-river", "direct"),
        (4, "quiet-river-yarn", region, "place"),
        (4, "quiet-river-yarn", cotton, "goods-input"),
        (1, "sandgrouse-towels", region, "place"),
        (4, "whitepeak-silicon", "d-uflpa-whitepeak", "direct"),
        (4, "whitepeak-silicon", region, "place"),
        (4, "whitepeak-silicon", "d-ilab-cn-polysilicon", "goods"),
        (5, "east-oasis-ginning", cotton, "goods"),
        (5, "east-oasis-ginning", region, "place"),
        (5, "east-oasis-farm-4", region, "place"),
        (5, "saxaul-cotton", "d-ilab-tm-cotton", "goods"),
        (5, "saxaul-cotton", "d-cbp-tm-cotton", "goods"),
        (5, "snowline-minerals", region, "place"),
        (5, "snowline-mine-2", region, "place"),
    }


@pytest.mark.parametrize(
    ("words", "reached", "actors"),
    [
        (("--product", "6109"), (6, 5, 4, 6, 4), 8),
        (("--product", "6109", "--strict-product"), (5, 4, 4, 6, 4), 7),
        (("--kinds", ALL_KINDS), (13, 7, 7, 7, 8), 19),
    ],
)
def test_the_rows_of_the_readme(
    call: Command, admitted: Path, words: tuple[str, ...], reached: tuple[int, ...], actors: int
) -> None:
    found = traced(call, admitted, "example/aurora", *words)
    assert tiers(found) == reached
    assert len(exposed(found)) == actors


def test_what_a_product_other_kinds_a_day_and_another_buyer_change(call: Command, admitted: Path) -> None:
    shirts = traced(call, admitted, "example/aurora", "--product", "6109")
    sandgrouse = [e for e in shirts["exposures"] if e["actor"]["id"] == "example/sandgrouse-towels"]
    assert {path["product_continuity"] for e in sandgrouse for path in e["paths"]} == {"unknown"}
    strict = traced(call, admitted, "example/aurora", "--product", "6109", "--strict-product")
    gone = {a["id"] for a in shirts["reached"]} - {a["id"] for a in strict["reached"]}
    assert gone >= {"example/sandgrouse-towels", "example/compass-rose-forwarding"}
    wide = traced(call, admitted, "example/aurora", "--kinds", ALL_KINDS)
    reasons = {(actor, reason) for _, actor, _, reason in entries(wide)}
    assert reasons >= {
        ("poplar-crown-holding", "owner-up"),
        ("poplar-crown-holding", "place"),
        ("poplar-crown-group", "place"),
        ("willow-lake-west", "owner-down"),
        ("willow-lake-west", "place"),
        ("rambutan-holdings", "owner-up"),
        ("lotus-pond-recruiting", "recruiter"),
        ("causeway-hostel", "co-location"),
    }
    then = traced(call, admitted, "example/aurora", "--on", "2021-06-30")
    assert exposed(then) >= {"copperpot-spinning", "apricot-valley-lint"}
    assert not any(entry == "d-uflpa-region" for _, _, entry, _ in entries(then))
    assert "example/whitepeak-silicon" not in {actor["id"] for actor in then["reached"]}
    borealis = traced(call, admitted, "example/borealis")
    assert (len(borealis["reached"]), len(exposed(borealis))) == (23, 8)
    direct = {
        entry
        for _, actor, entry, reason in entries(borealis)
        if (actor, reason) == ("willow-lake-knit", "direct")
    }
    assert len(direct) == 1
    assert not direct & {entry for _, _, entry, _ in entries(traced(call, admitted, "example/aurora"))}


@pytest.mark.parametrize(
    "actor",
    [
        "example/aurora",
        "https://w3id.org/opentier/id/example/aurora",
        "lei:EXMP00AURORAEXMP0190",
        "LEI:exmp00auroraexmp0190",
        "gln:9520000000011",
        "Aurora Apparel Imports (invented)",
        "aurora apparel imports (INVENTED)",
        "Aurora Imports Inc. (invented)",
    ],
)
def test_an_actor_has_many_names(call: Command, admitted: Path, actor: str) -> None:
    assert traced(call, admitted, actor, "--max-tier", "1")["root"]["id"] == "example/aurora"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("said", ["Öz  Çelik Ltd", "öz çelik ltd", "ÖZ\u00a0ÇELIK LTD", " Öz Çelik  Ltd "])
def test_a_name_is_found_whatever_its_accents_spaces_and_case(
    call: Command, admitted: Path, tmp_path: Path, said: str, form: Literal["NFC", "NFD"]
) -> None:
    other: Literal["NFC", "NFD"] = "NFD" if form == "NFC" else "NFC"
    actors = unicodedata.normalize(other, "id,name,identifiers\na,Öz  Çelik Ltd,number:Ö-1\nb,Öz,\n")
    links = "buyer,supplier,product\na,b,p\n"
    products = unicodedata.normalize(other, "id,name\np,Ölçü  ipliği\n")
    tables = {"actors": actors, "products": products, "supply_links": links}

    def make(data: Path) -> None:
        graph = Graph.open(shutil.copytree(admitted, data))
        graph.contribute(package(tmp_path / "names", "names", **tables))

    data = once(tmp_path.parent, f"names-{other}", make)
    asked = unicodedata.normalize(form, said)
    product = unicodedata.normalize(form, "ölçü ipliği")
    found = traced(call, data, asked, "--product", product)
    assert (found["root"]["id"], [actor["id"] for actor in found["reached"]]) == ("names/a", ["names/b"])
    assert traced(call, data, unicodedata.normalize(form, "number:ö-1"))["root"]["id"] == "names/a"


def test_of_several_actors_the_one_that_is_written_so_is_meant_whatever_its_accents(
    call: Command, directory: Path, tmp_path: Path
) -> None:
    actors = "id,name\nlow,société é\nhigh,Société  É\n"
    Graph.open(directory).contribute(package(tmp_path / "names", "names", actors=actors))
    assert traced(call, directory, unicodedata.normalize("NFD", "Société É"))["root"]["id"] == "names/high"
    refused(call("trace", "SOCIÉTÉ É", "--quiet", "--data", str(directory)), 2, "names/low", "names/high")


def test_an_ambiguous_name_lists_its_candidates(call: Command, twins: Path) -> None:
    run = refused(call("trace", "Twin Mills", "--quiet", "--data", str(twins)), 2, "'Twin Mills'")
    assert [line.split()[0] for line in run.err.splitlines()[1:]] == ["twins/one", "twins/two"]
    assert "Twin Mills (IN, facility)" in run.err
    assert traced(call, twins, "twins/two")["root"]["country"] == "TR"


def test_an_unknown_name_suggests_near_ones_once(call: Command, admitted: Path) -> None:
    run = refused(call("trace", "Kingfisher Knit", "--quiet", "--data", str(admitted)), 2, "Did you mean")
    near = [line.split()[0] for line in run.err.splitlines()[1:]]
    assert near[0] == "example/kingfisher-knitwear"
    assert len(near) == len(set(near))
    refused(call("trace", "Qqqqq", "--quiet", "--data", str(admitted)), 2, "No name of an actor is near it.")
    refused(
        call("trace", "example/kingfishr-knitwear", "--quiet", "--data", str(admitted)),
        2,
        "Kingfisher Knitwear",
    )
    typed = "Kingfisher \udce9"  # bytes that are no UTF-8, as a shell hands them over
    refused(call("trace", typed, "--quiet", "--data", str(admitted)), 2, "example/kingfisher-knitwear")


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("trace", ()),
        ("nearest", ()),
        ("obligations", ()),
        ("dossier", ("--law", "au-msa-2018")),
        ("shared", ("example/aurora",)),
        ("without", ("--drop", "example/x")),
        ("judge", ("example/aurora", "negative")),
    ],
)
@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Kingfisher", "example/kingfisher-unit-1"),
        ("Kingfischer Trading", "example/harbour-lane-trading"),
        ("Plane Tree Weavers", "example/plane-tree-fabrics"),
        ("example/auror", "example/aurora"),
    ],
)
def test_whoever_is_asked_about_by_a_part_of_a_name_is_offered(
    call: Command, admitted: Path, command: str, asked: tuple[str, ...], name: str, first: str
) -> None:
    run = call(command, name, *asked, "--data", str(admitted))
    near = [line.split()[0] for line in run.err.partition("Did you mean:\n")[2].splitlines()]
    assert (run.code, near[0]) == (2, first)
    assert len(near) == len(set(near)) <= 5


def test_fail_on_exposure(command: Command, admitted: Path) -> None:
    words = ("--fail-on", "exposure", "--quiet", "--data", str(admitted))
    found = command("trace", "example/aurora", "--format", "json", *words)
    assert (found.code, found.err) == (3, "")
    assert json.loads(found.out)["exposures"]
    assert fine(command("trace", "example/cloudberry-quartz", *words)).out
    refused(
        command("trace", "example/aurora", "--fail-on", "nothing", "--data", str(admitted)), 2, "--fail-on"
    )


def test_a_trace_as_csv(command: Command, admitted: Path) -> None:
    run = fine(command("trace", "example/aurora", "--format", "csv", "--quiet", "--data", str(admitted)))
    assert run.out.startswith(sheet.MARK)
    rows = list(csv.DictReader(io.StringIO(run.out.removeprefix(sheet.MARK))))
    found = traced(command, admitted, "example/aurora")
    assert [(row["tier"], row["id"]) for row in rows] == [(str(a["tier"]), a["id"]) for a in found["reached"]]
    assert {row["id"].removeprefix("example/") for row in rows if row["reasons"]} == exposed(found)


def test_out_takes_the_data_and_leaves_standard_output_empty(
    call: Command, admitted: Path, tmp_path: Path
) -> None:
    for format in ("json", "csv", "svg", "table"):
        words = ("trace", "example/aurora", "--format", format, "--quiet", "--data", str(admitted))
        path = tmp_path / f"trace.{'txt' if format == 'table' else format}"
        run = fine(call(*words, "--out", str(path)))
        assert (run.out, run.err) == ("", "")
        assert path.read_text("utf-8") == fine(call(*words)).out
    assert ET.parse(tmp_path / "trace.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    query = ("query", "-", "--format", "csv", "--data", str(admitted))
    assert fine(call(*query, "--out", str(tmp_path / "q.csv"), stdin=SELECT)).out == ""
    assert (tmp_path / "q.csv").read_text("utf-8").startswith("link")


@pytest.mark.parametrize("format", ["json", "csv", "svg", "table"])
def test_the_same_data_gives_the_same_bytes(
    command: Command, admitted: Path, tmp_path: Path, format: str
) -> None:
    words = ("trace", "example/aurora", "--kinds", ALL_KINDS, "--format", format)
    first = fine(command(*words, "--data", str(admitted), PYTHONHASHSEED="1"))
    assert fine(command(*words, "--data", str(admitted), PYTHONHASHSEED="2")).out == first.out
    moved = tmp_path / "moved"
    shutil.copytree(admitted, moved)
    assert fine(command(*words, "--data", str(moved), PYTHONHASHSEED="3")).out == first.out


def test_progress_goes_to_standard_error_and_quiet_silences_it(command: Command, admitted: Path) -> None:
    words = ("trace", "example/aurora", "--format", "json", "--data", str(admitted))
    loud, quiet = fine(command(*words)), fine(command(*words, "--quiet"))
    assert loud.out == quiet.out
    assert loud.err.startswith("reading the graph: ")
    assert "" not in loud.err.splitlines()
    assert quiet.err == ""


def test_every_stage_of_a_contribution_tells_how_far_it_is_reading_too(
    command: Command, tmp_path: Path
) -> None:
    rows, path, seen = 45_003, tmp_path / "actors.csv", dict[str, list[tuple[int, int]]]()
    path.write_text("id,name\n" + "".join(f"a{n},Actor {n}\n" for n in range(rows)), "utf-8")

    def progress(stage: str, done: int, total: int) -> None:
        seen.setdefault(stage, []).append((done, total))

    assert front.validate(path, Options(licence="CC0-1.0"), tmp_path / "data", progress).conforms
    assert list(seen) == ["reading", "checking", "writing", "validating"]
    assert seen["reading"] == [(0, 0), (20_000, 0), (40_000, 0), (rows, rows)]
    assert all(told[-1][0] == told[-1][1] > 0 for told in seen.values())
    loud = fine(command("validate", str(path), "--licence", "CC0-1.0", "--data", str(tmp_path / "data")))
    assert "reading: 45,003" in loud.err.splitlines()


BARS = """
from pathlib import Path
from opentier.graph.contribution.staging import Staged
from opentier.graph.index import statements
shown = "SELECT current_setting('enable_progress_bar')"
print(Staged().query(shown).fetchall())
with statements.reading(Path(".")) as found:
    print(found._connection.execute(shown).fetchall())
"""


def test_the_engine_of_columns_prints_no_bar_where_python_is_asked_from_a_prompt(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BARS], capture_output=True, text=True, timeout=120, check=True, cwd=tmp_path
    )
    assert done.stdout.splitlines() == ["[(False,)]"] * 2


def test_nothing_is_coloured_when_piped(command: Command, admitted: Path) -> None:
    for terminal, plain in (("dumb", ""), ("xterm-256color", ""), ("xterm-256color", "1")):
        for words in (("trace", "example/aurora"), ("trace", "example/aurora", "--paths", "many")):
            run = command(*words, "--data", str(admitted), TERM=terminal, NO_COLOR=plain)
            assert "\x1b" not in run.out + run.err


def test_output_is_utf_8_whatever_the_locale(command: Command, admitted: Path) -> None:
    words = ("query", "-", "--format", "csv", "--data", str(admitted))
    text = 'SELECT ?name { ?actor skos:altLabel ?name FILTER CONTAINS(?name, "静") }'
    usual = fine(command(*words, stdin=text))
    assert usual.out.splitlines() == ["name", "静河纱线 (invented)"]
    assert fine(command(*words, stdin=text, PYTHONIOENCODING="ascii")).out == usual.out


# A query.


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
def test_rows_in_every_format(call: Command, admitted: Path, tmp_path: Path, format: str) -> None:
    (tmp_path / "links.rq").write_text(SELECT, "utf-8")
    words = ("--format", format, "--data", str(admitted))
    run = fine(call("query", str(tmp_path / "links.rq"), *words))
    assert run.err == ""
    assert fine(call("query", "-", *words, stdin=SELECT)).out == run.out
    if format != "csv":
        known = {
            "json": ox.QueryResultsFormat.JSON,
            "xml": ox.QueryResultsFormat.XML,
            "tsv": ox.QueryResultsFormat.TSV,
        }
        parsed = ox.parse_query_results(run.out.encode(), format=known[format])
        assert isinstance(parsed, ox.QuerySolutions)
        assert len(list(parsed)) == 3
    else:
        assert [row["link"].rpartition("/")[2] for row in csv.DictReader(io.StringIO(run.out))] == [
            "sl-001",
            "sl-002",
            "sl-003",
        ]


@pytest.mark.parametrize(
    ("format", "parser"),
    [
        ("turtle", ox.RdfFormat.TURTLE),
        ("ntriples", ox.RdfFormat.N_TRIPLES),
        ("rdfxml", ox.RdfFormat.RDF_XML),
    ],
)
def test_a_graph_in_every_format(call: Command, admitted: Path, format: str, parser: ox.RdfFormat) -> None:
    run = fine(call("query", "-", "--format", format, "--data", str(admitted), stdin=CONSTRUCT))
    assert len(set(ox.parse(run.out.encode(), format=parser))) == 42


def test_a_graph_as_json_ld(call: Command, admitted: Path) -> None:
    run = fine(call("query", "-", "--format", "jsonld", "--data", str(admitted), stdin=CONSTRUCT))
    assert len(json.loads(run.out)["@graph"]) == 42


def test_tables_and_yes_or_no(call: Command, admitted: Path) -> None:
    data = ("--data", str(admitted))
    assert "example/supply-link/sl-001" in fine(call("query", "-", *data, stdin=SELECT)).out
    assert "SupplyLink" in fine(call("query", "-", *data, stdin=CONSTRUCT)).out
    assert "yes" in fine(call("query", "-", *data, stdin="ASK { ?link a ot:SupplyLink }")).out
    run = fine(call("query", "-", "--format", "json", *data, stdin="ASK { ?link a ot:Nothing }"))
    assert json.loads(run.out)["boolean"] is False


@pytest.mark.parametrize(
    ("text", "format", "code"),
    [
        ("SELECT * {", "table", 1),
        ("", "json", 1),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", "json", 1),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "json", 1),
        (SELECT, "turtle", 2),
        (CONSTRUCT, "csv", 2),
        (SELECT, "xlsx", 2),
        ("ASK {}", "turtle", 2),
    ],
)
def test_a_query_that_is_refused(call: Command, admitted: Path, text: str, format: str, code: int) -> None:
    refused(call("query", "-", "--format", format, "--data", str(admitted), stdin=text), code, "error: ")


def test_a_query_file_that_cannot_be_read(call: Command, admitted: Path, tmp_path: Path) -> None:
    (tmp_path / "latin.rq").write_bytes(b"# caf\xe9\n")
    for name in ("nope.rq", "latin.rq", "."):
        refused(call("query", name, "--data", str(admitted), cwd=tmp_path), 2, "cannot be read")


# What is wrong is said, without a traceback.


@pytest.mark.parametrize(
    "words",
    [
        ("--on", "2021-02-30"),
        ("--on", "2021"),
        ("--on", "yesterday"),
        ("--from", "2021-13"),
        ("--to", "0000-01-01"),
        ("--observed-since", ""),
        ("--from", "2022", "--to", "2021"),
        ("--on", "2021-01-01", "--from", "2020"),
        ("--kinds", "supply,magic"),
        ("--kinds", ","),
        ("--min-confidence", "2"),
        ("--min-confidence", "nan"),
        ("--min-path-confidence", "-1"),
        ("--min-share", "101"),
        ("--max-tier", "-1"),
        ("--max-tier", "one"),
        ("--paths", "0"),
        ("--product", "cloth of gold"),
        ("--product", ""),
        ("--datasets", "nope"),
        ("--format", "pdf"),
        ("--weights", "nope.toml"),
        ("--no-such-option",),
        ("one-word-too-many",),
    ],
)
def test_a_bad_option_of_trace_is_a_usage_error(
    call: Command, admitted: Path, words: tuple[str, ...]
) -> None:
    refused(call("trace", "example/aurora", "--quiet", "--data", str(admitted), *words), 2)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("trace",),
        ("query",),
        ("contribute",),
        ("validate",),
        ("no-such-command",),
        ("datasets", "show"),
        ("datasets", "list", "--format", "csv"),
        ("contribute", "nope"),
        ("contribute", ".", "--from", "nope"),
        ("contribute", "nope", "--from", "sayari"),
        ("contribute", ".", "--format", "csv"),
        ("validate", "nope"),
        ("serve", "--port", "70000"),
        ("serve", "--port", "http"),
    ],
)
def test_a_usage_error_exits_2(call: Command, words: tuple[str, ...]) -> None:
    run = call(*words)
    assert run.code == 2
    assert "Traceback" not in run.err
    if words:
        assert run.out == ""
        assert run.err


def test_an_unknown_adapter_names_the_known_ones(command: Command, tmp_path: Path) -> None:
    run = refused(command("contribute", str(tmp_path), "--from", "nope", "--data", str(tmp_path / "d")), 2)
    assert "No adapter is called 'nope'; there are: " in run.err
    assert "palmwatch" in run.err
    (tmp_path / "notes.txt").write_text("hello", "utf-8")
    refused(command("contribute", str(tmp_path / "notes.txt"), "--data", str(tmp_path / "d")), 2, "--from")


@pytest.mark.parametrize(
    "words",
    [
        ("datasets",),
        ("datasets", "show", "example"),
        ("trace", "example/aurora"),
        ("query", "-"),
        ("serve", "--port", "0"),
    ],
)
def test_a_missing_data_directory_is_not_made(call: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    refused(call(*words, "--data", str(tmp_path / "nope"), stdin=SELECT), 1, "There is no data at")
    assert list(tmp_path.iterdir()) == []


def test_another_folder_is_not_taken_for_a_data_directory(
    call: Command, example: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("dear", "utf-8")
    for data in (other, other / "letter.txt"):
        refused(call("datasets", "--data", str(data)), 1, "There is no data at")
        refused(
            call("contribute", str(example), "--quiet", "--data", str(data)), 1, "is not empty and no data"
        )
        refused(call("demo", "--quiet", "--data", str(data), cwd=tmp_path), 1, "is not empty and no data")
    assert [path.name for path in other.iterdir()] == ["letter.txt"]
    (other / "opentier.json").write_text("not json", "utf-8")
    refused(call("datasets", "--data", str(other)), 1, "is no data directory")
    (other / "opentier.json").write_text('{"format": 99, "base": "urn:x"}', "utf-8")
    refused(call("datasets", "--data", str(other)), 1, "has format 99")


def test_an_output_that_cannot_be_written(call: Command, admitted: Path, tmp_path: Path) -> None:
    words = (
        "trace",
        "example/aurora",
        "--quiet",
        "--data",
        str(admitted),
        "--out",
        str(tmp_path / "no" / "x.json"),
    )
    refused(call(*words), 1, "error: ")


def test_a_port_that_is_taken(command: Command, admitted: Path, service: object) -> None:
    port = str(getattr(service, "url", "")).rpartition(":")[2]
    refused(command("serve", "--port", port, "--data", str(admitted)), 1, "address already in use")
