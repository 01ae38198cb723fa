#include "connectors/elasticsearch/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define MOST_CATALOG_BYTES (32 << 20)

/* ---- entries ---- */

static Entry *
add_entry(Catalog *catalog, EntryKind kind, const char *name)
{
	Entry *entry;

	catalog->entries = reallocate(catalog->entries, (size_t) (catalog->count + 1) * sizeof(Entry));
	entry = &catalog->entries[catalog->count++];
	*entry = (Entry){.kind = kind, .name = copy_text(name)};
	return entry;
}

static void
add_member(Entry *entry, const char *name)
{
	entry->members = reallocate(entry->members, (size_t) (entry->member_count + 1) * sizeof(char *));
	entry->members[entry->member_count++] = copy_text(name);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static int
compare_entries(const void *a, const void *b)
{
	const Entry *one = a;
	const Entry *other = b;

	return one->kind != other->kind ? (int) one->kind - (int) other->kind : strcmp(one->name, other->name);
}

static void
free_entry(Entry *entry)
{
	for (int i = 0; i < entry->member_count; i++)
		free(entry->members[i]);
	free(entry->members);
	free(entry->timestamp);
	free(entry->name);
}

static const Entry *
find_among(const Entry *entries, int count, EntryKind kind, const char *name)
{
	const Entry wanted = {.kind = kind, .name = (char *) name};

	return count > 0 ? bsearch(&wanted, entries, (size_t) count, sizeof(Entry), compare_entries) : NULL;
}

const Entry *
catalog_find(const Catalog *catalog, const char *name)
{
	for (int kind = ENTRY_INDEX; kind <= ENTRY_ALIAS; kind++)
	{
		const Entry *found = find_among(catalog->entries, catalog->count, (EntryKind) kind, name);

		if (found != NULL)
			return found;
	}
	return NULL;
}

/* Indices, streams and aliases have their names in common, but a service may tell one twice. */
static bool
is_told_before(const Catalog *catalog, int kept, const Entry *entry)
{
	for (int kind = ENTRY_INDEX; kind <= (int) entry->kind; kind++)
		if (find_among(catalog->entries, kept, (EntryKind) kind, entry->name) != NULL)
			return true;
	return false;
}

static void
sort_entries(Catalog *catalog)
{
	int kept = 0;

	if (catalog->count > 0)
		qsort(catalog->entries, (size_t) catalog->count, sizeof(Entry), compare_entries);
	for (int i = 0; i < catalog->count; i++)
	{
		Entry entry = catalog->entries[i];

		if (is_told_before(catalog, kept, &entry))
			free_entry(&entry);
		else
			catalog->entries[kept++] = entry;
	}
	catalog->count = kept;
}

/* ---- GET /_resolve/index ---- */

static bool
is_wanted(const Cluster *cluster, const char *name)
{
	return name != NULL && name[0] != '\0' && (name[0] != '.' || cluster->includes_system);
}

static bool
has_text(const JsonNode *array, const char *text)
{
	for (const JsonNode *item = array && array->kind == JSON_ARRAY ? array->first : NULL; item;
		 item = item->next)
		if (json_text(item) != NULL && strcmp(json_text(item), text) == 0)
			return true;
	return false;
}

/* One member may stand for itself, without an array. */
static void
add_members(Entry *entry, const JsonNode *names)
{
	if (json_text(names) != NULL)
		add_member(entry, json_text(names));
	for (const JsonNode *item = names && names->kind == JSON_ARRAY ? names->first : NULL; item;
		 item = item->next)
		if (json_text(item) != NULL)
			add_member(entry, json_text(item));
}

/* Indices that a stream or an alias has are kept, whatever their names are. */
static void
add_index(Catalog *catalog, const JsonNode *told)
{
	const JsonNode *attributes = json_member(told, "attributes");
	const char *name = json_member_text(told, "name");
	Entry *entry;

	if (name == NULL || name[0] == '\0')
		return;
	entry = add_entry(catalog, ENTRY_INDEX, name);
	entry->is_closed = has_text(attributes, "closed");
	entry->is_hidden = has_text(attributes, "hidden");
	entry->is_backing = json_member(told, "data_stream") != NULL;
}

static void
add_group(Catalog *catalog, const Cluster *cluster, const JsonNode *told, EntryKind kind)
{
	const char *name = json_member_text(told, "name");
	Entry *entry;

	if (!is_wanted(cluster, name))
		return;
	entry = add_entry(catalog, kind, name);
	add_members(entry, json_member(told, kind == ENTRY_STREAM ? "backing_indices" : "indices"));
	if (kind == ENTRY_ALIAS && entry->member_count > 0)
		qsort(entry->members, (size_t) entry->member_count, sizeof(char *), compare_texts);
	if (kind == ENTRY_STREAM && json_member_text(told, "timestamp_field") != NULL)
		entry->timestamp = copy_text(json_member_text(told, "timestamp_field"));
}

static const JsonNode *
first_of(const JsonNode *root, const char *name)
{
	const JsonNode *array = json_member(root, name);

	return array && array->kind == JSON_ARRAY ? array->first : NULL;
}

static void
take_resolved(Catalog *catalog, const Cluster *cluster, const JsonNode *root)
{
	for (const JsonNode *told = first_of(root, "indices"); told; told = told->next)
		add_index(catalog, told);
	for (const JsonNode *told = first_of(root, "data_streams"); told; told = told->next)
		add_group(catalog, cluster, told, ENTRY_STREAM);
	for (const JsonNode *told = first_of(root, "aliases"); told; told = told->next)
		add_group(catalog, cluster, told, ENTRY_ALIAS);
}

/* ---- services older than 7.9 ---- */

static void
take_listed(Catalog *catalog, const JsonNode *root)
{
	for (const JsonNode *told = root->kind == JSON_ARRAY ? root->first : NULL; told; told = told->next)
	{
		const char *name = json_member_text(told, "index");
		const char *status = json_member_text(told, "status");

		if (name != NULL && name[0] != '\0')
			add_entry(catalog, ENTRY_INDEX, name)->is_closed = status != NULL && strcmp(status, "close") == 0;
	}
}

static Entry *
find_alias(Catalog *catalog, const char *name)
{
	for (int i = 0; i < catalog->count; i++)
		if (catalog->entries[i].kind == ENTRY_ALIAS && strcmp(catalog->entries[i].name, name) == 0)
			return &catalog->entries[i];
	return NULL;
}

/* {INDEX: {"aliases": {ALIAS: {…}}}} */
static void
take_aliases(Catalog *catalog, const Cluster *cluster, const JsonNode *root)
{
	for (const JsonNode *index = root->kind == JSON_OBJECT ? root->first : NULL; index; index = index->next)
	{
		const JsonNode *aliases = json_member(index, "aliases");

		for (const JsonNode *alias = aliases && aliases->kind == JSON_OBJECT ? aliases->first : NULL; alias;
			 alias = alias->next)
		{
			Entry *entry = is_wanted(cluster, alias->name) ? find_alias(catalog, alias->name) : NULL;

			if (entry == NULL && is_wanted(cluster, alias->name))
				entry = add_entry(catalog, ENTRY_ALIAS, alias->name);
			if (entry != NULL)
				add_member(entry, index->name);
		}
	}
	for (int i = 0; i < catalog->count; i++)
		if (catalog->entries[i].member_count > 0)
			qsort(catalog->entries[i].members, (size_t) catalog->entries[i].member_count, sizeof(char *),
				  compare_texts);
}

static void
read_older(Catalog *catalog, Cluster *cluster)
{
	Question indices = {.method = "GET", .path = "/_cat/indices", .most_bytes = MOST_CATALOG_BYTES};
	Question aliases = {.method = "GET", .path = "/_alias", .most_bytes = MOST_CATALOG_BYTES};
	JsonTree *tree;

	url_query_add(&indices.query, "format", "json");
	url_query_add(&indices.query, "h", "index,status");
	tree = cluster_must_ask(cluster, &indices);
	take_listed(catalog, json_tree_root(tree));
	json_tree_free(tree);
	tree = cluster_must_ask(cluster, &aliases);
	take_aliases(catalog, cluster, json_tree_root(tree));
	json_tree_free(tree);
}

/* ---- all together ---- */

/* An older service takes _resolve for the name of an index. */
static bool
is_older(const ServiceError *error)
{
	return error->status == 400 || error->status == 404 || error->status == 405;
}

void
catalog_read(Catalog *catalog, Cluster *cluster, const char *name)
{
	Question question = {.method = "GET", .most_bytes = MOST_CATALOG_BYTES};
	WireBuffer path = {0};
	HttpFailure failure;
	ServiceError error;
	JsonTree *tree;

	*catalog = (Catalog){0};
	wire_append_text(&path, "/_resolve/index/");
	if (name != NULL)
		url_append_escaped(&path, name, strlen(name), false);
	else
		wire_append_text(&path, "*");
	wire_append(&path, "", 1);
	if (path.failed)
		give_up_out_of_memory();
	question.path = path.data;
	url_query_add(&question.query, "expand_wildcards", "open,closed,hidden");
	tree = cluster_ask(cluster, &question, &failure, &error);
	wire_free(&path);
	if (tree != NULL)
	{
		take_resolved(catalog, cluster, json_tree_root(tree));
		json_tree_free(tree);
	}
	else if (name != NULL && !cluster->is_old && error.status == 404)
		return;
	else if (is_older(&error))
		read_older(catalog, cluster);
	else
		http_failure_report(&failure);
	sort_entries(catalog);
}

bool
catalog_has_hidden(const Catalog *catalog)
{
	for (int i = 0; i < catalog->count; i++)
		if (catalog->entries[i].is_hidden && !catalog->entries[i].is_backing)
			return true;
	return false;
}

void
catalog_free(Catalog *catalog)
{
	for (int i = 0; i < catalog->count; i++)
		free_entry(&catalog->entries[i]);
	free(catalog->entries);
	*catalog = (Catalog){0};
}
