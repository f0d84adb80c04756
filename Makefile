# The commands people lean on. `make run` and `make test` need nothing but python3 with venv and pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
PIP := -m pip install --quiet --disable-pip-version-check

.PHONY: run test matrix full check format bench lock
.DEFAULT_GOAL := run

run: $(VENV)/.run-stamp
	@exec $(BIN)/python -m lineage_site.launcher

test: $(VENV)/.dev-stamp
	@exec $(BIN)/python -m pytest

# workers x disturbances x networks, each the same to the bit; minutes
matrix: $(VENV)/.dev-stamp
	@exec $(BIN)/python -m pytest tests/arena/services/test_matrix.py tests/arena/services/test_forks.py -m "matrix or not matrix"

# every single change of every column, each before the whole audit; minutes
full: $(VENV)/.dev-stamp
	@exec $(BIN)/python -m pytest tests/arena/services/test_audit_of_changes.py -m "full or not full"

check: $(VENV)/.dev-stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python -m pytest -q tests/lineage_site/test_lock.py

format: $(VENV)/.dev-stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# everything in half an hour, or ONLY=p1,p3
bench: $(BENCH)/.stamp
	@exec $(BENCH)/bin/python -m benchmarks.run $(ONLY)

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements-files.in -o requirements-files.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt

$(VENV)/.run-stamp: requirements.txt
	@$(PYTHON) lineage_site/launcher/machine.py
	@echo "Setting up $(VENV): installing $$(grep -c == requirements.txt) pinned packages, about half a minute, once."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP) --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev-stamp: $(VENV)/.run-stamp requirements-dev.txt
	@echo "Adding what the tests and checks need: $$(grep -c == requirements-dev.txt) pinned packages, once."
	@$(BIN)/python $(PIP) --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@

$(BENCH)/.stamp: requirements.txt requirements-bench.txt
	@$(PYTHON) lineage_site/launcher/machine.py
	@echo "Setting up $(BENCH) with the peers to compare with; PyTorch is large, this takes minutes, once."
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python $(PIP) --require-hashes -r requirements.txt
	@$(BENCH)/bin/python $(PIP) -r requirements-bench.txt
	@touch $@
