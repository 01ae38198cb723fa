/*
 * options.h — the options of a relation in its document: those of a foreign table, of a view.
 */
#ifndef RG_POSTGRESQL_OPTIONS_H
#define RG_POSTGRESQL_OPTIONS_H

#include "connectors/postgresql/rows.h"
#include "wire/wire.h"

/* The elements are "name=value". Options whose name suggests a secret are left out. */
extern void write_options(WireBuffer *out, Elements options);

#endif
