#include "connectors/elasticsearch/discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/elasticsearch/aliases.h"
#include "connectors/elasticsearch/column.h"
#include "connectors/elasticsearch/mappings.h"
#include "connectors/elasticsearch/relation.h"
#include "connectors/elasticsearch/sizes.h"
#include "connectors/elasticsearch/union.h"

/* Each is a request of its own. */
#define MOST_COUNTED 100

typedef struct Discovery
{
	const Request *request;
	Cluster *cluster;
	Catalog catalog;
	Sizes sizes;
	Aliases aliases;
	Unions unions;
	int counted; /* relations whose documents a search has counted */
} Discovery;

static bool
is_shown(const Discovery *discovery, const Entry *entry)
{
	return !entry->is_backing && (entry->name[0] != '.' || discovery->cluster->includes_system) &&
		   wire_selects(&discovery->request->selection, CLUSTER_SCHEMA, entry->name);
}

static void
skip(const char *name, const char *reason)
{
	emit_skipped(&(RelationFrame){.schema = CLUSTER_SCHEMA, .name = name}, reason);
}

/* ---- documents ---- */

static void
append_options(WireBuffer *out, const Entry *entry, const Fields *fields)
{
	WireBuffer options = {0};

	document_literal(&options, "{");
	document_text(&options, "_meta", fields->meta);
	document_text(&options, "_source", fields->has_source ? NULL : "disabled");
	document_text(&options, "hidden", entry->is_hidden ? "true" : NULL);
	document_text(&options, "timestamp_field", entry->timestamp);
	document_literal(&options, "}");
	if (options.length > 2)
	{
		document_member(out, "options");
		wire_append(out, options.data, options.length);
	}
	out->failed |= options.failed;
	wire_free(&options);
}

static void
append_definition(WireBuffer *out, const Discovery *discovery, const Entry *alias)
{
	WireBuffer definition = {0};

	aliases_append_definition(&definition, &discovery->aliases, alias);
	document_member(out, "definition");
	wire_append_string(out, definition.data, definition.length);
	out->failed |= definition.failed;
	wire_free(&definition);
	if (discovery->aliases.tree == NULL)
		wire_append_text(out, ",\"unreadable\":[\"definition\"]");
}

/* Documents have these fields all the same. */
static void
tell_cut(const Entry *entry, const Fields *fields)
{
	char message[400];

	if (!fields->is_cut)
		return;
	snprintf(message, sizeof(message), "%.300s has fields in more than %d levels, which were left out.",
			 entry->name, MOST_FIELD_LEVELS);
	emit_log("warning", message);
}

static const char *
kind_of(const Entry *entry)
{
	static const char *const kinds[] = {
		[ENTRY_INDEX] = "collection", [ENTRY_STREAM] = "collection", [ENTRY_ALIAS] = "view"};

	return kinds[entry->kind];
}

static void
emit_entry(const Discovery *discovery, const Entry *entry, const Fields *fields, int64_t rows, int64_t bytes)
{
	RelationFrame frame = {.schema = CLUSTER_SCHEMA,
						   .name = entry->name,
						   .kind = kind_of(entry),
						   .columns = fields->root.member_count + 1,
						   .row_estimate = rows,
						   .size_bytes = bytes};
	WireBuffer *out;

	tell_cut(entry, fields);
	out = emit_relation_begin(&frame);
	document_literal(out, "{");
	columns_append(out, fields);
	if (entry->kind == ENTRY_INDEX)
		wire_append_text(out, ",\"primary_key\":{\"columns\":[\"" ID_COLUMN "\"]}");
	if (entry->kind == ENTRY_ALIAS)
		append_definition(out, discovery, entry);
	append_options(out, entry, fields);
	document_literal(out, "}");
	emit_relation_end(&frame, discovery->request->document_bytes);
}

/* ---- sizes ---- */

static bool
has_nested(const Field *parent)
{
	for (const Field *field = parent->first; field; field = field->next)
		if (strcmp(field->type, "nested") == 0 || has_nested(field))
			return true;
	return false;
}

/* Documents are indexed with those that are nested in them, so that only a search counts them. */
static int64_t
count_documents(Cluster *cluster, const char *name)
{
	Question question = {.method = "GET", .most_bytes = 1 << 20};
	char *path = relation_path(name, "/_count");
	HttpFailure failure;
	int64_t count = ABSENT;
	JsonTree *tree;

	question.path = path;
	tree = cluster_ask(cluster, &question, &failure, NULL);
	free(path);
	if (tree == NULL)
		return ABSENT;
	(void) json_member_integer(json_tree_root(tree), "count", &count);
	json_tree_free(tree);
	return count >= 0 ? count : ABSENT;
}

