# Two commands do everything on a fresh machine: `make repro` rebuilds, `make test` checks.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
# requirements.txt with all that it brings along and the digest of every file; REQUIREMENTS=requirements.txt does without
REQUIREMENTS ?= requirements.lock
# how many stages at a time
LANES ?= 2
# stages call `python`: it must be the one of .venv, also where the folder's path has a space
RUN := PATH="$(CURDIR)/$(BIN):$$PATH"

.PHONY: repro mend verify compare test test-slow lint audit lock bench readme

# every stage whose inputs or parameters changed, up to the HTML reports; `dvc repro` does the same one after the other;
# exec: make tells the shell alone to end, not what that started
repro: $(INSTALLED)
	exec env $(RUN) OMP_WAIT_POLICY=PASSIVE python -m stages.rebuild --lanes $(LANES)

mend: $(INSTALLED)  ## notes that a killed DVC left cut off (make repro does that too), damaged objects of its cache
	$(RUN) python -m stages.mend

# make hands A and B to the shell as variables: no sign in the name of a revision is a command
compare: export A ?= HEAD
compare: export B ?= workspace
compare: $(INSTALLED)  ## two runs side by side: make compare A=HEAD~1 B=workspace
	$(RUN) python -m stages.compare -- "$$A" "$$B"

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

readme: $(INSTALLED)  ## the tables of README.md from benchmarks/runs, that of the page of provenance from dvc.yaml
	$(RUN) python -m benchmarks.tables
	$(RUN) python -m benchmarks.pipeline

# a second call installs nothing; a changed list installs what changed
$(INSTALLED): $(REQUIREMENTS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(RUN) python -m pip install --quiet --disable-pip-version-check \
	  $(if $(filter %.lock,$(REQUIREMENTS)),--require-hashes) -r $(REQUIREMENTS)
	touch $@
