/*
 * internal.h — shared by the files of this room.
 */
#ifndef RG_CATALOG_INTERNAL_H
#define RG_CATALOG_INTERNAL_H

#include "postgres.h"

#include "catalog/answer.h"
#include "sql.h"

/* Settings. */
extern char *rg_gateway_roles;
extern char *rg_organization_setting;

/* Reads one row with the snapshot of the calling statement, as a STABLE function must; returns 0 or 1. */
extern uint64 rg_catalog_read(RgStatement *statement, Datum *values, const char *nulls);

/* Runs a statement that gives a source its name: 409 when another one has it (data_source.c). */
extern void rg_data_source_run_named(RgStatement *statement, Datum *values);

/* The row (ids, bytes, total) of the current result; the ids are in the caller's context. */
extern RgLocated rg_located(void);

/* A column of the current result as jsonb in the caller's context. */
extern Jsonb *rg_catalog_jsonb(uint64 row, int column);

#endif
