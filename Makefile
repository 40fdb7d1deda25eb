# `make score`, `make test`, `make lint`: each makes its own environment in .venv and is safe to repeat.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: score test lint docs clean

score: .venv/ready
	$(BIN)/brainscore score --model cornet_s_wc_ct

# networks come and go by the hundred: memory that the process keeps is not handed out page by page each time
KEEP_MEMORY := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=1000000000

# a process for each core, one thread in each; tests of one file stay together and share what they have built,
# files in the order of test/conftest.py, the longest first;
# the processes that tests start do not compile the package again, whatever the environment asks of Python
test: .venv/ready
	$(KEEP_MEMORY) PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder test brainscore_wiring

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# the site, in build/site; a broken link is an error
docs: .venv/docs-ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

.venv/docs-ready: .venv/ready
	@$(BIN)/python -m pip install --quiet --quiet --constraint constraints.txt --editable '.[docs]'
	@touch $@

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 12) or sys.exit("Python 3.11 or 3.12 is needed: make PYTHON=/path/to/python3.11")'
	@echo "Setting up the environment in .venv (a few minutes, once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@

clean:
	rm -rf .venv
