# make quickstart: install missing packages, build, run the quickstart pipeline and print its results.
# make all:        also build vireo-http, which connects to inference servers, and vireo-web, which serves pages.
# make test:       install missing packages, check the style, build and run every test.
SHELL := /bin/bash
PACKAGES := libsqlite3-dev libarchive-dev libssl-dev zlib1g-dev pkg-config
# OpenBLAS (43 MB) is loaded on request and used by tests and benchmarks; nothing is linked with it.
PACKAGES += libopenblas0-pthread
# For tests of clusters and of sandboxes, where this machine is root's; without them these tests are skipped, and say
# so.
TEST_PACKAGES := slurm-wlm munge iproute2 bubblewrap
# Scripts of the pages, which are built into vireo-web.
WEB_PACKAGES := libjs-chart.js libjs-codemirror node-dagre-layout
VIREO := .build/vireo
STATIC := $(CURDIR)/.build/static
JOBS := $(shell nproc)
# HEAVY suites keep every processor busy, so TIMED tests of processes and times would fail next to them. In QueueTests,
# virtual time goes on while real files are written.
TIMED := ProcessesTests|ProcessControlTests|QueueTests
HEAVY := PowerFailureTests|CorruptionTests|HostileTests|CrashScriptTests|SlurmTests|InferenceScriptTests|PaperSmokeTests

# Ends tests that block their thread, which the time limits of suites cannot end.
TEST := timeout --kill-after=10 1500 swift test -c release --skip-build --disable-xctest

.PHONY: quickstart test build all http web dependencies lint $(STATIC)/pkgconfig

quickstart: build
	$(VIREO) run pipelines/quickstart.yaml

# The shipped program is linked statically with the Swift libraries, libarchive and libcrypto, at a fixed address. It
# starts in half the time, because the shared libarchive loads XML and Unicode libraries for formats that Vireo does
# not read. If the static libraries are missing, the program is linked with the shared ones.
build: dependencies $(STATIC)/pkgconfig
	PKG_CONFIG_PATH=$(STATIC)/pkgconfig swift build -c release --product vireo -j $(JOBS) --scratch-path $(STATIC) \
	    --static-swift-stdlib -Xswiftc -Xclang-linker -Xswiftc -no-pie
	strip --strip-debug --strip-unneeded -o $(VIREO).part $(STATIC)/release/vireo
	mv $(VIREO).part $(VIREO)

all: build http web

# A package of its own, because its HTTP library takes ten minutes to compile.
http:
	swift build -c release --package-path Programs/HTTP -j $(JOBS) --scratch-path $(CURDIR)/.build/http \
	    --static-swift-stdlib
	strip -o $(VIREO)-http.part .build/http/release/vireo-http
	mv $(VIREO)-http.part $(VIREO)-http

# A package of its own, because its HTTP library takes minutes to compile. Debian's packages are unpacked rather than
# installed, because node-dagre-layout would bring 200 packages for other programs than browsers.
web:
	@missing=""; \
	for package in $(WEB_PACKAGES); do \
	    [ -d /usr/share/doc/$$package ] || [ -d .build/debian/usr/share/doc/$$package ] \
	        || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    if [ "$$(id -u)" = 0 ]; then apt-get update -q -o DPkg::Lock::Timeout=300; fi; \
	    mkdir -p .build/debian && cd .build/debian && apt-get download -q $$missing \
	        && for file in *.deb; do dpkg-deb -x $$file . && rm $$file || exit 1; done \
	        || { echo "These Debian packages are needed:$$missing (apt-get update, then apt-get download)"; exit 1; }; \
	fi
	swift build -c release --package-path Programs/Web -j $(JOBS) --scratch-path $(CURDIR)/.build/web \
	    --static-swift-stdlib
	strip -o $(VIREO)-web.part .build/web/release/vireo-web
	mv $(VIREO)-web.part $(VIREO)-web

# Writes pkg-config files that name the static libraries, and the shared libraries that libarchive needs for gzip,
# bzip2, xz, zstd and encrypted zip.
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

# Tests use the release build too, but with shared Swift libraries, because the testing library is available only as
# a shared library. The tests of the command line run the shipped program.
test: export VIREO_PROGRAM = $(CURDIR)/$(VIREO)
test: lint build
	-@if [ "$$(id -u)" = 0 ] && ! { type slurmctld && type munged && type ip && type bwrap; } > /dev/null 2>&1; then \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
	        -o DPkg::Lock::Timeout=300 $(TEST_PACKAGES); \
	fi
	swift build -c release --build-tests -j $(JOBS)
	$(TEST) --skip '$(HEAVY)|$(TIMED)'
	$(TEST) --filter '$(TIMED)'
	$(TEST) --filter '$(HEAVY)'

lint:
	swift format lint --strict --recursive Sources Programs/HTTP/Sources Programs/HTTP/Package.swift \
	    Programs/Web/Sources Programs/Web/Tests Programs/Web/Package.swift Tests migrations Package.swift

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
