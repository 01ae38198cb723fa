#include "connectors/iceberg/describe.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/iceberg/partition.h"
#include "connectors/iceberg/schema.h"

/* ---- keys and orders ---- */

/* bucket[16] is written bucket(16, id), day is days(ts). */
static void
write_transform(WireBuffer *out, const char *transform, const char *column)
{
	static const char *const of_time[] = {"year", "month", "day", "hour"};
	size_t length = strcspn(transform, "[");
	bool has_width = transform[length] == '[';

	if (strcmp(transform, "identity") == 0)
	{
		wire_append_text(out, column);
		return;
	}
	wire_append(out, transform, length);
	for (size_t i = 0; i < sizeof(of_time) / sizeof(of_time[0]); i++)
		if (strcmp(transform, of_time[i]) == 0)
			wire_append(out, "s", 1);
	wire_append(out, "(", 1);
	if (has_width)
	{
		wire_append(out, transform + length + 1, strcspn(transform + length + 1, "]"));
		wire_append(out, ", ", 2);
	}
	wire_append_text(out, column);
	wire_append(out, ")", 1);
}

static bool
append_column(WireBuffer *out, const JsonNode *schema, const JsonNode *field)
{
	int64_t id;

	return json_integer(iceberg_partition_source(field), &id) && iceberg_field_path(out, schema, id);
}

static char *
column_of(const JsonNode *schema, const JsonNode *field)
{
	WireBuffer path = {.data = NULL};

	if (!append_column(&path, schema, field))
		wire_append_text(&path, "?");
	wire_append(&path, "", 1);
	if (path.failed)
		give_up_out_of_memory();
	return path.data;
}

/* Fields of the transform void are no longer in the key. */
static void
write_terms(WireBuffer *out, const JsonNode *fields, const JsonNode *schema)
{
	size_t start = out->length;

	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
	{
		const char *transform = json_member_text(field, "transform");
		char *column;

		if (transform == NULL || strcmp(transform, "void") == 0)
			continue;
		if (out->length > start)
			wire_append(out, ", ", 2);
		column = column_of(schema, field);
		write_transform(out, transform, column);
		free(column);
		if (json_member_text(field, "direction"))
		{
			wire_append(out, " ", 1);
			wire_append_text(out, json_member_text(field, "direction"));
		}
	}
}

static void
add_partition_key(FileRelation *relation, const JsonNode *root, const JsonNode *schema)
{
	WireBuffer key = {.data = NULL};

	write_terms(&key, iceberg_present_partition(root), schema);
	if (key.length > 0)
	{
		relation->kind = "partitioned_table";
		document_literal(&relation->more, ",\"partition_key\":");
		wire_append_string(&relation->more, key.data, key.length);
	}
	wire_free(&key);
}

/* Iceberg does not enforce it. */
static void
add_primary_key(FileRelation *relation, const JsonNode *schema)
{
	const JsonNode *ids = json_member(schema, "identifier-field-ids");
	WireBuffer path = {.data = NULL};
	int64_t id;

	if (ids == NULL || ids->count == 0)
		return;
	document_literal(&relation->more, ",\"primary_key\":{\"columns\":[");
	for (const JsonNode *node = ids->first; node; node = node->next)
	{
		wire_reset(&path);
		if (!json_integer(node, &id) || !iceberg_field_path(&path, schema, id))
			continue;
		document_separate(&relation->more);
		wire_append_string(&relation->more, path.data, path.length);
	}
	document_literal(&relation->more, "],\"not_enforced\":true}");
	wire_free(&path);
}

static void
add_text(WireBuffer *out, const char *name, const char *value, size_t length)
{
	wire_append(out, ",", 1);
	document_string(out, name);
	document_literal(out, ":");
	wire_append_string(out, value, length);
}

static const JsonNode *
present_order(const JsonNode *root)
{
	int64_t number;

	if (!json_member_integer(root, "default-sort-order-id", &number))
		return NULL;
	return json_member(iceberg_numbered(json_member(root, "sort-orders"), "order-id", number), "fields");
}

static void
add_options(FileRelation *relation, const JsonNode *root, const JsonNode *schema)
{
	const JsonNode *properties = json_member(root, "properties");
	const char *comment = json_member_text(properties, "comment");
	WireBuffer order = {.data = NULL};
	int64_t number;

	if (comment)
		add_text(&relation->more, "comment", comment, strlen(comment));
	if (json_member_integer(root, "format-version", &number))
		add_text(&relation->options, "format-version", json_member(root, "format-version")->text,
				 json_member(root, "format-version")->length);
	write_terms(&order, present_order(root), schema);
	if (order.length > 0)
		add_text(&relation->options, "sort-order", order.data, order.length);
	wire_free(&order);
	for (const JsonNode *node = properties ? properties->first : NULL; node; node = node->next)
		if (node->kind == JSON_TEXT && strcmp(node->name, "comment") != 0)
			add_text(&relation->options, node->name, node->text, node->length);
}

/* ---- views ---- */

/* The text of a view may be there in several dialects. */
static void
add_definition(FileRelation *relation, const IcebergMetadata *metadata)
{
	const JsonNode *representations;
	int64_t number;

	if (!json_member_integer(metadata->root, "current-version-id", &number))
		iceberg_broken(metadata, "it does not say which version of the view is the present one");
	representations = json_member(
		iceberg_numbered(json_member(metadata->root, "versions"), "version-id", number), "representations");
	for (const JsonNode *node = representations ? representations->first : NULL; node; node = node->next)
	{
		const char *sql = json_member_text(node, "sql");

		if (sql == NULL)
			continue;
		add_text(&relation->more, "definition", sql, strlen(sql));
		return;
	}
}

/* ---- all of it ---- */

void
iceberg_describe(FileRelation *relation, const IcebergMetadata *metadata, const JsonNode *schema)
{
	bool is_view = iceberg_is_view(metadata);

	relation->kind = is_view ? "view" : "table";
	iceberg_add_columns(relation, metadata, schema);
	add_options(relation, metadata->root, schema);
	if (is_view)
		add_definition(relation, metadata);
	else
	{
		add_partition_key(relation, metadata->root, schema);
		add_primary_key(relation, schema);
	}
}

static bool
has_columns(const JsonNode *fields, const JsonNode *schema)
{
	WireBuffer path = {.data = NULL};
	bool has_all = true;

	for (const JsonNode *field = fields ? fields->first : NULL; field && has_all; field = field->next)
		has_all = append_column(&path, schema, field);
	wire_free(&path);
	return has_all;
}

bool
iceberg_describes(const IcebergMetadata *metadata, const JsonNode *schema)
{
	return has_columns(iceberg_present_partition(metadata->root), schema) &&
		   has_columns(present_order(metadata->root), schema);
}
