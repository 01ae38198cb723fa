#include "connectors/elasticsearch/read.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"
#include "connectors/elasticsearch/hits.h"
#include "connectors/elasticsearch/push.h"
#include "connectors/elasticsearch/relation.h"
#include "connectors/elasticsearch/wanted.h"

#define MOST_COUNT_BYTES (1 << 20)

/* The columns to send, then those of the conditions that are applied. */
typedef struct Reading
{
	const ReadRequest *request;
	Fields fields;
	ReadColumn *columns;
	int count;
	Judge *judges;
	int *applied; /* positions of the conditions */
	int applied_count;
	bool is_limited;
	WireBuffer texts; /* the values of one document */
	JudgedValue *values;
	RowFrames frames;
} Reading;

/* ---- what is asked for ---- */

static void
find_fields(Reading *reading, Cluster *cluster)
{
	const ReadRequest *request = reading->request;
	const char *reason;

	if (strcmp(request->schema, CLUSTER_SCHEMA) != 0 || request->id != NULL)
		give_up_changed("The relation is no longer in the data source.", NULL);
	if (relation_fields(cluster, request->name, &reading->fields, &reason))
		return;
	if (reason == NULL)
		give_up_changed("The relation is no longer in the data source.", NULL);
	give_up(&(Failure){
		.step = "query", .code = "query", .message = "The relation cannot be read.", .detail = reason});
}

static void
add_column(Reading *reading, const char *name)
{
	const Field *field = NULL;

	if (strcmp(name, ID_COLUMN) != 0)
	{
		field = fields_column(&reading->fields, name);
		if (field == NULL)
			give_up_changed("A column is no longer in the relation.", name);
	}
	read_column_set(&reading->columns[reading->count++], &reading->fields, field);
}

static void
take_conditions(Reading *reading)
{
	const ReadRequest *request = reading->request;

	for (int i = 0; i < request->condition_count; i++)
	{
		const Field *field;

		add_column(reading, request->conditions[i].column);
		field = reading->columns[reading->count - 1].field;
		if (judge_begin(&reading->judges[reading->applied_count], &request->conditions[i],
						field ? column_pg_type(&reading->fields, field) : NULL))
			reading->applied[reading->applied_count++] = i;
		else
			reading->count--;
	}
	reading->is_limited = reading->applied_count == request->condition_count && request->limit != NO_LIMIT;
}

static void
begin_reading(Reading *reading, const ReadRequest *request, Cluster *cluster)
{
	size_t conditions = (size_t) request->condition_count + 1;
	size_t columns = (size_t) request->column_count + conditions;

	*reading = (Reading){.request = request};
	find_fields(reading, cluster);
	reading->columns = allocate(columns * sizeof(ReadColumn));
	reading->values = allocate(columns * sizeof(JudgedValue));
	reading->judges = allocate(conditions * sizeof(Judge));
	reading->applied = allocate(conditions * sizeof(int));
	for (int i = 0; i < request->column_count; i++)
		add_column(reading, request->columns[i]);
	take_conditions(reading);
	wanted_check(reading->columns, reading->count, &reading->fields);
}

static void
end_reading(Reading *reading)
{
	for (int i = 0; i < reading->applied_count; i++)
		judge_end(&reading->judges[i]);
	free(reading->columns);
	free(reading->values);
	free(reading->judges);
	free(reading->applied);
	fields_free(&reading->fields);
	wire_free(&reading->texts);
}

/* ---- the search ---- */

static void
write_query(const Reading *reading, WireBuffer *query)
{
	static const char begin[] = "{\"bool\":{\"filter\":[";

	wire_append_text(query, begin);
	for (int i = 0; i < reading->applied_count; i++)
		push_condition(query, &reading->columns[reading->request->column_count + i], &reading->judges[i]);
	if (query->length == sizeof(begin) - 1)
		wire_reset(query);
	else
		wire_append(query, "]}}", sizeof("]}}"));
	if (query->failed)
		give_up_out_of_memory();
}

/* ---- rows ---- */

