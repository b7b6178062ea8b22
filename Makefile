# Everything a newcomer needs: `make demo`, then `make test`. Python 3.11 or newer with venv, and make.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TYPING := build/typing
QUICK := not (server or process or data or threads)

.PHONY: demo quick coverage snapshot test check bench mutants serve release-vocabulary lock clean

demo: $(INSTALLED)  ## the worked example end to end: contribute, trace, draw
	$(BIN)/opentier demo --data demo-data --out tier-picture.svg

quick: $(INSTALLED)  ## the loop: no servers, processes, real data or threads; a tenth of the generated examples
	$(BIN)/python -m pytest --hypothesis-profile quick -m "$(QUICK)"

coverage: $(INSTALLED)  ## what `make quick` runs through; fails below the gate in pyproject.toml
	$(BIN)/python -m coverage run -m pytest --hypothesis-profile quick -m "$(QUICK)"
	$(BIN)/python -m coverage report

snapshot: $(INSTALLED)  ## the public API as it is now; a change needs a line in CHANGELOG.md
	$(BIN)/python -m tests.public_api

test: $(INSTALLED)  ## the whole suite
	$(BIN)/python -m pytest

check: $(INSTALLED) $(TYPING)  ## style, types, import direction, wheel contents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=$(TYPING) $(BIN)/mypy $(TYPING)/opentier $(TYPING)/tests
	$(BIN)/python -m pytest tests/test_layout.py

bench: $(INSTALLED)  ## measured ratios against named peers; never part of the tests
	$(BIN)/python -m pip install --quiet --no-build-isolation -e ".[bench]"
	$(BIN)/python -m pytest tests/benchmarks -s -o python_files="bench_*.py"

mutants: $(INSTALLED)  ## how many small faults in trace and exposure the tests notice; never part of the tests
	$(BIN)/python -m pip install --quiet "cosmic-ray>=8.7,<9"
	$(BIN)/python -m tests.benchmarks.mutants

serve: $(INSTALLED)  ## the service over the demo's data
	$(BIN)/opentier serve --data demo-data

release-vocabulary: $(INSTALLED)  ## the vocabulary of the current version, merged, in its folder of releases
	$(BIN)/python -m opentier.graph.vocabulary ontology/releases

lock: $(INSTALLED)  ## pin the newest versions that fit pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --upgrade --extra test --generate-hashes --allow-unsafe \
	  --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	  --output-file constraints.txt pyproject.toml

clean:
	rm -rf $(VENV) build demo-data tier-picture.svg *.egg-info

$(INSTALLED): constraints.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# The folders under the names they are installed by, for the type checker.
$(TYPING):
	mkdir -p $(TYPING)/opentier
	ln -sfn ../../../api ../../../graph ../../../ontology ../../../shapes $(TYPING)/opentier/
	ln -sfn ../../tests $(TYPING)/tests
