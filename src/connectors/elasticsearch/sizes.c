#include "connectors/elasticsearch/sizes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define MOST_STATS_BYTES (32 << 20)

static int
compare_sizes(const void *a, const void *b)
{
	return strcmp(((const Size *) a)->index, ((const Size *) b)->index);
}

static void
take_size(Sizes *sizes, const JsonNode *told)
{
	const JsonNode *primaries = json_member(told, "primaries");
	Size size = {.documents = ABSENT, .bytes = ABSENT};

	(void) json_member_integer(json_member(primaries, "docs"), "count", &size.documents);
	(void) json_member_integer(json_member(primaries, "store"), "size_in_bytes", &size.bytes);
	if (size.documents < 0 || size.bytes < 0)
		return;
	size.index = copy_text(told->name);
	sizes->items[sizes->count++] = size;
}

void
sizes_read(Sizes *sizes, Cluster *cluster, bool with_hidden)
{
	Question question = {.method = "GET", .path = "/_stats/docs,store", .most_bytes = MOST_STATS_BYTES};
	HttpFailure failure;
	const JsonNode *indices;
	JsonTree *tree;

	*sizes = (Sizes){0};
	if (with_hidden)
		url_query_add(&question.query, "expand_wildcards", "open,hidden");
	url_query_add(&question.query, "level", "indices");
	url_query_add(&question.query, "filter_path", "indices.*.primaries");
	tree = cluster_ask(cluster, &question, &failure, NULL);
	if (tree == NULL)
	{
		emit_log("info", "The sizes of the indices cannot be read: the right to monitor them is missing, or "
						 "the service does not tell them.");
		return;
	}
	indices = json_member(json_tree_root(tree), "indices");
	if (indices != NULL && indices->kind == JSON_OBJECT)
	{
		sizes->items = allocate((size_t) (indices->count + 1) * sizeof(Size));
		for (const JsonNode *told = indices->first; told; told = told->next)
			take_size(sizes, told);
		qsort(sizes->items, (size_t) sizes->count, sizeof(Size), compare_sizes);
	}
	json_tree_free(tree);
}

const Size *
sizes_of(const Sizes *sizes, const char *index)
{
	const Size wanted = {.index = (char *) index};

	return sizes->count > 0
			   ? bsearch(&wanted, sizes->items, (size_t) sizes->count, sizeof(Size), compare_sizes)
			   : NULL;
}

void
sizes_free(Sizes *sizes)
{
	for (int i = 0; i < sizes->count; i++)
		free(sizes->items[i].index);
	free(sizes->items);
	*sizes = (Sizes){0};
}
