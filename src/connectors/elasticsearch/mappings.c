#include "connectors/elasticsearch/mappings.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"

/*
 * The services take a line of 4,096 bytes (airbyte#18134, eland#52), and one answer for a thousand indices is
 * hundreds of megabytes (kibana#2669).
 */
#define MOST_PATH_BYTES    3000
#define MOST_TOGETHER      20
#define MOST_ANSWER_BYTES  (8 << 20)
#define MOST_MAPPING_BYTES (32 << 20) /* of one index */

typedef struct Reading
{
	Cluster *cluster;
	MappingTaker take;
	void *context;
} Reading;

/* How many of the indices are asked for together; at least one. */
static int
chunk_of(char *const *indices, int count)
{
	WireBuffer path = {0};
	int together = 0;

	while (together < count && together < MOST_TOGETHER)
	{
		url_append_escaped(&path, indices[together], strlen(indices[together]), false);
		wire_append_text(&path, ",");
		if (path.failed)
			give_up_out_of_memory();
		if (together > 0 && path.length > MOST_PATH_BYTES)
			break;
		together++;
	}
	wire_free(&path);
	return together;
}

static JsonTree *
ask(Cluster *cluster, char *const *indices, int count, HttpFailure *failure, ServiceError *error)
{
	Question question = {.method = "GET", .most_bytes = count > 1 ? MOST_ANSWER_BYTES : MOST_MAPPING_BYTES};
	WireBuffer path = {0};
	JsonTree *tree;

	for (int i = 0; i < count; i++)
	{
		wire_append_text(&path, i == 0 ? "/" : ",");
		url_append_escaped(&path, indices[i], strlen(indices[i]), false);
	}
	wire_append(&path, "/_mapping", sizeof("/_mapping"));
	if (path.failed)
		give_up_out_of_memory();
	question.path = path.data;
	url_query_add(&question.query, "ignore_unavailable", "true");
	tree = cluster_ask(cluster, &question, failure, error);
	wire_free(&path);
	return tree;
}

static void
take_answer(const Reading *reading, char *const *indices, int count, const JsonNode *root)
{
	for (int i = 0; i < count; i++)
	{
		const JsonNode *index = json_member(root, indices[i]);
		Fields fields;

		if (index == NULL)
		{
			reading->take(reading->context, indices[i], NULL, "The service does not tell its mapping.");
			continue;
		}
		fields_read(&fields, json_member(index, "mappings"));
		reading->take(reading->context, indices[i], &fields, NULL);
		fields_free(&fields);
	}
}

/* One index of several may be the one that is too large, or forbidden. */
static bool
is_of_index(const HttpFailure *failure, const ServiceError *error)
{
	return error->status == 403 || error->status == 404 || strcmp(failure->code, "too_large") == 0 ||
		   strcmp(failure->code, "protocol") == 0;
}

static void
read_chunk(const Reading *reading, char *const *indices, int count)
{
	HttpFailure failure;
	ServiceError error;
	JsonTree *tree = ask(reading->cluster, indices, count, &failure, &error);

	if (tree != NULL)
	{
		take_answer(reading, indices, count, json_tree_root(tree));
		json_tree_free(tree);
	}
	else if (!is_of_index(&failure, &error))
		http_failure_report(&failure);
	else if (count > 1)
	{
		read_chunk(reading, indices, count / 2);
		read_chunk(reading, indices + count / 2, count - count / 2);
	}
	else if (error.status != 404)
		reading->take(reading->context, indices[0], NULL, failure.message);
}

void
mappings_read(Cluster *cluster, char *const *indices, int count, MappingTaker take, void *context)
{
	Reading reading = {.cluster = cluster, .take = take, .context = context};

	while (count > 0)
	{
		int together = chunk_of(indices, count);

		emit_progress("read", ABSENT);
		read_chunk(&reading, indices, together);
		indices += together;
		count -= together;
	}
}
