"""The dossier: which documents a law's practice asks for at each purchase, which are there, which lack, whom to ask."""

from __future__ import annotations

import csv
import json
import zipfile
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from python_calamine import CalamineWorkbook
from rich.cells import cell_len

from opentier.graph import Graph
from opentier.graph.answer import documents
from opentier.graph.contribution.submission import Options
from opentier.graph.dossier import rows
from opentier.graph.dossier.documents import BINDING
from opentier.graph.dossier.documents import documents as asked_for
from opentier.graph.dossier.stages import OF_GOODS, Stages
from opentier.graph.engine.hops import KINDS
from opentier.graph.errors import UnknownActor, UsageError
from opentier.graph.front import View
from opentier.graph.model.tables import SCHEMES
from opentier.graph.trace.parameters import Parameters
from tests.test_cli import fine, package, refused
from tests.test_readme import assert_shown
from tests.test_words import NEVER

if TYPE_CHECKING:
    from tests.conftest import Command

Json = dict[str, Any]

DATASETS = Path(str(files("opentier.graph") / "datasets"))
UFLPA, SECTION_307, MINERALS, FORCED = "us-uflpa-2021", "us-307-1930", "eu-2017-821", "eu-flr-2024"
FULL = [
    "purchase order", "invoice", "proof of payment", "transport document", "production record", "certificate of origin",
]  # fmt: skip

# Two chains of invented companies: solar modules down to quartz, and gold.
ACTORS = """id,name,country,kind
sun,Sun Roofs (invented),US,legal-entity
modules,Module Works (invented),VN,legal-entity
cells,Cell Works (invented),VN,legal-entity
wafers,Wafer Works (invented),CN,legal-entity
polysilicon,Polysilicon Works (invented),CN,legal-entity
silicon,Silicon Metal Works (invented),CN,legal-entity
quartz,White Quartz (invented),CN,mine
jewels,Ring and Chain (invented),DE,legal-entity
wholesale,Gold Wholesale (invented),FR,legal-entity
refiner,Alpine Refiner (invented),CH,legal-entity
trader,Desert Trader (invented),AE,legal-entity
mine,Hill Mine (invented),CD,mine
toys,Toy Shop (invented),US,legal-entity
maker,Toy Maker (invented),CN,legal-entity
plant,Toy Plant (invented),CN,facility
nobody,Lone Shop (invented),US,legal-entity
pots,Pot Shop (invented),US,legal-entity
clay,Clay Pit (invented),CN,mine
"""
LINKS = """id,buyer,supplier,product,start_date,declared_tier,evidence
s1,sun,modules,854143,2023-01-01,,ev-po|ev-inv|ev-pay
s2,modules,cells,854142,2023-01-01,,ev-customs
s3,cells,wafers,381800,2023-01-01,,
s4,wafers,polysilicon,280461,2023-01-01,,ev-lots
s5,polysilicon,silicon,280469,2023-01-01,,ev-po|ev-inv
s6,silicon,quartz,250610,2023-01-01,,ev-lots|ev-inv|ev-bl
g0,jewels,wholesale,7108,2023-01-01,,ev-inv
g1,wholesale,refiner,7108,2023-01-01,,ev-inv
g2,refiner,trader,7108,2023-01-01,,ev-audit
g3,trader,mine,7108,2023-01-01,,ev-coo
t1,toys,maker,9503,2023-01-01,3,ev-list
t2,plant,quartz,,,,
p1,pots,clay,250700,2023,,ev-inv
"""
EVIDENCE = """id,type,url,retrieved,title
ev-po,purchase-order,https://example.org/po,2024-01-01,Orders of 2023 (invented)
ev-inv,invoice,https://example.org/inv,2024-01-02,Invoices of 2023 (invented)
ev-pay,proof-of-payment,https://example.org/pay,2024-01-03,Payments of 2023 (invented)
ev-customs,customs-record,https://example.org/customs,2024-01-04,Declarations of 2023 (invented)
ev-lots,production-record,https://example.org/lots,2024-01-05,Lots of 2023 (invented)
ev-bl,bill-of-lading,https://example.org/bl,2024-01-06,Bills of 2023 (invented)
ev-audit,audit,https://example.org/audit,2024-01-07,Audit of 2023 (invented)
ev-coo,certificate-of-origin,https://example.org/coo,2024-01-08,Certificates of 2023 (invented)
ev-list,supplier-list,https://example.org/list,2024-01-09,Suppliers of 2023 (invented)
"""
OPERATIONS = """operator,facility,start_date,evidence
maker,plant,2020-01-01,ev-audit
"""
JUDGEMENTS = """left,right,judgement,decided_by,date
clay,quartz,unsure,A clerk,2024-01-01
"""
DESIGNATIONS = """id,kind,authority,target,law,effect,exploitation,listing_date,status
quartz-list,entity-listing,Board (invented),quartz,us-uflpa-2021,rebuttable-presumption,forced-labour,2023-06-01,active
mine-order,import-order,Customs (invented),mine,us-307-1930,withhold,forced-labour,2023-06-01,active
"""


