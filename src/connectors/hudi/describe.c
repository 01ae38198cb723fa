#include "connectors/hudi/describe.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/hudi/evolution.h"
#include "connectors/hudi/schema.h"

/* ---- columns ---- */

static void
add_missing(FileRelation *relation, const AvroType *record, const char *name)
{
	if (record == NULL || avro_field(record, name) == NULL)
		hudi_add_text_column(relation, name);
}

/* The columns that Hudi itself fills. They are in the files, and in the schema only of some writers. */
static void
add_own_columns(FileRelation *relation, const HudiTable *table, const AvroType *record)
{
	static const char *const names[] = {"_hoodie_commit_time", "_hoodie_commit_seqno", "_hoodie_record_key",
										"_hoodie_partition_path", "_hoodie_file_name"};

	if (hudi_property_is_true(&table->properties, "hoodie.populate.meta.fields", true))
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			add_missing(relation, record, names[i]);
	if (hudi_property_is_true(&table->properties, "hoodie.allow.operation.metadata.field", false))
		add_missing(relation, record, "_hoodie_operation");
}

/* Where the files lack the columns of partitions, the schema may lack them, too. */
static void
add_partition_columns(FileRelation *relation, const HudiTable *table)
{
	char *name;

	if (!hudi_property_is_true(&table->properties, "hoodie.datasource.write.drop.partition.columns", false))
		return;
	for (int i = 0; (name = hudi_table_listed(table, "hoodie.table.partition.fields", i)) != NULL; i++)
	{
		if (name[0] != '\0' && !relation_has_column(relation, name))
			hudi_add_text_column(relation, name);
		free(name);
	}
}

/* The members of the column, with its id first. */
static void
add_id(FileColumn *column, int64_t id)
{
	WireBuffer more = {.data = NULL};

	document_literal(&more, ",\"id\":\"");
	wire_append_integer(&more, id);
	document_literal(&more, "\"");
	wire_append_text(&more, column->more ? column->more : "");
	wire_append(&more, "", 1);
	if (more.failed)
		give_up_out_of_memory();
	free(column->more);
	column->more = more.data;
}

static void
add_ids(FileRelation *relation, const JsonNode *ids)
{
	int64_t id;

	for (int i = 0; i < relation->column_count; i++)
		if (hudi_column_id(ids, relation->columns[i].name, &id))
			add_id(&relation->columns[i], id);
}

static void
add_columns(FileRelation *relation, const HudiTable *table, const AvroType *record, const JsonNode *ids)
{
	add_own_columns(relation, table, record);
	hudi_add_columns(relation, record);
	add_partition_columns(relation, table);
	add_ids(relation, ids);
}

/* ---- keys and options ---- */

static void
add_partition_key(FileRelation *relation, const HudiTable *table)
{
	WireBuffer key = {.data = NULL};
	char *name;

	for (int i = 0; (name = hudi_table_listed(table, "hoodie.table.partition.fields", i)) != NULL; i++)
	{
		if (i > 0)
			wire_append(&key, ", ", 2);
		wire_append_text(&key, name);
		free(name);
	}
	if (key.length > 0)
	{
		relation->kind = "partitioned_table";
		document_literal(&relation->more, ",\"partition_key\":");
		wire_append_string(&relation->more, key.data, key.length);
	}
	wire_free(&key);
}

/* Only writers that look for keys hold to it. */
static void
add_primary_key(FileRelation *relation, const HudiTable *table)
{
	char *name;

	if (hudi_table_setting(table, "hoodie.table.recordkey.fields") == NULL)
		return;
	document_literal(&relation->more, ",\"primary_key\":{\"columns\":[");
	for (int i = 0; (name = hudi_table_listed(table, "hoodie.table.recordkey.fields", i)) != NULL; i++)
	{
		document_separate(&relation->more);
		document_string(&relation->more, name);
		free(name);
	}
	document_literal(&relation->more, "],\"not_enforced\":true}");
}

/* Those that say how the table is to be understood. */
static void
add_options(FileRelation *relation, const HudiTable *table)
{
	static const char *const names[] = {"hoodie.table.type",
										"hoodie.table.version",
										"hoodie.table.ordering.fields",
										"hoodie.table.precombine.field",
										"hoodie.record.merge.mode",
										"hoodie.table.base.file.format",
										"hoodie.table.keygenerator.type",
										"hoodie.table.keygenerator.class",
										"hoodie.keygen.timebased.output.dateformat",
										"hoodie.datasource.write.hive_style_partitioning",
										"hoodie.database.name"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		const char *value = hudi_table_setting(table, names[i]);

		if (value == NULL)
			continue;
		document_literal(&relation->options, ",");
		document_string(&relation->options, names[i]);
		document_literal(&relation->options, ":");
		document_string(&relation->options, value);
	}
}

void
hudi_describe(FileRelation *relation, const HudiTable *table, const AvroSchema *schema, const JsonNode *ids)
{
	relation->kind = "table";
	if (schema)
		add_columns(relation, table, avro_schema_type(schema), ids);
	add_options(relation, table);
	add_partition_key(relation, table);
	add_primary_key(relation, table);
}
