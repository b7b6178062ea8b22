"""FollowTheMoney: entities as JSON lines, with the schemata of its model.

An id is made of the dataset and of the record's IRI alone, so that files of several datasets are one graph. There is no
schema for supply: a link is an ``UnknownLink`` that says in its role who buys from whom. A designation of somebody is a
``Sanction`` where it binds, else a ``Risk``. Who is named by a designation that is not over has its topics.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TextIO
from urllib.parse import urlsplit

from opentier.graph.model.dates import NEVER
from opentier.graph.model.names import digest
from opentier.graph.network.history import ENDED, history, ordered
from opentier.graph.network.listings import binding
from opentier.graph.standards.documents import is_address, line
from opentier.graph.standards.source import Said, Source

_LEGAL = frozenset({"LegalEntity", "Organization", "Company", "PublicBody"})
#: Which schemata have a number of ships.
_NUMBERED = frozenset({"Organization", "Company", "PublicBody", "Vessel"})
#: What adds a topic beside what is exploited.
_DEBARS = "exclusion"
#: Interests that are control, where no share is said.
_CONTROL = ("controlling", "appointment-of-board")
_SHARES = ("share_exact", "share_minimum", "share_maximum")


def write(source: Source, file: TextIO) -> None:
    """Write all entities, each on a line: actors, links between them, designations, evidence."""
    for entity in _Entities(source).all():
        file.write(line(entity) + "\n")


class _Entities:
    """The entities of one version."""

    def __init__(self, source: Source) -> None:
        self.source, self.lookups, about = source, source.form.lookups, source.about
        self.context = {"datasets": [about.dataset], "licence": about.licence_url or about.licence}
        self.context["version"] = about.iri
        self.origin = {"publisher": [about.publisher]} if about.publisher else {}
        if is_address(about.homepage):
            page = urlsplit(about.homepage)._replace(path=urlsplit(about.homepage).path or "/")
            self.origin["publisherUrl"] = [page.geturl()]
        self.owned = {said.one("asset") for said in source.each("ownership_links", "asset", "owner")}
        self.schemata: dict[str, str] = {}
        self.ended: dict[str, str] = {}
        self.topics: dict[str, set[str]] = defaultdict(set)
        self.changes: dict[str, list[tuple[str, str]]] = defaultdict(list)

    def all(self) -> Iterator[dict[str, Any]]:
        """Yield the entities."""
        _ = self.source.apart
        for said in self.source.each("organisation_changes", "kind", "before", "after", "date"):
            if said.one("kind") == "dissolved" and said.one("date") and not said.all("after"):
                self.ended |= dict.fromkeys(said.all("before"), said.one("date"))
        for said in self.source.each("status_changes", "designation", "status", "date"):
            self.changes[said.one("designation")].append((said.one("date"), said.one("status")))
        for said in self.source.each("designations"):
            if said.one("target"):
                self.topics[said.one("target")].update(self._topics(said))
        for said in self.source.told("actors"):
            yield self._actor(said)
        for table, ends in (
            ("supply_links", ("buyer", "supplier")), ("ownership_links", ("owner", "asset")),
            ("operation_links", ("operator", "facility")), ("recruitment_links", ("recruiter", "employer")),
            ("co_locations", ("actor", "other")), ("identity_judgements", ("left", "right")),
        ):  # fmt: skip
            make = getattr(self, f"_{table}")
            for said in self.source.told(table):
                left, right = (said.one(end) for end in ends)
                if left == right:
                    self.source.leave(table, "itself")
                elif made := make(said, left, right):
                    yield made
        for said in self.source.told("organisation_changes"):
            yield from self._change(said)
        for said in self.source.told("designations"):
            if said.one("target"):
                yield self._designation(said)
            else:
                self.source.leave("designations", "target")
        for said in self.source.told("evidence"):
            named = {"title": said.all("title"), "fileName": [self.source.names.id(said.iri)]}
            found = self._properties("evidence", said, "type", "retrieved", "note", address="sourceUrl")
            yield self._entity("Document", said.iri, {**named, **found}, said.all("url"))

    def id(self, iri: str) -> str:
        """Return the id of an entity, the same in the files of all datasets."""
        named = self.source.names.id(iri)
        dataset = named.partition("/")[0] if named != iri else "elsewhere"
        return f"{dataset.replace('_', '-')}-{digest([iri])}"

    def _entity(
        self, schema: str, iri: str, properties: dict[str, list[str]], addresses: list[str]
    ) -> dict[str, Any]:
        """Return an entity; what is said in no property is left out of it."""
        said = {name: list(dict.fromkeys(texts)) for name, texts in properties.items() if texts}
        if schema == "Similar":  # which has no place for where it is from
            return {"id": self.id(iri), "schema": schema, "properties": said, **self.context}
        said = self.origin | said
        urls = [*addresses, *said.get("sourceUrl", ())]
        if schema in _LEGAL or schema in ("RealEstate", "Vessel", "Document"):
            urls.append(iri)
        else:
            said["recordId"] = [self.source.names.id(iri)]
        if urls := [url for url in dict.fromkeys(urls) if is_address(url)]:
            said["sourceUrl"] = urls
        return {"id": self.id(iri), "schema": schema, "properties": said, **self.context}

    def _properties(self, table: str, said: Said, *columns: str, address: str = "") -> dict[str, list[str]]:
        """Return what a record says in properties that are as the columns are."""
        found: dict[str, list[str]] = {}
        for column in columns:
            if texts := said.all(column):
                found.setdefault(str(self.source.form.place(table, column)), []).extend(texts)
        if address and (text := said.one("source")):
            if is_address(text):
                found[address] = [text]
            else:
                self.source.lose(table, "source")
        return found

    def _actor(self, said: Said) -> dict[str, Any]:
        kind = said.one("kind")
        schema = self.lookups["schemata"].get(kind, "LegalEntity")
        if said.iri in self.owned and schema in _LEGAL:
            schema = "Company"  # no other legal entity can be owned
        self.schemata[said.iri] = schema
        found = self._properties(
            "actors", said, "name", "kind", "address", "also_known_as", "retrieved", "note",
            address="sourceUrl",
        )  # fmt: skip
        found["country"] = [code.lower() for code in said.all("country")]
        for column, schemata in (
            ("lat", {"RealEstate"}), ("lon", {"RealEstate"}), ("sector", _LEGAL), ("website", _LEGAL),
        ):  # fmt: skip
            if not said.all(column):
                continue
            if schema in schemata:
                found |= self._properties("actors", said, column)
            else:
                self.source.lose("actors", column)
        for text in said.all("identifiers"):
            name, value = self._identifier(schema, text)
            found.setdefault(name, []).append(value)
        found["topics"] = sorted(self.topics.get(said.iri, ()))
        if schema in _LEGAL and said.iri in self.ended:
            found["dissolutionDate"] = [self.ended[said.iri]]
        return self._entity(schema, said.iri, found, [])

    def _identifier(self, schema: str, text: str) -> tuple[str, str]:
        """Return the property that holds an identifier, and the identifier in it."""
        scheme, _, value = text.partition(":")
        name = self.lookups["identifiers"].get(scheme, "")
        if name and schema in (_NUMBERED if name == "imoNumber" else _LEGAL):
            return name, value
        return "registrationNumber", text

    def _link(
        self, table: str, said: Said, schema: str, ends: tuple[str, str], role: list[str], **more: list[str]
    ) -> dict[str, Any]:
        """Return a link: its two ends by property, its role, its dates, its evidence."""
        dates = ("start_date", "end_date", "observed_date", "date", "retrieved", "note")
        found = self._properties(table, said, *dates, address="sourceUrl") | more
        found |= {"role": role, "proof": [self.id(iri) for iri in said.all("evidence")]}
        names = {"Ownership": ("owner", "asset"), "Control": ("controller", "controlled"),
                 "Representation": ("agent", "client"), "Succession": ("predecessor", "successor")}  # fmt: skip
        for name, iri in zip(names.get(schema, ("subject", "object")), ends, strict=True):
            found[name] = [self.id(iri)]
        return self._entity(schema, said.iri, found, [])

    def _legal(self, *iris: str) -> bool:
        """Return whether all of some are legal entities, as far as this version says what they are."""
        return all(self.schemata.get(iri, "LegalEntity") in _LEGAL for iri in iris)

    def _supply_links(self, said: Said, buyer: str, supplier: str) -> dict[str, Any] | None:
        if said.one("status") == "retracted":
            self.source.leave("supply_links", "retracted")
            return None
        more = {"status": said.all("status"), "summary": [self._product(iri) for iri in said.all("product")]}
        role = ["buys from", *said.all("kind")]
        return self._link("supply_links", said, "UnknownLink", (buyer, supplier), role, **more)

    def _product(self, iri: str) -> str:
        """Return a product as a text: its HS code, or its id."""
        code = iri.removeprefix(self.source.names.hs(""))
        return f"HS {code}" if code != iri else self.source.names.id(iri)

    def _ownership_links(self, said: Said, owner: str, asset: str) -> dict[str, Any] | None:
        table, interest = "ownership_links", said.all("interest")
        if not owner:
            self.source.leave(table, "owner")
            return None
        shares = [said.one(name) for name in _SHARES]
        if not self._legal(owner):
            for column in (*_SHARES, "direct"):
                if said.all(column):
                    self.source.lose(table, column, "place")
            return self._link(table, said, "UnknownLink", (owner, asset), ["owns", *interest])
        if said.one("interest") in _CONTROL and not any(shares) and self._legal(asset):
            if said.all("direct"):
                self.source.lose(table, "direct")
            return self._link(table, said, "Control", (owner, asset), [], controlType=interest)
        exact, least, most = shares
        for column in _SHARES[1:]:
            if exact and said.one(column):
                self.source.lose(table, column)
        share = exact or (f"{least}-{most}" if least and most else f"{least or 0}-{most or 100}")
        more = {"percentage": [share]} if any(shares) else {}
        if said.all("direct"):
            more["ownershipType"] = ["direct" if said.one("direct") == "true" else "indirect"]
        return self._link(table, said, "Ownership", (owner, asset), interest, **more)

    def _operation_links(self, said: Said, operator: str, facility: str) -> dict[str, Any]:
        return self._link("operation_links", said, "UnknownLink", (operator, facility), ["operates"])

    def _recruitment_links(self, said: Said, recruiter: str, employer: str) -> dict[str, Any]:
        schema = "Representation" if self._legal(recruiter, employer) else "UnknownLink"
        return self._link("recruitment_links", said, schema, (recruiter, employer), ["recruits for"])

    def _co_locations(self, said: Said, actor: str, other: str) -> dict[str, Any]:
        more = {"summary": said.all("address")}
        return self._link(
            "co_locations", said, "UnknownLink", (actor, other), ["is at one place with"], **more
        )

    def _change(self, said: Said) -> Iterator[dict[str, Any]]:
        """Yield the successions of a change: one for each pair of before and after."""
        table, pairs = "organisation_changes", [(b, a) for b in said.all("before") for a in said.all("after")]
        if not said.all("after"):
            self.source.leave(table, "after")
        for before, after in pairs:
            if before == after:
                self.source.lose(table, "after", "itself")
                continue
            schema = "Succession" if self._legal(before, after) else "UnknownLink"
            made = self._link(table, said, schema, (before, after), said.all("kind"))
            if len(pairs) > 1:
                made["id"] = self.id(f"{said.iri}#{digest((before, after))}")
            yield made

    def _identity_judgements(self, said: Said, left: str, right: str) -> dict[str, Any] | None:
        if said.one("judgement") == "negative" or frozenset((left, right)) in self.source.apart:
            self.source.leave("identity_judgements", "judgement")
            return None
        found = {
            "candidate": [self.id(left)], "match": [self.id(right)], "confidenceScore": said.all("score"),
            "criteria": [*said.all("judgement"), *said.all("reason")], "matcher": said.all("decided_by"),
        }  # fmt: skip
        return self._entity("Similar", said.iri, found, [])

    def _topics(self, said: Said) -> Iterator[str]:
        """Yield the topics that a designation gives to its target, as long as it is not over."""
        if self._over(said):
            return
        yield from filter(None, map(self.lookups["topics"].get, said.all("exploitation")))
        if said.one("kind") == _DEBARS:
            yield "debarment"

    def _over(self, said: Said) -> bool:
        """Return whether a designation is not in force any longer, by its dates, its status and their changes."""
        begin = said.one("effective_date") or said.one("listing_date")
        end, status = (said.one(name) or None for name in ("delisting_date", "status"))
        known = history(begin, end, status, self.changes.get(said.iri, ())).intervals
        return not known or known[-1][1] != NEVER

    def _standing(self, said: Said) -> dict[str, list[str]]:
        """Return the status and the end of a designation, as its changes have them where they say otherwise."""
        over, changes = self._over(said), ordered(self.changes.get(said.iri, ()))
        status, end = said.all("status"), said.all("delisting_date")
        if changes and (not status or (status[0] in ENDED) != over):
            status = [changes[-1][1]]
        if over:
            end = end or [date for date, each in changes if each in ENDED][-1:]
        elif end:
            self.source.lose("designations", "delisting_date")
            end = []
        return {"status": status, "endDate": end}

    def _designation(self, said: Said) -> dict[str, Any]:
        table, effect = "designations", said.all("effect")
        columns = ["kind", "authority", "register", "law", "listing_date", "observed_date", "effective_date",
                   "retrieved", "note"]  # fmt: skip
        found = self._properties(table, said, *columns, address="sourceUrl") | self._standing(said)
        found |= {"entity": [self.id(said.one("target"))], "proof": list(map(self.id, said.all("evidence")))}
        found["country"] = [code.lower() for code in said.all("country")]
        binds = binding(said.one("class") or None, said.one("effect") or None, said.one("kind"))
        for code in said.all("exploitation"):
            if code not in self.lookups["topics"]:
                self.source.lose(table, "exploitation")
            elif binds and (self._over(said) or said.one("target") not in self.schemata):
                self.source.lose(table, "exploitation", "topic")
        if binds:
            return self._entity("Sanction", said.iri, found | {"provisions": effect}, [])
        for _ in effect:
            self.source.lose(table, "effect")
        topics = sorted(set(filter(None, map(self.lookups["topics"].get, said.all("exploitation")))))
        return self._entity("Risk", said.iri, found | {"topics": topics}, [])
