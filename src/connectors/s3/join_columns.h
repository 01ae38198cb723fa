/*
 * join_columns.h — the columns of two parts as those of one relation.
 */
#ifndef RG_S3_JOIN_COLUMNS_H
#define RG_S3_JOIN_COLUMNS_H

#include "connectors/files/format.h"

/* The position of the column of that name, or -1. */
extern int find_file_column(const FileRelation *relation, const char *name);

/*
 * Adds the columns of the other to the relation, and widens its types to hold the other's values. Returns
 * whether both have the same names in the same order, and types that go together.
 */
extern bool join_columns(FileRelation *relation, const FileRelation *other);

#endif
