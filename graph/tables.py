"""The tables of a contribution: their columns, what a cell may hold, and what it becomes in the graph.

This is the one place where a column is declared; reading, checking, mapping and the documentation follow it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "id",  # local id of the record of this row
    "text",
    "url",
    "date",  # ISO 8601: a day, a month or a year
    "decimal",
    "integer",
    "boolean",
    "country",  # ISO 3166-1
    "region",  # ISO 3166-2 or text
    "code",  # a code of a scheme below
    "class",  # a code that chooses the class of the record
    "actor",  # local id, IRI, or dataset/local-id
    "product",  # HS digits, a product id, or text
    "record",  # local id of a record of `table` ("" = any table), or an IRI
    "identifier",  # scheme:value
    "hs",  # HS digits
]

#: Codes by scheme. The vocabulary holds a concept for each; a test compares the two.
SCHEMES: dict[str, tuple[str, ...]] = {
    "link-kind": ("sale", "subcontract", "tolling", "raw-material", "service", "logistics", "packaging"),
    "link-status": ("current", "closed", "retracted"),
    "interest": ("shareholding", "voting-rights", "controlling", "appointment-of-board", "other"),
    "fee-policy": ("employer-pays", "worker-pays", "shared", "unknown"),
    "effect": ("rebuttable-presumption", "withhold", "seize", "exclude", "advisory", "name-and-shame"),
    "designation-status": ("active", "modified", "revoked", "inactive"),
    "evidence-type": (
        "purchase-order", "invoice", "bill-of-lading", "customs-record", "proof-of-payment", "production-record",
        "certificate-of-origin", "supplier-list", "audit", "filing", "satellite-image", "ngo-report", "media",
        "court-record", "worker-voice", "credential",
    ),
    "judgement": ("positive", "negative", "unsure"),
    "identifier-scheme": ("lei", "os-id", "duns", "gln", "tax-number", "uscc", "imo", "uml", "sayari", "ipis"),
}  # fmt: skip

#: Identifier schemes whose equal values make two actors one, by rule.
STRONG_SCHEMES = ("lei", "os-id", "duns", "gln")

ACTOR_CLASSES = {
    "": "ot:Actor",
    "organisation": "ot:Organisation",
    "legal-entity": "ot:LegalEntity",
    "public-body": "ot:PublicBody",
    "labour-intermediary": "ot:LabourIntermediary",
    "worker-organisation": "ot:WorkerOrganisation",
    "facility": "ot:Facility",
    "mine": "ot:Mine",
    "vessel": "ot:Vessel",
    "dormitory": "ot:Dormitory",
}

DESIGNATION_CLASSES = {
    "entity-listing": "ot:EntityListing",
    "import-order": "ot:ImportOrder",
    "goods-listing": "ot:GoodsListing",
    "regional-presumption": "ot:RegionalPresumption",
    "exclusion": "ot:ExclusionDecision",
    "conviction": "ot:Conviction",
    "enforcement": "ot:EnforcementAction",
}


@dataclass(frozen=True)
class Column:
    """One column: what its cells hold and which property they fill."""

    name: str
    kind: Kind = "text"
    term: str = ""
    required: bool = False
    many: bool = False
    scheme: str = ""
    classes: tuple[tuple[str, str], ...] = ()
    table: str = ""
    minimum: float | None = None
    maximum: float | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes a cell may hold, where it holds a code."""
        return SCHEMES[self.scheme] if self.scheme else tuple(code for code, _ in self.classes if code)


@dataclass(frozen=True)
class Table:
    """One table: the class of its records, the segment of their IRIs, its columns."""

    name: str
    rdf_class: str
    segment: str
    columns: tuple[Column, ...]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def column(self, name: str) -> Column | None:
        """Return the column of that name."""
        return next((column for column in self.columns if column.name == name), None)


def _id(required: bool = True) -> Column:
    return Column("id", "id", required=required)


def _text(name: str, term: str, *, required: bool = False, many: bool = False) -> Column:
    return Column(name, "text", term, required=required, many=many)


def _actor(name: str, term: str, *, required: bool = False) -> Column:
    return Column(name, "actor", term, required=required)


def _product(name: str, term: str, *, required: bool = False, many: bool = False) -> Column:
    return Column(name, "product", term, required=required, many=many)


