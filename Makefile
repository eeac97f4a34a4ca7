# setup, demo and test need nothing but Debian with Python 3.11 or 3.12; demo and test set up by themselves.
.PHONY: setup demo test check lint quality
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

check: lint
	@$(BIN)/python -m pytest -n 2 -q -m "not slow"

# The reader's figures against their floors, and into docs/quality.md. Ten minutes the first time.
quality: setup
	@$(BIN)/python -W ignore -m tests.quality.gate --page docs/quality.md

lint: setup
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
