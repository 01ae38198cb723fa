#include "connectors/hudi/hudi_format.h"

#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/hudi/describe.h"
#include "connectors/hudi/evolution.h"
#include "connectors/hudi/history.h"
#include "connectors/hudi/hudi_rows.h"
#include "connectors/hudi/table.h"

#define RELATION_ID "table"

/* ---- the folder ---- */

/* What a completed instant has written stays as it is; a newer instant may be there meanwhile, which does no
 * harm. */
static bool
is_unchanged(const StoredFile *folder)
{
	(void) folder;
	return true;
}

static const Storage tables = {.is_unchanged = is_unchanged};

static void
open_folder(StoredFile *folder)
{
	HudiTable *table = allocate(sizeof(HudiTable));

	folder->storage = &tables;
	folder->object = table;
	folder->size = ABSENT;
	hudi_table_read(table, folder);
	hudi_table_state(table, folder->state);
}

static void
check(const Request *request, const StoredFile *folder)
{
	(void) request;
	hudi_table_check(folder->object);
	if (hudi_table_is_merged_on_read(folder->object))
		emit_log(
			"info",
			"the table is merged on read: its rows are those of its base files, as of the last compaction");
}

/* ---- the relation ---- */

static FileRelation *
add_relation(const StoredFile *folder, FileRelations *relations)
{
	const char *name = hudi_table_setting(folder->object, "hoodie.table.name");
	FileRelation *relation = relations_add(relations, folder);

	relation->name = copy_text(name ? name : folder->name);
	relation->id = copy_text(RELATION_ID);
	relation->content = folder->object;
	return relation;
}

static void
list(const Request *request, const StoredFile *folder, FileRelations *relations)
{
	(void) request;
	add_relation(folder, relations);
}

static void
survey(const Request *request, const StoredFile *folder, FileRelations *relations)
{
	const HudiTable *table = folder->object;
	FileRelation *relation = add_relation(folder, relations);
	AvroSchema *schema = hudi_table_schema(table);
	HudiEvolution evolution;

	if (schema == NULL)
		emit_log("warning", "neither an instant nor the properties of the table have its schema");
	hudi_evolution_read(&evolution, table);
	hudi_describe(relation, table, schema, evolution.present);
	if (request->operation == OPERATION_DISCOVER)
		hudi_history_add(relation, request, table, &evolution);
	hudi_evolution_free(&evolution);
	if (schema)
		avro_schema_free(schema);
}

const Format hudi_format = {.what = "a Hudi table",
							.documents = "1",
							.open_folder = open_folder,
							.check = check,
							.list = list,
							.survey = survey,
							.rows_begin = hudi_rows_begin,
							.rows_next = hudi_rows_next,
							.rows_end = hudi_rows_end};