def _code(name: str, term: str, scheme: str, *, required: bool = False) -> Column:
    return Column(name, "code", term, required=required, scheme=scheme)


def _date(name: str, term: str, *, required: bool = False) -> Column:
    return Column(name, "date", term, required=required)


def _number(name: str, term: str, minimum: float = 0, maximum: float | None = None) -> Column:
    return Column(name, "decimal", term, minimum=minimum, maximum=maximum)


def _integer(name: str, term: str, minimum: float = 0) -> Column:
    return Column(name, "integer", term, minimum=minimum)


def _boolean(name: str, term: str) -> Column:
    return Column(name, "boolean", term)


def _record(name: str, term: str, table: str, *, required: bool = False) -> Column:
    return Column(name, "record", term, required=required, table=table)


_EVIDENCE = Column("evidence", "record", "ot:evidence", many=True, table="evidence")
_CONFIDENCE = _number("confidence", "ot:confidence", 0, 1)
_DATES = (_date("start_date", "ot:startDate"), _date("end_date", "ot:endDate"))
_CURRENCY = _text("currency", "ot:currency")
_COMMON = (
    _text("source", "dcterms:source"),
    _date("retrieved", "ot:retrievedAt"),
    _text("note", "skos:note"),
)


def _table(name: str, rdf_class: str, segment: str, *columns: Column) -> Table:
    return Table(name, rdf_class, segment, columns + _COMMON)


