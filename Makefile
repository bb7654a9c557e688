# make quickstart: install what is missing, build, run the main pipeline, print its results.
# make test:       install what is missing, check the style, build, run every test.
SHELL := /bin/bash
PACKAGES := libsqlite3-dev libarchive-dev libssl-dev zlib1g-dev pkg-config
# OpenBLAS (43 MB) is for tests and benchmarks, and for who asks for it: nothing is linked with it.
PACKAGES += libopenblas0-pthread
VIREO := .build/vireo
JOBS := $(shell nproc)
# Suites that keep every processor busy: beside them, tests of processes and times would fail.
TIMED := SpawnTests|ProcessControlTests
HEAVY := PowerFailureTests|CorruptionTests|HostileTests|CrashScriptTests

# The time limits of suites cannot end a test that blocks its thread: this does.
TEST := timeout --kill-after=10 1500 swift test -c release --skip-build --disable-xctest

.PHONY: quickstart test build dependencies lint

quickstart: build
	$(VIREO) run pipelines/quickstart.yaml

# With the Swift libraries inside and at a fixed address, a command starts in half the time.
build: dependencies
	VIREO_STATIC=1 swift build -c release --product vireo -j $(JOBS) --scratch-path .build/static --static-swift-stdlib \
	    -Xswiftc -Xclang-linker -Xswiftc -no-pie
	ln -sf static/release/vireo $(VIREO)

# Tests are of the release too, but with the Swift libraries beside them: the testing library is only to be had so.
test: dependencies lint
	swift build -c release --build-tests -j $(JOBS)
	$(TEST) --skip '$(HEAVY)|$(TIMED)'
	$(TEST) --filter '$(TIMED)'
	$(TEST) --filter '$(HEAVY)'

lint:
	swift format lint --strict --recursive Sources Tests migrations Package.swift

dependencies:
	@missing=""; \
	for package in $(PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q "ok installed" \
	        || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    install="apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300$$missing"; \
	    if [ "$$(id -u)" = 0 ]; then \
	        apt-get update -q -o DPkg::Lock::Timeout=300 && DEBIAN_FRONTEND=noninteractive $$install; \
	    else \
	        echo "These Debian packages are missing:$$missing"; \
	        echo "Install them with:  sudo apt-get update && sudo $$install"; \
	        exit 1; \
	    fi; \
	fi
