PY ?= python3
V := .venv
BIN := $(V)/bin
export DOUDI_DATA_DIR ?= $(CURDIR)/data

$(V)/.run: requirements.txt pyproject.toml
	$(PY) -m venv $(V)
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

$(V)/.dev: $(V)/.run requirements-dev.txt
	$(BIN)/pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $@

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

run: $(V)/.run ## the demo county on http://127.0.0.1:8000
	DOUDI_DEMO=1 $(BIN)/doudi demo

demo: run ## the same

test: $(V)/.dev ## everything CI runs, at most ten minutes
	$(BIN)/python tests/budget.py

test-fast: $(V)/.dev ## a minute: rooms and engine on SQLite, nothing slow
	$(BIN)/pytest -n 2 -m "not slow" src tests/architecture

test-journeys: $(V)/.dev ## browser stories
	$(BIN)/pytest tests/journeys

test-generative: $(V)/.dev ## random packs and households
	$(BIN)/pytest -n 2 tests/generative

test-long: $(V)/.dev ## a million truths, long random runs
	DOUDI_LONG=1 $(BIN)/pytest tests/generative tests/spec

check: $(V)/.dev ## format, lint, imports, types, migrations; changes nothing
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/lint-imports
	DOUDI_DEMO=1 DOUDI_DATA_DIR=$$(mktemp -d) $(BIN)/mypy
	DOUDI_DEMO=1 DOUDI_DATA_DIR=$$(mktemp -d) $(BIN)/django-admin makemigrations --check --dry-run --settings doudi.settings

fix: $(V)/.dev ## format and mend what can be mended by itself
	$(BIN)/ruff format src tests benchmarks docs
	$(BIN)/ruff check --fix src tests benchmarks docs

docs: $(V)/.dev ## generated pages of the manual
	$(BIN)/python docs/build.py

bench: $(V)/.dev ## figures, as ratios in one run
	$(BIN)/python benchmarks/bench.py

.PHONY: help run demo test test-fast test-journeys test-generative test-long check fix docs bench
