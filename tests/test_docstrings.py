"""The examples in docstrings, typed as they stand there, in a folder with the shipped datasets and a package."""

from __future__ import annotations

import doctest
import importlib
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    f"opentier.{path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')}"
    for part in ("graph", "api")
    for path in (ROOT / part).rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


def test_the_front_door_has_examples() -> None:
    assert "opentier.graph.front" in MODULES


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_docstring_are_true(
    module: str, admitted: Path, example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [test for test in doctest.DocTestFinder().find(importlib.import_module(module)) if test.examples]
    assert found
    said: list[str] = []
    for number, test in enumerate(found):
        folder = tmp_path / str(number)
        shutil.copytree(admitted, folder / "opentier-data")
        shutil.copytree(example, folder / "my-package")
        descriptor = folder / "my-package" / "datapackage.json"
        descriptor.write_text(
            descriptor.read_text("utf-8").replace('"name": "example"', '"name": "mine"', 1), "utf-8"
        )
        monkeypatch.chdir(folder)
        assert not any(doctest.SKIP in example.options for example in test.examples), test.name
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert not said, "".join(said)
