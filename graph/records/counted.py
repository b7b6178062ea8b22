"""What a file of N-Triples says, in numbers: things of each class, and statements by class and property."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opentier.graph.contribution.staging import Staged
from opentier.graph.model.names import expand

#: Bytes that a line may have.
_LINE = 1 << 24
_TYPE = f"<{expand('rdf:type')}>"
#: Neither subject nor property has a space; what stands behind them is the value, and the end of the line.
_LINES = f"""
    CREATE OR REPLACE TABLE counted AS
    SELECT subject, property, CASE WHEN property = '{_TYPE}' THEN substr(line, length(subject) + {len(_TYPE) + 3},
        length(line) - length(subject) - {len(_TYPE) + 4}) END AS class
    FROM (SELECT line, split_part(line, ' ', 1) AS subject, split_part(line, ' ', 2) AS property
          FROM read_csv(?, columns={{'line': 'VARCHAR'}}, delim='\x01\x02\x03\x04', quote='', escape='', header=false,
                        auto_detect=false, max_line_size={_LINE}, buffer_size={_LINE}))"""
_BY_BOTH = """
    SELECT typed.class, said.property, count(*) FROM counted AS said
    JOIN (SELECT subject, class FROM counted WHERE class IS NOT NULL) AS typed USING (subject)
    GROUP BY ALL ORDER BY ALL"""
_BY_CLASS = "SELECT class, count(*) FROM counted WHERE class IS NOT NULL GROUP BY ALL ORDER BY ALL"
_BY_PROPERTY = "SELECT property, count(*) FROM counted GROUP BY ALL ORDER BY ALL"


@dataclass(frozen=True)
class Counted:
    """Numbers of things and statements, by the IRIs of classes and properties.

    Attributes
    ----------
    things
        How many have each class.
    statements
        How many there are of each property.
    both
        How many there are of each property, whose subjects have a class.
    subjects
        How many different subjects there are.
    """

    things: dict[str, int]
    statements: dict[str, int]
    both: dict[tuple[str, str], int]
    subjects: int


def count(staged: Staged, file: Path) -> Counted:
    """Count what a file says, each statement of which stands in it once, by the engine of what is staged."""
    staged.query(_LINES, [str(file)])
    both = {(_iri(kind), _iri(said)): many for kind, said, many in staged.rows(_BY_BOTH)}
    things = {_iri(kind): many for kind, many in staged.rows(_BY_CLASS)}
    statements = {_iri(said): many for said, many in staged.rows(_BY_PROPERTY)}
    ((subjects,),) = staged.rows("SELECT count(DISTINCT subject) FROM counted")
    staged.query("DROP TABLE counted")
    return Counted(things, statements, both, subjects)


def _iri(written: str) -> str:
    return written[1:-1]
