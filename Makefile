# Confab's commands. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run demo build web test lint fmt test-rust test-web test-browser soak bench bench-social bench-sockets fuzz audit tools

# How long `make soak` takes.
SOAK_MINUTES ?= 10

# Arguments for the server: make run ARGS="--listen 127.0.0.1:9000". Without any, mails are shown at /outbox.
ARGS ?= --dev

# What to fuzz (a folder of fuzz/corpus), and for how many seconds: make fuzz TARGET=sdp SECONDS=600
TARGET ?= datagram
SECONDS ?= 60

# cargo-nextest where it is installed, else cargo's own runner: the same tests.
CARGO_TEST := $(shell command -v cargo-nextest >/dev/null && echo 'cargo nextest run --no-fail-fast' || echo 'cargo test --no-fail-fast')

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: web ## Build everything in release mode and start the server (ARGS="--help" for its flags)
	cargo run --release --quiet -p confab-signalling --bin confab -- $(ARGS)

demo: web ## The same with made-up people in a folder of its own (./demo-data): sign in as demo, password confab-demo
	cargo run --release --quiet -p confab-signalling --bin confab -- --data-dir demo-data demo
	cargo run --release --quiet -p confab-signalling --bin confab -- --data-dir demo-data $(ARGS)

build: web ## Build the release binary: target/release/confab
	cargo build --release -p confab-signalling --bin confab

web: web/node_modules/.package-lock.json ## Build the web app, which the binary embeds
	npm --prefix web run --silent build

web/node_modules/.package-lock.json: web/package-lock.json web/package.json web/app/package.json web/sdk/package.json
	@.ci/require-tools build
	npm --prefix web ci --no-fund --no-audit --loglevel=error
	@touch $@

test: lint test-web test-rust test-browser ## Everything that a change must pass; installs what it needs (Debian) or says what is missing
	@echo "make test: all passed"

tools:
	@.ci/require-tools test

lint: tools web ## Formatting, clippy and type checks, warnings as errors
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets --locked -- -D warnings
	npm --prefix web run --silent check

fmt: web/node_modules/.package-lock.json ## Format everything
	cargo fmt --all
	npm --prefix web run --silent format

test-rust: tools web ## All Rust tests
	cargo build --quiet --locked -p confab-signalling --bin confab
	$(CARGO_TEST) --workspace --locked

test-web: web ## Unit tests of the SDK and the app, and the size budget
	npm --prefix web run --silent test
	npm --prefix web run --silent budget -w @confab/app

test-browser: tools web ## Real browsers against the real binary, in a private network namespace
	cargo build --quiet --locked -p confab-signalling --bin confab
	web/app/e2e/namespace.sh npm --prefix web run --silent e2e -w @confab/app

soak: tools web ## One sender and four viewers in browsers for SOAK_MINUTES: no freeze, no growth; wants the machine for itself
	cargo build --quiet --locked -p confab-signalling --bin confab
	SOAK_MINUTES=$(SOAK_MINUTES) web/app/e2e/namespace.sh npm --prefix web run --silent e2e -w @confab/app

bench: web ## What forwarding costs, and a server under load by synthetic clients; reports go to target/bench
	cargo bench --quiet --locked -p confab-sfu --bench fanout
	cargo build --release --quiet --locked -p confab-signalling --bin confab -p confab-bench --bin confab-bench
	bench/run-local.sh

bench-social: ## Feeds, search and posts among 20,000 people on SQLite and Postgres, against their targets; six minutes
	cargo bench --quiet --locked -p confab-social --bench network

bench-sockets: web ## What 5,000 idle tabs cost, and how soon a message reaches the last of a room of 5,000; a minute
	cargo build --release --quiet --locked -p confab-signalling --bin confab
	cargo bench --quiet --locked -p confab-social --bench sockets

fuzz: ## Feed one parser what a fuzzer makes up (TARGET=datagram SECONDS=60)
	fuzz/run.sh $(TARGET) $(SECONDS)

audit: ## Check dependencies against deny.toml (needs cargo-deny and its advisory database)
	cargo deny check
