/*
 * relation.h — a described table as a relation.
 */
#ifndef RG_BIGQUERY_RELATION_H
#define RG_BIGQUERY_RELATION_H

#include "connectors/bigquery/table.h"
#include "connectors/files/format.h"

/* Adds the relation of a table, whose description must outlive it. */
extern FileRelation *
relation_of_description(FileRelations *relations, const ListedTable *table, const JsonTree *description);

/* Are its rows read without a query, which costs nothing? */
extern bool description_is_plain(const JsonTree *description);

/* The fields of the schema; NULL: it has none. */
extern const JsonNode *description_fields(const JsonTree *description);

#endif
