# What can be done here; `make help` lists it. The work itself is in scripts/.
PORT ?= 8080
# Passed on to the runner of `make unit`, `make wasm` and `make e2e`.
ARGS ?=

# Tools that scripts/setup.sh built come first: it builds only what does not fit on PATH.
export PATH := $(CURDIR)/.tools/bin:$(PATH)
export TRUNK_SKIP_VERSION_CHECK := true
MAKEFLAGS += --no-print-directory

# Folders stand for themselves too, so that a removed file counts as a change.
INPUTS := Cargo.toml Cargo.lock Trunk.toml index.html package-lock.json \
	scripts/post-build.mjs scripts/policy.mjs scripts/split.mjs scripts/wasm-features.mjs scripts/again.js \
	scripts/offline.mjs scripts/compress.mjs scripts/hosting.mjs scripts/standalone.mjs scripts/styles.mjs scripts/minify.mjs $(shell find src style assets)

.PHONY: help serve build standalone test unit theory fuzz wasm e2e bench audit dist fmt clean setup opening

help: ## Say what can be done (this list)
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

serve: dist/.release ## Build the page and serve it on 127.0.0.1:8080, or PORT=…
	@node scripts/serve.mjs --port $(PORT)

build: dist/.release ## Build the page into dist/, for any static host
	@node scripts/size.mjs

# The folder of this machine's crates is in no byte of a release: it is the same wherever it is built.
CARGO_HOME ?= $(HOME)/.cargo
ANYWHERE := --remap-path-prefix=$(CARGO_HOME)/registry/src=crates

# scripts/post-build.mjs writes this file last, and any other build of Trunk's removes it.
# Trunk understands NO_COLOR=true and stops at NO_COLOR=1.
dist/.release: $(INPUTS) | setup
	env -u NO_COLOR EVENKEEL_SPLIT=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Clink-arg=--emit-relocs --cfg=erase_components $(ANYWHERE)" \
		trunk build --release --features split

setup:
	@scripts/setup.sh wasm tools npm

test: ## Run every check and test; the last line says how many passed and failed
	@node scripts/test.mjs

unit: ## Run the native tests
	@node scripts/test.mjs unit $(ARGS)

wasm: ## Run the tests of the wasm code in a browser
	@node scripts/test.mjs wasm $(ARGS)

e2e: ## Run the Playwright tests against the release page
	@node scripts/test.mjs e2e $(ARGS)

theory: ## Compare the engine with queueing theory, optimised: about ten minutes
	@node scripts/test.mjs theory $(ARGS)

opening: dist/.release ## Take the first scene, which the page is delivered with, from the page itself
	node scripts/opening.mjs

FUZZ ?= 100000
fuzz: ## Throw damaged inputs at every reader of text, FUZZ=100000 a reader
	EVENKEEL_FUZZ=$(FUZZ) cargo test --profile theory --test it -- fuzz --nocapture

standalone: dist/.release ## Build the page as one file, dist/standalone.html
	@wc -c dist/standalone.html

bench: setup build ## Run the benchmarks, after the size report
	@node scripts/bench.mjs

audit: dist/.release ## Lighthouse, three browsers, minutes of random actions, dependencies (ARGS="walk deny")
	@node scripts/audit.mjs $(ARGS)

dist: dist/.release ## Pack the release into release/, with checksums
	@node scripts/dist.mjs

fmt: ## Format the Rust code
	cargo fmt

clean: ## Remove what was built, and the tools that were built for it
	rm -rf target dist .tools node_modules test-results
