# Taskbell's commands. `make` lists them.
#
# Every port and folder is a variable, so that several copies can run at once: make up STATE=.local2 PORT_API=4567 …

STATE            ?= .local
TOOLS            ?= .local
PROFILE          ?= dev
PORT_API         ?= 4566
PORT_POSTGRES    ?= 15432
PORT_REDIS       ?= 16379
PORT_MAIL        ?= 11080
PORT_SMTP        ?= 11025
PORT_WEB         ?= 8080
F                ?=
Q                ?=
J                ?=
ARCH             ?= arm64
STAGE            ?=
S                ?=
K                ?=
DATA             ?=
SEED             ?=
SECONDS          ?=
export STATE TOOLS PROFILE PORT_API PORT_POSTGRES PORT_REDIS PORT_MAIL PORT_SMTP PORT_WEB ARCH

# Query macros read the committed .sqlx. After a change of SQL, run make sqlx.
export SQLX_OFFLINE ?= true

.DEFAULT_GOAL := help
.PHONY: help up web down status logs reset addresses redrive tick listen test test-compose bench faults rehearse contract client lint lint-infra lint-document fmt check sqlx generate package deploy rotate destroy

help: ## List the commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## Start everything, build, deploy and migrate; run again after each change
	@localstack/local up

web: ## Work on the client: a server with hot reload on port 5173, for the running system
	@localstack/local web

down: ## Stop what `make up` started; data is kept
	@localstack/local down

status: ## Show what runs
	@localstack/local status

logs: ## Show the logs of all functions; of one: make logs F=login; on AWS: make logs STAGE=staging F=login
	@localstack/local $(if $(STAGE),stage logs $(STAGE),logs) $(F)

reset: ## Stop, and delete all local data
	@localstack/local reset

addresses: ## Print the addresses and the administrator's credentials, for scripts
	@localstack/local addresses

redrive: ## Move dead letters back to their queues; of one queue: make redrive Q=emails
	@localstack/local redrive $(Q)

tick: ## Run a scheduled job now: make tick J=clean-up; without J, list the jobs
	@localstack/local tick $(J)

# Variables of make are in the environment: U, P for the password, OPEN for a project id, SINCE for a seq.
listen: ## Print a user's notifications in real time: make listen U=ann@example.com
	@localstack/local listen

test: ## Run all checks and all tests on a separate system
	@localstack/test

# TASKS, ONLY and SECONDS_EACH are in the environment (docs/performance.md).
bench: ## Benchmark the release binaries as Lambda runs them: make bench TASKS=10000,1000000 ONLY=list
	@localstack/bench

faults: ## Kill parts under load, and check that nothing is lost: make faults SECONDS=1800 SEED=7
	@FAULT_SECONDS="$(SECONDS)" FAULT_SEED="$(SEED)" localstack/test faults

rehearse: ## Deploy, update and roll back on the emulator, as on AWS
	@localstack/local rehearse

contract: ## Test the running system against its OpenAPI document; for longer: make contract S=600
	@localstack/local contract $(S)

test-compose: ## Run the end-to-end tests on a separate system in containers
	@localstack/test-compose

client: ## Generate a Python client from the running system's OpenAPI document, and use it
	@localstack/local client

lint: lint-infra lint-document ## Check the infrastructure, the OpenAPI document, the format and the code
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings

lint-infra: ## Check the scripts, the templates, as written and as expanded, and the documentation
	@localstack/local lint-infra

lint-document: ## Check the OpenAPI document with third-party tools
	@localstack/local lint-document

fmt: ## Format the code
	cargo fmt --all
	@localstack/local format

check: ## Type-check, quickly
	cargo check --workspace --all-targets

sqlx: ## Update the query cache .sqlx from the running database
	mkdir -p .sqlx
	SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$(CURDIR)/.sqlx \
		DATABASE_URL="$$(localstack/local addresses | sed -n 's/^DATABASE_URL=//p')" \
		cargo check --package taskbell-shared

generate: ## Update the binaries and the list of endpoints, openapi.json, the client's types, and the rows in infra/http.yaml
	cargo run --quiet --package taskbell-generate --example generate
	cargo run --quiet --package taskbell-tests --example document
	@localstack/local web generate

deploy: package ## Deploy to AWS; shows each change and asks, unless YES=1: make deploy STAGE=staging
	@localstack/local stage deploy $(STAGE)

rotate: ## Rotate a key of a stage: make rotate STAGE=staging K=signing, or cache, or database
	@localstack/local stage rotate $(STAGE) $(K)

destroy: ## Delete a stage, but not its data, unless DATA=delete: make destroy STAGE=staging
	@localstack/local stage destroy $(STAGE) $(DATA)

package: ## Build the zips for AWS (release; ARCH=arm64 or x86-64)
	@localstack/local package
