# rivergen: make, make install, make lint, make check, make demo, make bench, make clean
EXTENSION   = rivergen
VERSION    := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" rivergen.control)
MODULE_big  = rivergen
ROOMS       = api check catalog secret queue worker process wire merge
OBJS        = $(patsubst %.c,%.o,$(wildcard src/*.c $(ROOMS:%=src/%/*.c)))
DATA_built  = rivergen--$(VERSION).sql
EXTRA_CLEAN = rivergen--*.sql build
PG_CPPFLAGS = -I$(srcdir)/src -std=gnu11 -Wno-declaration-after-statement
SHLIB_LINK  = -lsodium

PG_CONFIG  ?= pg_config
PGXS       := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

rivergen--$(VERSION).sql: $(sort $(wildcard sql/parts/*.sql)) rivergen.control
	{ echo '\echo Use "CREATE EXTENSION rivergen" to load this file. \quit'; cat $(filter %.sql,$^); } > $@
