# kaizend: every command a newcomer needs. `make help` lists them.
#
# One build configuration for everything: tests run in release mode too and without testable imports, because either
# of the two would compile every target a second time.

SHELL := /bin/bash
PREFIX ?= /usr
DESTDIR ?=
BUILD_FLAGS := -c release --explicit-target-dependency-import-check error
# Installed programs carry the Swift runtime within them: the plant machine needs no toolchain.
INSTALL_SCRATCH := .build/install
INSTALL_FLAGS := $(BUILD_FLAGS) --static-swift-stdlib --scratch-path $(INSTALL_SCRATCH)
SERVICE_PROGRAMS := kaizend kaizenctl kaizen-plant kaizen-trainer
BIN := .build/release
FORMAT := swift format

# A test that never ends is a failed one.
TEST := timeout 45m swift test $(BUILD_FLAGS) --disable-testable-imports --disable-xctest --no-parallel
# A Debian root and the machine made from it; kept, because making it takes minutes.
SYSTEMD_ROOT := .build/systemd-root

.PHONY: help setup build test fuzz-rest systemd-test systemd-stub-test run prove replay images studies bench soak bench-peers \
  bench-serve-peers format lint dist install uninstall clean

help:
	@echo "make setup    install what the build needs (Debian packages; needs root), check the Swift toolchain"
	@echo "make build    build all programs in release mode into $(BIN)"
	@echo "make test     run every test"
	@echo "make fuzz-rest  ten thousand requests made from Config/openapi.yaml (make test does a thousand)"
	@echo "make systemd-test  boot a real systemd in namespaces (as root) and check the service in it; BUILT=1 is quicker"
	@echo "make run      the product in three minutes: a generated plant, a failing group, its recovery"
	@echo "make prove    ten plants of each scenario at daemons of their own: nothing retrained for nothing, every failure"
	@echo "              found, and after how many days (half an hour; SEEDS=1 and SCENARIOS=quiet,demo are quicker)"
	@echo "make replay   the same on the die-casting data in ../shared/data, where it is there"
	@echo "make images   cameras on real pictures (Debian's dataset-fashion-mnist), and a page of the worst mistakes"
	@echo "make studies  all ways of training compared on the real data in ../shared/data, where it is there (2 min)"
	@echo "make bench    memory of the daemon, speed of training, answers, socket and ledger (more: $(BIN)/kaizen-bench --help)"
	@echo "make bench-peers  install PyTorch and ONNX Runtime into .build/peers, for make bench to measure beside us"
	@echo "make bench-serve-peers  install FastAPI and ONNX Runtime there too, for the socket's part of make bench"
	@echo "make soak     a million mixed requests; memory, answers and the ledger's rows checked, then a thousand days that"
	@echo "              end in a crash, a power cut or a fault of the disk ('make test' does a few of both)"
	@echo "make lint     check the format; make format mends it"
	@echo "make install  programs, units and samples below DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) (make dist builds them)"

setup:
	@./Config/setup.sh

build: setup
	swift build $(BUILD_FLAGS)

test: build
	@./Config/setup.sh tests
	KAIZEN_ONNXRUNTIME="$$(./Config/onnxruntime.sh)" KAIZEN_CLIENTS="$$(./Config/python-clients.sh)" $(TEST)

fuzz-rest: build
	@./Config/setup.sh tests
	KAIZEN_REST_REQUESTS=500 KAIZEN_CLIENTS="$$(./Config/python-clients.sh)" $(TEST) --filter RestSurface

# Behind what stands in for systemd where none can boot.
systemd-stub-test: build
	$(TEST) --filter 'NotifyTests|ActivationTests|ReloadTests|SystemdTests'

systemd-test: setup $(if $(BUILT),build)
	@./systemd/test/run.sh

run: build
	@$(BIN)/kaizen-plant demo

prove: build
	@$(BIN)/kaizen-plant prove $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SCENARIOS),--scenarios $(SCENARIOS))

replay: build
	@$(BIN)/kaizen-plant demo --data ../shared/data/diecast.csv.gz

