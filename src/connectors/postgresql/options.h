/*
 * options.h — the options of a relation in its document: those of a foreign table, of a view.
 */
#ifndef RG_POSTGRESQL_OPTIONS_H
#define RG_POSTGRESQL_OPTIONS_H

#include "connectors/postgresql/rows.h"
#include "wire/wire.h"

/* Writes the elements, each "name=value". Leaves out options whose name suggests a secret. */
extern void write_options(WireBuffer *out, Elements options);

#endif
