# `make` lists the targets, in the order in which a newcomer needs them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDEXPANSION:
unexport PYENV_VERSION # .python-version decides

ARCH ?= arm64# as on AWS
PLATFORMS := arm64 x86_64 macos-arm64 macos-x86_64# of the ffmpeg layer; macOS for a local cloud on a Mac
HOST_PLATFORM := $(if $(filter Darwin,$(shell uname -s)),macos-)$(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)

TOOLS := .venv/installed
PYTHON := .venv/bin/python
VSL := .venv/bin/vsl
VALIDATORS := $(patsubst %/request.schema.json,%/request_validator.py,\
	$(wildcard lambdas/*/request.schema.json layers/shared/python/mediagen/jobs/request.schema.json))
# Each folder of lambdas/ with a handler is a function.
FUNCTION_ZIPS := $(patsubst lambdas/%/handler.py,build/functions/%.zip,$(wildcard lambdas/*/handler.py))
FFMPEG_LAYERS := $(PLATFORMS:%=build/layers/ffmpeg-%.zip)
SIZES := $(PLATFORMS:%=build/sizes-%.txt)
PACKAGING := $(addprefix scripts/packages/,files.py reproducible_zip.py run_pip.py) scripts/common/paths.py
PACKAGE := PYTHONPATH=scripts $(PYTHON) -m packages
NEED := scripts/check_prerequisites '$(MAKE_VERSION)'
LOCAL_CLOUD := PYTHONPATH=scripts $(PYTHON) -m local_cloud
DEPLOY := PYTHONPATH=scripts $(PYTHON) -m deploy

.PHONY: help
help:
	@awk -F ':.*## ' '/^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile

##@ Try it: the whole system on this machine
.PHONY: demo up logs down
demo: ## Generate a video, an image and an audio file, from request to signed link
up: ## Start the local cloud and leave it running (REPLICATE=live uses the real Replicate)
logs: ## Follow the functions' logs
down: ## Stop everything that `make up` or `make demo` started
demo: prerequisites .venv-cfn-lint/installed
demo up: prerequisites $(TOOLS) $(VALIDATORS) $(VSL) redis
	@$(LOCAL_CLOUD) $@
# These install nothing: without tools there is nothing to stop or to show.
logs down:
	@if test -e $(TOOLS); then $(LOCAL_CLOUD) $@; \
	elif test -e .local/environment.json; then echo '.venv is incomplete: run make setup, then make $@' >&2; exit 1; \
	else echo 'Nothing is running: the tools are not installed (make up installs and starts them).'; fi

.PHONY: prerequisites redis
# Reports all missing programs at once, before anything is installed.
prerequisites:
	@$(NEED) $(if $(wildcard $(TOOLS)),,python) redis terraform
redis:
	@command -v redis-server >/dev/null || scripts/install_redis

##@ Develop
.PHONY: setup lock schema check check-format clean
setup: $(TOOLS) $(VALIDATORS) $(VSL) ## Install the pinned tools and the client, vsl, into .venv
$(TOOLS): requirements-dev.txt
	@$(NEED) python
	@scripts/install_tools .venv $<

# Works from any folder. -P keeps modules of the current folder out of the import path.
$(VSL): $(TOOLS)
	@printf '#!/bin/sh\nPYTHONPATH="%s/scripts" exec "%s/$(PYTHON)" -P -m vsl "$$@"\n' '$(CURDIR)' '$(CURDIR)' >$@
	@chmod +x $@

$(VALIDATORS): %/request_validator.py: %/request.schema.json scripts/compile_schema.py | $(TOOLS)
	@$(PYTHON) scripts/compile_schema.py $< $@

PIP_COMPILE := .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: $(TOOLS) ## Pin the requirements (UPGRADE=1 takes their newest versions)
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) layers/shared/requirements.in --output-file layers/shared/requirements.txt
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) layers/ffmpeg/requirements.in --output-file layers/ffmpeg/requirements.txt
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) requirements-dev.in --output-file requirements-dev.txt
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) requirements-checkov.in --output-file requirements-checkov.txt
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) requirements-mutation.in --output-file requirements-mutation.txt
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) requirements-cfn-lint.in --output-file requirements-cfn-lint.txt
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) requirements-replicate.in --output-file requirements-replicate.txt

