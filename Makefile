# The two commands of the README are `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
CLIENT := src/hustings/site/client/.vite/manifest.json
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup client demo test check fix bench lock clean

help: ## This list.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: $(BIN)/.ready $(CLIENT) ## Prepare the environment and the client; nothing else.

$(BIN)/.ready: requirements/dev.txt requirements/node.txt pyproject.toml
	@echo "Making .venv and installing the locked packages (a minute or two the first time)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

web/node_modules/.ready: web/package.json web/package-lock.json $(BIN)/.ready
	@tools/node npm --prefix web ci --no-audit --no-fund --loglevel=error
	@touch $@

client: $(CLIENT) ## Build the web client.
$(CLIENT): web/node_modules/.ready $(shell find web/src web/messages web/public web/index.html web/vite.config.ts -type f 2>/dev/null)
	@echo "Building the client…"
	@tools/node npm --prefix web run --silent build

demo: setup ## Set up a demonstration and serve it.
	@$(BIN)/hustings demo $(ARGS)

test: setup ## Every test and every check, on SQLite, and on PostgreSQL where there is one.
	@tools/test

check: setup ## Types, style, arrows, the client's types, the size report.
	@tools/check

fix: setup ## Format and mend what machines can mend.
	@$(BIN)/ruff check --fix --quiet src tests benchmarks web/e2e || true
	@$(BIN)/ruff format --quiet src tests benchmarks web/e2e

bench: setup ## Every benchmark, as JSON.
	@for name in ingest feed events log browser; do $(BIN)/hustings bench $$name --json; done

lock: ## Renew the lock files (needs uv).
	@for f in base dev node verify; do uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate \
	  --python-version 3.11 --custom-compile-command "make lock" requirements/$$f.in -o requirements/$$f.txt; done

clean: ## Remove what was built; data in var/ stays.
	@rm -rf .venv web/node_modules src/hustings/site/client artefacts
