# `make` lists the targets. Each makes the environment it needs in .venv, once.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMPS := $(VENV)/installed
LOG := $(VENV)/install.log
# A file of tests stays together: its tests share what is slow to set up.
TESTS := $(RUN) -m pytest --numprocesses auto --dist loadfile
# What the compiled engine is built from.
NATIVE := setup.py $(wildcard autograd/*.pxd autograd/*.h autograd/kernel*.py autograd/gate*.py autograd/lane*.py \
	autograd/formula.py autograd/update_rules.py autograd/changes.py autograd/backward.py autograd/value.py autograd/tensor.py \
	autograd/tape/*.p* autograd/tape/*.h)
.PHONY: help demo test lint bench docs dist clean
.DEFAULT_GOAL := help
# Two runs of pip at once would write the same environment.
.NOTPARALLEL:

help:
	@echo "make demo    train a net on the Iris flowers and draw it; the pictures come to out/"
	@echo "make test    lint, types and all tests"
	@echo "make lint    lint, format and types alone"
	@echo "make bench   measure, as benchmarks/README.md says"
	@echo "make docs    run the examples of all pages, draw their pictures again, and build the site, in site/"
	@echo "make dist    build the source distribution and the wheel, in dist/, and try the wheel"
	@echo "make clean   remove $(VENV) and everything else that was made here"
	@echo "PYTHON=...   the Python (3.11 or later) that makes $(VENV); now $(PYTHON)"

demo: $(STAMPS)/plots
	@$(RUN) examples/iris_softmax.py --out out

# All tests on both scalar engines, which must not differ; the plain one alone without a compiler.
test: lint | $(STAMPS)/programs
	@echo "testing the plain Python engine"
	@GATEGRAD_ENGINE=python $(TESTS)
	@if [ "$$($(RUN) -c 'import autograd; print(autograd.engine)')" = native ]; then \
		echo "testing the compiled engine"; $(TESTS); \
	else \
		echo "the compiled engine was not built, for want of a C compiler: it was not tested"; \
	fi

lint: $(STAMPS)/dev
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

bench: $(STAMPS)/bench
	@for name in moons traced_moons tracing_cost memory_per_node scalar_gpt time_per_node \
		array_engine gradient_check mnist_epoch trainings drawing; do \
		echo "== benchmarks/$$name.py"; $(RUN) benchmarks/$$name.py || exit 1; \
	done

# Strict: a broken link fails, and so does a public name of which the reference says nothing.
docs: $(STAMPS)/dev
	@for name in page_examples supported_functions gate_table rooms example_runs; do \
		$(RUN) docs/$$name.py || exit 1; \
	done
	@NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --quiet
	@$(RUN) docs/public_names.py site
	@echo "the site is in site/; look at it with: $(RUN) -m mkdocs serve"

$(STAMPS)/programs: | $(STAMPS)/dev
	@sh tests/install_programs.sh $(VENV)/programs.log
	@touch $@

# The wheel must have all that it needs and nothing else: it is tried in an environment of its own.
dist: $(STAMPS)/release
	@rm -rf dist
	@GATEGRAD_REQUIRE_NATIVE=1 $(RUN) -m build >$(VENV)/build.log 2>&1 || { tail -n 30 $(VENV)/build.log; exit 1; }
	@$(RUN) -m twine check --strict dist/*
	@$(RUN) tests/distributions.py dist
	@rm -rf $(VENV)/wheel && $(PYTHON) -m venv $(VENV)/wheel
	@$(VENV)/wheel/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	@$(VENV)/wheel/bin/python -m pip check
	@cd $(VENV) && wheel/bin/python $(CURDIR)/tests/installed_wheel.py

clean:
	rm -rf $(VENV) out site build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each extra: while it is newer than what it is made from, pip is not run. The install
# is editable, so only a change of what is compiled needs a new one.
$(STAMPS)/%: pyproject.toml $(NATIVE) | $(VENV)
	@mkdir -p $(STAMPS)
	@printf 'installing gategrad and what "make $(or $(MAKECMDGOALS),$@)" needs ... '
	@$(RUN) -m pip install --disable-pip-version-check --editable '.[$*]' >$(LOG) 2>&1 \
		|| { echo "failed; pip said:"; cat $(LOG); exit 1; }
	@touch $@
	@$(RUN) -c 'import autograd; print("done, with the", \
		"compiled engine" if autograd.engine == "native" else \
		"plain Python engine: the compiled one needs a C compiler")'

$(VENV):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
		"gategrad needs Python 3.11 or later, and $(PYTHON) is %d.%d: make PYTHON=python3.11 ..." \
		% sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
