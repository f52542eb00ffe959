# `make` lists the targets; `make run` and `make test` are all that a newcomer needs.
.DEFAULT_GOAL := help
.PHONY: help run test check fix dev build bench-studio studio studio-check studio-test clients api-spec bench lint doc conformance deny interop cluster faults crash fuzz-api

CARGO ?= cargo
BIN   := target/release/latchkey
# Which tests in a browser.
E2E   ?= story states clicks editor
# The page of the studio, which names all its other files; and what it is built from.
STUDIO := studio/dist/index.html
STUDIO_SOURCES := $(shell find studio clients/typescript/src -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/e2e/*' 2>/dev/null)

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build ## build, start on SQLite in ./data, print the URL, the first token and a curl that works
	@$(BIN) serve

build: $(if $(and $(wildcard studio/package.json),$(shell command -v npm)),$(STUDIO)) ## build the release binary, with the studio where npm is: target/release/latchkey
	@test -f $(STUDIO) || echo 'without the studio, which needs npm (Node 20.19 or newer): make studio'
	$(CARGO) build --release --locked --package latchkey-server

studio: $(STUDIO) ## build the studio into studio/dist, from where it goes into the binary (needs npm)

$(STUDIO): $(STUDIO_SOURCES)
	cd studio && npm ci --no-audit --no-fund && npm run build && node scripts/compress.mjs
	@touch $(STUDIO) crates/server/build.rs

clients: api-spec ## write clients/ from api-spec/openapi.json (needs npm, and Python for clients/python)
	cd clients/typescript && npm ci --no-audit --no-fund && npm run generate
	clients/python/generate.sh

test: ## run every test (starts a private PostgreSQL when its binaries are there)
	$(CARGO) build --locked --workspace --all-targets
	@tests/run.sh $(CARGO) test --locked --workspace --no-fail-fast

conformance: ## run the conformance cases and print what differs
	$(CARGO) run --quiet --locked --package latchkey-tests --bin conformance -- tests/conformance

crash: ## kill the binary at every durable write and every effect of a run, on both databases, and check what became of it
	$(CARGO) build --locked --package latchkey-server --package latchkey-tests
	@target/debug/crash

studio-check: $(if $(shell command -v npm),$(STUDIO)) ## types, lints and tests of the studio's logic, and its build (needs npm)
	@if ! command -v npm >/dev/null 2>&1; then echo 'npm is not installed: the studio is not checked'; \
	else cd studio && npm run check && npm test; fi

studio-test: ## the studio in a browser against the debug build (needs npm and Chromium); E2E=looks takes pictures of all pages
	@if ! command -v npm >/dev/null 2>&1 || [ ! -x "$${CHROMIUM:-/usr/bin/chromium}" ]; then echo 'npm or Chromium is not installed: the studio is not tried in a browser'; \
	else $(CARGO) build --locked --workspace && cd studio && LATCHKEY_BIN=$(CURDIR)/target/debug/latchkey npm run e2e -- $(E2E); fi

check: lint doc test studio-check studio-test deny ## what CI runs: format, lints, docs, generated files, tests, the studio, dependency policy

lint: ## format and lints, without changing anything
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

doc: ## the API documentation, warnings refused
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --quiet

deny: ## licences, duplicates and advisories, when cargo-deny is installed
	@if command -v cargo-deny >/dev/null 2>&1; then $(CARGO) deny --offline check bans licenses sources; \
	else echo "cargo-deny is not installed: dependency policy not checked"; fi

fix: ## repair what can be repaired: format, lints, api-spec
	$(CARGO) fmt --all
	$(CARGO) clippy --workspace --all-targets --fix --allow-dirty --allow-staged
	$(MAKE) api-spec

dev: ## start the server from a debug build, with its log in plain text
	LATCHKEY_LOG=info,latchkey=debug $(CARGO) run --package latchkey-server -- serve

api-spec: ## write api-spec/openapi.json from the handlers
	$(CARGO) run --quiet --package latchkey-server -- openapi > api-spec/openapi.json.new
	mv api-spec/openapi.json.new api-spec/openapi.json

cluster: ## two processes that answer, three that work, PostgreSQL and three NATS servers on this machine, until Ctrl-C
	$(CARGO) build --release --locked --package latchkey-server --package latchkey-tests --bin latchkey --bin cluster
	target/release/cluster

faults: ## many runs in a local cluster while its parts are killed, stopped and cut off; RUNS=10000 unless said otherwise
	$(CARGO) build --release --locked --package latchkey-server --package latchkey-tests --bin latchkey --bin faults
	target/release/faults $(or $(RUNS),10000)

interop: ## our provider modules against the LiteLLM proxy, an independent implementation (installs it from PyPI)
	CARGO="$(CARGO)" tests/interop/run.sh

fuzz-api: ## all sorts of requests from the description of the API, with keys of two workspaces (installs schemathesis from PyPI); EXAMPLES, SECONDS_AT_MOST, SEED
	$(CARGO) build --locked --package latchkey-server --package latchkey-tests --bin latchkey --bin fuzzed
	tests/schemathesis/run.sh

bench: ## the measurements of docs/benchmarks.md, in one run
	$(CARGO) build --release --locked --package latchkey-server --package latchkey-bench
	target/release/latchkey-bench

bench-studio: $(STUDIO) ## what panning and zooming the studio's canvas costs (docs/benchmarks.md; needs npm and Chromium)
	$(CARGO) build --release --locked --package latchkey-server
	cd studio && LATCHKEY_BIN=$(CURDIR)/target/release/latchkey npm run perf
