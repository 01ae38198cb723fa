/*
 * evolution.h — the history of a table's columns, which a table keeps whose schema may be changed in every
 * way: .hoodie/.schema/‹instant›.schemacommit has the schemas so far, with ids that a column keeps when it
 * gets another name. Fields inside of columns are not looked at.
 */
#ifndef RG_HUDI_EVOLUTION_H
#define RG_HUDI_EVOLUTION_H

#include "connectors/hudi/table.h"
#include "connectors/jsontree/json_tree.h"

typedef struct HudiEvolution
{
	JsonTree *tree;          /* NULL: there is no history */
	const JsonNode *schemas; /* an array */
	const JsonNode *present; /* the newest one of them; NULL: none */
} HudiEvolution;

extern void hudi_evolution_read(HudiEvolution *evolution, const HudiTable *table);
extern void hudi_evolution_free(HudiEvolution *evolution);

/* The id of a column in one of the schemas, or NULL. Returns false if it is not known. */
extern bool hudi_column_id(const JsonNode *schema, const char *name, int64_t *id);

/*
 * The schema of files that an instant of that time has written; NULL: it is not known. A name in it is what
 * such files call a present column; NULL: they do not have it.
 */
extern const JsonNode *hudi_evolution_schema(const HudiEvolution *evolution, const char *time);
extern const char *
hudi_evolution_name(const HudiEvolution *evolution, const JsonNode *schema, const char *name);

#endif
