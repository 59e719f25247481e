# The commands of this repository; `make help` lists them. Each does whatever set-up it needs, once.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
WORKERS ?= 4
BIN := .venv/bin
BENCHMARKS := drain latency conversations parse phrases rules
SERVERS := dovecot-imapd dovecot-lmtpd opendkim postfix postgresql

DEMO_READY := .venv/.demo-ready
DEV_READY := .venv/.dev-ready

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- set-up ------------------------------------------------------------------------------------------------

$(BIN)/pip:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/apt-install python3-venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv

# $(call install,LOCK FILE): exactly the locked packages, then this project beside them.
define install
	@echo "installing the packages of $(1) into .venv"
	@$(BIN)/pip install -qq --require-hashes --only-binary :all: --requirement $(1)
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@
endef

$(DEMO_READY): requirements.lock pyproject.toml | $(BIN)/pip
	$(call install,requirements.lock)

$(DEV_READY): requirements-dev.lock pyproject.toml | $(BIN)/pip
	$(call install,requirements-dev.lock)

.PHONY: setup
setup: $(DEV_READY) ## Make .venv with everything for development

.PHONY: setup-servers
setup-servers: ## Install the Debian packages of the servers the tests start
	@.ci/apt-install $(SERVERS) || echo "going on: the tests that need them say what is missing"

.PHONY: lock
lock: $(BIN)/pip ## Pin the newest allowed packages in the lock files
	@test -x $(BIN)/uv || $(BIN)/pip install --quiet uv
	$(call compile,--extra build --extra demo --output-file requirements.lock)
	$(call compile,--extra dev --constraints requirements.lock --output-file requirements-dev.lock)

# $(call compile,ARGUMENTS): a lock for every system and Python we support, without a word on where packages come from.
define compile
$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(1) pyproject.toml
endef

# --- work --------------------------------------------------------------------------------------------------

.PHONY: demo
demo: $(DEMO_READY) ## Play six mails through a gateway, servers included
	$(BIN)/python -m mailgateway.demo

.PHONY: check
check: $(DEV_READY) ## Look at the code without running it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
# Further checks (generated pages against the code, and the like): one line each, here.

.PHONY: test
test: $(DEV_READY) setup-servers check ## Check, then run every test but the long ones
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

.PHONY: soak
soak: $(DEV_READY) setup-servers ## Run the long random tests
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n $(WORKERS) -m soak

.PHONY: bench
bench: $(DEV_READY) setup-servers ## Run the benchmarks
	for name in $(BENCHMARKS); do $(BIN)/python -m "bench.$$name"; done

.PHONY: mutate
mutate: $(DEV_READY) ## List what can be changed in the core of the rules without a test that notices (as committed)
	rm -rf build/mutation && git clone --quiet . build/mutation
	cd build/mutation && $(CURDIR)/$(BIN)/python -m mutmut run --max-children $(WORKERS)
	cd build/mutation && $(CURDIR)/$(BIN)/python -m mutmut results

.PHONY: eval
eval: $(DEV_READY) ## Score how well mail is read, on the sealed sets, and split, on all
	$(BIN)/python -m bench.evaluate
	$(BIN)/python -m bench.split

.PHONY: docs
docs: $(DEV_READY) ## Make those pages of docs/ that are made from the code
	$(BIN)/python -m mailgateway.config.reference > docs/configuration.md.new
	mv docs/configuration.md.new docs/configuration.md
	$(BIN)/python -m mailgateway.cli.reference > docs/commands.md.new
	mv docs/commands.md.new docs/commands.md
	$(BIN)/python -m mailgateway.cli.rules.pages docs/rules/*.md

.PHONY: format
format: $(DEV_READY) ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: clean
clean: ## Remove whatever these commands made here
	rm -rf .venv build dist demo-state .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
