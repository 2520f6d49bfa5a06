# Every command that a person runs. `make` alone prints them.
# On this machine by default; with STAGE=dev or STAGE=prod they work against AWS, with your own credentials.

-include .env

STAGE ?= local
PORT ?= 4566
BACKEND ?= embedded
PYTHON ?= python3
BIN := .venv/bin
comma := ,
TOOL := $(BIN)/python -m tools
INVOKE = $(TOOL) invoke $(if $(FUNCTION),--function '$(FUNCTION)') $(if $(EVENT),--event '$(EVENT)') $(if $(ANEW),--anew)

export STAGE BACKEND PARAMETERS
$(foreach name,AWS_PROFILE AWS_REGION LOCALSTACK_AUTH_TOKEN LOCALSTACK_ENFORCE_IAM,$(if $($(name)),$(eval export $(name))))
export PYTHONPATH := src
# Files are UTF-8, whatever the locale says.
export PYTHONUTF8 := 1
# Some shells forbid bytecode; without it every tool compiles itself again at each start.
export PYTHONDONTWRITEBYTECODE :=
ifneq ($(shell test -w "$$HOME" && echo writable),writable)
# The tools keep caches in the home. If that is read-only, or there is none, they keep them here.
export AWS_CONFIG_FILE := $(or $(AWS_CONFIG_FILE),$(HOME)/.aws/config)
export AWS_SHARED_CREDENTIALS_FILE := $(or $(AWS_SHARED_CREDENTIALS_FILE),$(HOME)/.aws/credentials)
export HOME := $(CURDIR)/.local/home
endif
ifeq ($(STAGE),local)
export AWS_ENDPOINT_URL ?= http://127.0.0.1:$(PORT)
# No proxy knows this machine's emulator.
export NO_PROXY := $(addsuffix $(comma),$(or $(NO_PROXY),$(no_proxy)))127.0.0.1,localhost
export no_proxy := $(NO_PROXY)
# Nor are your AWS profiles any business of its.
unexport AWS_PROFILE AWS_DEFAULT_PROFILE
export AWS_CONFIG_FILE := /dev/null
export AWS_SHARED_CREDENTIALS_FILE := /dev/null
endif

.DEFAULT_GOAL := help
.PHONY: help install demo up down build deploy parameters sync destroy trigger-poison trace orders watch flow invoke \
  invoke-remote sample start-api generate rename logs dlq redrive recover replay git test test-docker test-backend \
  bench check audit format lock clean

help:  ## print this
	@echo "make demo and make test do everything by themselves. The rest:"
	@cat $(MAKEFILE_LIST) | while IFS= read -r line; do case $$line in [a-z]*:*"## "*) printf '  %-24s %s\n' "$${line%%:*}" "$${line#*## }";; esac; done

install: .venv/installed  ## install into .venv what all this needs

.venv/installed: requirements-dev.txt
	@command -v "$(PYTHON)" >/dev/null || { echo "✘ there is no $(PYTHON): Debian, Ubuntu: apt install python3 python3-venv; Fedora: dnf install python3; macOS: brew install python@3.13" >&2; exit 1; }
	@"$(PYTHON)" tools/prerequisites.py
	@echo "  … installing into .venv what the tools need"
	@"$(PYTHON)" -m venv .venv
	@$(BIN)/python -c 'import re; print(re.search(r"(?m)^uv==(?:.*\\\n)*.*", open("requirements-dev.txt").read())[0])' > .venv/uv.txt
	@$(BIN)/pip install --quiet --no-user --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet --require-hashes requirements-dev.txt
	@STAGE=local AWS_ENDPOINT_URL=http://127.0.0.1:$(PORT) $(TOOL) configure-sam
	@touch $@

demo: install  ## start the emulator, build, deploy, run three orders, print their records
	@$(TOOL) demo

up: install  ## start the emulator: PORT=4566; BACKEND=localstack or BACKEND=ministack for one in a container
	@$(TOOL) up

down: install  ## stop it
	@$(TOOL) down

build: install  ## build the functions
	@$(TOOL) build

deploy: install  ## build and deploy the stack; STAGE=dev or STAGE=prod for AWS; PARAMETERS="DeadlineSeconds=600"
	@$(TOOL) deploy $(if $(PARAMETERS),--parameters "$$PARAMETERS")

parameters: install  ## the template's parameters as the stack has them in force, beside their defaults
	@$(TOOL) parameters

sync: install  ## deploy to STAGE=dev, and each change of the code again within seconds, until Ctrl-C
	@$(TOOL) sync

destroy: install  ## delete the stack with all its orders: STAGE=dev CONFIRM=order-saga-dev
	@$(TOOL) destroy $(if $(CONFIRM),--confirm $(CONFIRM))

trigger-poison: install  ## a malformed event: it ends in the dead-letter queue
	@$(TOOL) poison

trace: install  ## the story of an order: ORDER=...; WATCH=yes follows it to its end, JSON=yes for machines
	@test -n "$(ORDER)" || { echo "✘ which order? make trace ORDER=<orderId>"; exit 2; }
	@$(TOOL) trace $(ORDER) $(if $(WATCH),--watch) $(if $(JSON),--json)

