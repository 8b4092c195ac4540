# Everything is one of these targets; `make help` lists them.
# Needs Python 3.11 or newer and make, nothing else.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
PACKAGES := clara temporal store workflows activities adapters workers gateway benchmarks

.DEFAULT_GOAL := help
.PHONY: help setup chat start stop install-command test test-lxd check format docs chaos bench bench-peers bench-memory record lock \
	clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

setup: .venv/installed ## Make the environment in .venv
	@echo "Ready. Talk to Clara with: make chat, or $(BIN)/clara chat. To have the command clara everywhere: make install-command"

chat: .venv/installed ## Talk to Clara; starts everything that she needs
	@$(BIN)/clara chat

start: .venv/installed ## Start Clara in the background (clara status, clara stop)
	@$(BIN)/clara start

stop: .venv/installed ## Stop what `make start` started
	@$(BIN)/clara stop

install-command: .venv/installed ## Make the command `clara` available everywhere, as a link in ~/.local/bin
	@mkdir -p "$$HOME/.local/bin"
	@if test -e "$$HOME/.local/bin/clara" && ! test -L "$$HOME/.local/bin/clara"; then \
		echo "$$HOME/.local/bin/clara is there already and is no link of ours; move it away first." >&2; exit 1; fi
	@ln -sfn "$(CURDIR)/$(BIN)/clara" "$$HOME/.local/bin/clara"
	@case ":$$PATH:" in *":$$HOME/.local/bin:"*) echo "Now: clara chat" ;; \
		*) echo "Made $$HOME/.local/bin/clara. Add that folder to your PATH, then: clara chat" ;; esac

check: .venv/installed-dev ## Format, lint, types, layers, compose file: under a minute
	@$(MAKE) --no-print-directory -j 2 check-types check-rest

.PHONY: check-types check-rest
check-types:
	@$(BIN)/mypy $(addprefix -p ,$(PACKAGES))

check-rest:
	@$(BIN)/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo | tail -n 2
	@$(BIN)/python -m tests -q --no-header -p no:warnings tests/house

format: .venv/installed-dev ## Format the code and fix what ruff can fix
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

docs: .venv/installed-dev ## Write what is told of the settings: .env.example, docs/configuration.md, docker-compose.yml
	@$(BIN)/python deploy/settings.py

test: check ## All checks and all tests, in PROCESSES=4 side by side
	@$(BIN)/python -m tests.needs
	@$(BIN)/python -m tests -q --no-header --numprocesses $(PROCESSES) --ignore tests/house
PROCESSES ?= 4

test-lxd: .venv/installed-dev ## The sandbox in LXD, which this installs on Debian; the server is one of its own
	@$(BIN)/python -c "from tests import lxd; lxd.install()"
	@TEST_INCUS=1 $(BIN)/python -m tests -q --no-header tests/activities/sandbox/test_conformance.py -k incus

chaos: .venv/installed-dev ## Kill processes at random: TURNS=200 KILLS=100 SEED=1 make chaos; LONG=1 takes a night
ifdef LONG
	@$(BIN)/python -m tests.chaos.long
else
	@$(BIN)/python -m tests.chaos
	@CLARA_CHAOS_MESSAGES=200 CLARA_CHAOS_SEED=$(or $(SEED),1) $(BIN)/python -m tests -q --no-header --timeout 900 tests/adapters/discord/test_chaos.py
	@CLARA_KILLS=50 $(BIN)/python -m tests -q --no-header --timeout 1800 tests/workflows/test_killed_approvals.py
	@CLARA_MESSAGES=2000 $(BIN)/python -m tests -q --no-header tests/workflows/test_conversation.py tests/workflows/test_flood.py -k "many_runs or flood"
	@CLARA_SPLIT_CASES=10000 $(BIN)/python -m tests -q --no-header --timeout 900 tests/clara/test_splitting.py
endif

bench: .venv/installed-dev ## Figures of speed, growth and recovery, as ratios against baselines
	@$(BIN)/python -m benchmarks

bench-peers: .venv/installed-dev .venv-peers/installed ## Clara beside other projects, on one server in one run
	@$(BIN)/python -m benchmarks.peers

bench-memory: .venv/installed-dev ## Quality and speed of the memory
	@$(BIN)/python -m benchmarks.memory

record: .venv/installed-dev ## Record golden histories of the workflows: RELEASE=2026.48 make record
	@$(BIN)/python -m tests -q --no-header tests/replay/record.py tests/replay/record_plugins.py tests/replay/record_schedules.py

lock: .venv/installed-dev ## Compile the requirements again
	@$(BIN)/uv pip compile --group installer -o requirements-installer.lock $(LOCK)
	@$(BIN)/uv pip compile pyproject.toml --group build -c deploy/constraints.txt -o requirements.lock $(LOCK)
	@$(BIN)/uv pip compile pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock $(LOCK)
	@for extra in $$($(BIN)/python deploy/extras.py); do \
		$(BIN)/python deploy/extras.py $$extra | $(BIN)/uv pip compile - -c requirements.lock -o requirements-$$extra.lock $(LOCK) || exit 1; done
	@$(BIN)/uv pip compile benchmarks/peers/requirements.in -o benchmarks/peers/requirements.lock $(LOCK)
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet

clean: ## Remove the environment and caches; CLARA_HOME stays
	rm -rf .venv .venv-peers .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Clara needs Python 3.11 or newer, and none was found." >&2; exit 1; }
	@echo "Making the environment in .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --without-pip .venv || { rm -rf .venv; exit 1; }

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing packages, about half a minute the first time"
	@$(PYTHON) deploy/install.py .venv requirements.lock
	@$(BIN)/uv pip install --quiet --offline --python .venv $(CLARA) 2>/dev/null || \
		$(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet $(CLARA)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -c "import $(STARTED)"
	@touch $@
CLARA := --no-deps --no-build-isolation -e .
# Unlike pip, uv compiles no bytecode. Importing does, and only what a start imports: all of it takes ten times as long.
STARTED := workers.__main__, workers.serving, activities.web.child, adapters.cli.app, adapters.cli.chat.interactive, \
	gateway.stack.ready, gateway.supervision.enduring, gateway.embedded.postgres, alembic.command, sqlalchemy.dialects.postgresql.psycopg

.venv/installed-dev: requirements-dev.lock .venv/installed
	@echo "Installing the tools for tests and checks"
	@UV_COMPILE_BYTECODE=1 $(PYTHON) deploy/install.py .venv requirements-dev.lock
	@touch $@

.venv-peers/installed: benchmarks/peers/requirements.lock
	@echo "Installing the projects that Clara is compared with, in an environment of their own"
	@$(PYTHON) -m venv --clear --without-pip .venv-peers
	@$(PYTHON) deploy/install.py .venv-peers benchmarks/peers/requirements.lock
	@touch $@
