# rivergen: make, make install, make lint, make check, make check-locale, make check-versions, make check-sources, make check-mysql, make check-lakes, make check-agreement, make check-random, make check-sanitize, make fuzz, make demo, make bench, make rooms, make valgrind, make clean
EXTENSION   = rivergen
RG_VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" rivergen.control)
PG_CONFIG  ?= pg_config
SCRIPTED    = lint check check-locale check-versions check-sources check-mysql check-lakes check-agreement check-random check-sanitize fuzz demo bench rooms valgrind

# These run a script, which may be what installs PostgreSQL: they must not need PGXS. Other goals beside them
# get a make of their own.
ifneq ($(filter $(SCRIPTED),$(MAKECMDGOALS)),)

export PG_CONFIG MAKE KEEP HTTP SIZE SPIDER TESTS SPECS SUITES
lint:  ; @test/lib/lint.sh
check: ; @test/lib/check.sh
check-locale: ; @test/lib/check.sh elsewhere
check-versions: ; @test/lib/versions.sh
check-sources: ; @test/lib/sources.sh
check-mysql: ; @test/lib/mysql.sh
check-lakes: ; @test/lib/lakes.sh
# FILES: a folder of real files.
check-agreement: ; @$(MAKE) -s all && test/lib/agreement.sh
check-random: ; @SEED=$${SEED:-$$(date +%s)} RANDOM_CALLS=$${RANDOM_CALLS:-100000} RUNS=$${RUNS:-20} STEPS=$${STEPS:-20} TESTS="t/100_tenancy.t t/110_random_input.t t/197_mysql_refresh.t connectors/mysql_properties.t" test/lib/check.sh
check-sanitize: ; @test/lib/sanitize.sh
fuzz:  ; @test/lib/packages.sh && $(MAKE) -s -C test/fuzz -j2 fuzz
demo:  ; @test/demo/demo.sh
bench: ; @test/bench/bench.sh && test/bench/latency.sh && test/bench/list.sh && test/bench/search.sh && test/bench/recall.sh && test/bench/catalog.sh && test/bench/sandbox.sh && test/bench/dial.sh && test/bench/read.sh && test/bench/mysql.sh && test/bench/sqlserver.sh && test/bench/files.sh && test/bench/lakes.sh && test/bench/s3.sh && test/bench/http.sh && TESTS=bench/fair.t test/lib/check.sh
rooms: ; @test/lib/rooms.sh
valgrind: ; @test/lib/valgrind.sh
$(filter-out $(SCRIPTED),$(MAKECMDGOALS)): ; @$(MAKE) $@
.PHONY: $(MAKECMDGOALS)

else

include src/mistakes.mk

