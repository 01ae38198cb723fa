# How a connector is built. Its Makefile says what it is and includes this file (README.md beside it has the recipe):
#   NAME     the executable, and the source type that it serves
#   ALSO     further types that it is installed as
#   USES     rooms beside it whose code it takes: avro files guard http jsontree lake libpq odbc service sql, or a file format, without its
#            main.c; common is always there
#   HEADERS  headers of client libraries, PKG  their pkg-config modules: without one of them it is not built
#   LIBS     what the linker gets besides the flags of PKG
#   DEBIAN   the packages that bring the above: for people, and for test/lib/packages.sh
# Everything that is made lies below build/connectors. wire and common are compiled once, into libconnector.a.
PG_CONFIG  ?= pg_config
PKG_CONFIG ?= pkg-config
INSTALL    ?= install
pkglibdir  ?= $(shell $(PG_CONFIG) --pkglibdir)

ROOT    := ../../..
SRC     := $(ROOT)/src
BUILD   := $(ROOT)/build/connectors
ROOM    := $(notdir $(CURDIR))
LIBRARY := $(BUILD)/libconnector.a
VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" $(ROOT)/rivergen.control)

include $(SRC)/mistakes.mk

# Flags of a distribution take the place of these defaults.
CFLAGS ?= -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2

# A client library may lie beside the PostgreSQL that is built for.
CLIENT    := -I$(shell $(PG_CONFIG) --includedir) $(if $(PKG),$(shell $(PKG_CONFIG) --cflags $(PKG) 2>/dev/null))
CLIENT_LD := -L$(shell $(PG_CONFIG) --libdir) $(if $(PKG),$(shell $(PKG_CONFIG) --libs $(PKG) 2>/dev/null)) $(LIBS)
MISSING   := $(strip $(shell \
	for header in $(HEADERS); do \
		$(CC) $(CPPFLAGS) $(CLIENT) -E -x c -include $$header /dev/null >/dev/null 2>&1 || echo $$header; done; \
	for module in $(PKG); do $(PKG_CONFIG) --exists $$module 2>/dev/null || echo $$module; done))

COMPILE = $(CC) -std=c11 -Wall -Wextra $(MISTAKES) -fstack-protector-strong -fPIE -D_GNU_SOURCE -DCONNECTOR_VERSION='"$(VERSION)"' \
	-I$(SRC) $(CLIENT) -MMD -MP $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# Sources are named from src/ on, and so are their objects below a directory of each connector's own.
sources  = $(foreach room,$(1),$(patsubst $(SRC)/%,%,$(wildcard $(SRC)/$(room)/*.c)))
OBJECTS := $(patsubst %.c,$(BUILD)/$(ROOM)/%.o,$(call sources,connectors/$(ROOM)) $(filter-out %/main.c,$(call sources,$(USES:%=connectors/%))))
SHARED  := $(patsubst %.c,$(BUILD)/libconnector/%.o,$(call sources,wire connectors/common))
RULES   := $(SRC)/connectors/connector.mk $(SRC)/mistakes.mk $(ROOT)/rivergen.control

ifneq ($(MISSING),)

all install:
	@echo "skipping the connector $(NAME): $(MISSING) not found (package $(DEBIAN))"

client-flags:
	@echo "skipping the connector $(NAME): $(MISSING) not found (package $(DEBIAN))" >&2; exit 1

else

all: $(BUILD)/bin/$(NAME)

$(BUILD)/bin/$(NAME): $(OBJECTS) $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -pie -Wl,-z,relro,-z,now $(LDFLAGS) -o $@ $^ $(CLIENT_LD)

install: all
	$(INSTALL) -d '$(DESTDIR)$(pkglibdir)/rivergen'
	for type in $(NAME) $(ALSO); do $(INSTALL) -m 755 $(BUILD)/bin/$(NAME) '$(DESTDIR)$(pkglibdir)/rivergen/'$$type || exit; done

# For make lint, which does not warn about headers that are not ours.
client-flags:
	@echo $(CLIENT:-I%=-isystem%)

endif

library: $(LIBRARY)

$(LIBRARY): $(SHARED)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/$(ROOM)/%.o: $(SRC)/%.c $(RULES) Makefile
	@mkdir -p $(@D)
	$(COMPILE)

$(BUILD)/libconnector/%.o: $(SRC)/%.c $(RULES)
	@mkdir -p $(@D)
	$(COMPILE)

-include $(OBJECTS:.o=.d) $(SHARED:.o=.d)

clean:
	rm -rf $(BUILD)/$(ROOM) $(BUILD)/bin/$(NAME)

.DEFAULT_GOAL := all
.PHONY: all install library client-flags clean