schema: $(TOOLS) ## Write sql/schema.sql from the migrations
	@$(PYTHON) scripts/dump_schema.py

check: check-format check-code check-terraform ## Check lint, formatting and types, then run check-code and check-terraform
# The fastest checks come first.
check-format: $(TOOLS) $(VALIDATORS) terraform
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	terraform fmt -check -recursive terraform
	.venv/bin/mypy

.PHONY: check-code
check-code: $(TOOLS) ## Find insecure code (bandit), secrets, vulnerable packages (ADVISORIES=required fails if no advisories are available)
	.venv/bin/bandit --quiet --configfile pyproject.toml --recursive layers/shared/python lambdas scripts
	@PYTHONPATH=scripts $(PYTHON) -m secret_scan
	@$(PYTHON) scripts/audit_packages.py $(if $(filter required,$(ADVISORIES)),--required)

# A venv of its own: checkov needs a hundred packages, some in versions that our tests cannot use.
CHECKOV := .venv-checkov/installed
.PHONY: check-terraform docs costs openapi
check-terraform: $(CHECKOV) ## Find insecure settings in both Terraform roots with checkov, offline
	.venv-checkov/bin/python scripts/run_checkov.py
$(CHECKOV): requirements-checkov.txt
	@$(NEED) python
	@scripts/install_tools .venv-checkov --no-compile $<

# Recorded requests are checked against its schemas of AWS resources.
CFN_LINT := .venv-cfn-lint/installed
$(CFN_LINT): requirements-cfn-lint.txt
	@$(NEED) python
	@scripts/install_tools .venv-cfn-lint $<

# A venv of its own: two versions of Replicate's client share one package name.
REPLICATE_CLIENT := .venv-replicate/installed
$(REPLICATE_CLIENT): requirements-replicate.txt
	@$(NEED) python
	@scripts/install_tools .venv-replicate $<

docs: $(TOOLS) ## Write the tables in the READMEs of Terraform's roots and modules
	@$(PYTHON) scripts/terraform_docs.py

costs: $(TOOLS) ## Write docs/cost.md from the prices and the sizes of the environments
	@PYTHONPATH=scripts $(PYTHON) -m cost

openapi: $(TOOLS) $(VALIDATORS) ## Write docs/openapi.json and docs/errors.md from the functions' fragments and the error classes
	@PYTHONPATH=scripts:layers/shared/python $(PYTHON) -m api_document

.PHONY: terraform
terraform:
	@$(NEED) terraform

clean: ## Remove build results and caches (keeps .venv and running servers)
	find lambdas layers -name request_validator.py -delete
	rm -rf build .mypy_cache .pytest_cache .ruff_cache .hypothesis

##@ Test
IN_TURN := test-unit test-contract test-packaging test-integration test-flows
# The longest first; three run at a time.
BESIDE := test-faults test-e2e test-platform test-commands test-terraform
.PHONY: test test-fast test-contract-fast $(IN_TURN) $(BESIDE)
# Suites that talk to a platform or to other programs mostly wait, so several run at once.
# MAKE_COMMAND, because make runs a line with MAKE even for `make --just-print test`.
test: prerequisites $(TOOLS) $(VALIDATORS) $(VSL) $(CFN_LINT) $(REPLICATE_CLIENT) build/sizes-$(HOST_PLATFORM).txt redis ## Run every test, on servers and ports of its own
	@PYTHONPATH=scripts $(PYTHON) scripts/run_tests.py --make '$(MAKE_COMMAND)' --in-turn $(IN_TURN) check-format check-code check-terraform --beside $(BESIDE)
test-fast: $(TOOLS) $(VALIDATORS) ## Run the unit tests and the quick contract tests in parallel, in less than a minute
	@PYTHONPATH=scripts $(PYTHON) scripts/run_tests.py --name 'make $@' --make '$(MAKE_COMMAND)' --in-turn test-unit --beside test-contract-fast
