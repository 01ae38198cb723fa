#include "connectors/elasticsearch/union.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

/* Of all aliases together: about 200 MB. */
#define MOST_FIELDS 1000000

void
unions_expect(Unions *unions, const Entry *alias)
{
	unions->items = reallocate(unions->items, (size_t) (unions->count + 1) * sizeof(Union));
	unions->items[unions->count] = (Union){.alias = alias, .fields = {.has_source = true}};
	unions->members = reallocate(unions->members, (size_t) (unions->member_count + alias->member_count + 1) *
													  sizeof(UnionMember));
	for (int i = 0; i < alias->member_count; i++)
		unions->members[unions->member_count++] =
			(UnionMember){.name = alias->members[i], .number = unions->count};
	unions->count++;
}

static int
compare_members(const void *a, const void *b)
{
	const UnionMember *one = a;
	const UnionMember *other = b;
	int order = strcmp(one->name, other->name);

	return order != 0 ? order : one->number - other->number;
}

void
unions_expected(Unions *unions)
{
	if (unions->member_count > 0)
		qsort(unions->members, (size_t) unions->member_count, sizeof(UnionMember), compare_members);
}

/* The first member of that name, or where it would be. */
static int
find_member(const Unions *unions, const char *name)
{
	int first = 0;
	int end = unions->member_count;

	while (first < end)
	{
		int middle = first + (end - first) / 2;

		if (strcmp(unions->members[middle].name, name) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

bool
unions_need(const Unions *unions, const char *name)
{
	int at = find_member(unions, name);

	return at < unions->member_count && strcmp(unions->members[at].name, name) == 0;
}

static void
add_to(Unions *unions, Union *united, const Fields *fields, const char *reason)
{
	int64_t before = united->fields.count;

	united->found++;
	if (fields == NULL && united->reason == NULL)
		united->reason = reason;
	if (united->reason != NULL)
		return;
	fields_merge(&united->fields, fields, MERGE_JOINS);
	unions->fields += united->fields.count - before;
	if (unions->fields <= MOST_FIELDS)
		return;
	united->reason = "The aliases of the cluster have more fields than are kept together.";
	unions->fields -= united->fields.count;
	fields_free(&united->fields);
}

void
unions_add(Unions *unions, const char *name, const Fields *fields, const char *reason)
{
	for (int at = find_member(unions, name);
		 at < unions->member_count && strcmp(unions->members[at].name, name) == 0; at++)
		add_to(unions, &unions->items[unions->members[at].number], fields, reason);
}

static int
compare_unions(const void *a, const void *b)
{
	return strcmp(((const Union *) a)->alias->name, ((const Union *) b)->alias->name);
}

const Union *
unions_find(const Unions *unions, const char *alias)
{
	const Entry entry = {.name = (char *) alias};
	const Union wanted = {.alias = &entry};

	return unions->count > 0
			   ? bsearch(&wanted, unions->items, (size_t) unions->count, sizeof(Union), compare_unions)
			   : NULL;
}

void
unions_free(Unions *unions)
{
	for (int i = 0; i < unions->count; i++)
		fields_free(&unions->items[i].fields);
	free(unions->items);
	free(unions->members);
	*unions = (Unions){0};
}
