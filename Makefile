# Everything a newcomer needs: `make demo`, then `make test`. Python 3.11 or newer with venv, and make.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEVELOPING := $(VENV)/.developing
TYPING := build/typing
# Compiled modules are kept, whatever the environment says: else every process of the tests compiles them all anew.
export PYTHONDONTWRITEBYTECODE :=
QUICK := not (server or process or threads or data)

# What a lock names and nothing else: no version is resolved again, and nothing is built with what no lock names.
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL = $(PIP) install --quiet --no-deps --only-binary :all: --require-hashes -r
COMPILE = $(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --no-strip-extras \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
  --pip-args "--only-binary :all:" --build-deps-for editable

WEB := api/pages/web

.PHONY: demo web messages quick coverage snapshot test elsewhere check bench mutants serve release-vocabulary lock clean

demo: $(INSTALLED)  ## the worked example end to end: contribute, trace, draw
	$(BIN)/opentier demo --data demo-data --out tier-picture.svg

quick: $(DEVELOPING)  ## the loop: no servers, processes, real data or threads; a tenth of the generated examples
	$(BIN)/python -m pytest -n 2 --dist worksteal --hypothesis-profile quick -m "$(QUICK)"

coverage: $(DEVELOPING)  ## what `make quick` runs through; fails below the gate in pyproject.toml
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n 2 --dist worksteal --hypothesis-profile quick -m "$(QUICK)"
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

snapshot: $(DEVELOPING)  ## the public API, its description and the picture of imports as they are now; a change of the API needs a line in CHANGELOG.md
	$(BIN)/python -m tests.public_api
	$(BIN)/python -m tests.openapi
	$(BIN)/python -m tests.test_layout

test: $(DEVELOPING)  ## the whole suite: first what can run side by side, then what runs processes, last what fills the machine
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "$(QUICK)"
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "(server or process or data) and not threads"
	$(BIN)/python -m pytest -n 2 --dist loadfile -m threads

elsewhere: $(DEVELOPING)  ## what asks the API, over SPARQL stores elsewhere: servers of PyPI's oxigraph, one a data directory
	$(BIN)/python -m tests.elsewhere

check: $(DEVELOPING) $(TYPING)  ## style, types, import direction, wheel contents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=$(TYPING) $(BIN)/mypy $(TYPING)/opentier $(TYPING)/tests
	$(BIN)/python -m pytest tests/test_layout.py

bench: $(DEVELOPING)  ## measured ratios against named peers; never part of the tests
	$(PIP) install --quiet --no-build-isolation -e ".[bench]"
	$(BIN)/python -m pytest tests/benchmarks -s -o python_files="bench_*.py"

mutants: $(DEVELOPING)  ## how many small faults in trace and exposure the tests notice; never part of the tests
	$(BIN)/python -m pip install --quiet "cosmic-ray>=8.7,<9"
	$(BIN)/python -m tests.benchmarks.mutants

serve: $(INSTALLED)  ## the service over the demo's data
	$(BIN)/opentier serve --data demo-data

web:  ## what pages load, built from $(WEB) (Node 20 or newer; never needed to install or to run)
	cd $(WEB) && npm ci --no-audit --no-fund && npm run build

messages: $(DEVELOPING)  ## the catalogues of the pages: texts that templates say, and what was translated, compiled
	$(BIN)/python -m tests.messages

screenshots: $(DEVELOPING)  ## every page at two widths, light and dark, in build/screenshots; fails on what no page may do
	$(BIN)/python -m tests.screenshots

release-vocabulary: $(INSTALLED)  ## the vocabulary of the current version, merged, in its folder of releases
	$(BIN)/python -m opentier.graph.vocabulary.documents ontology/releases

lock: $(DEVELOPING)  ## pin the newest versions that fit pyproject.toml, for run time and for development
	CUSTOM_COMPILE_COMMAND="make lock (what runs OpenTier, and what installs it)" \
	  $(COMPILE) --output-file constraints.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock (what develops OpenTier: all of constraints.txt, and more)" \
	  $(COMPILE) --extra dev --constraint constraints.txt --output-file constraints-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) build demo-data tier-picture.svg *.egg-info

# Where a lock has changed, the environment is made anew: what is no longer named is no longer there.
$(INSTALLED): constraints.txt pyproject.toml
	$(PYTHON) -m venv $(if $(wildcard $@),--clear) $(VENV)
	$(INSTALL) constraints.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	$(PIP) check
	touch $@

$(DEVELOPING): constraints-dev.txt $(INSTALLED)
	$(INSTALL) constraints-dev.txt
	$(PIP) check
	touch $@

# The folders under the names they are installed by, for the type checker.
$(TYPING):
	mkdir -p $(TYPING)/opentier
	ln -sfn ../../../api ../../../graph ../../../ontology ../../../shapes $(TYPING)/opentier/
	ln -sfn ../../tests $(TYPING)/tests