test-contract-fast: TESTS = tests/contract -m 'not slow'
test-unit: ## Test rules and flows with fakes, without servers
test-contract: ## Compare fakes, settings, routes and documents with what they stand for
test-packaging: ## Test that the zips are reproducible, complete, importable and within budget
test-integration: ## Test stores and clients on real PostgreSQL and Redis, AWS mocked with moto
test-flows: ## Test whole flows, from request to result, on the same servers
test-commands: ## Test the commands of developers and operators, and their exits on signals
test-e2e: ## Test the local cloud over HTTP
test-faults: ## Inject every fault at every step of every flow, and run random histories
test-platform: ## Apply every Terraform feature and run the operators' commands on an emulator
test-terraform: ## Run the Terraform tests of both roots with mocked providers
ON_SERVERS := test-integration test-flows test-commands
test-packaging $(ON_SERVERS) test-e2e test-platform: build/sizes-$(HOST_PLATFORM).txt
test-contract $(ON_SERVERS) test-faults test-e2e test-platform: redis $(CFN_LINT)
test-commands test-e2e: $(VSL)
test-contract: $(REPLICATE_CLIENT)
test-e2e test-platform test-terraform: terraform
# The suites of tests/integration leave each other's folders out.
FLOWS := tests/integration/flows
FAULTS_OF_FLOWS := $(FLOWS)/faults
COMMANDS := $(addprefix tests/integration/,common deploy local_cloud vsl)
TESTS = tests/$(@:test-%=%)
test-faults: TESTS = $(FAULTS_OF_FLOWS)
test-flows: TESTS = $(FLOWS) --ignore $(FAULTS_OF_FLOWS)
test-commands: TESTS = $(COMMANDS)
test-integration: TESTS = tests/integration $(addprefix --ignore ,$(FLOWS) $(COMMANDS))
test-contract-fast $(IN_TURN) $(filter-out test-terraform,$(BESIDE)): $(TOOLS) $(VALIDATORS)
	$(PYTHON) -m pytest $(TESTS)
test-terraform: $(TOOLS)
	$(PYTHON) scripts/check_terraform.py

.PHONY: fuzz
fuzz: $(TOOLS) $(VALIDATORS) redis terraform ## Fuzz the API of a local cloud from its OpenAPI document (EXAMPLES=300 SEED=…)
	@PYTHONPATH=scripts:layers/shared/python $(PYTHON) -m fuzz $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(SEED),--seed $(SEED))

.PHONY: soak
soak: $(TOOLS) $(VALIDATORS) redis ## Run ten thousand steps of random histories, and every fault at every step of every flow (SEED=…)
	@$(PYTHON) scripts/soak.py $(if $(SEED),--seed $(SEED))

.PHONY: chaos
chaos: $(TOOLS) $(VALIDATORS) redis terraform ## Kill and empty the servers of a local cloud under load, then compare all stores (SECONDS=8 RATE=1 SEED=…)
	@PYTHONPATH=scripts:layers/shared/python $(PYTHON) -m chaos $(if $(SECONDS),--seconds $(SECONDS)) $(if $(RATE),--rate $(RATE)) \
		$(if $(SEED),--seed $(SEED)) $(if $(FAULTS),--faults $(FAULTS))

MUTATION := .venv-mutation/installed
.PHONY: mutation
mutation: $(MUTATION) $(VALIDATORS) ## Run mutation tests on the critical modules, then make seeded (JOBS=2)
	@PYTHONPATH=scripts .venv-mutation/bin/python -m mutation $(MODULE) $(if $(JOBS),--jobs $(JOBS)) $(if $(SURVIVORS),--survivors)
	$(if $(MODULE)$(SURVIVORS),,@$(MAKE) --no-print-directory seeded)
$(MUTATION): requirements-dev.txt requirements-mutation.txt
	@$(NEED) python
	@scripts/install_tools .venv-mutation $^

.PHONY: seeded
seeded: $(TOOLS) $(VALIDATORS) redis ## Check that random histories find each of eleven seeded bugs (JOBS=2)
	@PYTHONPATH=scripts $(PYTHON) -m mutation.seeded $(BUG) $(if $(JOBS),--jobs $(JOBS))

.PHONY: bench
bench: $(TOOLS) $(VALIDATORS) redis terraform ## Measure the latency of webhook acknowledgements on a local cloud, idle and saturated
	@PYTHONPATH=scripts:layers/shared/python $(PYTHON) -m bench

##@ Build and release
.PHONY: build sizes upload env bucket
build: build/sizes-$(ARCH).txt ## Build all zips (ARCH=x86_64 or macos-arm64 builds ffmpeg for that platform)
sizes: build ## Show the zips' sizes against their budgets
	@cat build/sizes-$(ARCH).txt