static void
measure(Discovery *discovery, const Entry *entry, const Fields *fields, int64_t *rows, int64_t *bytes)
{
	int members = entry->kind == ENTRY_INDEX ? 1 : entry->member_count;

	*rows = members > 0 ? 0 : ABSENT;
	*bytes = *rows;
	for (int i = 0; i < members; i++)
	{
		const Size *size =
			sizes_of(&discovery->sizes, entry->kind == ENTRY_INDEX ? entry->name : entry->members[i]);

		*rows = size && *rows >= 0 ? *rows + size->documents : ABSENT;
		*bytes = size && *bytes >= 0 ? *bytes + size->bytes : ABSENT;
	}
	if (*rows == 0 || !has_nested(&fields->root))
		return;
	*rows = ABSENT;
	if (discovery->counted++ < MOST_COUNTED)
		*rows = count_documents(discovery->cluster, entry->name);
}

/* ---- indices ---- */

static void
take_index(void *context, const char *name, Fields *fields, const char *reason)
{
	Discovery *discovery = context;
	const Entry *entry = catalog_find(&discovery->catalog, name);
	int64_t rows;
	int64_t bytes;

	if (is_shown(discovery, entry))
	{
		if (fields == NULL)
			skip(name, reason);
		else
		{
			measure(discovery, entry, fields, &rows, &bytes);
			emit_entry(discovery, entry, fields, rows, bytes);
		}
	}
	unions_add(&discovery->unions, name, fields, reason);
}

/* Those that are relations, and those that an alias needs. */
static void
discover_indices(Discovery *discovery)
{
	char **names = allocate((size_t) (discovery->catalog.count + 1) * sizeof(char *));
	int count = 0;

	for (int i = 0; i < discovery->catalog.count; i++)
	{
		const Entry *entry = &discovery->catalog.entries[i];

		if (entry->kind != ENTRY_INDEX)
			continue;
		if (entry->is_closed && is_shown(discovery, entry))
			skip(entry->name, "The index is closed.");
		if (entry->is_closed)
			unions_add(&discovery->unions, entry->name, NULL, "An index of the alias is closed.");
		else if (is_shown(discovery, entry) || unions_need(&discovery->unions, entry->name))
			names[count++] = entry->name;
	}
	mappings_read(discovery->cluster, names, count, take_index, discovery);
	free(names);
}

/* ---- data streams ---- */

static void
discover_stream(Discovery *discovery, const Entry *entry)
{
	bool shown = is_shown(discovery, entry);
	const char *reason;
	Fields fields;
	int64_t rows;
	int64_t bytes;

	if (!shown && !unions_need(&discovery->unions, entry->name))
		return;
	if (!stream_fields(discovery->cluster, entry, &fields, &reason))
	{
		if (shown && reason != NULL)
			skip(entry->name, reason);
		if (reason != NULL)
			unions_add(&discovery->unions, entry->name, NULL, reason);
		return;
	}
	if (shown)
	{
		measure(discovery, entry, &fields, &rows, &bytes);
		emit_entry(discovery, entry, &fields, rows, bytes);
	}
	unions_add(&discovery->unions, entry->name, &fields, NULL);
	fields_free(&fields);
}

/* ---- aliases ---- */

static void
discover_alias(const Discovery *discovery, const Entry *entry)
{
	const Union *united = unions_find(&discovery->unions, entry->name);

	if (united == NULL)
		return;
	if (united->reason != NULL)
		skip(entry->name, united->reason);
	else if (united->found > 0)
		emit_entry(discovery, entry, &united->fields, ABSENT, ABSENT);
}

static void
expect_aliases(Discovery *discovery)
{
	for (int i = 0; i < discovery->catalog.count; i++)
	{
		const Entry *entry = &discovery->catalog.entries[i];

		if (entry->kind == ENTRY_ALIAS && is_shown(discovery, entry))
			unions_expect(&discovery->unions, entry);
	}
	unions_expected(&discovery->unions);
}

/* ---- the cluster ---- */

static void
check_scope(const Request *request)
{
	if (request->schema != NULL && strcmp(request->schema, CLUSTER_SCHEMA) != 0)
		give_up(&(Failure){.step = "query",
						   .code = "schema_not_found",
						   .message = "There is no such schema: the only one is \"" CLUSTER_SCHEMA "\"."});
}

void
discover(const Request *request, Cluster *cluster)
{
	Discovery discovery = {.request = request, .cluster = cluster};

	check_scope(request);
	catalog_read(&discovery.catalog, cluster, NULL);
	emit_progress("read", discovery.catalog.count);
	emit_schema(CLUSTER_SCHEMA, NULL, NULL);
	expect_aliases(&discovery);
	sizes_read(&discovery.sizes, cluster, catalog_has_hidden(&discovery.catalog));
	if (discovery.unions.count > 0)
		aliases_read(&discovery.aliases, cluster);
	discover_indices(&discovery);
	for (int i = 0; i < discovery.catalog.count; i++)
		if (discovery.catalog.entries[i].kind == ENTRY_STREAM)
			discover_stream(&discovery, &discovery.catalog.entries[i]);
	for (int i = 0; i < discovery.catalog.count; i++)
		if (discovery.catalog.entries[i].kind == ENTRY_ALIAS)
			discover_alias(&discovery, &discovery.catalog.entries[i]);
	unions_free(&discovery.unions);
	aliases_free(&discovery.aliases);
	sizes_free(&discovery.sizes);
	catalog_free(&discovery.catalog);
}
