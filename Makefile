# Two commands do everything on a fresh machine: `make repro` rebuilds, `make test` checks.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
# stages call `python`: it must be the one of .venv, also where the folder's path has a space
RUN := PATH="$(CURDIR)/$(BIN):$$PATH"

.PHONY: repro test test-slow lint bench readme

repro: $(INSTALLED)  ## every stage whose inputs or parameters changed, up to the HTML reports
	$(RUN) python -m dvc repro

test: lint  ## fast tests, under 3 minutes
	$(RUN) python -m pytest

test-slow: $(INSTALLED)  ## tests that rebuild small pipelines
	$(RUN) python -m pytest -m slow

lint: $(INSTALLED)
	$(RUN) ruff check .

bench: $(INSTALLED)  ## speed against the book's manner, side by side on this machine
	$(RUN) python -m benchmarks.speed

readme: $(INSTALLED)  ## the tables of README.md from the recorded runs in benchmarks/runs
	$(RUN) python -m benchmarks.tables

# a second call installs nothing; a changed requirements.txt installs what changed
$(INSTALLED): requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(RUN) python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@