_ALL = (
    _table(
        "actors", "ot:Actor", "",
        _id(),
        _text("name", "rdfs:label", required=True),
        Column("kind", "class", classes=tuple(ACTOR_CLASSES.items())),
        Column("country", "country", "ot:country"),
        Column("region", "region", "ot:region"),
        _text("address", "ot:address"),
        _number("lat", "geo:lat", -90, 90),
        _number("lon", "geo:long", -180, 180),
        Column("identifiers", "identifier", "adms:identifier", many=True),
        _text("sector", "ot:sector"),
        _text("also_known_as", "skos:altLabel", many=True),
        Column("website", "url", "foaf:homepage"),
        _integer("workers_min", "ot:workersMinimum"),
        _integer("workers_max", "ot:workersMaximum"),
    ),
    _table(
        "products", "ot:Product", "product",
        _id(),
        _text("name", "rdfs:label", required=True),
        Column("hs", "hs", "ot:hsCode"),
        _product("broader", "skos:broader"),
    ),
    _table(
        "supply_links", "ot:SupplyLink", "supply-link",
        _id(required=False),
        _actor("buyer", "ot:buyer", required=True),
        _actor("supplier", "ot:supplier", required=True),
        _product("product", "ot:product"),
        _product("input_to", "ot:inputTo"),
        _code("kind", "ot:linkKind", "link-kind"),
        *_DATES,
        _date("observed_date", "ot:observedDate"),
        _number("quantity", "ot:quantity"),
        _text("unit", "ot:unit"),
        _number("value", "ot:value"),
        _CURRENCY,
        _number("share", "ot:share", 0, 100),
        _integer("shipments", "ot:shipments"),
        _CONFIDENCE,
        _integer("declared_tier", "ot:declaredTier", 1),
        _text("declared_by", "ot:declaredBy"),
        _boolean("crucial", "ot:crucial"),
        _code("status", "ot:status", "link-status"),
        _text("status_reason", "ot:statusReason"),
        _EVIDENCE,
    ),
    _table(
        "product_inputs", "ot:ProductInput", "product-input",
        _product("input", "ot:input", required=True),
        _product("output", "ot:output", required=True),
        _number("yield", "ot:yield"),
        _EVIDENCE,
    ),
    _table(
        "ownership_links", "ot:OwnershipLink", "ownership-link",
        _actor("owner", "ot:owner", required=True),
        _actor("asset", "ot:asset", required=True),
        _code("interest", "ot:interest", "interest"),
        _number("share_exact", "ot:shareExact", 0, 100),
        _number("share_minimum", "ot:shareMinimum", 0, 100),
        _number("share_maximum", "ot:shareMaximum", 0, 100),
        _boolean("direct", "ot:direct"),
        *_DATES,
        _text("unspecified_reason", "ot:unspecifiedReason"),
        _CONFIDENCE,
        _EVIDENCE,
    ),
    _table(
        "operation_links", "ot:OperationLink", "operation-link",
        _actor("operator", "ot:operator", required=True),
        _actor("facility", "ot:facility", required=True),
        *_DATES,
        _CONFIDENCE,
        _EVIDENCE,
    ),
    _table(
        "recruitment_links", "ot:RecruitmentLink", "recruitment-link",
        _actor("recruiter", "ot:recruiter", required=True),
        _actor("employer", "ot:employer", required=True),
        _actor("worksite", "ot:worksite"),
        Column("origin_country", "country", "ot:originCountry"),
        Column("destination_country", "country", "ot:destinationCountry"),
        _code("fee_policy", "ot:feePolicy", "fee-policy"),
        _number("fee_min", "ot:feeMinimum"),
        _number("fee_max", "ot:feeMaximum"),
        _CURRENCY,
        _text("licence", "ot:licenceNumber"),
        _actor("sub_agent_of", "ot:subAgentOf"),
        *_DATES,
        _CONFIDENCE,
        _EVIDENCE,
    ),
    _table(
        "co_locations", "ot:CoLocation", "co-location",
        _actor("actor", "ot:actor", required=True),
        _actor("other", "ot:other", required=True),
        _text("address", "ot:address"),
        _EVIDENCE,
    ),
    _table(
        "designations", "ot:Designation", "designation",
        _id(),
        Column("kind", "class", classes=tuple(DESIGNATION_CLASSES.items()), required=True),
        _text("authority", "ot:authority", required=True),
        _actor("target", "ot:target"),
        _product("product", "ot:product"),
        Column("country", "country", "ot:country"),
        Column("region", "region", "ot:region"),
        _text("register", "ot:register"),
        _text("law", "ot:legalBasis"),
        _code("effect", "ot:effect", "effect"),
        _text("exploitation", "ot:exploitation"),
        _product("scope_products", "ot:scopeProduct", many=True),
        _date("listing_date", "ot:listingDate"),
        _date("effective_date", "ot:effectiveDate"),
        _date("delisting_date", "ot:delistingDate"),
        _code("status", "ot:status", "designation-status"),
        _boolean("includes_subsidiaries", "ot:includesSubsidiaries"),
        _integer("workers_involved", "ot:workersInvolved"),
        Column("inspection_year", "date", "ot:inspectionYear"),
        _EVIDENCE,
    ),
    _table(
        "status_changes", "ot:StatusChange", "status-change",
        _record("designation", "ot:designation", "designations", required=True),
        _code("status", "ot:status", "designation-status", required=True),
        _date("date", "dcterms:date", required=True),
        _text("reason", "ot:statusReason"),
    ),
    _table(
        "evidence", "ot:Evidence", "evidence",
        _id(),
        _code("type", "ot:evidenceType", "evidence-type", required=True),
        Column("url", "url", "ot:url"),
        _text("sha256", "ot:sha256"),
        _text("title", "dcterms:title"),
        Column("derived_from", "record", "prov:wasDerivedFrom", many=True, table="evidence"),
    ),
    _table(
        "retractions", "ot:Retraction", "retraction",
        _record("record", "ot:retracts", "", required=True),
        _text("reason", "ot:statusReason", required=True),
        _date("date", "dcterms:date", required=True),
        _text("by", "ot:decidedBy"),
        _record("replaced_by", "ot:replacedBy", ""),
    ),
    _table(
        "identity_judgements", "ot:IdentityJudgement", "identity-judgement",
        _actor("left", "ot:left", required=True),
        _actor("right", "ot:right", required=True),
        _code("judgement", "ot:judgement", "judgement", required=True),
        _number("score", "ot:score", 0, 1),
        _text("decided_by", "ot:decidedBy"),
        _date("date", "dcterms:date"),
        _text("reason", "ot:statusReason"),
    ),
    _table(
        "initiatives", "ot:Initiative", "initiative",
        _id(),
        _text("name", "rdfs:label", required=True),
        _text("type", "ot:initiativeType", required=True),
        _text("organisers", "ot:organiser", many=True),
        _text("industry", "ot:industry", many=True),
        _text("geography", "ot:geography", many=True),
        _text("issues", "ot:issue", many=True),
        _text("tools", "ot:tool", many=True),
        Column("website", "url", "foaf:homepage"),
        _text("as_printed", "ot:asPrinted"),
    ),
)  # fmt: skip

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