MODULE_big  = rivergen
ROOMS       = api fdw http check catalog secret queue stream worker reader process wire merge
TRAMPOLINE  = src/process/rivergen-run
# rivergen-run is a program of its own; limits, rules, address and own are in the module, too.
RUN_ONLY    = $(patsubst %,src/process/%.c,trampoline supervisor child handshake report execution image landlock filter dialer dialing sockets pending available)
RUN_SOURCES = $(RUN_ONLY) $(patsubst %,src/process/%.c,limits rules address own vet)
SOURCES     = $(filter-out $(RUN_ONLY),$(wildcard src/*.c $(ROOMS:%=src/%/*.c)))
ALL_HEADERS = $(wildcard src/*.h src/*/*.h)
CONNECTORS  = $(patsubst src/connectors/%/Makefile,%,$(wildcard src/connectors/*/Makefile))
OBJS        = $(SOURCES:.c=.o)
# Released scripts are frozen; what is not yet released is built.
RELEASED    = $(wildcard sql/released/*.sql)
DATA        = $(RELEASED)
UPGRADES    = $(patsubst sql/upgrade/%,rivergen--%,$(wildcard sql/upgrade/*--*.sql))
DATA_built  = $(filter-out $(notdir $(RELEASED)),rivergen--$(RG_VERSION).sql $(UPGRADES))
EXTRA_CLEAN = rivergen--*.sql build results regression.diffs regression.out $(TRAMPOLINE) $(SOURCES:.c=.bc)
PG_CPPFLAGS = -I$(srcdir)/src -DRG_VERSION='"$(RG_VERSION)"' -std=gnu11 -Wno-declaration-after-statement $(MISTAKES)
SHLIB_LINK  = -lsodium

# pg_regress finds the outputs in ./expected, because it looks below its output directory first.
REGRESS      = $(sort $(notdir $(basename $(wildcard test/sql/*.sql))))
REGRESS_OPTS = --inputdir=test

# Nothing here is called once per row, so bitcode for the server's JIT would only double the build time.
override with_llvm = no

PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))
ifeq ($(PGXS),)
$(error $(PG_CONFIG) knows no PGXS; run test/lib/packages.sh to see which packages are missing)
endif
include $(PGXS)

# Not every PostgreSQL was built with dependency tracking: any header changed, everything is compiled again.
$(OBJS): $(ALL_HEADERS) rivergen.control src/mistakes.mk

# Tables in their final form, and everything that can be replaced, in the order of their numbers.
PARTS = $(foreach name,$(sort $(notdir $(wildcard sql/tables/*.sql sql/objects/*.sql))),$(wildcard sql/tables/$(name) sql/objects/$(name)))
WARN  = printf '%s\n' '\echo Use "$(1)" to load this file. \quit'

rivergen--$(RG_VERSION).sql: $(PARTS) rivergen.control
	{ $(call WARN,CREATE EXTENSION rivergen); cat $(PARTS); } > $@

# By hand stands only what cannot be replaced: changes of tables, functions that are dropped, data (sql/upgrade/README.md).
rivergen--%.sql: sql/upgrade/before.sql sql/upgrade/%.sql $(PARTS)
	{ $(call WARN,ALTER EXTENSION rivergen UPDATE); cat $< $(word 2,$^) $(filter sql/objects/%,$(PARTS)); } > $@

# Freezes the scripts of the version in rivergen.control.
release: $(DATA_built)
	mkdir -p sql/released
	cp $(DATA_built) sql/released/
	cd sql/released && sha256sum *.sql > SHA256SUMS

# The trampoline runs between the server and a connector; libseccomp writes its filter of system calls.
$(TRAMPOLINE): $(RUN_SOURCES) $(ALL_HEADERS) src/mistakes.mk
	@printf '#include <seccomp.h>\n' | $(CC) $(CPPFLAGS) -E - >/dev/null 2>&1 || { echo 'rivergen-run needs seccomp.h (package libseccomp-dev)' >&2; exit 1; }
	$(CC) -std=gnu11 -O2 -Wall -Wextra $(MISTAKES) -D_GNU_SOURCE -Isrc $(CPPFLAGS) $(RUN_SOURCES) $(LDFLAGS) -lseccomp -o $@

all: $(TRAMPOLINE) connectors
install: install-programs install-gateway
clean: clean-unit

# What they share is made before the first of them, which may be made side by side.
CONNECTOR_MAKE = --no-print-directory PG_CONFIG='$(PG_CONFIG)' -C src/connectors

connectors: $(CONNECTORS:%=connector-%)

$(CONNECTORS:%=connector-%): connector-%: libconnector
	@$(MAKE) $(CONNECTOR_MAKE)/$* all

libconnector:
	@$(MAKE) $(CONNECTOR_MAKE)/common -f ../connector.mk library

install-programs: $(TRAMPOLINE) connectors
	$(MKDIR_P) '$(DESTDIR)$(pkglibdir)/rivergen'
	$(INSTALL_PROGRAM) $(TRAMPOLINE) '$(DESTDIR)$(pkglibdir)/rivergen/rivergen-run'
	@set -e; for c in $(CONNECTORS); do $(MAKE) $(CONNECTOR_MAKE)/$$c install DESTDIR='$(DESTDIR)' pkglibdir='$(pkglibdir)'; done

# What a person adapts: the configuration of PostgREST and nginx.
install-gateway:
	$(MKDIR_P) '$(DESTDIR)$(datadir)/rivergen/gateway'
	$(INSTALL_DATA) $(wildcard src/gateway/*) '$(DESTDIR)$(datadir)/rivergen/gateway/'

clean-unit:
	@if [ -f test/unit/Makefile ]; then $(MAKE) --no-print-directory -C test/unit clean; fi

.PHONY: release connectors libconnector $(CONNECTORS:%=connector-%) install-programs install-gateway clean-unit

endif
