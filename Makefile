# make quickstart: install what is missing, build, run the main pipeline, print its results.
# make test:       install what is missing, check the style, build, run every test.
SHELL := /bin/bash
PACKAGES := libsqlite3-dev libarchive-dev libssl-dev zlib1g-dev pkg-config
# OpenBLAS (43 MB) is for tests and benchmarks, and for who asks for it: nothing is linked with it.
PACKAGES += libopenblas0-pthread
VIREO := .build/vireo
STATIC := $(CURDIR)/.build/static
JOBS := $(shell nproc)
# Suites that keep every processor busy: beside them, tests of processes and times would fail.
TIMED := ProcessesTests|ProcessControlTests
HEAVY := PowerFailureTests|CorruptionTests|HostileTests|CrashScriptTests

# The time limits of suites cannot end a test that blocks its thread: this does.
TEST := timeout --kill-after=10 1500 swift test -c release --skip-build --disable-xctest

.PHONY: quickstart test build dependencies lint $(STATIC)/pkgconfig

quickstart: build
	$(VIREO) run pipelines/quickstart.yaml

# The program that is shipped has the Swift libraries, libarchive and libcrypto inside and stands at a fixed address:
# it starts in half the time, for the shared libarchive loads XML and Unicode for formats that Vireo does not read.
# Without the static libraries it is linked with the shared ones.
build: dependencies $(STATIC)/pkgconfig
	PKG_CONFIG_PATH=$(STATIC)/pkgconfig swift build -c release --product vireo -j $(JOBS) --scratch-path $(STATIC) \
	    --static-swift-stdlib -Xswiftc -Xclang-linker -Xswiftc -no-pie
	strip --strip-debug --strip-unneeded -o $(VIREO).part $(STATIC)/release/vireo
	mv $(VIREO).part $(VIREO)

# pkg-config files that name the static libraries, with the shared libraries that libarchive's readers of gzip, bzip2,
# xz, zstd and encrypted zip call.
$(STATIC)/pkgconfig: dependencies
	@mkdir -p $@; rm -f $@/*.pc; \
	directory=$$(pkg-config --variable=libdir libarchive); \
	write() { printf 'Name: %s\nDescription: linked statically\nVersion: %s\nLibs: %s\n' \
	    "$$1" "$$(pkg-config --modversion $$1)" "$$2" > $@/$$1.pc; }; \
	if [ -f $$directory/libarchive.a ]; then \
	    write libarchive "-l:libarchive.a $$(ldd $$directory/libarchive.so \
	        | grep -oE '^\s*lib(z|bz2|lzma|zstd|nettle)\.so[^ ]*' | sed 's/^\s*/-l:/' | tr '\n' ' ')"; \
	fi; \
	if [ -f $$directory/libcrypto.a ]; then write libcrypto "-l:libcrypto.a"; fi

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
