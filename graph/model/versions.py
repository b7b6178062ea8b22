"""A version of a dataset, as the catalogue has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """One admitted dataset version, as the catalogue has it."""

    dataset: str
    number: int
    iri: str
    title: str
    licence: str
    publisher: str
    package_version: str
    checksum: str
    adapter: str
    admitted: str
    homepage: str
    description: str
    triples: int
    rows: int
    accepted: int
    warned: int
    refused: int
    created: str = ""
