STACK ?= dev
PYTHON ?= python3
VENV := venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: preview test lint format schema docs bench up clean

preview: $(READY)  ## Preview a stack and check it against the policy pack, without AWS: make preview STACK=dev
	@$(BIN)/python -m offline preview --stack $(STACK)

test: lint  ## Lint, types and all tests
	@$(BIN)/python -m pytest

lint: $(READY)  ## Style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright

format: $(READY)  ## Put the code into its one form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

schema: $(READY)  ## Write stack.schema.json from the settings
	@$(BIN)/python -m settings > stack.schema.json

docs: $(READY)  ## Write the reference of docs/policies.md from the rules
	@$(BIN)/python policies/page.py docs/policies.md

bench: $(READY)  ## Time previews as ratios in one run
	@$(BIN)/python -m benchmarks

up: $(READY) policies/venv  ## Deploy a stack to AWS: make up STACK=dev
	@pulumi up --stack $(STACK) --policy-pack policies

clean:  ## Remove what `make` made
	rm -rf $(VENV) policies/venv .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

policies/venv:  # the pack runs by itself elsewhere; here the project's environment has all it needs
	@ln -s ../$(VENV) $@

$(READY): requirements.txt constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@
