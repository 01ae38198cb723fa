#include "connectors/iceberg/stored_field.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/orc/schema.h"
#include "connectors/parquet/parquet_rows.h"
#include "connectors/parquet/types.h"

static StoredField *
make_room(StoredField *field, int count)
{
	field->fields = allocate((size_t) (count + 1) * sizeof(StoredField));
	field->count = count;
	for (int i = 0; i < count; i++)
		field->fields[i] = (StoredField){.name = "", .id = NO_STORED_ID, .kind = STORED_OTHER};
	return field->fields;
}

static void
free_fields(StoredField *field)
{
	for (int i = 0; i < field->count; i++)
		free_fields(&field->fields[i]);
	free(field->fields);
}

void
stored_fields_free(StoredField *root)
{
	if (root == NULL)
		return;
	free_fields(root);
	free(root);
}

/* ---- Parquet ---- */

static StoredKind
parquet_kind(const SchemaElement *element)
{
	switch (type_kind(element))
	{
		case KIND_BOOLEAN:
			return STORED_BOOLEAN;
		case KIND_SIGNED:
		case KIND_UNSIGNED:
			return STORED_INTEGER;
		case KIND_FLOAT:
		case KIND_FLOAT16:
			return STORED_REAL;
		case KIND_DOUBLE:
			return STORED_DOUBLE;
		case KIND_DECIMAL:
			return STORED_DECIMAL;
		case KIND_DATE:
			return STORED_DATE;
		case KIND_TIME:
			return STORED_TIME;
		case KIND_INT96:
			return STORED_TIMESTAMP;
		case KIND_TIMESTAMP:
			return element->is_utc ? STORED_TIMESTAMPTZ : STORED_TIMESTAMP;
		case KIND_TEXT:
			return STORED_TEXT;
		case KIND_UUID:
			return STORED_UUID;
		case KIND_BINARY:
			return STORED_BYTES;
		default:
			return STORED_OTHER;
	}
}

static void take_parquet(StoredField *field, const Schema *schema, int node);

static void
take_parquet_content(StoredField *field, const Schema *schema, int node)
{
	StoredField *fields;
	int count = 0;

	switch (schema_shape(schema, node))
	{
		case SHAPE_VALUE:
			field->kind = parquet_kind(schema->nodes[node].element);
			field->scale = schema->nodes[node].element->scale;
			break;
		case SHAPE_LIST:
			field->kind = STORED_LIST;
			take_parquet_content(make_room(field, 1), schema, schema_list_element(schema, node));
			break;
		case SHAPE_MAP:
			if (schema_map_value(schema, node) < 0)
				break;
			field->kind = STORED_MAP;
			fields = make_room(field, 2);
			take_parquet(&fields[0], schema, schema_map_key(node));
			take_parquet(&fields[1], schema, schema_map_value(schema, node));
			break;
		case SHAPE_STRUCTURE:
			field->kind = STORED_STRUCTURE;
			fields = make_room(field, schema->nodes[node].element->child_count);
			for (int child = node + 1; child < schema->nodes[node].end; child = schema_next(schema, child))
				take_parquet(&fields[count++], schema, child);
			break;
		case SHAPE_VARIANT:
			break;
	}
}

/* Iceberg has no column that is repeated without a list. */
static void
take_parquet(StoredField *field, const Schema *schema, int node)
{
	const SchemaElement *element = schema->nodes[node].element;

	field->name = element->name;
	field->id = element->has_id ? element->id : NO_STORED_ID;
	if (element->repetition != REPEATED)
		take_parquet_content(field, schema, node);
}

StoredField *
stored_fields_of_parquet(const FileRelation *relation)
{
	const ParquetTable *table = relation->content;
	StoredField *root = allocate(sizeof(StoredField));

	*root = (StoredField){.name = "", .id = NO_STORED_ID, .kind = STORED_STRUCTURE};
	make_room(root, table->schema.column_count);
	for (int i = 0; i < root->count; i++)
		take_parquet(&root->fields[i], &table->schema, table->schema.columns[i]);
	return root;
}