# Check the credentials first, because a build takes minutes.
UPLOAD := $(PACKAGE).upload --platform $(ARCH) --bucket
upload: env bucket build ## Upload the zips to the artifact bucket and write their keys for Terraform (ENV=homolog)
	@$(UPLOAD) "$$(PYTHONPATH=scripts $(PYTHON) -m deploy.bucket $(ENV))"
bucket: $(TOOLS)
	@PYTHONPATH=scripts $(PYTHON) -m deploy.bucket $(ENV) >/dev/null

env:
	@test -n '$(ENV)' || { echo 'ENV is missing: for example make $(MAKECMDGOALS) ENV=homolog' >&2; exit 1; }

##@ Deploy (ENV=homolog, or another file in terraform/environments)
DEPLOYING := bootstrap plan apply secrets migrate smoke destroy
.PHONY: access limits model redrive $(DEPLOYING)
bootstrap: ## Create an environment's buckets for state and zips, once; GITHUB=owner/name adds roles for its workflows
plan: ## Show what would change, and save the plan for apply
apply: ## Apply the saved plan; without one, plan first (CI: CONFIRM=vsl-homolog)
secrets: ## Store Replicate's token and webhook secret in Secrets Manager
migrate: ## Migrate the database to the newest schema
access: ## Create an API key for a user, shown once (USER=name; ACTION=user, list, rotate or revoke, KEY=id, HOURS=24)
limits: ## Show or set a user's limits and budget (USER=name RATE=50 CONCURRENT=5 BUDGET=25; or default)
model: ## Write a model's catalogue entry from Replicate (MODEL=owner/name PRICE=… TIME=…); with ENV, store it
smoke: ## Generate one image on the real platform, for about $0.003
redrive: ## Count dead letters, or move them back to their queue (QUEUE=webhooks, submissions, callbacks or all)
destroy: ## Remove a disposable environment with all its data (ENV=dev)
$(DEPLOYING): $(TOOLS)
	@$(DEPLOY) $@ "$$ENV"
# Only if given to make: the login environment also has a USER, which is not meant.
typed = "$(if $(filter command,$(origin $1)),$$$1)"
access: $(TOOLS)
	@$(DEPLOY) $@ "$$ENV" --action $(call typed,ACTION) --key $(call typed,KEY) --hours $(call typed,HOURS) --user $(call typed,USER)
limits: $(TOOLS)
	@$(DEPLOY) $@ "$$ENV" --user $(call typed,USER) --rate "$$RATE" --concurrent "$$CONCURRENT" --budget "$$BUDGET"

redrive: $(TOOLS)
	@$(DEPLOY) $@ "$$ENV" --queue "$$QUEUE"

model: $(TOOLS)
	@$(DEPLOY) $@ "$$ENV" --model "$$MODEL" --media "$$MEDIA" --id "$$ID" --price "$$PRICE" --time "$$TIME"

# Fails if a zip is over its budget.
$(SIZES): build/sizes-%.txt: $(FUNCTION_ZIPS) build/layers/shared.zip build/layers/ffmpeg-%.zip scripts/packages/sizes.py
	@$(PACKAGE).sizes --platform $* >$@

$(FUNCTION_ZIPS): build/functions/%.zip: $$(wildcard lambdas/$$*/*.py lambdas/$$*/*.json) \
		$$(filter lambdas/$$*/request_validator.py,$$(VALIDATORS)) scripts/packages/function.py $(PACKAGING) | $(TOOLS)
	$(PACKAGE).function $*
build/functions/apply_migrations.zip: $(wildcard sql/migrations/*.sql)
build/functions/show_api.zip: docs/openapi.json $(wildcard lambdas/show_api/page.*)

build/layers/shared.zip: $(shell find layers/shared/python -name '*.py') $(filter layers/%,$(VALIDATORS)) $(wildcard layers/shared/rds/*.pem) \
		layers/shared/requirements.txt \
		scripts/packages/shared_layer.py $(PACKAGING) | $(TOOLS)
	$(PACKAGE).shared_layer

$(FFMPEG_LAYERS): build/layers/ffmpeg-%.zip: layers/ffmpeg/requirements.txt layers/ffmpeg/NOTICE.txt \
		scripts/packages/ffmpeg_layer.py $(PACKAGING) | $(TOOLS)
	$(PACKAGE).ffmpeg_layer $*
