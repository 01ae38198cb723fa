/* oracle.c — in place of connectors/oracle/statements.c: what the answers are, without the texts. */
#include "connectors/oracle/statements.h"

#define STATEMENT(name, columns) const Statement statement_##name = {.text = "", .cells = columns}

STATEMENT(objects, OBJECT_COLUMNS);
STATEMENT(tables, TABLE_COLUMNS);
STATEMENT(external_tables, EXTERNAL_COLUMNS);
STATEMENT(partitions, PARTITION_COLUMNS);
STATEMENT(partition_keys, PARTITION_KEY_COLUMNS);
STATEMENT(columns, COLUMN_COLUMNS);
STATEMENT(synonym_columns, COLUMN_COLUMNS);
STATEMENT(defaults, DEFAULT_COLUMNS);
STATEMENT(identities, IDENTITY_COLUMNS);
STATEMENT(comments, COMMENT_COLUMNS);
STATEMENT(comments_of_materialized_views, COMMENT_COLUMNS);
STATEMENT(column_comments, COLUMN_COMMENT_COLUMNS);
STATEMENT(constraints, CONSTRAINT_COLUMNS);
STATEMENT(key_columns, KEY_COLUMNS);
STATEMENT(long_conditions, CONDITION_COLUMNS);
STATEMENT(indexes, INDEX_COLUMNS);
STATEMENT(expressions, EXPRESSION_COLUMNS);
STATEMENT(views, VIEW_COLUMNS);
STATEMENT(long_views, LONG_COLUMNS);
STATEMENT(materialized_views, LONG_COLUMNS);
STATEMENT(sequences, SEQUENCE_COLUMNS);
STATEMENT(synonyms, SYNONYM_COLUMNS);
