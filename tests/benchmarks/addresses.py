"""The addresses of which the benchmark of pages asks, beside those of `tests.sites`, with what they are about."""

from __future__ import annotations

#: What a browser gets that is no page of `PAGES`: of the chain, and what no page is but programs read.
LARGE = {
    "actor of a hub": "/id/{hub}",
    "actor of a hub, page 2": "/id/{hub}?suppliers=2&buyers=2",
    "actor of an importer": "/id/{importer}",
    "actor, listed": "/id/{listed}",
    "trace of a hub": "/trace?actor={hub}",
    "trace of an importer": "/trace?actor={importer}",
    "trace of an importer, a good": "/trace?actor={importer}&product={good}",
    "trace of a listed one, downstream": "/trace?actor={listed}&downstream=true",
    "companies of a trace of a hub": "/trace/companies?actor={hub}",
    "companies of it, the last page": "/trace/companies?actor={hub}&page={last}",
    "one listing of a trace": "/trace/listing?actor={importer}&designation={dataset}/designation/{listing}",
    "a guide": "/guides/importer",
    "whom a version affects": "/affected?dataset={dataset}",
    "differences, to choose": "/datasets/{dataset}/diff",
    "catalogue": "/catalog",
    "statements that name a hub": "/id/{hub}?inbound=1",
    "statements that name a good": "/id/hs/{good}?inbound=1",
    "a good": "/id/hs/{good}",
    "a link": "/id/{dataset}/supply-link/l1",
    "a document": "/id/{dataset}/evidence/e0",
    "search, a common word": "/search?q=trading",
    "search, a slip": "/search?q=garmant+tradign",
    "search, page 2": "/search?q=textile&page=2",
    "suggestions": "/suggestions?q=tex",
    "dataset, large": "/datasets/{dataset}",
    "dataset, large, version 1": "/datasets/{dataset}/1",
    "difference, large": "/datasets/{dataset}/diff/1/2",
    "difference, small": "/datasets/example/diff/1/1",
    "laws of a hub": "/laws?actor={hub}",
    "SPARQL, most linked": "/sparql?question=5",
    "map of sites of a country": "/map?show=sites&country=CN",
    "catalogue as Turtle": "/catalog?format=turtle",
    "void": "/.well-known/void",
    "sitemap": "/sitemap.xml",
    "sitemap, part 1": "/sitemap/1.xml",
    "sitemap, the last part": "/sitemap/{part}.xml",
    "judgements": "/judgements",
    "terms of queries": "/sparql/terms",
}
#: What is sent whole, however long that takes.
WHOLE = {
    "the dataset as Turtle": "/datasets/{dataset}/2/download?format=turtle",
    "the dataset as a Data Package": "/datasets/{dataset}/2/download?format=datapackage",
    "exposure of all": "/exposure?format=csv",
}
#: What is asked at once of a service that was started just now.
COLD = (
    "/",
    "/search?q=trading",
    "/id/{hub}",
    "/trace?actor={importer}",
    "/sparql",
    "/datasets/{dataset}",
    "/map",
)


#: The pages for which somebody has to do something first: those of a list of suppliers are asked for, too.
ACTED = ("/contribute/", "/contributions/", "/jobs/", "/screenings/", "/screen/")
#: What reads the index, and of the store no more than what it says of one actor, or of all datasets together.
READS_INDEX = {
    "front": "/",
    "actor of a hub": "/id/{hub}",
    "actor, typical": "/id/{typical}",
    "actor, listed": "/id/{listed}",
    "trace, typical, two tiers": "/trace?actor={typical}&max_tier=2",
    "trace, typical": "/trace?actor={typical}",
    "trace of a hub": "/trace?actor={hub}",
    "countries": "/countries",
    "country": "/countries/CN",
    "map": "/map",
    "map of a country": "/map?country=CN",
    "laws of a hub": "/laws?actor={hub}",
    "sparql": "/sparql",
    "datasets": "/datasets",
}
