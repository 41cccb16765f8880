# What else there is: .venv/bin/lifecycle --help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run boards bi test lint unit dev engines clean .venv

# DATA=world is a made-up retailer, ENGINE=spark what builds the models (docs/engines.md); each in a home
# of its own beside the default one.
DATA ?= complete_journey
ENGINE ?= duckdb
ADAPTER := $(VENV)/dbt-$(if $(filter spark,$(ENGINE)),spark,postgres)
OWN_HOME := $(if $(filter world,$(DATA)),world)$(if $(filter spark,$(ENGINE)),_on_spark)
HOME_OPTION := $(if $(OWN_HOME),--home $(CURDIR)/data/$(OWN_HOME:_%=%))
ifneq ($(ENGINE),duckdb)
LIFECYCLE := LIFECYCLE_ENGINE=$(ENGINE) PYTHONPATH=$(CURDIR)/$(ADAPTER)
endif
LIFECYCLE += $(BIN)/lifecycle $(HOME_OPTION)

run: $(STAMP) $(if $(filter spark,$(ENGINE)),$(ADAPTER)/.installed)
	@$(LIFECYCLE) run $(if $(filter world,$(DATA)),--world)

# Boards of what was run: DATA=world for those of the made-up retailer.
boards: $(STAMP)
	@$(LIFECYCLE) boards

# Style and types beside dbt's unit tests, which leave a processor free; then parts and whole runs, two at a time:
# linear algebra that takes both processors for each of them would make them wait for one another.
test: export OMP_NUM_THREADS = 1
test: export OPENBLAS_NUM_THREADS = 1
test: $(STAMP)
	$(MAKE) --jobs 2 --output-sync=target lint unit
	$(BIN)/pytest --numprocesses 2 --no-loadscope-reorder tests

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --nocolor --processes 2 models macros snapshots tests/dbt

# Unit tests need the tables that their models read, and no rows in them: everything is built from
# an empty landing, in a home of its own, by dbt alone.
UNIT_HOME := $(CURDIR)/target/unit
unit: export LIFECYCLE_HOME = $(UNIT_HOME)
# What the next version of dbt no longer takes is an error here, and a warning for who runs the project.
unit: export DBT_WARN_ERROR_OPTIONS = {"error": ["Deprecations"]}
unit: $(STAMP)
	rm -rf $(UNIT_HOME)
	$(BIN)/python tests/empty_landing.py $(UNIT_HOME)/landing
	$(BIN)/dbt --quiet build --exclude-resource-type test --target-path $(UNIT_HOME)/dbt
	$(BIN)/dbt --quiet docs generate --no-compile --target-path $(UNIT_HOME)/dbt
	$(BIN)/dbt-bouncer run

dev: $(STAMP)
	@$(LIFECYCLE) dev

# Superset on http://localhost:8088, in an environment of its own: docs/bi.md.
BI_STAMP := .venv-bi/.installed
bi: $(STAMP) $(BI_STAMP)
	@$(BIN)/python -m bi $(HOME_OPTION)

$(BI_STAMP): bi/requirements.lock
	test -x .venv-bi/bin/python || $(PYTHON) -m venv .venv-bi
	.venv-bi/bin/pip install --quiet --disable-pip-version-check --require-hashes -r bi/requirements.lock
	touch $(BI_STAMP)

# All models on another engine and on DuckDB, from one small made-up retailer, mart against mart
# (docs/engines.md): PostgreSQL, or Spark with ENGINE=spark.
ENGINES_HOME := $(CURDIR)/target/engines
engines: $(STAMP) $(ADAPTER)/.installed
	$(BIN)/lifecycle --home $(ENGINES_HOME) run --world --customers 300 --from 2016-01-01 --to 2017-12-31 --seed 1
	$(BIN)/python bench/engines.py $(ENGINES_HOME) --engine $(ADAPTER:$(VENV)/dbt-%=%) --adapter $(ADAPTER)

$(ADAPTER)/.installed: requirements-$(ADAPTER:$(VENV)/dbt-%=%).lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade \
		--target $(ADAPTER) -r $<
	touch $@

# Everything that was built, landed files included; virtual environments stay.
clean:
	rm -rf data target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv: $(STAMP)

# Installs what the lock says and nothing else: setuptools, which links the checkout, is in it too. The dbt
# after ours reads the semantic models in a test; it lies apart, and takes all else from what is there.
$(STAMP): requirements.lock requirements-dbt-1.12.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade \
		--target $(VENV)/dbt-1.12 -r requirements-dbt-1.12.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)
