"""A process that contributes: forked from one that has imported the library and read the shapes.

`test_atomicity` kills some forty of them, and each would import for longer than it contributes.
"""

from __future__ import annotations

import os
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
from opentier.graph.model.names import DEFAULT_BASE
from opentier.graph.store.directory import Store
from opentier.graph.validation import shacl

shacl.shapes()
admission.vocabulary(DEFAULT_BASE)


def contribute(data: Path, package: Path, scratch: Path, told: Connection) -> None:
    """Contribute once that is told, say how far it is, and wait at the end."""
    os.environ["TMPDIR"], tempfile.tempdir = str(scratch), None
    store = Store.open(data)
    told.send("ready")
    told.recv()
    admitted = admission.contribute(
        package, Options(), store, lambda stage, done, total: told.send(f"{stage} {done}")
    )
    told.send(f"admitted {admitted.version.number}")
    told.recv()