/* ---- ORC ---- */

static const StoredKind orc_kinds[ORC_KINDS] = {[ORC_BOOLEAN] = STORED_BOOLEAN,
												[ORC_TINYINT] = STORED_INTEGER,
												[ORC_SMALLINT] = STORED_INTEGER,
												[ORC_INT] = STORED_INTEGER,
												[ORC_BIGINT] = STORED_INTEGER,
												[ORC_FLOAT] = STORED_REAL,
												[ORC_DOUBLE] = STORED_DOUBLE,
												[ORC_STRING] = STORED_TEXT,
												[ORC_BINARY] = STORED_BYTES,
												[ORC_TIMESTAMP] = STORED_TIMESTAMP,
												[ORC_LIST] = STORED_LIST,
												[ORC_MAP] = STORED_MAP,
												[ORC_STRUCT] = STORED_STRUCTURE,
												[ORC_UNION] = STORED_OTHER,
												[ORC_DECIMAL] = STORED_DECIMAL,
												[ORC_DATE] = STORED_DATE,
												[ORC_VARCHAR] = STORED_TEXT,
												[ORC_CHAR] = STORED_TEXT,
												[ORC_TIMESTAMP_INSTANT] = STORED_TIMESTAMPTZ,
												[ORC_GEOMETRY] = STORED_BYTES,
												[ORC_GEOGRAPHY] = STORED_BYTES};

static void
take_orc(StoredField *field, const OrcTail *tail, int number, const char *name)
{
	const OrcType *type = &tail->types[number];

	field->name = name;
	field->id = type->field_id ? strtoll(type->field_id, NULL, 10) : NO_STORED_ID;
	field->kind = orc_kinds[type->kind];
	field->scale = (int) type->scale;
	if (field->kind < STORED_STRUCTURE)
		return;
	make_room(field, type->child_count);
	for (int i = 0; i < type->child_count; i++)
		take_orc(&field->fields[i], tail, type->children[i], i < type->name_count ? type->names[i] : "");
	if (field->count != (field->kind == STORED_MAP ? 2 : 1) && field->kind != STORED_STRUCTURE)
		field->kind = STORED_OTHER;
}

StoredField *
stored_fields_of_orc(const FileRelation *relation)
{
	const OrcTail *tail = relation->content;
	StoredField *root = allocate(sizeof(StoredField));
	int row = orc_row_type(tail);

	*root = (StoredField){.name = "", .id = NO_STORED_ID, .kind = STORED_STRUCTURE};
	if (row >= 0)
		take_orc(root, tail, row, "");
	return root;
}

/* ---- ids ---- */

bool
stored_fields_have_ids(const StoredField *root)
{
	for (int i = 0; i < root->count; i++)
		if (root->fields[i].id != NO_STORED_ID || stored_fields_have_ids(&root->fields[i]))
			return true;
	return false;
}

static bool
has_name(const JsonNode *mapped, const char *name)
{
	const JsonNode *names = json_member(mapped, "names");

	for (const JsonNode *node = names ? names->first : NULL; node; node = node->next)
		if (json_text(node) && strcmp(json_text(node), name) == 0)
			return true;
	return false;
}

/* The element of a list, and key and value of a map, have these names in mappings. */
static const char *
mapped_name(const StoredField *parent, int number)
{
	if (parent->kind == STORED_LIST)
		return "element";
	if (parent->kind == STORED_MAP)
		return number == 0 ? "key" : "value";
	return parent->fields[number].name;
}

void
stored_fields_map(StoredField *root, const JsonNode *mapping)
{
	for (int i = 0; i < root->count; i++)
		for (const JsonNode *mapped = mapping ? mapping->first : NULL; mapped; mapped = mapped->next)
			if (has_name(mapped, mapped_name(root, i)))
			{
				json_member_integer(mapped, "field-id", &root->fields[i].id);
				stored_fields_map(&root->fields[i], json_member(mapped, "fields"));
			}
}
