# `make` lists the targets. Each makes the environment it needs in .venv, once.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMPS := $(VENV)/installed
LOG := $(VENV)/install.log

.PHONY: help demo test lint bench docs clean
.DEFAULT_GOAL := help
# Two runs of pip at once would write the same environment.
.NOTPARALLEL:

help:
	@echo "make demo    train a net on the Iris flowers and draw it; the pictures come to out/"
	@echo "make test    lint, types and all tests"
	@echo "make lint    lint, format and types alone"
	@echo "make bench   run every script in benchmarks/"
	@echo "make docs    draw the pictures of the README again"
	@echo "make clean   remove $(VENV) and everything else that was made here"
	@echo "PYTHON=...   the Python (3.11 or later) that makes $(VENV); now $(PYTHON)"

demo: $(STAMPS)/plots
	@$(RUN) examples/iris_softmax.py --out out

test: lint
	@$(RUN) -m pytest

lint: $(STAMPS)/dev
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

bench: $(STAMPS)/bench
	@for script in benchmarks/*.py; do \
		[ -e "$$script" ] || { echo "benchmarks/ holds no script"; break; }; \
		echo "== $$script"; $(RUN) "$$script" || exit 1; \
	done

docs: $(STAMPS)/plots
	@$(RUN) docs/pictures.py

clean:
	rm -rf $(VENV) out build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each extra: while pyproject.toml is older than the stamp, pip is not run.
# The install is editable, so a change of the sources needs no new one.
$(STAMPS)/%: pyproject.toml | $(VENV)
	@mkdir -p $(STAMPS)
	@printf 'installing gategrad and what "make $(or $(MAKECMDGOALS),$@)" needs ... '
	@$(RUN) -m pip install --disable-pip-version-check --editable '.[$*]' >$(LOG) 2>&1 \
		|| { echo "failed; pip said:"; cat $(LOG); exit 1; }
	@touch $@
	@echo "done"

$(VENV):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
		"gategrad needs Python 3.11 or later, and $(PYTHON) is %d.%d: make PYTHON=python3.11 ..." \
		% sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
