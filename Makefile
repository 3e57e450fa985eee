# What a developer does with the portal. `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.NOTPARALLEL:
.DEFAULT_GOAL := help

export PYTHON ?= python3
export PORT ?= 8000

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
PYTEST := $(BIN)/python -m pytest -q
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --quiet $(if $(UPGRADE),--upgrade)

.PHONY: help
help: ## List these commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

.PHONY: run
run: .venv/runtime ## Serve the portal with sample data on http://localhost:8000 (PORT=8001 for another port)
	@exec deploy/demo.sh

.PHONY: test
test: lint check test-sqlite test-postgres test-browser ## Run everything below, from lint to test-browser

.PHONY: test-full
test-full: ## The same with many times as many lives of offers and killed senders of mail, at random
	@LIFE_RUNS=250 KILL_ROUNDS=500 $(MAKE) test

.PHONY: lint
lint: .venv/development ## Look for mistakes and uneven style
	@echo "== Style"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: make format" >&2; exit 1; }
	$(BIN)/djlint --lint --quiet templates

.PHONY: check
check: .venv/development ## Check the settings of a production installation, and that no migration is missing
	@echo "== Settings and migrations"
	folder=$$(mktemp -d)
	trap 'rm -rf "$$folder"' EXIT
	manage=(env -i PATH="$$PATH" DATA_DIR="$$folder" ALLOWED_HOSTS=portal.example.org
		PORTAL_URL=https://portal.example.org EMAIL_URL=smtp://mail.example.org DEFAULT_FROM_EMAIL=portal@example.org
		ISU_EMAIL=isu@example.org
		SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')"
		$(BIN)/python manage.py)
	"$${manage[@]}" check --deploy --fail-level WARNING
	"$${manage[@]}" makemigrations --check --dry-run

.PHONY: test-sqlite
test-sqlite: .venv/development ## Run the tests on SQLite
	@echo "== Tests on SQLite"
	env -u DATABASE_URL $(PYTEST) -n 2 -m "not browser"

.PHONY: test-postgres
test-postgres: .venv/development ## Run the tests on PostgreSQL: TEST_DATABASE_URL, else a server of their own
	@echo "== Tests on PostgreSQL"
	if [ -n "$${TEST_DATABASE_URL:-}" ]; then
		DATABASE_URL="$$TEST_DATABASE_URL" $(PYTEST) -n 2 -m "not browser"
		exit
	fi
	status=0
	$(BIN)/python -m tests.postgres $(PYTEST) -n 2 -m "not browser" || status=$$?
	if [ $$status = 77 ] && [ "$${REQUIRE_POSTGRES:-}" != 1 ]; then
		echo "Skipped; REQUIRE_POSTGRES=1 would make this a failure."
		exit 0
	fi
	exit $$status

.PHONY: test-browser
test-browser: .venv/development ## Run the journeys in Chromium: CHROMIUM, else the one on PATH
	@echo "== Journeys in the browser"
	for name in "$${CHROMIUM:-}" chromium chromium-browser google-chrome; do
		if [ -n "$$name" ] && found=$$(command -v "$$name"); then break; fi
	done
	if [ -z "$${found:-}" ]; then
		echo "There is no Chromium on this machine; CHROMIUM may name one." >&2
		if [ "$${REQUIRE_BROWSER:-}" = 1 ]; then exit 1; fi
		echo "Skipped; REQUIRE_BROWSER=1 would make this a failure."
		exit 0
	fi
	env -u DATABASE_URL CHROMIUM="$$found" $(PYTEST) -m browser tests/browser

SIZES ?= 1000 10000 100000
EVENTS ?= 10000000

.PHONY: bench
bench: .venv/development ## Measure search, pages and recording on both databases (SIZES=1000 EVENTS=1000000 for a quick look)
	@echo "== Relevance of the search"
	$(BIN)/python -m tests.bench.relevance
	echo "== Speed"
	status=0
	env -u DATABASE_URL $(BIN)/python -m tests.bench --sizes $(SIZES) --result var/bench/sqlite.json || status=$$?
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.bench --sizes $(SIZES) --result var/bench/postgresql.json || status=$$?
	echo "== Recording and its figures"
	env -u DATABASE_URL $(BIN)/python -m tests.bench.recording --events $(EVENTS) --result var/bench/recording-sqlite.json || status=$$?
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.bench.recording --events $(EVENTS) --result var/bench/recording-postgresql.json || status=$$?
	exit $$status

.PHONY: format
format: .venv/development ## Put the Python files into the common form
	@$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

.PHONY: lock
lock: .venv/development ## Write the locked requirements anew (UPGRADE=1: with the newest versions)
	@$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt

.PHONY: clean
clean: ## Remove what can be made again; the data of the demonstration stays in var/
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis var/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: made anew only where it is missing or broken, filled only when the locked requirements changed.

.PHONY: environment
environment:
	@deploy/venv.sh

.venv/runtime: requirements.txt | environment
	@echo "Installing the requirements"
	$(PIP) install --require-hashes -r requirements.txt
	touch $@

.venv/development: requirements-dev.txt .venv/runtime | environment
	@echo "Installing the requirements for development"
	$(PIP) install --require-hashes -r requirements.txt -r requirements-dev.txt
	touch $@
