# SPDX-License-Identifier: Apache-2.0
# The front door: CMake does the work underneath.

BUILD  := build
PREFIX ?= /usr/local
JOBS   ?= 2

export CMAKE_BUILD_PARALLEL_LEVEL = $(JOBS)

.DEFAULT_GOAL := build
.PHONY: build package demo check bench fuzz install help clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## a sign-in to try by hand: practice provider, nginx, sample page; Ctrl-C stops it
	@tools/setup demo
	@tools/build product
	@exec demo/run

check: ## install what is missing, build with -Werror, run every test
	@tools/setup check
	@exec tools/check

bench: ## measure the module against plain nginx, and the package against plain Express
	@tools/setup bench
	@tools/build bench
	@bench/run
	@exec tools/node bench/node/run.mjs

fuzz: ## fuzz each target for FUZZ_SECONDS (60)
	@tools/setup fuzz
	@exec tools/fuzz

package: ## the package for Node, as npm install takes it: build/gatewright-0.1.0.tgz
	@tools/setup package
	@exec tools/package

build:
	@tools/setup build
	@tools/build product

install: ## library, header, pkg-config file and module; honours DESTDIR and PREFIX
	@test -e $(BUILD)/ngx_http_oidc_module.so || { echo "run 'make' first" >&2; exit 1; }
	@DESTDIR='$(DESTDIR)' cmake --install $(BUILD) --prefix '$(PREFIX)'

clean:
	rm -rf $(BUILD)
