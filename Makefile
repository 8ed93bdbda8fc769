# The one door for people and for CI. A fresh machine needs Python 3.10 or newer, git and make;
# everything else, Node.js included, comes into .venv from the package registries.
# Plain recipes only (macOS still ships GNU make 3.81): what needs more lines is in tools/.

SHELL := bash
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help

VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
MADE := .venv/made
# Node.js itself before the Python wrapper of the same name in $(BIN).
export PATH := $(VENV)/node:$(BIN):$(PATH)
export VIRTUAL_ENV := $(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1
unexport PYTHONPATH PYTHONHOME

# `make PYTHON=python3.12 …` chooses the interpreter; else tools/venv.sh finds one.
PYTHON ?=
export PYTHON
# JupyterLab refuses to run as root unless told.
ALLOW_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
NOTEBOOK ?= examples/quickstart.ipynb

FRONT_END := $(shell find src style schema -type f 2>/dev/null) package.json tsconfig.json

# ---------------------------------------------------------------------------------------------

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(MADE)/develop ## Make .venv, install the package, build the front end

.PHONY: demo
demo: setup ## Run the quickstart for real on this machine, in the terminal
	@python tools/demo.py $(NOTEBOOK)

.PHONY: lab
lab: setup ## Open JupyterLab on the quickstart
	@jupyter lab $(ALLOW_ROOT) --LabApp.default_url=/lab/tree/$(NOTEBOOK)

.PHONY: test
test: setup lint types-in-step docs test-python test-js test-browser ## Everything that CI asks for
	@echo "make test: all passed"

.PHONY: check
check: setup lint types-in-step test-js ## The fast part of `make test`: no browser, nothing slow
	@tools/pytest.sh -m "not slow and not chaos and not browser"
	@echo "make check: all passed"

# ---- linters ----------------------------------------------------------------------------------

.PHONY: lint lint-python lint-js
lint: lint-python lint-js ## ruff, pyright, import borders, eslint, prettier, stylelint, tsc

lint-python: $(MADE)/python
	ruff check .
	ruff format --check .
	lint-imports
	tools/pyright.sh

lint-js: $(MADE)/node
	jlpm lint:check
	jlpm typecheck:test

.PHONY: format
format: $(MADE)/node ## Let ruff, prettier and eslint mend what they can
	ruff check --fix-only .
	ruff format .
	jlpm lint

# ---- generated files ----------------------------------------------------------------------------

.PHONY: types types-in-step
types: $(MADE)/node ## Write openapi.json, the TypeScript types and the reference pages
	@tools/types.sh

types-in-step: $(MADE)/node
	@tools/types.sh --check

# ---- tests --------------------------------------------------------------------------------------

.PHONY: test-python test-js test-browser
test-python: setup $(MADE)/mlflow ## pytest
	@tools/pytest.sh

test-js: $(MADE)/node ## Jest
	jlpm test

test-browser: setup ## The journeys in a real browser (Galata)
	@tools/browser_tests.sh

# ---- the rest -----------------------------------------------------------------------------------

.PHONY: docs
docs: $(MADE)/docs ## Build the documentation; a warning is an error
	python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

.PHONY: bench
bench: setup ## Measure, with peers in the same round; prints ratios
	python -m bench $(BENCH)

.PHONY: wheel
wheel: $(MADE)/node ## Build dist/*.whl and prove that it installs without Node.js
	@tools/wheel.sh

.PHONY: constraints
constraints: $(MADE)/venv ## Solve the pins of constraints.txt again
	@tools/constraints.sh

.PHONY: clean
clean: ## Remove everything that make made, .venv included
	rm -rf .venv build dist lib node_modules ui-tests/node_modules ui-tests/test-results \
		ui-tests/playwright-report jupyter_aml/labextension jupyter_aml/_version.py docs/_build \
		tsconfig.tsbuildinfo .pytest_cache .ruff_cache .hypothesis .import_linter_cache junit.xml
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- what the targets above stand on: each made once, again when its sources change --------------

$(MADE)/venv: tools/venv.sh
	@tools/venv.sh
	@mkdir -p $(MADE) && touch $@

# The editable install: the Python half is live, the front end is built below.
$(MADE)/python: $(MADE)/venv pyproject.toml constraints.txt
	@tools/python_deps.sh
	@touch $@

$(MADE)/node: $(MADE)/python package.json yarn.lock
	@tools/jlpm_install.sh .
	@touch $@

$(MADE)/front-end: $(MADE)/node $(FRONT_END)
	jlpm build:prod
	@touch $@

# JupyterLab then sees the folder that a build writes, not a copy of it.
$(MADE)/develop: $(MADE)/front-end
	jupyter-builder develop . --overwrite
	@touch $@

# MLflow's own server, which some tests start: an environment over .venv, for itself.
$(MADE)/mlflow: $(MADE)/python tools/mlflow_venv.sh
	@tools/mlflow_venv.sh
	@touch $@

$(MADE)/docs: $(MADE)/python
	uv pip install --quiet --constraint constraints.txt --group docs
	@touch $@
