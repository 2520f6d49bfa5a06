# Every command that a person runs. `make` alone prints them.
# On this machine by default; with STAGE=dev or STAGE=prod they work against AWS, with your own credentials.
#
# Make reads no setting and expands no value. What is typed behind `make` goes to the tools as it was typed; they read
# it, then the shell, then .env (`make settings` shows the outcome). It works with GNU make 3.81, as macOS has it.

# What is typed behind `make`, by name. Make would export it expanded, so that a $ in it would be lost.
override arguments := $(strip $(foreach name,$(.VARIABLES),$(if $(findstring command,$(origin $(name))),$(name))))
$(foreach name,$(arguments),$(eval export ARGUMENT_$(name) = $$(value $(name)))$(eval unexport $(name)))
override ARGUMENTS := $(arguments)
override GOALS := $(MAKECMDGOALS)
export ARGUMENTS GOALS

# Python heeds none of its own variables: a shell's would change what it does.
override TOOL := .venv/bin/python -I -X utf8 tools/launch.py
override WITH_PYTHON := "$${ARGUMENT_PYTHON:-$${PYTHON:-python3}}" -I

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install demo up down build deploy parameters sync destroy trigger-poison trace orders watch flow console invoke \
  invoke-remote debug sample start-api generate rename logs dlq redrive purge recover give-up hold release drained replay settings \
  doctor git test test-docker test-shells test-backend mutants bench check audit format lock clean

