#include "connectors/delta_lake/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/memory.h"
#include "connectors/delta_lake/schema.h"

#define CONSTRAINT "delta.constraints."

static void
add_member(WireBuffer *out, const char *name, const char *value, size_t length)
{
	wire_append(out, ",", 1);
	document_string(out, name);
	document_literal(out, ":");
	wire_append_string(out, value, length);
}

/* ---- the configuration ---- */

typedef struct Settings
{
	const JsonNode **items; /* texts, in the order of their names */
	int count;
} Settings;

static int
order_settings(const void *a, const void *b)
{
	return strcmp((*(const JsonNode *const *) a)->name, (*(const JsonNode *const *) b)->name);
}

/* Commits and checkpoints have them in different orders. */
static void
take_settings(Settings *settings, const DeltaSnapshot *snapshot)
{
	const JsonNode *configuration = json_member(snapshot->metadata, "configuration");

	*settings = (Settings){.count = 0};
	settings->items = allocate((size_t) (configuration ? configuration->count + 1 : 1) * sizeof(JsonNode *));
	for (const JsonNode *node = configuration ? configuration->first : NULL; node; node = node->next)
		if (node->name && json_text(node))
			settings->items[settings->count++] = node;
	if (settings->count > 1)
		qsort(settings->items, (size_t) settings->count, sizeof(JsonNode *), order_settings);
}

static bool
is_constraint(const JsonNode *setting)
{
	return strncmp(setting->name, CONSTRAINT, strlen(CONSTRAINT)) == 0;
}

/* ---- checks ---- */

/* checks: an array that is not closed. */
static void
add_check(WireBuffer *checks, const char *name, const char *expression)
{
	WireBuffer definition = {.data = NULL};

	wire_append_text(&definition, "CHECK (");
	wire_append_text(&definition, expression);
	wire_append_text(&definition, ")");
	document_separate(checks);
	document_literal(checks, "{\"name\":");
	document_string(checks, name);
	document_literal(checks, ",\"definition\":");
	wire_append_string(checks, definition.data, definition.length);
	document_literal(checks, "}");
	wire_free(&definition);
}

/* An invariant of a column is a text of JSON: {"expression": {"expression": "x > 3"}}. */
static void
add_invariant(WireBuffer *checks, const JsonNode *field)
{
	const char *text = json_member_text(json_member(field, "metadata"), "delta.invariants");
	char fault[128];
	const char *expression;
	JsonTree *tree = text ? json_tree_read(text, strlen(text), fault, sizeof(fault)) : NULL;

	if (tree == NULL)
		return;
	expression = json_member_text(json_member(json_tree_root(tree), "expression"), "expression");
	if (expression)
		add_check(checks, delta_field_name(field), expression);
	json_tree_free(tree);
}

static void
add_checks(FileRelation *relation, const DeltaSnapshot *snapshot, const Settings *settings)
{
	WireBuffer checks = {.data = NULL};

	document_literal(&checks, "[");
	for (int i = 0; i < settings->count; i++)
		if (is_constraint(settings->items[i]))
			add_check(&checks, settings->items[i]->name + strlen(CONSTRAINT), settings->items[i]->text);
	for (const JsonNode *field = snapshot->fields ? snapshot->fields->first : NULL; field;
		 field = field->next)
		add_invariant(&checks, field);
	if (checks.length > 1)
	{
		document_literal(&relation->more, ",\"checks\":");
		wire_append(&relation->more, checks.data, checks.length);
		document_literal(&relation->more, "]");
	}
	wire_free(&checks);
}

/* ---- the key, and what is close together ---- */

static void
add_partition_key(FileRelation *relation, const DeltaSnapshot *snapshot)
{
	const JsonNode *columns = json_member(snapshot->metadata, "partitionColumns");
	WireBuffer key = {.data = NULL};

	for (const JsonNode *column = columns ? columns->first : NULL; column; column = column->next)
	{
		if (json_text(column) == NULL)
			delta_broken("metaData", "a partition column has no name");
		if (key.length > 0)
			wire_append(&key, ", ", 2);
		wire_append_text(&key, json_text(column));
	}
	if (key.length > 0)
	{
		relation->kind = "partitioned_table";
		add_member(&relation->more, "partition_key", key.data, key.length);
	}
	wire_free(&key);
}

/* The field of that name in the files. */
static const JsonNode *
find_physical(const JsonNode *fields, const char *name)
{
	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
		if (name && strcmp(delta_field_physical_name(field), name) == 0)
			return field;
	return NULL;
}

/* A path is an array of names. */
static void
write_clustering_path(WireBuffer *out, const JsonNode *path, const JsonNode *fields)
{
	for (const JsonNode *step = path->first; step; step = step->next)
	{
		const JsonNode *field = find_physical(fields, json_text(step));

		if (step != path->first)
			wire_append(out, ".", 1);
		wire_append_text(out, field ? delta_field_name(field) : json_text(step) ? json_text(step) : "?");
		fields = json_member(json_member(field, "type"), "fields");
	}
}

static void
add_clustering(FileRelation *relation, const DeltaSnapshot *snapshot, const char *clustering)
{
	char fault[128];
	JsonTree *tree = clustering ? json_tree_read(clustering, strlen(clustering), fault, sizeof(fault)) : NULL;
	const JsonNode *paths = tree ? json_member(json_tree_root(tree), "clusteringColumns") : NULL;
	WireBuffer names = {.data = NULL};

	for (const JsonNode *path = paths ? paths->first : NULL; path; path = path->next)
	{
		if (names.length > 0)
			wire_append(&names, ", ", 2);
		write_clustering_path(&names, path, snapshot->fields);
	}
	if (names.length > 0)
		add_member(&relation->options, "clustering", names.data, names.length);
	wire_free(&names);
	if (tree)
		json_tree_free(tree);
}

/* ---- options ---- */

static void
add_versions(FileRelation *relation, const DeltaSnapshot *snapshot)
{
	static const char *const names[] = {"minReaderVersion", "minWriterVersion"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		const JsonNode *number = json_member(snapshot->protocol, names[i]);

		if (number && number->kind == JSON_NUMBER)
			add_member(&relation->options, names[i], number->text, number->length);
	}
}

static void
add_features(FileRelation *relation, const DeltaSnapshot *snapshot, const char *name)
{
	const JsonNode *features = json_member(snapshot->protocol, name);
	WireBuffer words = {.data = NULL};

	for (const JsonNode *feature = features ? features->first : NULL; feature; feature = feature->next)
	{
		if (words.length > 0)
			wire_append(&words, ", ", 2);
		wire_append_text(&words, json_text(feature) ? json_text(feature) : "?");
	}
	if (words.length > 0)
		add_member(&relation->options, name, words.data, words.length);
	wire_free(&words);
}

void
delta_describe(FileRelation *relation, const DeltaSnapshot *snapshot, const char *clustering)
{
	const char *comment = json_member_text(snapshot->metadata, "description");
	Settings settings;

	take_settings(&settings, snapshot);
	if (comment && comment[0])
		add_member(&relation->more, "comment", comment, strlen(comment));
	add_partition_key(relation, snapshot);
	add_checks(relation, snapshot, &settings);
	add_versions(relation, snapshot);
	add_features(relation, snapshot, "readerFeatures");
	add_features(relation, snapshot, "writerFeatures");
	for (int i = 0; i < settings.count; i++)
		if (!is_constraint(settings.items[i]))
			add_member(&relation->options, settings.items[i]->name, settings.items[i]->text,
					   settings.items[i]->length);
	add_clustering(relation, snapshot, clustering);
	free(settings.items);
}
