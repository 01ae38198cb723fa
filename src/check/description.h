/*
 * description.h — checks requests about table descriptions: pure functions, no SQL.
 */
#ifndef RG_CHECK_DESCRIPTION_H
#define RG_CHECK_DESCRIPTION_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "check/fault.h"

/*
 * Checks the changes of table_description_update. Returns an object with the given ones of description (text
 * or null), tags ([tag]), columns ({name: text or null}) and column_tags ({name: [tag]}). columns is the
 * array of the names that the table has. What is wrong becomes faults.
 */
extern Jsonb *rg_check_description(RgFaults *faults, Jsonb *changes, Jsonb *columns);

/*
 * An entry of a document of descriptions. The first: are data_source, table_schema and table_name there? The
 * second checks the rest and returns it as rg_check_description does; what only informs is passed over.
 */
extern bool rg_check_description_place(RgFaults *faults, Jsonb *entry);
extern Jsonb *rg_check_description_entry(RgFaults *faults, Jsonb *entry, Jsonb *columns);

/* Checks the status and tags of table_description_list, which may be NULL. */
extern void rg_check_description_list(RgFaults *faults, const char *status, ArrayType *tags);

#endif
