"""Clients that others wrote, as they come: they ask the real service, and understand what it says.

Those of JavaScript run where ``OPENTIER_NPM`` names a folder in which ``npm install @comunica/query-sparql
fetch-sparql-endpoint`` (``@comunica/query-sparql@4`` by node 20) was run, and node is there; elsewhere they are
skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph as Rdf
from rdflib import URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

from tests.conftest import Service

AURORA = "https://w3id.org/opentier/id/example/aurora"
OT = "https://w3id.org/opentier/ns#"
QUERY = f"PREFIX ot: <{OT}> SELECT ?s WHERE {{ <{AURORA}> ot:sourcesFrom ?s }}"
#: Seconds that one client may take.
PATIENCE = 120
#: A client that needs node 22 from its fifth edition on; the fourth does with node 20.
COMUNICA = "@comunica/query-sparql"


def wrapped(service: Service, query: str, form: str, *, post: bool = False, direct: bool = False) -> Any:
    client = SPARQLWrapper(f"{service.url}/sparql")
    client.setQuery(query)
    client.setReturnFormat(form)
    client.setTimeout(PATIENCE)
    if post or direct:
        client.setMethod(POST)
    if direct:
        client.setRequestMethod(POSTDIRECTLY)
    return client.query()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_sparqlwrapper_understands_rows_by_every_way_of_asking(service: Service) -> None:
    ways: list[dict[str, bool]] = [{}, {"post": True}, {"direct": True}]
    for way in ways:
        found = wrapped(service, QUERY, JSON, **way).convert()["results"]["bindings"]
        assert len({row["s"]["value"] for row in found}) > 1
    assert len(wrapped(service, QUERY, XML).convert().getElementsByTagName("result")) == len(found)
    for form in (CSV, TSV):
        assert len(wrapped(service, QUERY, form).convert().decode().splitlines()) == len(found) + 1
    assert wrapped(service, "ASK {}", JSON).convert()["boolean"] is True


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("form", [TURTLE, N3, RDFXML, XML, JSONLD])
def test_sparqlwrapper_understands_graphs(service: Service, form: str) -> None:
    found = wrapped(service, f"DESCRIBE <{AURORA}>", form).convert()
    graph = found if isinstance(found, Rdf) else Rdf().parse(data=found, format="turtle")
    assert (URIRef(AURORA), None, None) in graph


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_the_store_of_rdflib_reads_patterns_and_queries(service: Service, method: str) -> None:
    store = SPARQLStore(f"{service.url}/sparql", method=method, returnFormat="json")
    graph = Rdf(store=store)
    told = set(graph.objects(URIRef(AURORA), URIRef(f"{OT}sourcesFrom")))
    assert told == {row[0] for row in graph.query(QUERY)}  # type: ignore[index]
    assert len(told) > 1
    assert len(graph) > 1000


def javascript(client: str, text: str, *words: str) -> Any:
    """Run a script where its client is installed, by a node that is new enough; return what it prints as JSON."""
    folder = os.environ.get("OPENTIER_NPM")
    package = Path(folder or "") / "node_modules" / client / "package.json"
    if not (folder and shutil.which("node") and package.is_file()):
        pytest.skip(f"OPENTIER_NPM names no folder where {client} is installed, or node is not here")
    major = int(json.loads(package.read_text("utf-8"))["version"].partition(".")[0])
    least = 22 if (client, major >= 5) == (COMUNICA, True) else 18
    version = subprocess.run(
        ["node", "--version"], capture_output=True, text=True, timeout=PATIENCE, check=True
    ).stdout
    if int(version.lstrip("v").partition(".")[0]) < least:
        pytest.skip(f"node is {version.strip()}; this client needs {least}")
    done = subprocess.run(
        ["node", "--input-type=module", "-e", text, *words],
        cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_comunica_finds_the_endpoint_by_itself_and_asks_it(service: Service) -> None:
    script = """
import { QueryEngine } from '@comunica/query-sparql';
const [url, query] = process.argv.slice(1);
const found = {};
for (const type of ['auto', 'sparql']) {
  const source = type === 'auto' ? url : { type, value: url };
  const rows = await (await new QueryEngine().queryBindings(query, { sources: [source] })).toArray();
  found[type] = rows.map(row => row.get('s').value).sort();
}
console.log(JSON.stringify(found));
"""
    found = javascript(COMUNICA, script, f"{service.url}/sparql", QUERY)
    assert found["auto"] == found["sparql"]
    assert len(found["auto"]) > 1


def test_a_client_of_javascript_reads_rows_graphs_and_answers(service: Service) -> None:
    script = """
import { SparqlEndpointFetcher } from 'fetch-sparql-endpoint';
const [url, query, iri] = process.argv.slice(1);
const client = new SparqlEndpointFetcher();
const all = stream => new Promise((done, failed) => {
  const found = []; stream.on('data', each => found.push(each)).on('end', () => done(found)).on('error', failed); });
const rows = await all(await client.fetchBindings(url, query));
const triples = await all(await client.fetchTriples(url, `DESCRIBE <${iri}>`));
const yes = await client.fetchAsk(url, 'ASK {}');
console.log(JSON.stringify({ rows: rows.length, triples: triples.length, yes }));
"""
    found = javascript("fetch-sparql-endpoint", script, f"{service.url}/sparql", QUERY, AURORA)
    assert found["rows"] > 1
    assert found["triples"] > 1
    assert found["yes"] is True
