# Everything a newcomer needs: `make run` and `make test` work right after a clone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHROMIUM ?= /usr/bin/chromium

.DEFAULT_GOAL := help
.PHONY: help run test lint types unit browser bench bench-effect bench-load bench-scale bench-signals fuzz clean

help: ## what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run ## install, fill an empty home with the demo company, open the dashboard
	$(BIN)/python -m cx_metrics demo
	$(BIN)/python -m cx_metrics serve

test: lint types unit browser ## lint, types, unit, architecture, page and browser tests

lint: $(VENV)/.test ## style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test ## static types, strict
	$(BIN)/mypy

unit: $(VENV)/.test ## all tests but those in the browser
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not browser"

browser: $(VENV)/.test $(CHROMIUM) ## the dashboard in a real Chromium
	$(BIN)/python -m pytest -m browser

bench: $(VENV)/.test ## speed and memory at 1 and 10 million contacts; prints a table
	$(BIN)/python -m benchmarks

bench-effect: $(VENV)/.test ## what the verdict on a fix is worth, on simulated fixes; prints a table
	$(BIN)/python -m benchmarks.effect

bench-load: $(VENV)/.test ## 50 people at work for 10 minutes, on one process and on two behind nginx; prints a table (LOAD="--minutes 2 --people 20")
	$(BIN)/python -m benchmarks.load $(LOAD)

bench-signals: $(VENV)/.test ## how many planted events the signals find, and how often they cry wolf; prints a table
	$(BIN)/python -m benchmarks.signals

bench-scale: $(VENV)/.test ## DuckDB against a Spark cluster of two workers at 10 and 100 million contacts; prints tables
	$(BIN)/python -m benchmarks.scale $(MILLIONS)

fuzz: $(VENV)/.test ## five minutes of extracts and mappings that nobody would write; prints what came of them
	$(BIN)/python -m benchmarks.fuzz

clean: ## remove what was installed; data/home stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.run: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.test: requirements-dev.txt requirements-scale.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(CHROMIUM):
	@echo "The browser tests need Chromium at $(CHROMIUM). On Debian: apt-get install chromium; elsewhere: make test CHROMIUM=/path/to/it"
	@exit 1
