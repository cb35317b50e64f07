# Needs make and Python 3.11 or newer; everything else is downloaded into .venv on first use, pinned and hash-checked
# (docs/decisions/0002). Another interpreter: make demo PYTHON=python3.13

PORT ?= 8000
PYTHON ?= python3
SEED ?= 1
RUN := .venv/bin/python
PIP := $(RUN) -m pip install -qq --disable-pip-version-check --no-input
LOCK := $(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes \
	--no-emit-package refolio --custom-compile-command "make constraints" pyproject.toml sdk/pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help demo serve test check bench drill drill-mutants drill-differential drill-lane fuzz constraints clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 28

demo: .venv/ready-to-run ## the whole product with sample data on http://localhost:8000 (other port: PORT=8001)
	@$(RUN) -m verify demo --port $(PORT)

serve: .venv/ready-to-run ## the service with your own settings (REFOLIO_* in the environment)
	@$(RUN) -m verify serve --port $(PORT)

test: .venv/ready-to-develop ## every test; says what this machine cannot check
	@$(RUN) -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

check: .venv/ready-to-develop ## everything that needs no running program: format, lint, types, import contracts, architecture
	@$(RUN) -m ruff format --check . && $(RUN) -m ruff check . && $(RUN) -m mypy && .venv/bin/lint-imports --no-logo && $(RUN) -m pytest -q tests/architecture tests/docs

bench: .venv/ready-to-develop ## how fast it is here, beside its peers and its limits (also: WHAT=--profile, WHAT=memory)
	@$(RUN) -m tests.bench $(WHAT)

drill: .venv/ready-to-develop ## minutes long: kill it, restore it, and see that nothing acknowledged is lost
	@$(RUN) -m pytest -m drill

drill-mutants: .venv/ready-to-develop ## signed badges changed in 100,000 ways: nobody gets one past us (N=100000 SEED=1)
	@$(RUN) -m tests.drills mutants --n $(or $(N),100000) --seed $(SEED)

drill-differential: .venv/ready-to-develop ## what we accept and refuse beside npm jsonld and PyLD (N=5000 SEED=1)
	@$(RUN) -m tests.drills differential --n $(or $(N),5000) --seed $(SEED)

drill-lane: .venv/ready-to-develop ## whatever the lane for common badges lets pass, the whole gate does too (N=200000 SEED=1)
	@$(RUN) -m tests.drills lane --n $(or $(N),200000) --seed $(SEED)

fuzz: .venv/ready-to-develop ## broken input before every parser, some minutes each (MINUTES=10 PARSER=png SEED=1)
	@$(RUN) -m tests.drills fuzz --minutes $(or $(MINUTES),10) --parser '$(PARSER)' --seed $(SEED)

constraints: .venv/ready-to-develop ## pin again after a change of dependencies (newer versions: UPGRADE=--upgrade)
	@$(LOCK) --group dev --output-file constraints.txt $(UPGRADE) > /dev/null
	@$(LOCK) --group build --no-annotate --output-file requirements.txt --constraint constraints.txt --upgrade > /dev/null

clean: ## forget the environment and every cache
	@rm -rf .venv tests/interop/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# Two stamps in one environment, so that a demo does not wait for test tools.

.venv/ready-to-run: requirements.txt pyproject.toml sdk/pyproject.toml plugins/placement_records/pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit(f"Python 3.11 or newer is needed, $(PYTHON) is {v[0]}.{v[1]}; name another one: make PYTHON=python3.13")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python's venv module is incomplete; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "First use: installing into .venv (about half a minute) ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) --no-deps --require-hashes --only-binary :all: -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation -e ./sdk -e ./plugins/placement_records -e .
	@$(RUN) -m pip check --quiet
	@touch $@

.venv/ready-to-develop: constraints.txt .venv/ready-to-run
	@echo "First use: installing the test tools (about a minute) ..."
	@$(PIP) --no-deps --require-hashes --only-binary :all: -r constraints.txt
	@$(RUN) -m pip check --quiet
	@touch $@