/* Buffers move while they grow: the values are found when all are there. */
static void
take_values(Reading *reading, const JsonNode *hit)
{
	size_t start = 0;

	wire_reset(&reading->texts);
	for (int i = 0; i < reading->count; i++)
	{
		bool has_value = value_append(&reading->texts, &reading->columns[i], hit);

		reading->values[i] =
			(JudgedValue){.bytes = has_value ? "" : NULL, .length = reading->texts.length - start};
		start = reading->texts.length;
	}
	if (reading->texts.failed)
		give_up_out_of_memory();
	start = 0;
	for (int i = 0; i < reading->count; i++)
	{
		if (reading->values[i].length > 0)
			reading->values[i].bytes = reading->texts.data + start;
		start += reading->values[i].length;
	}
}

static bool
is_wanted(const Reading *reading)
{
	for (int i = 0; i < reading->applied_count; i++)
		if (!judge_passes(&reading->judges[i], &reading->values[reading->request->column_count + i]))
			return false;
	return true;
}

static void
send_row(Reading *reading)
{
	for (int i = 0; i < reading->request->column_count; i++)
		if (reading->values[i].bytes)
			rows_value(&reading->frames.rows, reading->values[i].bytes, reading->values[i].length);
		else
			rows_null(&reading->frames.rows);
	row_frames_end_row(&reading->frames);
}

static void
send_rows(Reading *reading, Hits *hits)
{
	int64_t left = reading->is_limited ? reading->request->limit : INT64_MAX;
	int64_t count = 0;
	const JsonNode *hit;

	while (count < left && (hit = hits_next(hits)) != NULL)
	{
		take_values(reading, hit);
		if (!is_wanted(reading))
			continue;
		count++;
		if (reading->request->column_count > 0)
			send_row(reading);
	}
	if (reading->request->column_count == 0)
		row_frames_count(count);
}

static void
search(Reading *reading, Cluster *cluster)
{
	WireBuffer query = {0};
	WireBuffer source = {0};
	WireBuffer fields = {0};
	HitsRequest wanted = {.relation = reading->request->name, .most = NO_LIMIT, .is_watched = true};
	Hits *hits;

	write_query(reading, &query);
	wanted_append(&source, &fields, reading->columns, reading->count);
	wanted.query = query.length > 0 ? query.data : NULL;
	wanted.fields = fields.length > 0 ? fields.data : NULL;
	wanted.source = source.data;
	if (reading->is_limited && reading->applied_count == 0)
		wanted.most = reading->request->limit;
	hits = hits_open(cluster, &wanted);
	send_rows(reading, hits);
	hits_close(hits);
	wire_free(&query);
	wire_free(&source);
	wire_free(&fields);
}

/* Without columns and conditions only the number counts, which the service knows. */
static void
count_rows(const Reading *reading, Cluster *cluster)
{
	char *path = relation_path(reading->request->name, "/_count");
	Question question = {.method = "GET", .path = path, .most_bytes = MOST_COUNT_BYTES};
	JsonTree *tree = cluster_must_ask(cluster, &question);
	int64_t failed = 0;
	int64_t count = -1;

	(void) json_member_integer(json_tree_root(tree), "count", &count);
	(void) json_member_integer(json_member(json_tree_root(tree), "_shards"), "failed", &failed);
	json_tree_free(tree);
	free(path);
	if (count < 0 || failed != 0)
		give_up(&(Failure){.step = "query",
						   .code = "unreachable",
						   .transient = true,
						   .message = "Not all shards of the relation have answered."});
	row_frames_count(reading->is_limited && count > reading->request->limit ? reading->request->limit
																			: count);
}

void
read_relation(Cluster *cluster, const Request *request)
{
	Reading reading;

	begin_reading(&reading, &request->read, cluster);
	emit_reading(reading.applied, reading.applied_count, reading.is_limited, NULL);
	row_frames_begin(&reading.frames, request->row_bytes);
	if (request->read.column_count == 0 && request->read.condition_count == 0)
		count_rows(&reading, cluster);
	else
		search(&reading, cluster);
	row_frames_end(&reading.frames);
	end_reading(&reading);
}