def hop(*types: str, kind: str = "supply") -> Json:
    return {"kind": kind, "evidence": [{"iri": f"e:{type}", "type": type} for type in types]}


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with the laws, their documents, and the two chains. Nobody may change it."""
    folder = tmp_path_factory.mktemp("dossier")
    graph = Graph.open(folder / "data", create=True)
    written = package(
        folder / "chains",
        "chains",
        actors=ACTORS,
        supply_links=LINKS,
        operation_links=OPERATIONS,
        evidence=EVIDENCE,
        designations=DESIGNATIONS,
        identity_judgements=JUDGEMENTS,
    )
    for path in (DATASETS / "laws", DATASETS / "documents", written):
        assert graph.contribute(path, Options(match=False)).new
    return folder / "data"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with the laws, their documents, and the worked example. Nobody may change it."""
    data = tmp_path_factory.mktemp("dossier-example") / "data"
    graph = Graph.open(data, create=True)
    for name in ("laws", "documents", "example"):
        assert graph.contribute(DATASETS / name, Options(match=False)).new
    return data


def dossier(data: Path, actor: str, *laws: str, **asked: Any) -> Json:
    found: Json = Graph.open(data).view().dossier(actor, laws, Parameters(**{"paths": 1, **asked}))
    return found


def local(document: Json) -> str:
    return str(document["id"].rpartition("/")[2])


def purchases(path: Json) -> list[Json]:
    return [item for item in path["items"] if item["item"] == "purchase"]


def wanted(path: Json) -> list[set[str]]:
    """Return which documents are asked for about each purchase of a path."""
    return [{local(document) for document in item["documents"]} for item in purchases(path)]


def states(item: Json) -> dict[str, str]:
    return {local(document): document["state"] for document in item["documents"]}


# What a hop holds and lacks, whichever law is asked about.


def test_a_purchase_without_evidence_lacks_all_of_a_full_file() -> None:
    assert documents.held(hop()) == []
    assert documents.missing(hop()) == FULL
    assert all(name in documents.against() for name in FULL)


@pytest.mark.parametrize("type", SCHEMES["evidence-type"])
def test_each_type_of_evidence_stands_for_one_document_or_for_none(type: str) -> None:
    lacks = {
        "purchase-order": "purchase order", "invoice": "invoice", "proof-of-payment": "proof of payment",
        "bill-of-lading": "transport document", "customs-record": "transport document",
        "production-record": "production record", "certificate-of-origin": "certificate of origin",
    }.get(type)  # fmt: skip
    assert documents.missing(hop(type)) == [name for name in FULL if name != lacks]
    (word,) = documents.held(hop(type))
    assert word.casefold() == type.replace("-", " ")


def test_documents_are_told_once_in_the_order_of_the_evidence() -> None:
    assert documents.held(hop("invoice", "audit", "invoice")) == ["invoice", "audit"]
    assert documents.held({"kind": "supply", "evidence": [{"iri": "e:unknown"}]}) == []


@pytest.mark.parametrize("kind", [*(kind for kind in KINDS if kind != "supply"), "identity"])
def test_nothing_is_missing_where_nothing_was_bought(kind: str) -> None:
    assert documents.missing(hop(kind=kind)) == []
    assert documents.held(hop("audit", kind=kind)) == ["audit"]


# What ships.


