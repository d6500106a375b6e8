# Thin targets; what they do stands in scripts/. `make` alone lists them.
.DEFAULT_GOAL := help
# Any Node from 18 on starts it; it brings the pinned Node and the npm packages.
RUN := node tools/toolchain/bootstrap.mjs
# Those of docs/settings.md, which say what each is. make passes them on by itself.
SETTINGS := FROM TO RELEASE RATE MINUTES ONLY CLUSTER NODES PORT E2E_PORT \
  KUBE_CONTEXT REGISTRY URL NODE_PORT NAMESPACE \
  RECORD OUT SHOTS REDRAW SIZES RUNS GATES \
  FROM_IMAGE TO_IMAGE FROM_MIGRATIONS TO_MIGRATIONS ADAPTER CHART VALUES VERBOSE
# What stood on the command line, so that a misspelt name is refused: the environment is full of other people's.
GIVEN := $(strip $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name))))
UNKNOWN = $(filter-out $(SETTINGS) MAKE% GNUMAKEFLAGS SHELL .SHELLFLAGS VPATH CURDIR,$(GIVEN))
export SETTINGS_GIVEN := $(GIVEN)
export SETTINGS_GOALS := $(MAKECMDGOALS)

.PHONY: help demo watch test e2e e2e-full up deploy down doctor dev compat lint bench soak lab report

help: ## List the targets
	$(if $(UNKNOWN),$(error There is no setting $(UNKNOWN). There are: $(SETTINGS)))
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  Settings: FROM=v1 TO=v2 (demo, compat) · RELEASE=v1 (deploy) · NODES=3 PORT=8080 (a new cluster) · ONLY=unit (test) · RATE=225 (requests/s)"
	@echo "            KUBE_CONTEXT=… REGISTRY=… URL=… [NODE_PORT=30080] (a cluster you have) · VERBOSE=1 · all of them: docs/settings.md"

demo: ## Upgrade a blog's schema under load on a real cluster, and judge it
	@$(RUN) scripts/demo.ts

watch: ## Draw what goes on, beside make demo or make deploy (NAMESPACE=blog)
	@$(RUN) scripts/watch.ts

report: ## Make the report of the last run anew (RECORD=…/run.json OUT=page.html SHOTS=docs/report)
	@$(RUN) scripts/report.ts

test: ## Run every test: lint, types, unit, integration, charts, end to end on kind
	@$(RUN) scripts/test.ts

e2e: ## Scenarios on kind: the core set, or by name (ONLY=rollback,gate)
	@$(RUN) scripts/e2e.ts

e2e-full: ## All scenarios on kind, the long ones too
	@$(RUN) scripts/e2e.ts full

up: ## Make the cluster, build the images and load them
	@$(RUN) scripts/up.ts

deploy: ## Install or upgrade the blog on the cluster (RELEASE=v1)
	@$(RUN) scripts/deploy.ts

down: ## Remove what is ours: the cluster and its files
	@$(RUN) scripts/down.ts

doctor: ## Say what is there and what would be installed
	@$(RUN) scripts/doctor.ts

dev: ## The blog from its sources on a local PostgreSQL, without cluster or Docker
	@$(RUN) scripts/dev.ts

compat: ## Would running code break if only the migrations ran? (FROM=v1 TO=v2)
	@$(RUN) scripts/compat.ts

lint: ## Check style and types
	@$(RUN) scripts/test.ts lint

bench: ## Measure backfills, lock waits under load, memory and start-up against what is promised (SIZES=10k,100k: quick)
	@$(RUN) scripts/bench.ts

soak: ## Upgrades, rollbacks and restarts in turn under load, added up (MINUTES=60 RATE=225 OUT=docs/soak)
	@$(RUN) scripts/soak.ts

lab: ## Every way to run migrations, measured side by side under load and faults (ONLY=job-hook,rollback; REDRAW=1: the published pages anew, nothing measured)
	@$(RUN) scripts/lab.ts
