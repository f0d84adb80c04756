# The commands people lean on. `make run` and `make test` need nothing but python3 with venv and pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
SUPPLY := .venv-supply
PIP := -m pip install --quiet --disable-pip-version-check

# interpreters to compare with in `make full`: those found here, or PYTHONS="/some/python3.12 /another/python3.13"
PYTHONS ?= $(foreach minor,11 12 13 14,$(shell command -v python3.$(minor) 2>/dev/null;))
OTHERS := .venv-others
DEPLOY := .venv-deploy

# one process more than there are cores (tests/conftest.py): each takes one file of tests after another,
# so that what a file sets up is set up once
SPREAD := -n logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder

# tests of these files, folders or words of names: ONLY=tests/arena/engine, ONLY="fence or lease"
CHOSEN = $(if $(ONLY),$(if $(wildcard $(firstword $(subst ::, ,$(ONLY)))),$(ONLY),-k "$(ONLY)"))

# rooms whose tests are many and short
QUICK := tests/agents tests/arena/engine tests/arena/forms tests/arena/people tests/arena/views \
	tests/docs tests/doors $(wildcard tests/test_*.py)

# runs a command, and says what helps where it fails: $(call prove,command,remedy)
prove = @echo '$(1)'; $(1) || { echo 'TO MEND IT: $(2)'; exit 1; }

MIGRATIONS = $(BIN)/python manage.py makemigrations
# tests by name of what a route, a chart, a cost, a column or a cause of death must have
TABLES = tests/agents tests/arena/engine/generations tests/arena/selectors/learn tests/arena/store \
	tests/docs tests/doors tests/js tests/ml/networks tests/test_costs.py
MEND_IMPORTS = move the code to the layer it belongs to, or import from a lower one: pyproject.toml

.PHONY: setup run dev test quick full matrix check lint format bench soak lock supply yanked plotly deploy-check
.DEFAULT_GOAL := run

# all that the tests and checks need, and nothing more
setup: $(VENV)/.dev-stamp

run: $(VENV)/.run-stamp
	@exec $(BIN)/python -m lineage_site.launcher

# the same with DEBUG, one worker, and the log on the terminal; what is edited starts again
dev: $(VENV)/.run-stamp
	@exec $(BIN)/python -m lineage_site.launcher dev

test: $(VENV)/.dev-stamp
	@exec $(BIN)/python -m pytest $(SPREAD) $(CHOSEN)

# about a minute on two cores: one test that takes a third of that is none for here
quick: $(VENV)/.dev-stamp
	@exec $(BIN)/python -m pytest $(SPREAD) --quick --timeout 20 $(QUICK)

# what takes too long for every change: all tests of kernels with every index looked at, sameness on every interpreter there is, and
# every column of every table changed before the whole audit
full: $(VENV)/.dev-stamp
	@for python in $(PYTHONS); do \
		place=$(OTHERS)/$$($$python -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue; \
		test -e $$place/.stamp && cmp -s $$place/.stamp requirements.txt && continue; \
		echo "Setting up $$place, once."; \
		$$python -m venv $$place && $$place/bin/python $(PIP) --require-hashes -r requirements.txt && cp requirements.txt $$place/.stamp; \
	done
	@INTERPRETERS=$$(ls -d $(CURDIR)/$(OTHERS)/*/bin/python 2>/dev/null | paste -sd: -) exec $(BIN)/python -m pytest $(SPREAD) -m full

# workers x disturbances x networks, each the same to the bit; minutes
matrix: $(VENV)/.dev-stamp
	@exec $(BIN)/python -m pytest tests/arena/services/running/test_matrix.py tests/arena/services/experiments/test_forks.py -m "matrix or not matrix"

# each check with what helps where it fails
check: lint
	$(call prove,$(BIN)/python -m pytest -q tests/lineage_site/test_lock.py,make lock)
	$(call prove,$(BIN)/python -m pytest -q -m tables $(TABLES),add what the test names)

# the checks that are no tests
lint: $(VENV)/.dev-stamp
	$(call prove,$(BIN)/ruff format --check .,make format)
	$(call prove,$(BIN)/ruff check .,make format; what it leaves, ruff rule CODE explains)
	$(call prove,$(BIN)/mypy,give the function the types of its arguments and of its result)
	$(call prove,$(BIN)/lint-imports --no-cache --no-logo,$(MEND_IMPORTS))
	$(call prove,$(MIGRATIONS) --check --dry-run,$(MIGRATIONS) --name WHAT_CHANGED)

format: $(VENV)/.dev-stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# twenty minutes of ten pages a second beside the demo: memory and latency by the minute
soak: $(VENV)/.dev-stamp
	@exec $(BIN)/python -m benchmarks.live.soak

# everything in an hour and a half, or ONLY=p1,p3
bench: $(BENCH)/.stamp
	@exec $(BENCH)/bin/python -m benchmarks.run $(ONLY)

lock:
	@for name in requirements requirements-files requirements-objects requirements-exchange requirements-dev requirements-bench requirements-supply requirements-deploy; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $$name.in -o $$name.txt || exit 1; \
	done

# the charts' library again, from npm: vendor/plotly says of which parts and versions; needs node and npm
plotly:
	@cd vendor/plotly && npm ci && exec node build.mjs

# the image's recipe, the chart and all that stands in deploy, by the tools of their makers; builds and starts nothing
deploy-check: $(VENV)/.dev-stamp $(DEPLOY)/.stamp
	@exec $(BIN)/python -m pytest -q tests/deploy

# what the product is made of, from an environment that holds nothing else, and under which licences
supply: $(SUPPLY)/.stamp
	@mkdir -p var/supply
	@$(SUPPLY)/tools/bin/cyclonedx-py environment --output-reproducible --output-format JSON --output-file var/supply/sbom.json $(SUPPLY)/run/bin/python
	@$(SUPPLY)/tools/bin/pip-licenses --python=$(SUPPLY)/run/bin/python --format=markdown --order=license --with-urls --output-file=var/supply/licences.md
	@$(SUPPLY)/tools/bin/pip-licenses --python=$(SUPPLY)/run/bin/python --summary
	@echo "var/supply/sbom.json, var/supply/licences.md"

# does a lock hold a version that its makers have withdrawn? Says so loudly where no index can be asked
yanked:
	@$(MAKE) --silent $(SUPPLY)/.tools-stamp || { echo "NOT CHECKED for withdrawn versions: the tools could not be installed."; exit 0; }; \
	PATH=$(SUPPLY)/tools/bin:$$PATH .ci/yanked

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
	@$(BENCH)/bin/python $(PIP) --require-hashes -r requirements.txt -r requirements-bench.txt
	@touch $@

$(SUPPLY)/.stamp: $(SUPPLY)/.tools-stamp requirements.txt
	@$(PYTHON) -m venv $(SUPPLY)/run && $(SUPPLY)/run/bin/python $(PIP) --require-hashes -r requirements.txt
	@touch $@

$(DEPLOY)/.stamp: requirements-deploy.txt
	@$(PYTHON) -m venv $(DEPLOY)
	@$(DEPLOY)/bin/python $(PIP) --require-hashes -r requirements-deploy.txt
	@touch $@

$(SUPPLY)/.tools-stamp: requirements-supply.txt
	@$(PYTHON) -m venv $(SUPPLY)/tools && $(SUPPLY)/tools/bin/python $(PIP) --require-hashes -r requirements-supply.txt
	@touch $@
