"""The adapters of events (EPCIS, UNTP) on small documents, and on the samples of the standard where present."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from stdnum import ean

from opentier.graph import Graph
from opentier.graph.contribution.adapters import keys
from opentier.graph.contribution.adapters.events import MAX_PAIRS, local_day, short
from opentier.graph.contribution.foreign import Source
from opentier.graph.contribution.submission import Options
from tests.test_adapters_ownership import found, kept, read, reads_again, table, written

# Keys.


@pytest.mark.parametrize(
    ("uri", "key"),
    [
        ("urn:epc:id:sgln:4012345.00001.0", keys.Key("place", "4012345000016")),
        ("urn:epc:id:sgln:4012345.00001.dock 7/b", keys.Key("place", "4012345000016", "dock-7-b")),
        ("urn:epc:id:pgln:4000001.00012", keys.Key("party", "4000001000128")),
        ("urn:epc:id:sgtin:4012345.011122.25", keys.Key("item", "04012345111224")),
        ("urn:epc:class:lgtin:4012345.011111.4444", keys.Key("item", "04012345111118")),
        ("urn:epc:idpat:sgtin:4012345.066666.*", keys.Key("item", "04012345666663")),
        ("https://id.gs1.org/01/04012345666663", keys.Key("item", "04012345666663")),
        ("https://shop.example/a/b/01/614141777778/10/987?x=1", keys.Key("item", "00614141777778")),
        ("https://id.gs1.org/414/4012345000016/254/7", keys.Key("place", "4012345000016", "7")),
        ("https://id.gs1.org/417/4000001000128", keys.Key("party", "4000001000128")),
        ("urn:epc:id:sscc:4012345.1111111111", None),
        ("https://firm.example/places/7", None),
        ("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", None),
    ],
)
def test_a_uri_names_a_party_a_place_or_a_trade_item(uri: str, key: keys.Key | None) -> None:
    assert keys.read(uri) == key
    assert key is None or ean.is_valid(key.number)


@pytest.mark.parametrize(
    "uri",
    [
        "urn:epc:id:sgtin:1.1.1",
        "urn:epc:id:sgtin:4012345",
        "urn:epc:id:sgln:40123x5.00001.0",
        "urn:epc:idpat:sgtin:4012345.*.*",
        "https://id.gs1.org/414/4012345000017",
        "https://id.gs1.org/01/04012345666664",
        "https://id.gs1.org/414/401234500001",
    ],
)
def test_a_key_of_wrong_digits_is_refused(uri: str) -> None:
    with pytest.raises(keys.WrongKey, match=r"urn:epc|id\.gs1"):
        keys.read(uri)


def test_the_day_of_an_event_is_that_of_its_place() -> None:
    assert local_day("2013-10-31T23:58:56.591Z", "+02:00") == "2013-11-01"
    assert local_day("2013-10-31T23:58:56.591Z", "") == "2013-10-31"
    assert local_day("2013-10-31T23:58:56", "+02:00") == "2013-10-31"
    assert [
        local_day(text, "+02:00")
        for text in ("yesterday", "", "2013-13-01T00:00:00Z", "9999-12-31T23:59:59Z")
    ] == [""] * 4


def test_a_code_of_the_vocabulary_is_known_however_it_is_written() -> None:
    written_so = ("po", "urn:epcglobal:cbv:btt:po", "https://ref.gs1.org/cbv/BTT-po")
    assert {short(code) for code in written_so} == {"po"}
    assert short("urn:example:own:po") == "urn:example:own:po"


# EPCIS.

S, B, ITEM, OTHER = (
    "urn:epc:id:pgln:4000001.00012", "urn:epc:id:pgln:4012345.00000", "urn:epc:class:lgtin:4012345.011111.4444",
    "urn:epc:class:lgtin:0614141.077777.987",
)  # fmt: skip
SUPPLIER, BUYER, PLACE = "gln-4000001000128", "gln-4012345000009", "urn:epc:id:sgln:4012345.00001.0"
MDA = "urn:epcglobal:cbv:mda#"
PRODUCT, PRODUCT_2 = "gtin-04012345111118", "gtin-00614141777778"


def event(kind: str = "ObjectEvent", /, **said: Any) -> dict[str, Any]:
    usual = {
        "eventID": "urn:uuid:1",
        "eventTime": "2024-05-01T23:30:00Z",
        "eventTimeZoneOffset": "+02:00",
        "action": "OBSERVE",
    }
    return {"type": kind, **usual, **said}


def passing(kind: str = "owning_party", **said: object) -> dict[str, Any]:
    return {
        "sourceList": [{"type": kind, "source": S}],
        "destinationList": [{"type": kind, "destination": B}],
        "quantityList": [{"epcClass": ITEM, "quantity": 12.50, "uom": "KGM"}],
        **said,
    }


def document(*events: object, **said: object) -> dict[str, Any]:
    usual = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
    }
    return {
        **usual,
        "schemaVersion": "2.0",
        "creationDate": "2024-06-01T00:00:00Z",
        "epcisBody": {"eventList": events},
        **said,
    }


def epcis(folder: Path, *events: object, **said: object) -> Source:
    path = folder / "what came today"
    path.write_text(json.dumps(document(*events, **said)), "utf-8")
    return read("epcis", path)


def test_goods_that_pass_between_owners_are_a_supply_link(tmp_path: Path) -> None:
    transactions = [
        {"type": "po", "bizTransaction": "https://x.example/po/1"},
        {"type": "desadv", "bizTransaction": "urn:x:1"},
    ]
    source = epcis(
        tmp_path,
        event(**passing(bizTransactionList=transactions, epcList=["urn:epc:id:sgtin:0614141.077777.1"])),
    )
    assert source.report.sorted() == []
    first, second = table(source, "supply_links")
    assert {name: first[name] for name in first if name != "evidence"} == {
        "buyer": BUYER, "supplier": SUPPLIER, "product": PRODUCT_2, "observed_date": "2024-05-02", "quantity": "1",
        "unit": "EA", "source": "urn:uuid:1",
    }  # fmt: skip
    assert (second["product"], second["quantity"], second["unit"]) == (PRODUCT, "12.5", "KGM")
    (document_,) = table(source, "evidence")
    assert (document_["type"], document_["url"], document_["id"]) == (
        "purchase-order",
        "https://x.example/po/1",
        first["evidence"],
    )
    assert [(actor["id"], actor["kind"], actor["identifiers"]) for actor in table(source, "actors")] == [
        (SUPPLIER, "organisation", "gln:4000001000128"), (BUYER, "organisation", "gln:4012345000009"),
    ]  # fmt: skip


def test_possession_alone_says_so_and_the_owner_comes_before_who_has_the_goods(tmp_path: Path) -> None:
    had = passing("possessing_party")
    carrier = {"type": "possessing_party", "destination": "urn:epc:id:pgln:9520001.11111"}
    to = [carrier, {"type": "owning_party", "destination": B}]
    both = passing("https://ref.gs1.org/cbv/SDT-owning_party", destinationList=to)
    source = epcis(tmp_path, event(**had), event(**both, eventID="urn:uuid:2"))
    first, second = table(source, "supply_links")
    assert "it may be a carrier" in first["note"]
    assert (second["buyer"], "note" in second) == (BUYER, False)


def test_events_on_one_transaction_tell_of_one_passing(tmp_path: Path) -> None:
    order = [{"type": "urn:epcglobal:cbv:btt:inv", "bizTransaction": "urn:x:7"}]
    shipped, received = (
        event(**passing(bizTransactionList=order), eventID=id, eventTime=time)
        for id, time in (
            ("urn:uuid:later", "2024-05-09T12:00:00Z"),
            ("urn:uuid:first", "2024-05-03T12:00:00Z"),
        )
    )
    source = epcis(
        tmp_path, shipped, received, event(**passing(), eventID="urn:uuid:alone"), event(**passing())
    )
    assert sorted((link["source"], link["observed_date"]) for link in table(source, "supply_links")) == [
        ("urn:uuid:1", "2024-05-02"), ("urn:uuid:alone", "2024-05-02"), ("urn:uuid:first", "2024-05-03"),
    ]  # fmt: skip
    assert source.report.counts() == {"rows": 4, "accepted": 4, "warned": 0, "refused": 0}


def test_what_goes_into_what_is_a_product_input(tmp_path: Path) -> None:
    made = event(
        "TransformationEvent",
        inputQuantityList=[{"epcClass": ITEM, "quantity": 3}],
        inputEPCList=["urn:epc:id:sscc:4012345.1111111111"],
        outputEPCList=["urn:epc:id:sgtin:0614141.077777.1", "urn:epc:id:sgtin:0614141.077777.2"],
        bizLocation={"id": PLACE},
    )
    source = epcis(tmp_path, made)
    assert table(source, "product_inputs") == [{"input": PRODUCT, "output": PRODUCT_2}]
    assert [actor["kind"] for actor in table(source, "actors")] == ["facility"]


def test_events_of_one_transformation_are_read_together(tmp_path: Path) -> None:
    halves = [
        event("TransformationEvent", transformationID="urn:x:t", inputQuantityList=[{"epcClass": ITEM}]),
        event("TransformationEvent", transformationID="urn:x:t", outputQuantityList=[{"epcClass": OTHER}]),
    ]
    source = epcis(tmp_path, *halves)
    assert table(source, "product_inputs") == [{"input": PRODUCT, "output": PRODUCT_2}]
    assert source.report.counts()["accepted"] == 2


def test_places_are_facilities_and_the_master_data_names_them(tmp_path: Path) -> None:
    master = [
        {"id": uri, "attributes": [{"id": name, "attribute": said} for name, said in attributes.items()]}
        for uri, attributes in (
            (PLACE, {f"{MDA}name": "Mill 1", "x:countryCode": "DE"}),
            (ITEM, {f"{MDA}descriptionShort": "Yarn"}),
        )
    ]
    header = {"epcisMasterData": {"vocabularyList": [{"type": "urn:x", "vocabularyElementList": master}]}}
    places = {"readPoint": {"id": PLACE}, "bizLocation": {"id": "urn:epc:id:sgln:4012345.00001.dock7"}}
    source = epcis(tmp_path, event(**places), event(**passing()), epcisHeader=header)
    whole, part = (actor for actor in table(source, "actors") if actor["kind"] == "facility")
    assert (whole["name"], whole["country"], whole["identifiers"]) == ("Mill 1", "DE", "gln:4012345000016")
    assert (part["name"], "identifiers" in part) == ("GLN 4012345000016, part dock7", False)
    assert [product["name"] for product in table(source, "products")] == ["Yarn"]
    assert reads_again(source, "epcis", tmp_path / "again")


@pytest.mark.parametrize(
    ("said", "column", "value"),
    [
        (event("PicnicEvent", readPoint={"id": PLACE}), "/type", "PicnicEvent"),
        (event(**passing(), errorDeclaration={"declarationTime": "2024-01-01T00:00:00Z"}), "/errorDeclaration", None),
        (event(**passing(), bizStep="https://ref.gs1.org/cbv/BizStep-void_shipping"), "/bizStep", "void_shipping"),
        ({**event("TransactionEvent", **passing()), "action": "DELETE"}, "/bizStep", "DELETE"),
        ({**event(**passing()), "eventTime": "soon"}, "/eventTime", "soon"),
        (event(epcList=["urn:epc:id:sgtin:0614141.077777.1"], bizStep="commissioning"), None, None),
        (event("TransformationEvent", inputEPCList=["urn:epc:id:sgtin:1.1.1"], outputEPCList=[]), None, None),
    ],
)  # fmt: skip
def test_an_event_that_takes_back_or_says_nothing_is_left_out(
    tmp_path: Path, said: Any, column: str | None, value: str | None
) -> None:
    source = epcis(tmp_path, event(**passing(), eventID="urn:uuid:fine"), said)
    (refused,) = found(source, "refused")
    assert (refused.row, refused.column, refused.value) == (2, column, value)
    assert [link["source"] for link in table(source, "supply_links")] == ["urn:uuid:fine"]
    assert found(source, "error") == []


def test_what_is_half_said_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    one_side = passing(destinationList=[], readPoint={"id": PLACE})
    wrong = passing(
        quantityList=[
            {"epcClass": "urn:epc:class:lgtin:1.2.3", "quantity": 1},
            {"epcClass": ITEM, "quantity": "many"},
        ]
    )
    own = passing(
        bizTransactionList=[{"type": "urn:x:own", "bizTransaction": "urn:x:1"}, {"bizTransaction": "urn:x:2"}]
    )
    source = epcis(tmp_path, event(**one_side), event(**wrong), event(**own))
    assert Counter((each.severity, each.row, each.column) for each in source.report.sorted()) == {
        ("warning", 1, None): 1, ("warning", 2, None): 1, ("warning", 2, "quantity"): 1,
        ("warning", 3, "/bizTransactionList"): 1,
    }  # fmt: skip
    assert [(link["product"], link.get("quantity")) for link in table(source, "supply_links")] == [
        (PRODUCT, None),
        (PRODUCT, "12.5"),
    ]
    assert table(source, "evidence") == []


def test_goods_within_one_party_make_no_link_and_places_alone_neither(tmp_path: Path) -> None:
    within = passing(destinationList=[{"type": "owning_party", "destination": S}])
    moved = {
        "sourceList": [{"type": "location", "source": PLACE}],
        "destinationList": [{"type": "location", "destination": "urn:epc:id:sgln:4012345.00002.0"}],
    }
    source = epcis(tmp_path, event(**within), event(**moved))
    assert table(source, "supply_links") == []
    assert source.report.counts()["accepted"] == 2


def test_a_transformation_of_too_many_pairs_is_left_out(tmp_path: Path) -> None:
    many = [f"urn:epc:class:lgtin:4012345.0{number:05}.1" for number in range(int(MAX_PAIRS**0.5) + 1)]
    other = [f"urn:epc:class:lgtin:4012346.0{number:05}.1" for number in range(int(MAX_PAIRS**0.5) + 1)]
    made = event(
        "TransformationEvent",
        inputQuantityList=[{"epcClass": uri} for uri in many],
        outputQuantityList=[{"epcClass": uri} for uri in other],
    )
    source = epcis(tmp_path, made)
    (refused,) = found(source, "refused")
    assert "too many pairs" in refused.message


@pytest.mark.parametrize(
    ("said", "column", "words"),
    [
        (document(event(**passing(), mood="fine")), "/mood", "first in record 1"),
        (document(event(), mood="fine"), "/mood", "of document"),
        (document(event(**passing(quantityList=[{"colour": "red"}]))), "/quantityList/0/colour", "first in record 1"),
        ({**document(event()), "schemaVersion": "1.2"}, None, "EPCIS '1.2'; 2.0 is read"),
        ({"type": "Feature"}, None, "no events of EPCIS, but 'Feature'"),
    ],
)  # fmt: skip
def test_an_unread_property_and_another_standard_are_errors(
    tmp_path: Path, said: Any, column: str | None, words: str
) -> None:
    error = found(read("epcis", written(tmp_path, said)), "error")[0]
    assert error.column == column
    assert words in error.message


def test_bare_events_answers_to_queries_and_lines_are_read(tmp_path: Path) -> None:
    answer = {**document(), "type": "EPCISQueryDocument"}
    answer["epcisBody"] = {
        "queryResults": {"queryName": "q", "resultsBody": {"eventList": [event(**passing())]}}
    }
    for texts in (
        [answer],
        [event(**passing(), **{"@context": []})],
        [document(event(**passing())), event(**passing())],
    ):
        path = tmp_path / "events.jsonl"
        path.write_text("\n".join(map(json.dumps, texts)), "utf-8")
        source = read("epcis", path)
        assert source.report.sorted() == []
        assert len(table(source, "supply_links")) == len(texts)


def test_what_somebody_adds_in_terms_of_their_own_is_left_out(tmp_path: Path) -> None:
    added = {
        "ex:mood": {"deep": 1},
        "ilmd": {"lot": "1"},
        "readPoint": {"id": PLACE, "ex:x": 1},
        "sensorElementList": [{"anything": 1}],
    }
    source = epcis(tmp_path, event(**passing(), **added), **{"ex:of": "Zuleika Dobson"})
    assert source.report.sorted() == []
    assert "Dobson" not in "".join(kept(source).values())
    assert "mood" not in "".join(kept(source).values())
    assert reads_again(source, "epcis", tmp_path / "again")


def test_real_epcis_samples_become_what_a_count_of_their_events_says(shared: Path, tmp_path: Path) -> None:
    twice = Counter[str]()

    def counted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        twice.update({"objects": len(pairs) > len(dict(pairs))})
        return dict(pairs)

    folder = shared / "data" / "epcis_samples"
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*.jsonld"))]
    documents = [json.loads(text, object_pairs_hook=counted) for text in texts]
    events = [each for said in documents for each in said["epcisBody"]["eventList"]]
    wrong = sum("errorDeclaration" in each for each in events) + twice["objects"]
    source = read("epcis", folder)
    assert source.report.conforms
    assert source.report.counts() == {
        "rows": len(events), "accepted": len(events) - wrong, "warned": 0, "refused": wrong,
    }  # fmt: skip
    fine = [each for each in events if "errorDeclaration" not in each]
    ends = [{side["type"] for side in each.get("sourceList", [])} for each in fine]
    transactions = {
        json.dumps(each.get("bizTransactionList", each["eventID"]))
        for each, kinds in zip(fine, ends, strict=True)
        if kinds & {"owning_party", "possessing_party"}
    }
    assert len(table(source, "supply_links")) == len(transactions)
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(folder, Options(adapter="epcis", licence="CC0-1.0")).new


# UNTP.

ISSUER = {"type": ["CredentialIssuer"], "id": "did:web:x.example", "name": "Issuer"}


def credential(kind: str, *subjects: object, version: str = "0.6.0", **said: object) -> dict[str, Any]:
    return {
        "type": [kind, "VerifiableCredential"],
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            f"https://test.uncefact.org/vocabulary/untp/dfr/{version}/",
        ],
        "id": "https://x.example/credentials/1",
        "issuer": ISSUER,
        "validFrom": "2024-03-15T12:00:00Z",
        "credentialSubject": list(subjects) if len(subjects) > 1 else subjects[0],
        **said,
    }


def party(uri: str, name: str, scheme: str = "Some Register") -> dict[str, Any]:
    return {
        "id": uri,
        "name": name,
        "registeredId": "12 34",
        "idScheme": {"id": "https://r.example", "name": scheme},
    }


FACILITY = {
    "type": ["Facility"],
    **party("https://id.gs1.org/414/4012345000016", "Mill"),
    "countryOfOperation": "AU",
    "processCategory": [
        {
            "code": "1311",
            "name": "Spinning",
            "schemeID": "https://unstats.un.org/unsd/classifications/Econ/isic/",
        }
    ],
    "operatedByParty": party("https://r.example/firms/7", "Firm"),
    "facilityAlsoKnownAs": [party("https://o.example/8", "The old mill")],
    "locationInformation": {
        "geoLocation": {"type": "Point", "coordinates": [149.12, -35.28]},
        "plusCode": "x",
    },
    "address": {
        "streetAddress": "1 Road",
        "postalCode": "2601",
        "addressLocality": "Acton",
        "addressCountry": "AU",
    },
}
CLAIM = {
    "id": "https://x.example/claims/1", "referenceStandard": {"name": "A standard", "issueDate": "2020-01-01"},
    "assessmentDate": "2024-02-03", "conformityTopic": "social.labour", "declaredValue": [{"anything": 1}],
    "conformityEvidence": {"linkURL": "https://c.example/1.json"},
}  # fmt: skip
RECORD = credential(
    "DigitalFacilityRecord", {"type": ["FacilityRecord"], "facility": FACILITY, "conformityClaim": [CLAIM]}
)
TRADE = {
    "type": ["TransactionEvent", "Event"], "id": "urn:uuid:1", "eventTime": "2024-09-01T12:00:00Z", "action": "add",
    "sourceParty": "https://id.gs1.org/417/4000001000128", "destinationParty": "https://r.example/firms/7",
    "bizTransaction": "https://ref.gs1.org/cbv/BTT-po",
    "quantityList": [{"productId": "https://x.example/yarn", "productName": "Yarn", "quantity": 20, "uom": "KGM"}],
}  # fmt: skip


def untp(folder: Path, *documents: object) -> Source:
    return read("untp", written(folder, *documents))


def unsaid(source: Source) -> list[str]:
    """Return what is told, without what is told of every file."""
    return [
        each.message
        for each in source.report.sorted()
        if "No signature" not in each.message and each.column != "identifiers"
    ]


def test_a_facility_record_is_a_facility_with_who_runs_it_and_what_it_claims(tmp_path: Path) -> None:
    source = untp(tmp_path, RECORD)
    assert unsaid(source) == []
    mill, firm = table(source, "actors")
    assert {name: mill[name] for name in mill if name not in ("note", "identifiers")} == {
        "id": "gln-4012345000016", "name": "Mill", "kind": "facility", "address": "1 Road, 2601 Acton",
        "also_known_as": "The old mill", "sector": "13", "country": "AU", "lat": "-35.28", "lon": "149.12",
    }  # fmt: skip
    assert "gln:4012345000016" in mill["identifiers"]
    assert "some-register:12 34" in mill["identifiers"]
    assert (firm["name"], firm["kind"], firm["source"]) == (
        "Firm",
        "organisation",
        "https://r.example/firms/7",
    )
    (proof,) = table(source, "evidence")
    assert (proof["type"], proof["url"]) == ("credential", "https://x.example/credentials/1")
    assert table(source, "operation_links") == [
        {"operator": firm["id"], "facility": mill["id"], "evidence": proof["id"]}
    ]
    assert table(source, "certificates") == [
        {
            "subject": mill["id"], "standard": "A standard", "start_date": "2024-02-03", "assurance": "self-declared",
            "source": "https://x.example/claims/1", "note": "Topic: social.labour. Evidence: https://c.example/1.json",
        }
    ]  # fmt: skip


def test_no_signature_is_vouched_for(tmp_path: Path) -> None:
    source = untp(tmp_path, {**RECORD, "proof": {"type": "DataIntegrityProof", "proofValue": "z"}})
    assert [
        each.severity for each in source.report.sorted() if "No signature is verified" in each.message
    ] == ["warning"]


NOWHERE = {"geoLocation": {"coordinates": [1, 91]}}


def token(payload: object) -> str:
    parts = (json.dumps(each).encode() for each in ({"alg": "none"}, payload))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "c2ln"])


@pytest.mark.parametrize(
    "said",
    [
        RECORD,
        {"verifiableCredential": RECORD},
        {
            "type": "EnvelopedVerifiableCredential",
            "id": f"data:application/vc+jwt,{token({**RECORD, 'iat': 1})}",
        },
        {"type": "VerifiablePresentation", "verifiableCredential": [token({"iss": "x", "vc": RECORD})]},
        token(RECORD),
    ],
)
def test_a_credential_is_read_from_its_envelope(tmp_path: Path, said: object) -> None:
    path = tmp_path / "credential"
    path.write_text(said if isinstance(said, str) else json.dumps(said), "utf-8")
    source = read("untp", path)
    assert unsaid(source) == []
    assert [actor["name"] for actor in table(source, "actors")] == ["Mill", "Firm"]
    assert source.report.counts()["rows"] == 1


@pytest.mark.parametrize(
    "text", ["eyJhIjoxfQ.x", "eyJhIjoxfQ.eyJh.x", "eyJhIjoxfQ.//8.x", token([1]), token({"vc": 1})]
)
def test_a_broken_token_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "credential.jwt"
    path.write_text(text, "utf-8")
    assert [each.severity for each in read("untp", path).report.findings][:1] == ["error"]


def test_a_transaction_event_is_a_supply_link(tmp_path: Path) -> None:
    source = untp(
        tmp_path, RECORD, credential("DigitalTraceabilityEvent", TRADE, id="https://x.example/credentials/2")
    )
    assert unsaid(source) == []
    (link,) = table(source, "supply_links")
    names = {actor["id"]: actor["name"] for actor in table(source, "actors")}
    assert (names[link["buyer"]], names[link["supplier"]]) == ("Firm", "GLN 4000001000128")
    products = {product["id"]: product["name"] for product in table(source, "products")}
    assert (products[link["product"]], link["quantity"], link["unit"], link["observed_date"]) == (
        "Yarn",
        "20",
        "KGM",
        "2024-09-01",
    )
    assert link["evidence"] == table(source, "evidence")[1]["id"]


def test_a_transformation_event_says_what_goes_into_what_and_where(tmp_path: Path) -> None:
    made = {
        "type": ["TransformationEvent", "Event"], "id": "urn:uuid:2", "eventTime": "2024-09-01T12:00:00",
        "bizLocation": "https://id.gs1.org/414/4012345000016", "sensorElementList": [{"anything": 1}],
        "inputEPCList": [{"type": ["Item"], "id": "https://x.example/bale/1", "name": "Cotton"}],
        "outputQuantityList": [{"productId": "https://id.gs1.org/01/04012345111118/21/9", "productName": "Yarn"}],
    }  # fmt: skip
    source = untp(tmp_path, credential("DigitalTraceabilityEvent", made, TRADE, version="working"))
    assert unsaid(source) == []
    assert table(source, "product_inputs") == [{"input": "Cotton", "output": PRODUCT}]
    assert source.report.counts() == {"rows": 2, "accepted": 2, "warned": 0, "refused": 0}


@pytest.mark.parametrize(
    ("subject", "column", "severity"),
    [
        ({**TRADE, "type": ["PicnicEvent"]}, "/type", "refused"),
        ({**TRADE, "eventTime": "soon"}, "/eventTime", "refused"),
        ({**TRADE, "action": "delete"}, "/action", "refused"),
        ({**TRADE, "type": ["ObjectEvent"], "sourceParty": ""}, None, "refused"),
        ({"facility": {**FACILITY, "name": ""}}, "/facility", "refused"),
        ({"facility": {**FACILITY, "id": "https://id.gs1.org/414/4012345000017"}}, "/facility/id", "refused"),
        ({"facility": FACILITY, "conformityClaim": [{**CLAIM, "conformance": False}]}, "/conformityClaim/0", "warning"),
        ({"facility": {**FACILITY, "locationInformation": NOWHERE}}, "/facility/locationInformation", "warning"),
    ],
)  # fmt: skip
def test_what_a_credential_says_wrongly_is_left_out_with_its_place(
    tmp_path: Path, subject: Any, column: str | None, severity: str
) -> None:
    source = untp(tmp_path, credential("DigitalFacilityRecord", subject))
    assert (severity, 1, column) in [
        (each.severity, each.row, each.column) for each in source.report.findings
    ]
    assert table(source, "certificates") == table(source, "supply_links") == []
    assert found(source, "error") == []


@pytest.mark.parametrize(
    ("said", "column", "words"),
    [
        (credential("DigitalFacilityRecord", {"facility": FACILITY, "mood": "fine"}), "/mood", "of facility"),
        (credential("DigitalTraceabilityEvent", {**TRADE, "mood": "fine"}), "/mood", "of event"),
        ({**RECORD, "mood": "fine"}, "/mood", "of credential"),
        (credential("DigitalFacilityRecord", {}, version="0.3.10"), None, "UNTP 0.3; 0.5, 0.6 are read"),
        (credential("DigitalProductPassport", {}), None, "DigitalProductPassport"),
        ({"some": "thing"}, None, "no credential that is read"),
    ],
)  # fmt: skip
def test_an_unread_property_and_another_credential_are_errors(
    tmp_path: Path, said: Any, column: str | None, words: str
) -> None:
    error = found(untp(tmp_path, said), "error")[0]
    assert error.column == column
    assert words in error.message


def test_credentials_go_into_a_store(tmp_path: Path) -> None:
    path = written(tmp_path, RECORD, credential("DigitalTraceabilityEvent", TRADE))
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(path, Options(adapter="untp", licence="CC0-1.0")).new
