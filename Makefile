# setup, demo and test need nothing but Debian with Python 3.11 or 3.12; demo and test set up by themselves.
.PHONY: setup demo test test-faults soak check lint quality bench-poll bench-copies
.DEFAULT_GOAL := check

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

setup: $(STAMP)

# Quiet unless it fails. torch comes first, by itself: it is the largest, and the others only need to find it there.
$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || python3 -m venv $(VENV)
	@echo "setting up $(VENV) (about two minutes the first time)"
	@$(BIN)/python -m pip install -qq "$$(grep '^torch==' requirements.lock)"
	@$(BIN)/python -m pip install -qq -r requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup
	@$(BIN)/python -m deploy.demo

test: lint
	@$(BIN)/python -m pytest -n 2 -q

# Kills the program and breaks the network, run after run, on SQLite and on PostgreSQL.
test-faults: setup
	@$(BIN)/python -m tests.faults --runs 2000 --seed 0

# The whole system for half an hour at one-minute pace, while its parts are killed.
soak: setup
	@$(BIN)/python -W ignore -m tests.soak --out out/soak.json

check: lint
	@$(BIN)/python -m pytest -n 2 -q -m "not slow"

# The reader's figures against their floors, and into docs/quality.md. Ten minutes the first time. With VERDICTS=FILE.jsonl
# (from `volteface verdicts export`) also against what a desk has confirmed and denied.
quality: setup
	@$(BIN)/python -W ignore -m tests.quality.gate --page docs/quality.md
	@$(if $(VERDICTS),$(BIN)/python -W ignore -m tests.quality.verdicts $(VERDICTS))

# A pass over 2,000 feeds on loopback, beside feedparser + httpx and the library reader. Ten minutes.
bench-poll: setup
	@$(BIN)/python -W ignore -m tests.quality.bench_poll

# Edited copies found among the team's archive, and the memory of the index.
bench-copies: setup
	@$(BIN)/python -W ignore -m tests.quality.copies

lint: setup
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
