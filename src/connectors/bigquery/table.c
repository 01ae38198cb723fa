#include "connectors/bigquery/table.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/bigquery/service_error.h"

#define PAGE "1000"

/* So many tables that differ in a date are shards of one. */
#define FEWEST_SHARDS 3

#define DATE_DIGITS 8

/* ---- pages of names ---- */

static void
add_name(Names *names, const char *name)
{
	names->items = reallocate(names->items, ((size_t) names->count + 1) * sizeof(char *));
	names->items[names->count++] = copy_text(name);
}

void
names_free(Names *names)
{
	for (int i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (Names){0};
}

/* Takes the names of a page; `reference` has the id as its member `id`. */
static void
take_page(Names *names, const JsonNode *root, const char *list, const char *reference, const char *id)
{
	const JsonNode *items = json_member(root, list);

	for (const JsonNode *each = items ? items->first : NULL; each; each = each->next)
	{
		const char *name = json_member_text(json_member(each, reference), id);

		if (name != NULL)
			add_name(names, name);
	}
}

static bool
refuse_page(HttpFailure *failure)
{
	*failure = (HttpFailure){
		.step = "query", .code = "protocol", .message = "The service's list goes on without end."};
	return false;
}

/* A page without a name, or with the token of the one before, would go on for ever. */
static bool
read_names(Names *names, Service *service, const char *path, const char *list, const char *reference,
		   const char *id, int most, HttpFailure *failure)
{
	char *token = NULL;
	bool fine;

	do
	{
		UrlQuery query = {0};
		JsonTree *answer;
		const char *next;
		int before = names->count;

		url_query_add(&query, "maxResults", most < 1000 ? "1" : PAGE);
		if (token != NULL)
			url_query_add(&query, "pageToken", token);
		answer = service_get(service, path, &query, failure);
		fine = answer != NULL;
		if (fine)
			take_page(names, json_tree_root(answer), list, reference, id);
		next = fine ? json_member_text(json_tree_root(answer), "nextPageToken") : NULL;
		if (next != NULL && names->count < most &&
			(names->count == before || (token != NULL && strcmp(token, next) == 0)))
			fine = refuse_page(failure);
		free(token);
		token = next != NULL ? copy_text(next) : NULL;
		json_tree_free(answer);
	} while (fine && token != NULL && names->count < most);
	free(token);
	return fine;
}

bool
datasets_read(Names *names, Service *service, int most, HttpFailure *failure)
{
	char *path = service_path("projects", service->project, "datasets", NULL);
	bool fine;

	*names = (Names){0};
	fine = read_names(names, service, path, "datasets", "datasetReference", "datasetId", most, failure);
	free(path);
	return fine;
}

/* ---- shards ---- */

static bool
is_date(const char *digits)
{
	int month;
	int day;

	if (strspn(digits, "0123456789") != DATE_DIGITS || digits[DATE_DIGITS] != '\0')
		return false;
	month = (digits[4] - '0') * 10 + digits[5] - '0';
	day = (digits[6] - '0') * 10 + digits[7] - '0';
	return digits[0] != '0' && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* How long the name is without its date; 0: it has none. */
static size_t
stem_length(const char *name)
{
	size_t length = strlen(name);

	if (length <= DATE_DIGITS || !is_date(name + length - DATE_DIGITS))
		return 0;
	return length - DATE_DIGITS;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static ListedTable *
add_table(ListedTables *tables, const char *name)
{
	ListedTable *table = &tables->items[tables->count++];

	*table = (ListedTable){.name = copy_text(name), .newest = copy_text(name)};
	return table;
}

static void
add_shards(ListedTables *tables, char **names, int count, size_t stem)
{
	char *name = allocate(stem + 2);
	ListedTable *table;

	memcpy(name, names[0], stem);
	memcpy(name + stem, "*", 2);
	table = add_table(tables, name);
	free(name);
	free(table->newest);
	table->newest = copy_text(names[count - 1]);
	table->shards = count;
	table->first = copy_text(names[0] + stem);
	table->last = copy_text(names[count - 1] + stem);
}

/* Shards of one table stand beside each other, in the order of their dates. */
static void
gather(ListedTables *tables, Names *names, bool has_each_shard)
{
	if (names->count > 0)
		qsort(names->items, (size_t) names->count, sizeof(char *), compare_texts);
	tables->items = allocate((size_t) (names->count + 1) * sizeof(ListedTable));
	for (int i = 0; i < names->count;)
	{
		size_t stem = has_each_shard ? 0 : stem_length(names->items[i]);
		int end = i + 1;

		while (stem > 0 && end < names->count && stem_length(names->items[end]) == stem &&
			   strncmp(names->items[end], names->items[i], stem) == 0)
			end++;
		if (end - i >= FEWEST_SHARDS)
			add_shards(tables, names->items + i, end - i, stem);
		else
			for (int j = i; j < end; j++)
				(void) add_table(tables, names->items[j]);
		i = end;
	}
}

bool
tables_read(ListedTables *tables, Service *service, const char *dataset, HttpFailure *failure)
{
	char *path = service_path("projects", service->project, "datasets", dataset, "tables", NULL);
	Names names = {0};
	bool fine = read_names(&names, service, path, "tables", "tableReference", "tableId", 1000000, failure);

	*tables = (ListedTables){0};
	if (fine)
		gather(tables, &names, service->has_each_shard);
	names_free(&names);
	free(path);
	return fine;
}

void
listed_table_free(ListedTable *table)
{
	free(table->name);
	free(table->newest);
	free(table->first);
	free(table->last);
}

void
tables_free(ListedTables *tables)
{
	for (int i = 0; i < tables->count; i++)
		listed_table_free(&tables->items[i]);
	free(tables->items);
}

bool
table_find(ListedTable *table, Service *service, const char *dataset, const char *name, HttpFailure *failure)
{
	size_t length = strlen(name);
	ListedTables tables;
	bool is_found = false;

	*table = (ListedTable){.name = copy_text(name), .newest = copy_text(name)};
	if (length == 0 || name[length - 1] != '*')
		return true;
	if (!tables_read(&tables, service, dataset, failure))
		return false;
	for (int i = 0; i < tables.count && !is_found; i++)
		if (tables.items[i].shards > 0 && strcmp(tables.items[i].name, name) == 0)
		{
			is_found = true;
			free(table->newest);
			table->newest = copy_text(tables.items[i].newest);
			table->shards = tables.items[i].shards;
		}
	tables_free(&tables);
	if (!is_found)
		*failure = (HttpFailure){
			.step = "query", .code = "relation_not_found", .message = "There is no such table."};
	return is_found;
}

HttpPending *
table_ask(Service *service, const char *dataset, const char *name)
{
	char *path = service_path("projects", service->project, "datasets", dataset, "tables", name, NULL);
	UrlQuery query = {0};
	HttpPending *call = service_begin_get(service, path, &query);

	free(path);
	return call;
}

JsonTree *
table_describe(Service *service, const char *dataset, const char *name, HttpFailure *failure)
{
	return service_finish(table_ask(service, dataset, name), failure);
}