def shipped(table: str) -> list[dict[str, str]]:
    with (DATASETS / "documents" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_shipped_documents_are_those_of_the_facts(shared: Path) -> None:
    with (shared / "facts" / "dossier_documents.csv").open(encoding="utf-8", newline="") as file:
        facts = list(csv.DictReader(file))
    needs = {
        "required": "required", "helpful": "helpful", "required for an exception only": "for-exception",
        "required to rebut": "for-exception", "required when asked": "when-asked", "required later": "later",
    }  # fmt: skip
    said = [
        (
            f"laws/{each['law']}",
            each["stage"].replace(" ", "-"),
            each["evidence_type"],
            needs[each["required_or_helpful"]],
        )
        for each in facts
    ]
    ours = shipped("law_documents")
    assert len(ours) == 79
    assert Counter(
        (each["law"], each["stage"], each["evidence_types"], each["need"]) for each in ours
    ) == Counter(said)
    for mine, fact in zip(ours, facts, strict=True):
        codes = fact["hs_prefixes (hand-made)"]
        assert (mine["by_order"] == "true") == codes.startswith("by "), mine["id"]
        assert set(filter(None, mine["products"].split("|"))) <= set(codes.split("|")), mine["id"]
        assert (mine["products"] == "") == (codes == "*" or codes.startswith("by ")), mine["id"]


def test_how_sure_a_document_is_is_never_said_better_than_it_was_seen(shared: Path) -> None:
    with (shared / "facts" / "dossier_documents.csv").open(encoding="utf-8", newline="") as file:
        facts = list(csv.DictReader(file))
    for mine, fact in zip(shipped("law_documents"), facts, strict=True):
        weak = "not verified" in fact["confidence"] or "weak" in fact["confidence"]
        assert mine["confidence"] in (("general", "unverified") if weak else ("secondary",)), mine["id"]
        binding = fact["basis"].startswith(("regulation", "statute", "agreement"))
        assert (mine["basis"] in BINDING) == binding, mine["id"]
        assert mine["source"] or mine["confidence"] == "general", mine["id"]
        for begin in ("2027-12-14", "2026-12-30", "2025-08-19"):
            assert (mine["valid_from"] == begin) == (begin in fact["basis"]), mine["id"]


def test_no_sentence_of_the_facts_is_carried_over_and_none_accuses(shared: Path) -> None:
    with (shared / "facts" / "dossier_documents.csv").open(encoding="utf-8", newline="") as file:
        facts = {each["document"].casefold() for each in csv.DictReader(file)}
    for each in shipped("law_documents"):
        text = each["document"]
        assert text.casefold() not in facts or len(text.split()) < 8, text
        assert not NEVER.search(f"{text} {each['note']}"), text


def test_a_rule_stands_where_there_are_several_types_to_choose_from() -> None:
    for each in shipped("law_documents"):
        assert bool(each["rule"]) == ("|" in each["evidence_types"]), each["id"]
        assert each["rule"] in ("", "all", "any"), each["id"]


def test_every_product_of_the_documents_has_a_stage(chains: Path) -> None:
    view = Graph.open(chains).view()
    stages = Stages.of(view.release, view.index)
    every = asked_for(view.release, view.index)
    assert len(every) == 79
    assert {label for each in every for label in each.products if not stages.known(label)} == set()
    assert set(stages.said.values()) >= {frozenset({stage}) for stage in OF_GOODS}


def test_the_dataset_is_exported_as_a_package_of_the_same_tables(chains: Path, tmp_path: Path) -> None:
    view = Graph.open(chains).view()
    view.export("documents", view.current("documents").number, "datapackage", tmp_path / "documents.zip")
    with zipfile.ZipFile(tmp_path / "documents.zip") as written:
        for name in ("law_documents", "product_stages"):
            (member,) = [each for each in written.namelist() if each.endswith(f"{name}.csv")]
            lines = written.read(member).decode().splitlines()
            assert {each["id"] for each in csv.DictReader(lines)} == {each["id"] for each in shipped(name)}


# Stages.


@pytest.mark.parametrize(
    ("label", "first", "last", "stages"),
    [
        ("hs:520100", False, True, ("raw-material",)),
        ("hs:520512", False, True, ("processing",)),  # the end of a path is raw only where its goods are
        ("hs:600622", False, False, ("processing",)),
        ("hs:610910", True, False, ("manufacture",)),
        ("hs:850790", False, False, ("processing",)),  # parts; batteries are made of them
        ("hs:850760", True, False, ("manufacture",)),
        ("hs:7108", True, False, ("processing",)),
        ("hs:7108", False, True, ("raw-material",)),
        ("hs:710812", False, False, ("raw-material", "processing")),
        ("hs:7108", True, True, ("raw-material", "processing")),
        ("hs:2804", False, False, ("processing",)),  # all its longer codes are
        ("hs:28", False, False, ()),
        ("hs:9999", False, False, ()),
        ("Seed cotton", False, True, ()),
        (None, True, True, ()),
    ],
)
def test_a_purchase_is_at_the_stage_of_its_goods(
    chains: Path, label: str | None, first: bool, last: bool, stages: tuple[str, ...]
) -> None:
    view = Graph.open(chains).view()
    assert Stages.of(view.release, view.index).at(label, first=first, last=last) == stages


# Three chains, each row compared by hand with ../shared/facts/dossier_documents.csv.

ANY = {"uflpa-any-audit", "uflpa-any-wages"}
ONCE = {
    "uflpa-transport-shipment", "uflpa-import-entry", "uflpa-import-summary", "uflpa-any-no-gap", "uflpa-any-system",
}  # fmt: skip


def test_a_chain_of_t_shirts(example: Path) -> None:
    found = dossier(example, "example/aurora", UFLPA, product="6109")
    (path,) = [each for each in found["paths"] if each["to"]["id"] == "example/east-oasis-farm-4"]
    garment, fabric, yarn, second, lint = purchases(path)
    assert [each["stages"] for each in purchases(path)] == [
        ["manufacture"], ["processing"], ["processing"], ["processing"], ["raw-material"],
    ]  # fmt: skip
    spun = {
        "uflpa-cotton-spinning",
        "uflpa-processing-trade",
        "uflpa-processing-transfer",
        "uflpa-cotton-transport",
    }
    assert wanted(path) == [
        {"uflpa-cotton-sewing", "uflpa-cotton-fibre-test", "uflpa-manufacture-index", "uflpa-cotton-transport"}
        | ANY | ONCE,
        {"uflpa-cotton-fabric", "uflpa-processing-trade", "uflpa-processing-transfer", "uflpa-cotton-transport"} | ANY,
        spun | ANY,
        spun | ANY,
        {
            "uflpa-cotton-raw-bales", "uflpa-cotton-raw-trade", "uflpa-cotton-raw-transport",
            "uflpa-cotton-raw-customs", "uflpa-raw-certificate",
        } | ANY,
    ]  # fmt: skip
    assert path["unplaced"] == []
    (sewing,) = [each for each in garment["documents"] if local(each) == "uflpa-cotton-sewing"]
    assert (sewing["state"], sewing["missing"]) == ("part", ["production-record"])
    assert {local(each) for each in sewing["also"]} == {
        "uflpa-manufacture-production",
        "uflpa-manufacture-entities",
    }
    # The order is there, and the papers of the entry want invoice and payment, too.
    (entry,) = [each for each in garment["documents"] if local(each) == "uflpa-import-entry"]
    assert (entry["state"], entry["missing"]) == ("part", ["invoice", "proof-of-payment"])
    # A social audit is no test of fibre, and was not without notice: who has it reads it.
    assert {name for name, state in states(garment).items() if state == "read"} == {
        "uflpa-cotton-fibre-test", "uflpa-manufacture-index", "uflpa-any-audit", "uflpa-any-no-gap", "uflpa-any-wages",
    }  # fmt: skip
    # The fabric has customs records, which stand for its transport papers.
    (moved,) = [each for each in fabric["documents"] if local(each) == "uflpa-cotton-transport"]
    assert (moved["state"], moved["held"][0]["stands_for"]) == ("held", "bill-of-lading")
    # The yarn has an invoice.
    (trade,) = [each for each in yarn["documents"] if local(each) == "uflpa-processing-trade"]
    assert [each["id"] for each in trade["held"]] == ["example/evidence/ev-inv-willow"]
    assert (trade["state"], trade["missing"]) == ("part", ["purchase-order", "proof-of-payment"])
    assert set(states(lint).values()) == {"missing"}
    assert "held" in states(second).values()


def test_a_chain_of_solar_modules(chains: Path) -> None:
    (path,) = dossier(chains, "chains/sun", UFLPA)["paths"]
    made = {
        "uflpa-solar-lots",
        "uflpa-manufacture-entities",
        "uflpa-manufacture-index",
        "uflpa-solar-transport",
    } | ANY
    assert wanted(path) == [
        made | ONCE,
        made,
        made,
        {"uflpa-solar-polysilicon", "uflpa-processing-trade", "uflpa-processing-transfer", "uflpa-solar-transport"}
        | ANY,
        {"uflpa-solar-silicon", "uflpa-processing-transfer", "uflpa-solar-transport"} | ANY,
        {
            "uflpa-solar-quartz", "uflpa-raw-origin", "uflpa-raw-payment", "uflpa-raw-transport",
            "uflpa-raw-certificate", "uflpa-solar-transport",
        } | ANY,
    ]  # fmt: skip
    assert path["unplaced"] == []
    modules, cells, wafers, polysilicon, silicon, quartz = map(states, purchases(path))
    assert modules["uflpa-import-entry"] == "held"
    assert modules["uflpa-transport-shipment"] == modules["uflpa-solar-lots"] == "missing"
    assert cells["uflpa-solar-transport"] == "held"
    assert set(wafers.values()) == {"missing"}
    assert polysilicon["uflpa-solar-polysilicon"] == "part"
    assert silicon["uflpa-solar-silicon"] == "part"
    assert (
        quartz["uflpa-solar-quartz"] == quartz["uflpa-raw-origin"] == quartz["uflpa-raw-transport"] == "held"
    )
    assert quartz["uflpa-raw-payment"] == quartz["uflpa-raw-certificate"] == "missing"


def test_a_chain_of_gold(chains: Path) -> None:
    (path,) = dossier(chains, "chains/jewels", MINERALS, SECTION_307)["paths"]
    bought = purchases(path)
    assert [each["stages"] for each in bought] == [
        ["processing"], ["raw-material", "processing"], ["raw-material", "processing"], ["raw-material"],
    ]  # fmt: skip
    origin, refiners, trace = "2017-821-raw-origin", "2017-821-processing-refiners", "307-any-tracing"
    once = {"307-import-certificate", "307-import-statement"}
    # Its wholesaler is within the Union, so that the border of its law is behind that; to the United States all is.
    assert wanted(path) == [
        {refiners, trace} | once,
        {origin, refiners, trace, "2017-821-import-invoice"},
        {origin, refiners, trace},
        {origin, trace},
    ]
    assert [each["import_of"] for each in bought[:2]] == [["laws/law/us-307-1930"], ["laws/law/eu-2017-821"]]
    assert {local(each): each["why"] for each in path["unplaced"]} == dict.fromkeys(
        ("307-manufacture-map", "307-manufacture-audit", "307-manufacture-remedy"),
        "No purchase of this path is known to be at this stage: manufacture.",
    )
    assert states(bought[1])["2017-821-import-invoice"] == "held"
    assert states(bought[2])[refiners] == "part"
    assert states(bought[3])[origin] == "held"  # one of two is enough: a certificate of origin
    assert states(bought[3])[trace] == "missing"
    assert {each["asked"] for each in bought[1]["documents"] if each["law"] == "laws/law/eu-2017-821"} == {
        "required"
    }
    assert {each["asked"] for each in bought[3]["documents"] if local(each) == trace} == {
        "asked for in examples"
    }


# What is asked for, and what is said of it.


def test_only_a_statute_or_regulation_makes_a_document_required(example: Path, chains: Path) -> None:
    told = Counter[bool]()
    for found in (
        dossier(
            example, "example/aurora", UFLPA, SECTION_307, FORCED, "us-caatsa-321", "ca-customs-tariff-9897"
        ),
        dossier(chains, "chains/jewels", MINERALS, SECTION_307),
    ):
        for path in found["paths"]:
            for document in [*(d for item in purchases(path) for d in item["documents"]), *path["unplaced"]]:
                told[document["binding"]] += 1
                assert document["binding"] == (document["basis"] in BINDING)
                if document["asked"] == "required":
                    assert document["binding"]
                if document["need"] == "required" and not document["binding"]:
                    assert document["asked"].startswith("asked for in ")
    assert told[True] > 20
    assert told[False] > 100


def test_a_customs_record_that_is_asked_for_beside_a_transport_document_stands_for_itself_alone(
    chains: Path,
) -> None:
    view = Graph.open(chains).view()
    (both,) = [
        each for each in asked_for(view.release, view.index) if each.id.endswith("uflpa-transport-shipment")
    ]
    assert {"bill-of-lading", "customs-record"} <= set(both.types)
    cells = purchases(dossier(chains, "chains/modules", UFLPA)["paths"][0])[0]
    shipment = next(each for each in cells["documents"] if local(each) == "uflpa-transport-shipment")
    assert [each["stands_for"] for each in shipment["held"]] == [None]
    transport = next(each for each in cells["documents"] if local(each) == "uflpa-solar-transport")
    assert [each["stands_for"] for each in transport["held"]] == ["bill-of-lading"]


def test_documents_of_orders_are_asked_for_where_the_path_meets_one(example: Path) -> None:
    found = dossier(example, "example/aurora", SECTION_307, product="6109")
    for path in found["paths"]:
        ordered = any(
            touch["designation"]["kind"] == "import-order"
            and touch["designation"]["law"].startswith("Tariff Act")
            for touch in path["touches"]
        )
        assert any(wanted(path)) == ordered
        assert (path["said"] == []) == ordered
    assert {bool(path["said"]) for path in found["paths"]} == {True, False}


def test_a_law_that_does_not_fit_the_goods_is_never_told_as_nothing_missing(
    example: Path, chains: Path
) -> None:
    for path in dossier(example, "example/aurora", MINERALS, product="6109")["paths"]:
        assert path["said"] == ["eu-2017-821: No document list of this law is known for these goods."]
        assert wanted(path) == [set()] * len(purchases(path))
    found = dossier(chains, "chains/sun", "de-lksg-2023", UFLPA)
    (law, known) = found["laws"]
    assert (law["listed"], known["listed"]) == (False, True)
    assert law["said"][0].startswith(
        "No document list of this law is known. Lists are known of: ca-customs-tariff-9897,"
    )
    assert "us-uflpa-2021" in law["said"][0]
    assert found["paths"][0]["said"] == ["de-lksg-2023: No document list of this law is known."]


def test_dates_to_come_are_said(example: Path) -> None:
    found = dossier(example, "example/aurora", FORCED, product="6109", on="2024-01-01")
    assert found["laws"][0]["said"] == ["On 2024-01-01 it does not yet apply: it does from 2027-12-14."]
    asked = [each for path in found["paths"] for item in purchases(path) for each in item["documents"]]
    assert {each["when"] for each in asked} == {"from 2027-12-14, not yet on 2024-01-01"}
    found = dossier(example, "example/aurora", FORCED, product="6109")
    assert found["laws"][0]["said"] == ["It applies from 2027-12-14."]
    assert {each["when"] for path in found["paths"] for each in path["items"][0]["documents"]} == {
        "from 2027-12-14"
    }


def test_a_path_that_ends_early_lacks_what_lies_behind_its_end(example: Path) -> None:
    found = dossier(example, "example/aurora", UFLPA, product="6109")
    (path,) = [each for each in found["paths"] if each["to"]["id"] == "example/stonebridge-spinning"]
    assert {local(each) for each in path["unplaced"]} >= {"uflpa-cotton-raw-bales", "uflpa-raw-certificate"}
    assert {each["why"] for each in path["unplaced"]} == {
        "No purchase of this path is known to be at this stage: raw material."
    }
    assert {each["state"] for each in path["unplaced"]} == {"missing"}


def test_gaps_sites_and_purchases_of_unknown_stage_are_items_of_their_own(chains: Path) -> None:
    (path,) = dossier(chains, "chains/toys", UFLPA)["paths"]
    gap, toys, site, bare = path["items"]
    assert [each["item"] for each in path["items"]] == ["gap", "purchase", "site", "purchase"]
    assert gap["said"] == "Not known: 2 declared tiers, not named. Of what nobody names nothing can be held."
    assert [each["tier"] for each in path["items"]] == [1, 3, 3, 4]
    assert (site["held"], site["missing"], site["documents"]) == (["audit"], [], [])
    # What a site holds is told of who sells: its audit has to be read.
    assert states(toys)["uflpa-any-audit"] == "read"
    assert bare["stages"] == []
    assert bare["said"] == "Its stage is not known: only what is asked at any stage is told."
    assert {document["stage"] for document in bare["documents"]} == {"any"}


def test_a_join_of_identity_is_an_item_of_its_own_and_asked_about(call: Command, chains: Path) -> None:
    found = dossier(chains, "chains/pots", UFLPA)
    (path,) = found["paths"]
    assert [each["item"] for each in path["items"]] == ["purchase", "identity"]
    said = "Clay Pit (invented) and White Quartz (invented) may be one, by A clerk."
    assert (path["items"][1]["said"], path["items"][1]["missing"]) == (said, [])
    (asked, *_) = found["questions"]
    assert (asked["ask"]["id"], asked["about"]["id"], asked["exposures"]) == ("chains/pots", "chains/clay", 1)
    assert "possible-identity" in {point["kind"] for point in asked["points"]}
    run = fine(call("dossier", "chains/pots", "--law", UFLPA, "--quiet", "--data", str(chains)))
    assert said in " ".join(run.out.split())


def test_a_path_is_told_once_with_all_that_it_meets(example: Path) -> None:
    view = Graph.open(example).view()
    asked = Parameters(product="6109", paths=1)
    trace = view.trace("example/aurora", asked).to_dict()
    found = view.dossier("example/aurora", [UFLPA], asked)
    met = {
        (touch["designation"]["iri"], touch["actor"]["iri"])
        for path in found["paths"]
        for touch in path["touches"]
    }
    assert met == {(each["designation"]["iri"], each["actor"]["iri"]) for each in trace["exposures"]}
    walked = [[(item["record"], item["to"]["iri"]) for item in path["items"]] for path in found["paths"]]
    assert not any(one != other and other[: len(one)] == one for one in walked for other in walked)
    classes = [path["touches"][0]["designation"]["class"] for path in found["paths"]]
    first = {touch["designation"]["class"] for touch in found["paths"][0]["touches"]}
    assert "measure" in first
    assert classes
    more = view.dossier("example/aurora", [UFLPA], Parameters(product="6109", paths=3))
    assert len(more["paths"]) > len(found["paths"])


def test_every_answer_rests_on_evidence_of_its_purchase_or_of_a_site_of_who_sells(example: Path) -> None:
    seen = 0
    for path in dossier(example, "example/aurora", UFLPA, product="6109")["paths"]:
        for place, item in enumerate(path["items"]):
            behind = path["items"][place : place + 2]
            records = {each["record"] for each in behind if each is item or each["item"] == "site"}
            for document in item["documents"]:
                for piece in document["held"]:
                    seen += 1
                    assert piece["record"] in records
                    assert piece["type"] in (*document["types"], "customs-record")
                    assert {"id", "retrieved", "url", "dataset"} <= set(piece)
                lacks = {"missing": document["wanted"] > 0, "held": False}.get(document["state"])
                assert lacks is None or bool(document["missing"]) == lacks
    assert seen > 10


def test_rows_that_somebody_contributes_for_a_law_count(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    laws = "id,title,jurisdiction,kinds\nown-law,Law on toys (invented),US,trade-restriction\n"
    asked = (
        "id,law,document,evidence_types,rule,stage,products,need,basis\n"
        "toy-test,own-law,test of the toy,audit|credential,any,manufacture,9503,required,regulation\n"
        "toy-coarse,own-law,bill of the parts,invoice,,manufacture,950300,helpful,practice\n"
    )
    stages = "id,products,stages\ntoys,9503,manufacture\n"
    chain = package(
        tmp_path / "own", "own",
        actors="id,name,country,kind\nshop,Shop,US,legal-entity\nmaker,Maker,CN,legal-entity\n",
        supply_links="buyer,supplier,product,evidence\nshop,maker,9503,ev\n",
        evidence="id,type\nev,credential\n",
        designations="id,kind,authority,target,effect\nlisted,entity-listing,Board,maker,exclude\n",
        laws=laws, law_documents=asked, product_stages=stages,
    )  # fmt: skip
    assert graph.contribute(chain, Options(match=False)).new
    (path,) = dossier(tmp_path / "data", "own/shop", "own-law")["paths"]
    (bought,) = purchases(path)
    assert [(local(each), each["match"], each["state"]) for each in bought["documents"]] == [
        ("toy-coarse", "coarse", "missing"),
        ("toy-test", "exact", "held"),
    ]


# Whom to ask what.


def test_questions_are_put_by_who_buys_in_the_order_of_what_they_could_settle(example: Path) -> None:
    view = Graph.open(example).view()
    asked = Parameters(product="6109", paths=1)
    trace = view.trace("example/aurora", asked)
    found = trace.to_dict()
    asking = view.dossier("example/aurora", [UFLPA], asked)["questions"]
    settled = [each["exposures"] + each["limits"] for each in asking]
    assert settled == sorted(settled, reverse=True)
    assert min(settled) > 0
    bought = {
        (trace.trace.arc(int(number)).tail, trace.trace.arc(int(number)).head)
        for number in trace.trace.walked
    }
    assert {(each["ask"]["iri"], each["about"]["iri"]) for each in asking} <= bought
    points = [(each["about"]["iri"], point) for each in asking for point in each["points"]]
    kinds = Counter(
        {
            kind: sum(max(1, len(p["records"])) for _, p in points if p["kind"] == kind)
            for _, p in points
            for kind in [p["kind"]]
        }
    )
    limits = found["limits"]
    assert kinds["gap"] == limits["declared_tier_gaps"] > 0
    assert kinds["no-product"] == limits["links_without_product"] > 0
    assert kinds["no-code"] == limits["links_without_code"] > 0
    # Who has no link of its own, and a site that buys, is where no data ends.
    assert 0 < kinds["no-upstream"] <= limits["actors_without_upstream_links"]
    choking = {each["actor"]["iri"] for each in found["chokepoints"]}
    reached_by_purchase = {about for about, point in points if point["kind"] == "chokepoint"}
    assert reached_by_purchase <= choking
    assert reached_by_purchase
    assert not any(NEVER.search(point["ask"]) for _, point in points)


def test_what_is_asked_is_said_once_with_all_records_that_it_is_about(example: Path) -> None:
    for each in dossier(example, "example/aurora", UFLPA)["questions"]:
        texts = [point["ask"] for point in each["points"]]
        assert len(texts) == len(set(texts))


# The command.


def test_the_table_is_80_columns_wide_and_accuses_nobody(call: Command, example: Path) -> None:
    laws = ("--law", UFLPA, "--law", SECTION_307, "--law", MINERALS, "--law", FORCED)
    words = ("dossier", "example/aurora", "--product", "6109", *laws, "--quiet", "--data", str(example))
    run = fine(call(*words))
    lines = run.out.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert NEVER.findall(run.out) == []
    assert lines[0].startswith("Dossier of Aurora Apparel Imports (invented)")
    assert "nothing missing" not in run.out
    told = " ".join(run.out.split())
    assert "Held in part: order, invoice and payment between each two steps" in told
    assert "Whom to ask what" in told
    run = fine(
        call("dossier", "example/aurora", "--product", "6109", *laws[:2], "--quiet", "--data", str(example))
    )
    assert run.out.count("As on path 1.") == 2


def test_every_form_says_the_same_and_twice_the_same_bytes(
    call: Command, chains: Path, tmp_path: Path
) -> None:
    words = (
        "dossier",
        "chains/jewels",
        "--law",
        MINERALS,
        "--law",
        SECTION_307,
        "--quiet",
        "--data",
        str(chains),
    )
    found = json.loads(fine(call(*words, "--format", "json")).out)
    assert found == dossier(chains, "chains/jewels", MINERALS, SECTION_307)
    table = list(
        csv.DictReader(fine(call(*words, "--format", "csv")).out.removeprefix("\ufeff").splitlines())
    )
    assert tuple(table[0]) == rows.COLUMNS
    asked = [document for path in found["paths"] for item in path["items"] for document in item["documents"]]
    unplaced = [document for path in found["paths"] for document in path["unplaced"]]
    assert [row["document_id"] for row in table if row["document_id"]] == [
        each["id"] for each in asked + unplaced
    ]
    assert Counter(row["item"] for row in table)["unplaced"] == len(unplaced) == 3
    for name in ("one.xlsx", "two.xlsx", "one.csv", "two.csv"):
        fine(call(*words, "--out", str(tmp_path / name)))
    for suffix in (".xlsx", ".csv", ".questions.csv"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()
    book = CalamineWorkbook.from_path(tmp_path / "one.xlsx")
    assert book.sheet_names == ["Dossier", "Questions", "Paths", "Laws", "Notes"]
    (head, *body) = book.get_sheet_by_name("Dossier").to_python()
    assert tuple(head) == rows.COLUMNS
    assert len(body) == len(table)
    (head, *body) = book.get_sheet_by_name("Questions").to_python()
    assert tuple(head) == rows.QUESTIONS
    assert len(body) == sum(len(each["points"]) for each in found["questions"])


def test_what_cannot_be_asked_is_refused_with_what_to_do(call: Command, chains: Path) -> None:
    words = ("dossier", "chains/sun", "--quiet", "--data", str(chains))
    refused(
        call(*words, "--law", "us-uflpa-2012"), 2, "'us-uflpa-2012' is no law of this data.", "us-uflpa-2021"
    )
    refused(call(*words, "--law", UFLPA, "--downstream"), 2, "--downstream")
    refused(call(*words), 2, "--law")
    refused(call(*words, "--law", UFLPA, "--format", "xlsx"), 2, "--out")
    refused(call(*words, "--law", UFLPA, "--format", "docx"), 2, "--format is one of table, json, csv, xlsx")
    with pytest.raises(UsageError, match="which law"):
        dossier(chains, "chains/sun")


def test_a_law_goes_by_its_id_with_or_without_its_dataset_and_by_its_iri(chains: Path) -> None:
    iri = "https://w3id.org/opentier/id/laws/law/us-uflpa-2021"
    found = dossier(chains, "chains/sun", UFLPA, "laws/law/us-uflpa-2021", iri)
    assert [each["iri"] for each in found["laws"]] == [iri]


def test_without_an_exposure_there_is_no_path_and_that_is_said(chains: Path) -> None:
    found = dossier(chains, "chains/nobody", UFLPA)
    assert found["paths"] == []
    assert (
        "No path leads to an exposure, so that there is no path to hold against documents." in found["notes"]
    )
    assert found["notes"][0].startswith("Not testable")


def test_before_anything_was_known_there_is_no_dossier(chains: Path) -> None:
    view: View = Graph.open(chains).view()
    with pytest.raises(UnknownActor, match="As known at the end of 2001-01-01"):
        view.dossier("chains/sun", [UFLPA], Parameters(as_known="2001-01-01"))


def test_the_page_shows_what_the_command_prints(call: Command, example: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "dossier.md").read_text("utf-8")
    shown = page.split("```console\n$ opentier ", 1)[1].split("\n```", 1)[0].splitlines()
    run = fine(call(*shown[0].split(), "--data", str(example)))
    assert_shown(tuple(shown[1:]), run.out)
