#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/bigquery/field.h"
#include "connectors/bigquery/relation.h"
#include "connectors/common/buffer_text.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

static const JsonNode *
member(const JsonTree *description, const char *name)
{
	return json_member(json_tree_root(description), name);
}

const JsonNode *
description_fields(const JsonTree *description)
{
	return json_member(member(description, "schema"), "fields");
}

static bool
is_of_type(const JsonTree *description, const char *type)
{
	const char *given = json_text(member(description, "type"));

	return given != NULL && strcmp(given, type) == 0;
}

bool
description_is_plain(const JsonTree *description)
{
	return is_of_type(description, "TABLE") || is_of_type(description, "SNAPSHOT");
}

static bool
is_partitioned(const JsonTree *description)
{
	return member(description, "timePartitioning") != NULL ||
		   member(description, "rangePartitioning") != NULL;
}

static const char *
kind_of(const ListedTable *table, const JsonTree *description)
{
	if (table->shards > 0)
		return "partitioned_table";
	if (is_of_type(description, "VIEW"))
		return "view";
	if (is_of_type(description, "MATERIALIZED_VIEW"))
		return "materialized_view";
	if (is_of_type(description, "EXTERNAL"))
		return "foreign_table";
	return is_partitioned(description) ? "partitioned_table" : "table";
}

/* ---- columns ---- */

/* policyTags: {"names": [...]}: what restricts who may read the column. */
static void
append_policy_tags(WireBuffer *out, const JsonNode *field)
{
	const JsonNode *names = json_member(json_member(field, "policyTags"), "names");
	bool is_open = false;

	for (const JsonNode *name = names ? names->first : NULL; name; name = name->next)
		if (json_text(name) != NULL)
		{
			wire_append_text(out, is_open ? "," : ",\"policy_tags\":[");
			is_open = true;
			document_string(out, json_text(name));
		}
	wire_append_text(out, is_open ? "]" : "");
}

static void
add_column(FileRelation *relation, const JsonNode *field)
{
	const char *name = json_member_text(field, "name");
	const char *comment = json_member_text(field, "description");
	const char *value = json_member_text(field, "defaultValueExpression");
	const char *collation = json_member_text(field, "collation");
	WireBuffer more = {.data = NULL};
	WireBuffer type = {.data = NULL};
	FileColumn *column;

	if (name == NULL)
		return;
	column = relation_add_column(relation);
	column->name = copy_text(name);
	field_append_type(&type, field);
	column->type = buffer_take_text(&type);
	column->pg_type = field_pg_type(field);
	column->not_null = field_is_required(field);
	document_further(&more, "comment", comment);
	document_further(&more, "default", value);
	document_further(&more, "collation", collation);
	append_policy_tags(&more, field);
	field_append_content(&more, field);
	column->more = buffer_take_text(&more);
}

/* ---- keys ---- */

static void
append_texts(WireBuffer *out, const JsonNode *list)
{
	bool is_open = false;

	document_literal(out, "[");
	for (const JsonNode *each = list ? list->first : NULL; each; each = each->next)
		if (json_text(each) != NULL)
		{
			wire_append_text(out, is_open ? "," : "");
			is_open = true;
			document_string(out, json_text(each));
		}
	document_literal(out, "]");
}

static void
append_reference(WireBuffer *out, const JsonNode *references, const char *name)
{
	bool is_open = false;

	document_literal(out, "[");
	for (const JsonNode *each = references ? references->first : NULL; each; each = each->next)
	{
		const char *column = json_member_text(each, name);

		if (column == NULL)
			continue;
		wire_append_text(out, is_open ? "," : "");
		is_open = true;
		document_string(out, column);
	}
	document_literal(out, "]");
}

static void
append_foreign_key(WireBuffer *out, const JsonNode *key)
{
	const JsonNode *table = json_member(key, "referencedTable");
	const JsonNode *references = json_member(key, "columnReferences");

	document_literal(out, "{");
	document_text(out, "name", json_member_text(key, "name"));
	document_member(out, "columns");
	append_reference(out, references, "referencingColumn");
	document_text(out, "schema", json_member_text(table, "datasetId"));
	document_text(out, "table", json_member_text(table, "tableId"));
	document_member(out, "referenced_columns");
	append_reference(out, references, "referencedColumn");
	document_flag(out, "not_enforced", true);
	document_literal(out, "}");
}

