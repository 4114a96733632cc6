# Two commands do everything on a fresh machine: `make repro` rebuilds, `make test` checks.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
# requirements.txt with all that it brings along and the digest of every file; REQUIREMENTS=requirements.txt does without
REQUIREMENTS ?= requirements.lock
# stages call `python`: it must be the one of .venv, also where the folder's path has a space
# how many stages at a time; each level needs those before it only
LANES ?= 2
LEVELS := 'download|draw|demonstrate|list' 'convert' 'train' 'evaluate|explore' 'report'
RUN := PATH="$(CURDIR)/$(BIN):$$PATH"

.PHONY: repro verify test test-slow lint audit lock bench readme

# Every stage whose inputs or parameters changed, up to the HTML reports. DVC runs one stage after the other, and most
# use one core; so stages that do not need each other are given to two DVCs that share the repository's lock, the longest,
# which stand last, before the others.
repro: $(INSTALLED)
	$(RUN) python -m dvc status --quiet || for level in $(LEVELS); do \
	  $(RUN) python -m dvc stage list --name-only | grep -E "^($$level)" | sed '1!G;h;$$!d' | \
	  $(RUN) OMP_WAIT_POLICY=PASSIVE xargs -n 4 -P $(LANES) python -m dvc --wait-for-lock repro --single-item || exit 1; \
	done
	$(RUN) python -m dvc repro

# AGAINST=<another dvc.lock> compares with that one, KEEP=1 keeps the clone
verify: $(INSTALLED)  ## rebuild the commit in a temporary clone and compare every output's bytes
	$(RUN) python -m benchmarks.verify $(if $(AGAINST),--against "$(AGAINST)") $(if $(KEEP),--keep)

test: lint  ## fast tests, minutes
	$(RUN) python -m pytest

test-slow: $(INSTALLED)  ## tests that rebuild small pipelines
	$(RUN) python -m pytest -m slow --dist loadfile

lint: $(INSTALLED)
	$(RUN) ruff check .
	$(RUN) python -m benchmarks.audit --warn

audit: $(INSTALLED)  ## fails where a package of requirements.lock has a known fault; lint only says so
	$(RUN) python -m benchmarks.audit

lock:  ## requirements.lock from requirements.txt, for every system; needs uv (made with 0.13.9)
	UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	  --no-emit-package pip requirements.txt --output-file requirements.lock
	$(RUN) python -m benchmarks.licences

bench: $(INSTALLED)  ## speed against the book's manner, side by side on this machine
	$(RUN) python -m benchmarks.speed
	$(RUN) python -m benchmarks.faces
	$(RUN) python -m benchmarks.face_training
	$(RUN) python -m benchmarks.basics

readme: $(INSTALLED)  ## the tables of README.md from the recorded runs in benchmarks/runs
	$(RUN) python -m benchmarks.tables

# a second call installs nothing; a changed list installs what changed
$(INSTALLED): $(REQUIREMENTS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(RUN) python -m pip install --quiet --disable-pip-version-check \
	  $(if $(filter %.lock,$(REQUIREMENTS)),--require-hashes) -r $(REQUIREMENTS)
	touch $@