orders: install  ## orders in flight, and recent ones by status: MINUTES=60 STATUS=PAYMENT_CHARGED JSON=yes
	@$(TOOL) orders $(if $(STATUS),--status $(STATUS)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(JSON),--json)

# One plain command, without a shell between: make hands its signals on to it.
watch: install  ## each event as it passes over the bus: EVENT=PaymentFailed,ShippingFailed ORDER=... JSON=yes
	@$(TOOL) watch $(if $(EVENT),--event '$(EVENT)') $(if $(ORDER),--order '$(ORDER)') $(if $(JSON),--json)

flow: install  ## who publishes and consumes what, as a tree; EVENT=PaymentFailed for what happens after one event
	@$(TOOL) flow $(EVENT)

invoke: install  ## run a function in its real container: FUNCTION=ReserveInventory EVENT=events/order-created.json ANEW=yes
	@$(INVOKE)

invoke-remote: install  ## the same with the deployed function, without Docker, also on AWS
	@$(INVOKE) --remote $(if $(PREPARE),--prepare)

sample: install  ## store the order of a sample event, for plain `sam local invoke`: EVENT=OrderCreated
	@test -n "$(EVENT)" || { echo "✘ which event? make sample EVENT=OrderCreated"; exit 2; }
	@$(TOOL) sample '$(EVENT)'

# One plain command, as for watch.
start-api: install  ## serve the HTTP API from real containers until Ctrl-C: API_PORT=3000
	@$(TOOL) start-api $(if $(API_PORT),--port $(API_PORT))

generate: install  ## make anew what is derived: the README's picture, docs/flow.html, schemas/, the functions' alarms
	@$(TOOL) generate

rename: install  ## give your copy of this project its own name: NAME=my-shop
	@test -n "$(NAME)" || { echo "✘ which name? make rename NAME=my-shop"; exit 2; }
	@$(TOOL) rename $(NAME)
	@$(TOOL) generate

logs: install  ## what the functions logged; ORDER=... for one order
	@$(TOOL) logs $(ORDER)

dlq: install  ## what lies in the dead-letter queue, which way it came, and why
	@$(TOOL) dlq

redrive: install  ## send it on its way again; DRY_RUN=1 only tells, ORDER=... for one order
	@$(TOOL) redrive $(ORDER) $(if $(DRY_RUN),--dry-run)

recover: install  ## run recovery now, instead of within the minute
	@$(TOOL) recover

replay: install  ## replay the bus's archive: FROM=2026-01-31T09:00:00Z TO=2026-01-31T10:00:00Z
	@test -n "$(FROM)" -a -n "$(TO)" || { echo "✘ from when to when? make replay FROM=2026-01-31T09:00:00Z TO=2026-01-31T10:00:00Z"; exit 2; }
	@$(TOOL) replay $(FROM) $(TO)

git:
	@"$(PYTHON)" tools/prerequisites.py git

test: git install  ## all tests; ARGS=... goes to pytest
	@$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

test-docker: install  ## the tests that need Docker: `sam local` in Lambda's image; ARGS=... goes to pytest
	@$(BIN)/pytest tests/docker $(ARGS)

test-backend: install  ## the end-to-end tests on an emulator that runs already: BACKEND=localstack PORT=4566; ARGS=... goes to pytest
	@$(BIN)/pytest tests/e2e --backend $(BACKEND) --endpoint $(AWS_ENDPOINT_URL) $(ARGS)

bench: install  ## what orders cost and how fast they are, beside baselines: QUICK=1 in a minute, ONLY=calls,cold for a part
	@$(BIN)/python -m bench $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

check: install  ## lint, format, types, imports, templates, workflows, choreography, contracts (BASE=... to compare with)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/cfn-lint template.yaml observability.yaml deploy/*.yaml
	@PATH="$(CURDIR)/$(BIN):$$PATH" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(BIN)/sam validate --lint
	@$(BIN)/zizmor --offline --quiet --persona=auditor .github
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@$(TOOL) check $(if $(BASE),--base $(BASE))

audit: install  ## look the pinned requirements up among known vulnerabilities
	@$(BIN)/uv tool run pip-audit==2.9.0 --disable-pip --require-hashes -r src/requirements.txt -r requirements-dev.txt

format: install  ## format the code
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

lock: install  ## compile the pinned requirements anew
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --upgrade requirements-dev.in -o requirements-dev.txt
	@for folder in src $(wildcard layers/*) $(wildcard bench/runtime); do $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --upgrade -c requirements-dev.txt $$folder/requirements.in -o $$folder/requirements.txt || exit; done

-include tools/shop/targets.mk

clean:  ## stop the emulator and remove all that was made
	@if [ -e .venv/installed ]; then $(TOOL) down; fi
	@rm -rf .aws-sam .local .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@"$(PYTHON)" -c 'import pathlib, shutil; [shutil.rmtree(each) for each in list(pathlib.Path().rglob("__pycache__"))]'
