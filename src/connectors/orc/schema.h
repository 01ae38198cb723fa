/*
 * schema.h — the types of an ORC file as columns.
 */
#ifndef RG_ORC_SCHEMA_H
#define RG_ORC_SCHEMA_H

#include "connectors/files/format.h"
#include "connectors/orc/tail.h"

/* Deeper types are broken or hostile. */
#define MOST_ORC_DEPTH   20
#define MOST_ORC_COLUMNS 10000

/* Appends the type in ORC's words. */
extern void orc_type_text(WireBuffer *out, const OrcTail *tail, int number);

/* What holds all values of the type; NULL: text. */
extern const char *orc_pg_type(const OrcType *type);

/*
 * The number of the struct whose fields are the columns: the root, or, where Hive keeps changes of rows, the
 * row that was changed. -1: the root is no struct, and the only column.
 */
extern int orc_row_type(const OrcTail *tail);

/* Adds the columns of the file to the relation. */
extern void orc_add_columns(FileRelation *relation, const OrcTail *tail);

#endif
