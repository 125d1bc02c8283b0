# Two commands: `make demo` to use it, `make test` to check it. Both install into .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export OMP_WAIT_POLICY ?= PASSIVE
# the many programs that the tests start read kept bytecode, even where a machine says otherwise
export PYTHONDONTWRITEBYTECODE :=

HOST ?= 127.0.0.1
PORT ?= 8000
DATA ?= kompetansegraf-data

.PHONY: demo test test-opensearch bench opensearch opensearch-stop lint types install dev clean

$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

install: $(VENV)/.installed
dev: $(VENV)/.dev

demo: install
	$(BIN)/kompetansegraf demo --data $(DATA) --host $(HOST) --port $(PORT)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: dev
	$(BIN)/mypy

test: lint types
	$(BIN)/python scripts/missing_parts.py
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

# only what needs a real OpenSearch, which is fetched once and started by the tests
test-opensearch: dev
	$(BIN)/python scripts/opensearch fetch
	KG_TEST_REQUIRE=opensearch $(BIN)/python -m pytest -q -n 2 --dist loadfile -m opensearch tests

# one to try by hand, on port 9200
opensearch:
	$(PYTHON) scripts/opensearch start

opensearch-stop:
	$(PYTHON) scripts/opensearch stop

# Speed beside a baseline, some hours in all; BENCH adds flags, for instance BENCH='--resources 5000'
bench: dev
	$(BIN)/python -m bench.search --out bench-results/parts.md --out bench-results/parts.json $(BENCH)
	$(BIN)/python -m bench.tagging --out bench-results/tagging.md --out bench-results/tagging.json
	$(BIN)/python -m bench.written --out bench-results/written.md --out bench-results/written.json $(BENCH)
	$(BIN)/python -m bench.search_index --out bench-results/search.md --out bench-results/search.json $(BENCH)
	$(BIN)/python -m bench.vectors --folder bench-results/vectors --out bench-results/vectors.md --out bench-results/vectors.json

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
