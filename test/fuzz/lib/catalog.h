/* catalog.h — answers of catalog statements, made of bytes, and what must hold of a relation that is
 * described from them. */
#ifndef RG_FUZZ_CATALOG_H
#define RG_FUZZ_CATALOG_H

#include "connectors/sql/relation.h"
#include "connectors/sql/rows.h"

#include "fuzz.h"

/*
 * Takes up to that many rows off the rest, of columns cells a row, all about one relation. Each line is a
 * cell; the byte 1 stands for NULL.
 */
extern SqlRows fuzz_rows(FuzzRest *rest, int columns, int most);

/* The same of columns, each of which has a name in this cell: one without is passed over where it is read. */
extern SqlRows fuzz_columns(FuzzRest *rest, int columns, int most, int name);

/* Its texts can be read, and what has a list of names has names in it. */
extern void fuzz_check_relation(const SqlRelation *relation);

#endif
