# Two front doors: `make run` and `make test`. Both set up .venv by themselves; needed are Python 3.11+ and make.

PYTHON ?= python3
ARGS ?=
# Half as many again as there are cores, since many tests wait for processes, sockets and a browser.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(3 * (os.cpu_count() or 2) // 2)')

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test storm mutants lint format types contracts check rehearse bench words clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.run  ## start Milepost; with no tokens set, the playground with a demo cohort
	@$(PY) -m bot $(ARGS)

# Where an image has Python keep nothing that it compiled, every worker and program of the tests would compile it all again.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.dev  ## run the tests on all cores (ARGS="tests/test_wheel.py -x" narrows them)
	$(PY) -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

storm: $(VENV)/.dev  ## look harder: hostile input, bent calendars, every zone, seasons of 40, 20,000 seeds of the sender, 900 kills (an hour)
	HYPOTHESIS_PROFILE=storm $(PY) -m pytest --numprocesses auto --dist worksteal tests/test_hostile.py \
		tests/test_bending_machine.py tests/test_bending.py tests/test_schedule.py tests/test_season.py tests/sim -rP $(ARGS)
	HYPOTHESIS_PROFILE=storm $(PY) -m pytest --capture=no tests/storm $(ARGS)

mutants: $(VENV)/.dev  ## take each guard of the delivery away in a copy; a test must turn red (ARGS="settle" for one)
	$(PY) tests/mutants.py $(ARGS)

lint: $(VENV)/.dev  ## check style and formatting
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: $(VENV)/.dev  ## mend what lint can mend
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

types: $(VENV)/.dev  ## check types, strictly
	$(PY) -m mypy

contracts: $(VENV)/.dev  ## check who imports whom
	$(VENV)/bin/lint-imports

check: $(VENV)/.run  ## lint the curricula and the translations
	$(PY) -m bot check $(ARGS)

rehearse: $(VENV)/.run  ## play a season offline (ARGS="--timezone Asia/Seoul --html season.html")
	$(PY) -m bot rehearse $(ARGS)

words: $(VENV)/.run  ## bring the translations in step with what the code says
	@$(PY) -m bot.locales

bench: $(VENV)/.dev  ## measure search, the bot on Discord and on Slack, a million due posts, 200 cohorts announced to, pictures: how well, how fast, beside what else
	$(PY) tests/bench/search.py
	$(PY) tests/bench/discord.py
	$(PY) tests/bench/slack.py
	$(PY) tests/bench/due.py
	$(PY) tests/bench/announce.py
	$(PY) tests/bench/pictures.py

clean:  ## remove .venv and every cache, and nothing that was remembered
	rm -rf $(VENV) dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find bot migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp says that .venv holds what pyproject.toml asked for: first what running needs, then what developing needs.
$(VENV)/.run: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Milepost needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	@echo "Setting up $(VENV) (once, takes a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Adding what the tests and checks need to $(VENV) (once)"
	@$(PIP) install --editable '.[dev]'
	@touch $@