images: build
	@./Config/images.sh
	@$(BIN)/kaizen-plant images

studies: build
	@./Config/studies.sh

bench: build
	@$(BIN)/kaizen-bench rss
	@$(BIN)/kaizen-bench train
	@$(BIN)/kaizen-bench infer
	@$(BIN)/kaizen-bench serve --seconds 0.3 --requests 100000 --rows 200000
	@$(BIN)/kaizen-bench ledger --rows 0,1000000 --random-rows 0 --seconds 0.3

soak: build
	@$(BIN)/kaizen-bench soak --requests 1000000
	KAIZEN_FAULT_SCENARIOS=1000 $(TEST) --filter CrashTests
	KAIZEN_KILL_POINTS=200 $(TEST) --filter RetrainKillTests

bench-peers:
	@./Sources/kaizen-bench/Peers/setup.sh

bench-serve-peers:
	@./Sources/kaizen-bench/Peers/serve-setup.sh

format:
	$(FORMAT) -i -r Sources Tests Package.swift

lint:
	$(FORMAT) lint --strict -r Sources Tests Package.swift

dist: setup
	@for program in $(SERVICE_PROGRAMS); do swift build $(INSTALL_FLAGS) --product $$program || exit 1; done

install: dist
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/kaizend
	install -m 0755 $(INSTALL_SCRATCH)/release/kaizend $(INSTALL_SCRATCH)/release/kaizenctl \
	  $(INSTALL_SCRATCH)/release/kaizen-plant $(DESTDIR)$(PREFIX)/bin
	install -m 0755 $(INSTALL_SCRATCH)/release/kaizen-trainer $(DESTDIR)$(PREFIX)/libexec/kaizend
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/lib/systemd/catalog \
	  $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	install -m 0644 systemd/*.service systemd/*.socket $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 0644 systemd/kaizend.catalog $(DESTDIR)$(PREFIX)/lib/systemd/catalog/kaizend.catalog
	install -m 0644 systemd/kaizend.sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/kaizend.conf
	install -m 0644 systemd/kaizend.tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/kaizend.conf
	install -d $(DESTDIR)$(PREFIX)/share/doc/kaizend
	install -m 0644 Config/openapi.yaml Sources/Wire/Wire.docc/OperatorAPI.md Sources/Store/Store.docc/Analysts.md \
	  Sources/Store/Store.docc/Tables.md $(DESTDIR)$(PREFIX)/share/doc/kaizend
	install -d $(DESTDIR)/etc/kaizend/conf.d $(DESTDIR)/etc/kaizend/lines.d
	install -m 0644 Config/lines.d/example.toml.sample $(DESTDIR)/etc/kaizend/lines.d
	@if [ -e $(DESTDIR)/etc/kaizend/kaizend.toml ]; then \
	  echo "kept your $(DESTDIR)/etc/kaizend/kaizend.toml; the new sample is beside it as kaizend.toml.sample"; \
	  install -m 0644 Config/kaizend.toml $(DESTDIR)/etc/kaizend/kaizend.toml.sample; \
	else \
	  install -m 0644 Config/kaizend.toml $(DESTDIR)/etc/kaizend/kaizend.toml; \
	fi

uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,kaizend kaizenctl kaizen-plant)
	rm -rf $(DESTDIR)$(PREFIX)/libexec/kaizend $(DESTDIR)$(PREFIX)/share/doc/kaizend
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/lib/systemd/system/,$(notdir $(wildcard systemd/*.service systemd/*.socket))) \
	  $(DESTDIR)$(PREFIX)/lib/systemd/catalog/kaizend.catalog \
	  $(DESTDIR)$(PREFIX)/lib/{sysusers,tmpfiles}.d/kaizend.conf
	@echo "left alone: $(DESTDIR)/etc/kaizend and $(DESTDIR)/var/lib/kaizend (your settings and your ledger)"

clean:
	swift package clean
	rm -rf $(INSTALL_SCRATCH) $(SYSTEMD_ROOT)