static void
append_keys(WireBuffer *out, const JsonTree *description)
{
	const JsonNode *constraints = member(description, "tableConstraints");
	const JsonNode *primary = json_member(json_member(constraints, "primaryKey"), "columns");
	const JsonNode *foreign = json_member(constraints, "foreignKeys");

	if (primary != NULL && primary->count > 0)
	{
		document_literal(out, ",\"primary_key\":{\"columns\":");
		append_texts(out, primary);
		document_literal(out, ",\"not_enforced\":true}");
	}
	if (foreign == NULL || foreign->count == 0)
		return;
	document_literal(out, ",\"foreign_keys\":[");
	for (const JsonNode *each = foreign->first; each; each = each->next)
	{
		document_separate(out);
		append_foreign_key(out, each);
	}
	document_literal(out, "]");
}

/* ---- the rest ---- */

/* DAY(ts), or RANGE_BUCKET(id, 0, 100, 10); without a column it is the time at which a row came. */
static void
append_partition_key(WireBuffer *out, const JsonTree *description)
{
	const JsonNode *by_time = member(description, "timePartitioning");
	const JsonNode *by_range = member(description, "rangePartitioning");
	const JsonNode *range = json_member(by_range, "range");
	const char *unit = json_member_text(by_time, "type");
	const char *field = json_member_text(by_time ? by_time : by_range, "field");
	char text[512];

	if (by_time != NULL)
		snprintf(text, sizeof(text), "%.20s(%.300s)", unit ? unit : "DAY", field ? field : "_PARTITIONTIME");
	else if (by_range != NULL)
	{
		const char *start = json_member_text(range, "start");
		const char *end = json_member_text(range, "end");
		const char *interval = json_member_text(range, "interval");

		snprintf(text, sizeof(text), "RANGE_BUCKET(%.300s, %.24s, %.24s, %.24s)", field ? field : "",
				 start ? start : "", end ? end : "", interval ? interval : "");
	}
	else
		return;
	document_literal(out, ",\"partition_key\":");
	document_string(out, text);
}

static void
append_shards(WireBuffer *out, const ListedTable *table)
{
	if (table->shards == 0)
		return;
	document_literal(out, ",\"partition_key\":\"_TABLE_SUFFIX\",\"shards\":{\"count\":");
	wire_append_integer(out, table->shards);
	document_text(out, "first", table->first);
	document_text(out, "last", table->last);
	document_literal(out, "}");
}

static const char *
definition_of(const JsonTree *description)
{
	const char *view = json_member_text(member(description, "view"), "query");

	return view ? view : json_member_text(member(description, "materializedView"), "query");
}

static void
append_clustering(WireBuffer *options, const JsonTree *description)
{
	const JsonNode *fields = json_member(member(description, "clustering"), "fields");
	WireBuffer names = {.data = NULL};

	if (fields == NULL || fields->count == 0)
		return;
	for (const JsonNode *each = fields->first; each; each = each->next)
	{
		wire_append_text(&names, each == fields->first ? "" : ", ");
		wire_append_text(&names, json_text(each) ? json_text(each) : "");
	}
	wire_append(&names, "", 1);
	document_further(options, "clustering", names.failed ? NULL : names.data);
	wire_free(&names);
}

static void
append_options(WireBuffer *options, const JsonTree *description)
{
	append_clustering(options, description);
	document_further(options, "location", json_text(member(description, "location")));
	document_further(options, "source_format",
					 json_member_text(member(description, "externalDataConfiguration"), "sourceFormat"));
	if (json_member_is_true(json_tree_root(description), "requirePartitionFilter"))
		document_further(options, "require_partition_filter", "true");
}

static int64_t
number_of(const JsonTree *description, const char *name)
{
	const char *digits = json_text(member(description, name));
	char *end;
	long long number = digits ? strtoll(digits, &end, 10) : 0;

	return digits == NULL || *end != '\0' || number < 0 ? ABSENT : number;
}

FileRelation *
relation_of_description(FileRelations *relations, const ListedTable *table, const JsonTree *description)
{
	FileRelation *relation = relations_add(relations, &no_stored_file);
	const JsonNode *fields = description_fields(description);
	bool has_rows = description_is_plain(description) && table->shards == 0;

	relation->name = copy_text(table->name);
	relation->kind = kind_of(table, description);
	relation->rows = has_rows ? number_of(description, "numRows") : ABSENT;
	relation->size = has_rows ? number_of(description, "numBytes") : ABSENT;
	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
		add_column(relation, field);
	document_further(&relation->more, "comment", json_text(member(description, "description")));
	append_keys(&relation->more, description);
	document_further(&relation->more, "definition", definition_of(description));
	if (table->shards > 0)
		append_shards(&relation->more, table);
	else
		append_partition_key(&relation->more, description);
	append_options(&relation->options, description);
	return relation;
}
