# `make up` runs XenCRM on this machine, `make test` tests it. Everything is installed into .venv.
.PHONY: up test check check-ui bench chaos clean rabbitmq chromium
.DELETE_ON_ERROR:
.DEFAULT_GOAL := up

BIN := .venv/bin
READY := .venv/.ready
RABBITMQ := /usr/lib/rabbitmq/bin/rabbitmq-server
CHROMIUM := /usr/bin/chromium
APT := DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends
CHECKED := src tests bench examples
# Where bytecode may not be kept, every process compiles its libraries anew: the start takes three times as long.
unexport PYTHONDONTWRITEBYTECODE

NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
NPM := $(NODE) npm --prefix frontend --loglevel error
WEBUI := src/xencrm/webui/index.html
MODULES := frontend/node_modules/.package-lock.json
UI_SOURCES := $(shell find frontend -name node_modules -prune -o -type f ! -name openapi.json ! -name schema.d.ts ! -name '*.md' -print)

up: $(READY) $(WEBUI)
	@exec $(BIN)/xencrm up

# Tests wait more than they compute: four files at once, each process with servers of its own. A whole product has the machine
# to itself.
test: $(READY) $(WEBUI) rabbitmq chromium
	@$(BIN)/pytest -n 4 --dist loadfile tests/unit tests/architecture tests/contract tests/integration; status=$$?; \
	$(BIN)/pytest tests/e2e tests/browser && exit $$status

check: $(READY) check-ui
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 tests/unit tests/architecture

check-ui: $(READY) $(MODULES)
	@$(BIN)/python -m xencrm.local.openapi_document > frontend/openapi.json
	@$(NPM) run --silent types
	$(NPM) run lint
	$(NPM) run typecheck
	$(NPM) test

# make bench ARGS=--million: also with a million customers there already.
# make bench ARGS=--campaigns: segments, campaigns and delivery among a million profiles; --ten-million: previews among ten.
# make bench ARGS=--ui: what people at a screen wait for, among a million profiles.
bench: $(READY) $(WEBUI) chromium
	$(BIN)/python -m bench $(ARGS)

# 100,000 messages while everything is killed; some ten minutes. Writes docs/chaos.md.
chaos: $(READY) rabbitmq
	$(BIN)/python -m tests.chaos

# Caches only: data lies in .xencrm, the installation in .venv.
clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find src tests bench examples -name __pycache__ -prune -exec rm -rf {} +

$(WEBUI): $(UI_SOURCES) $(MODULES)
	@echo "building the web UI"
	@$(NPM) run --silent build

# npm writes this file itself.
$(MODULES): frontend/package-lock.json | $(READY)
	@$(NPM) ci
	@touch $@

$(READY): pyproject.toml uv.lock $(BIN)/uv
	@UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never $(BIN)/uv sync --locked --quiet
	@touch $@

$(BIN)/uv: $(BIN)/python
	@echo "installing into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

$(BIN)/python:
	@python=; for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "XenCRM needs Python 3.11 or later as python3" >&2; exit 1; fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing python3-venv"; \
	  $(APT) update >/dev/null; $(APT) install python3-venv >/dev/null || true; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "Python's venv module is missing: install it (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; \
	fi; \
	rm -rf .venv && $$python -m venv .venv

# Nothing is tested without the real one.
rabbitmq:
	@[ -x $(RABBITMQ) ] || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || { \
	  echo "installing RabbitMQ"; \
	  $(APT) update >/dev/null; $(APT) install rabbitmq-server >/dev/null || true; \
	}
	@[ -x $(RABBITMQ) ] || { \
	  echo "RabbitMQ is missing: install it (Debian, Ubuntu: apt-get install rabbitmq-server)" >&2; exit 1; \
	}

chromium:
	@[ -x $(CHROMIUM) ] || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || { \
	  echo "installing Chromium"; \
	  $(APT) update >/dev/null; $(APT) install chromium >/dev/null || true; \
	}
	@[ -x $(CHROMIUM) ] || { \
	  echo "Chromium is missing: install it (Debian, Ubuntu: apt-get install chromium)" >&2; exit 1; \
	}