help:  ## print this help
	@echo "make demo and make test need nothing else. All commands:"
	@cat Makefile tools/*/targets.mk | while IFS= read -r line; do case $$line in [a-z]*:*"## "*) printf '  %-24s %s\n' "$${line%%:*}" "$${line#*## }";; esac; done 2>/dev/null || :

install:  ## install all tools into .venv: PYTHON=python3.13 chooses the Python
	@.venv/bin/python -I tools/install.py --is-current 2>/dev/null || { $(WITH_PYTHON) -c '' 2>/dev/null || { echo "✘ there is no $${ARGUMENT_PYTHON:-$${PYTHON:-python3}}: Debian, Ubuntu: apt install python3 python3-venv; Fedora: dnf install python3; macOS: brew install python@3.13" >&2; exit 1; }; $(WITH_PYTHON) tools/prerequisites.py && $(WITH_PYTHON) -X utf8 tools/install.py && ARGUMENTS="STAGE PORT" ARGUMENT_STAGE=local GOALS= $(TOOL) configure-sam; }

demo: install  ## start the emulator, build, deploy, run three orders, print their records
	@$(TOOL) demo

up: install  ## start the emulator: PORT=4566; BACKEND=localstack or BACKEND=ministack for one in a container
	@$(TOOL) up

down: install  ## stop the emulator
	@$(TOOL) down

build: install  ## build the functions
	@$(TOOL) build

deploy: install  ## build and deploy the stack; STAGE=dev or STAGE=prod for AWS; PARAMETERS="DeadlineSeconds=600"
	@$(TOOL) deploy

parameters: install  ## the template's parameters in force on the stack, and their defaults
	@$(TOOL) parameters

sync: install  ## deploy to STAGE=dev, then each change of the code within seconds, until Ctrl-C
	@$(TOOL) sync

destroy: install  ## delete the stack with all its orders: STAGE=dev CONFIRM=order-saga-dev
	@$(TOOL) destroy

trigger-poison: install  ## publish a malformed event: it ends in the dead-letter queue
	@$(TOOL) poison

trace: install  ## the story of an order: ORDER=...; WATCH=yes follows it to its end, JSON=yes for machines
	@$(TOOL) trace

orders: install  ## orders in flight, and recent ones by status: MINUTES=60 STATUS=PAYMENT_CHARGED JSON=yes
	@$(TOOL) orders

watch: install  ## each event on the bus, live: EVENT=PaymentFailed,ShippingFailed ORDER=... JSON=yes
	@$(TOOL) watch

console: install  ## the console in the browser, live: ACTIONS=yes to act on AWS, CONSOLE_PORT=4580, NO_BROWSER=yes
	@$(TOOL) console

flow: install  ## who publishes and consumes what, as a tree; EVENT=PaymentFailed for what happens after one event
	@$(TOOL) flow

invoke: install  ## run a function in its real container: FUNCTION=ReserveInventory EVENT=events/order-created.json ANEW=yes
	@$(TOOL) invoke

invoke-remote: install  ## run the deployed function, without Docker, also on AWS: FUNCTION=... EVENT=... PREPARE=yes
	@$(TOOL) invoke-remote

debug: install  ## stop at breakpoints of a function on the emulator, with any debugger: FUNCTION=ChargePayment DEBUG_PORT=5678
	@$(TOOL) debug

sample: install  ## store the order of a sample event, for plain `sam local invoke`: EVENT=OrderCreated
	@$(TOOL) sample

start-api: install  ## serve the HTTP API from real containers until Ctrl-C: API_PORT=3000
	@$(TOOL) start-api

generate: install  ## generate the README's diagram, docs/flow.html, schemas/ and the functions' alarms
	@$(TOOL) generate

rename: install  ## give your copy of this project its own name: NAME=my-shop
	@$(TOOL) rename
	@ARGUMENTS= $(TOOL) generate

logs: install  ## the log lines of the functions: ORDER=... for one order
	@$(TOOL) logs

dlq: install  ## the dead letters by cause: FUNCTION=ReserveInventory WHY=malformed EVENT=OrderCreated ORDER=... JSON=yes
	@$(TOOL) dlq

redrive: install  ## publish dead letters again; DRY_RUN=1 only prints; FUNCTION=, WHY=, EVENT=, ORDER= select some
	@$(TOOL) redrive

purge: install  ## delete dead letters for good; the options of redrive select some
	@$(TOOL) purge

recover: install  ## publish the events of stuck orders now, due or not; ORDER=... for one
	@$(TOOL) recover

give-up: install  ## give up an order before it is charged: ORDER=... WHY="..."; many by STATUS=PAYMENT_PENDING OLDER=15m
	@$(TOOL) give-up

hold: install  ## keep an order in its status: ORDER=... WHY="..."; many by STATUS=... OLDER=...
	@$(TOOL) hold

release: install  ## release a held order: ORDER=...; many by STATUS=... OLDER=...
	@$(TOOL) release

drained: install  ## check that no order or dead letter can publish an event any more: EVENT=PaymentFailed JSON=yes
	@$(TOOL) drained

replay: install  ## replay the bus's archive: FROM=2026-01-31T09:00:00Z TO=2026-01-31T10:00:00Z
	@$(TOOL) replay

settings: install  ## the settings of this machine, and where each comes from
	@$(TOOL) settings

doctor: install  ## check this machine for known problems, with what to do
	@$(TOOL) doctor

git:
	@$(WITH_PYTHON) tools/prerequisites.py git

test: git install  ## the tests; SLOW=yes includes those that only CI runs, ARGS=... goes to pytest
	@$(TOOL) test

test-shells: git install  ## every command in hostile shells, half an hour; SOME=yes for a few
	@$(TOOL) test-shells

test-docker: install  ## the tests that need Docker: `sam local` in Lambda's image; ARGS=... goes to pytest
	@$(TOOL) test-docker

test-backend: install  ## the end-to-end tests on a running emulator: BACKEND=localstack PORT=4566; ARGS=... goes to pytest
	@$(TOOL) test-backend

mutants: install  ## mutation testing of src/: FILE=src/saga/bus.py SAMPLE=60 SEED=1 ANEW=yes
	@$(TOOL) mutants

bench: install  ## the cost and speed of orders beside baselines: QUICK=1 in a minute, ONLY=calls,cold for a part
	@$(TOOL) bench

check: install  ## lint, format, types, imports, templates, workflows, choreography, contracts (BASE=... to compare with)
	@$(TOOL) lint
	@$(TOOL) check

audit: install  ## check the pinned requirements against known vulnerabilities
	@$(TOOL) audit

format: install  ## format the code
	@$(TOOL) format

lock: install  ## pin the requirements at their current versions
	@$(TOOL) lock

-include tools/shop/targets.mk

clean:  ## stop the emulator and remove all generated files
	@if .venv/bin/python -I tools/install.py --is-current 2>/dev/null; then ARGUMENTS= $(TOOL) down --all; fi
	@rm -rf .aws-sam .local .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
