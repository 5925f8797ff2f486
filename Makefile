# The commands of the project; `make help` lists them. The programs that they run are in scripts/.
PORT ?= 8080
# Arguments for the runner of `make unit`, `make theory`, `make e2e`, `make mutants`, `make times` and `make audit`.
ARGS ?=

# Programs that scripts/setup.sh installed come first.
export PATH := $(CURDIR)/.tools/bin:$(PATH)
MAKEFLAGS += --no-print-directory

.PHONY: differential dist/.release help serve page build standalone trunk test test-all lint unit theory fuzz e2e times mutants bench audit dist fmt clean setup opening picture

help: ## Print this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

serve: setup ## Build the page and serve it on 127.0.0.1:8080, or PORT=…
	@node scripts/build.mjs --serve $(PORT)

page: setup ## Build the same page into target/page, as the tests use it
	@node scripts/build.mjs

build: dist/.release ## Build the release into dist/, for any static host
	@node scripts/size.mjs

# The program finds out itself what has changed.
dist/.release: setup
	@scripts/setup.sh std
	@node scripts/build.mjs --release

setup:
	@scripts/setup.sh wasm npm

test: ## Run every check that a commit has to pass; the last line says how many passed and failed
	@node scripts/test.mjs

test-all: ## Run every test with full counts, on the release too; takes hours
	@node scripts/test.mjs all

lint: ## Check formatting and run clippy
	@node scripts/test.mjs lint

unit: ## Run the native tests
	@node scripts/test.mjs unit $(ARGS)

theory: ## Compare the engine with queueing theory; takes a minute
	@node scripts/test.mjs theory $(ARGS)

e2e: ## Run the browser specs on the plain page
	@node scripts/test.mjs e2e $(ARGS)

differential: ## Run random scenes through the real programs and the simulation (SCENES=2000 SEED=1 ARGS=haproxy: so many, from there, these programs)
	@scripts/setup.sh balancers
	@EVENKEEL_DIFFERENTIAL=$(or $(SCENES),500) EVENKEEL_SEED=$(or $(SEED),1) cargo test --locked --test differential $(ARGS) -- --nocapture

mutants: ## Break the engine on purpose in many places, and list the tests that notice (ARGS="3 17": these places)
	@node scripts/mutants.mjs $(ARGS)

times: ## Measure how long the commands take, for the table in CONTRIBUTING.md
	@node scripts/times.mjs $(ARGS)

opening: dist/.release ## Write assets/opening.html, the first scene as plain elements, from the finished page
	node scripts/opening.mjs

picture: page ## Record the pictures of README.md from the page
	@scripts/setup.sh npm-tests browser picture
	@node scripts/picture/record.mjs

FUZZ ?= 250
fuzz: ## Give damaged inputs to every parser, FUZZ=250 times as many as `make test`
	EVENKEEL_CASES=$(FUZZ) cargo test --test it -- fuzz --nocapture

trunk: page ## Check that plain `trunk build` makes the same page, if Trunk is installed
	@scripts/setup.sh npm-tests browser
	@node scripts/trunk.mjs

standalone: dist/.release ## Build the page as one file, dist/standalone.html
	@wc -c dist/standalone.html

bench: setup build ## Run the benchmarks; nothing fails
	@node scripts/bench.mjs

audit: dist/.release ## Run Lighthouse, three browsers, minutes of random actions, dependencies (ARGS="walk deny": these)
	@node scripts/audit.mjs $(ARGS)

dist: dist/.release ## Pack the release into release/, with checksums
	@node scripts/dist.mjs

fmt: ## Format the Rust code
	cargo fmt

clean: ## Remove everything that was built or installed in this folder
	rm -rf target dist .tools node_modules scripts/*/node_modules test-results
