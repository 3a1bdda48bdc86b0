# The commands a person types here. `make` alone lists them; the work is done by tests/scripts/.
.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-rust test-clients test-long check bench release-arm64 fmt

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s%s\n", $$1, $$2}'

run: ## start a server on http://localhost:3000 with its data in ./data
	cargo run --release -- serve

test: ## install what the tests need, then run all of them on both databases
	tests/scripts/install
	tests/scripts/with-postgres tests/scripts/all-tests

test-fast: ## the inner loop: Rust tests on SQLite, nothing installed
	tests/scripts/rust-tests

test-rust: ## Rust tests on SQLite and PostgreSQL
	tests/scripts/with-postgres tests/scripts/rust-tests

test-clients: ## end-to-end tests only: real clients, browser, kill -9
	tests/scripts/install
	tests/scripts/with-postgres tests/scripts/end-to-end

test-long: ## like test, with 200 kill -9 cycles, five minutes of outage, 1 GB lost and restored, hosts of a deployment that boot
	TUSKLING_TEST_BOOT=1 tests/scripts/install
	TUSKLING_TEST_BOOT=1 TUSKLING_KILL_CYCLES=200 TUSKLING_OUTAGE_SECONDS=300 TUSKLING_SLOW_SECONDS=60 TUSKLING_DRILL_MEGABYTES=1024 tests/scripts/with-postgres tests/scripts/all-tests

check: ## before a push: formatting, lints, tidy, dependencies, Rust tests on every database here
	tests/scripts/lint
	tests/scripts/with-postgres --if-present tests/scripts/rust-tests

bench: ## measure the release binary and print the tables
	bench/run
	NO_BUILD=1 bench/federation

release-arm64: ## the program for arm64 hosts, built on any machine; prints the file
	infra/build/arm64

fmt: ## format the Rust sources
	cargo fmt --all
