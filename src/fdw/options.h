/* options.h — the options of foreign tables and their columns. rivergen.attach() sets them. */
#ifndef RG_FDW_OPTIONS_H
#define RG_FDW_OPTIONS_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* The value of an option in a list of DefElem, or NULL. */
extern const char *rg_fdw_option(List *options, const char *name);

#endif
