/*
 * foreign_options.h — the options of a foreign table in its document.
 */
#ifndef RG_POSTGRESQL_FOREIGN_OPTIONS_H
#define RG_POSTGRESQL_FOREIGN_OPTIONS_H

#include "connectors/postgresql/rows.h"
#include "wire/wire.h"

/* The elements are "name=value". Options whose name suggests a secret are left out. */
extern void write_foreign_options(WireBuffer *out, Elements options);

#endif
