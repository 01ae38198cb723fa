/*
 * read.c — rows of a relation. Redis itself applies two conditions: the pattern, and the keys that `key = …`
 * and `key in …` name, which are then asked for one by one. All others are judged here, and so is the limit.
 */
#include "connectors/redis/read.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"
#include "connectors/guard/guard.h"
#include "connectors/redis/relation.h"
#include "connectors/redis/shown.h"

typedef struct Reading
{
	const ReadRequest *request;
	Wanted wanted; /* the columns to send, then those of the judges */
	Judge *judges;
	int *applied; /* positions of the conditions */
	int applied_count;
	int64_t left; /* rows that are still wanted */
	int64_t count;
	RowFrames frames;
} Reading;

/* ---- columns and conditions ---- */

static void
check_column(const Reading *reading, const char *name)
{
	if (!wanted_is_column(reading->wanted.type, name))
		give_up_changed("A column is not one of the relation.", name);
}

/* A condition is judged by its own type: what is sent is a text of that. */
static void
take_conditions(Reading *reading)
{
	const ReadRequest *request = reading->request;

	for (int i = 0; i < request->condition_count; i++)
	{
		const Condition *condition = &request->conditions[i];
		Judge *judge = &reading->judges[reading->applied_count];

		check_column(reading, condition->column);
		if (!judge_begin(judge, condition, condition->type))
			continue;
		wanted_add(&reading->wanted, condition->column);
		reading->applied[reading->applied_count++] = i;
	}
}

static void
begin(Reading *reading, const Request *request, KeyType type)
{
	const ReadRequest *read = &request->read;
	size_t conditions = (size_t) read->condition_count + 1;

	*reading =
		(Reading){.request = read, .wanted.type = type == KEY_GONE ? KEY_HASH : type, .left = INT64_MAX};
	reading->judges = allocate(conditions * sizeof(Judge));
	reading->applied = allocate(conditions * sizeof(int));
	for (int i = 0; i < read->column_count; i++)
	{
		check_column(reading, read->columns[i]);
		wanted_add(&reading->wanted, read->columns[i]);
	}
	take_conditions(reading);
	if (reading->applied_count == read->condition_count && read->limit != NO_LIMIT)
		reading->left = read->limit;
	row_frames_begin(&reading->frames, request->row_bytes);
}

static void
end(Reading *reading)
{
	if (reading->request->column_count == 0)
		row_frames_count(reading->count);
	row_frames_end(&reading->frames);
	for (int i = 0; i < reading->applied_count; i++)
		judge_end(&reading->judges[i]);
	free(reading->judges);
	free(reading->applied);
	wanted_free(&reading->wanted);
}

/* ---- keys that conditions name ---- */

/* What a name that is shown with escapes may stand for is asked for as well as the name itself. */
static void
add_key(RespText *keys, int *count, const char *shown)
{
	WireBuffer bytes = {.data = NULL};
	bool has_escapes = shown_read_name(&bytes, shown);

	keys[(*count)++] = CLIENT_TEXT(shown);
	wire_append(&bytes, "", 1);
	if (bytes.failed)
		give_up_out_of_memory();
	if (has_escapes)
		keys[(*count)++] = (RespText){.bytes = bytes.data, .length = bytes.length - 1};
	else
		wire_free(&bytes);
}

static int
compare_keys(const void *a, const void *b)
{
	const RespText *left = a;
	const RespText *right = b;

	if (left->length != right->length)
		return left->length < right->length ? -1 : 1;
	return memcmp(left->bytes, right->bytes, left->length);
}

/* Of several the same only one is left. */
static int
unite(RespText *keys, int count)
{
	int kept = 0;

	qsort(keys, (size_t) count, sizeof(RespText), compare_keys);
	for (int i = 0; i < count; i++)
		if (kept == 0 || compare_keys(&keys[kept - 1], &keys[i]) != 0)
			keys[kept++] = keys[i];
	return kept;
}

static bool
names_keys(const Condition *condition)
{
	return strcmp(condition->column, KEY_COLUMN) == 0 &&
		   (condition->operation == CONDITION_EQUAL || condition->operation == CONDITION_IN);
}

/* Returns the keys that an applied condition leaves; NULL: any may be meant. */
static RespText *
find_keys(const Reading *reading, int *count)
{
	for (int i = 0; i < reading->applied_count; i++)
	{
		const Condition *condition = reading->judges[i].condition;
		RespText *keys;

		if (!names_keys(condition))
			continue;
		keys = allocate((size_t) condition->value_count * 2 * sizeof(RespText));
		*count = 0;
		for (int value = 0; value < condition->value_count; value++)
			add_key(keys, count, condition->values[value]);
		*count = unite(keys, *count);
		return keys;
	}
	return NULL;
}

/* ---- rows ---- */

static bool
is_wanted(const Reading *reading)
{
	const WantedColumn *judged = reading->wanted.columns + reading->request->column_count;

	for (int i = 0; i < reading->applied_count; i++)
		if (!judge_passes(&reading->judges[i], &judged[i].value))
			return false;
	return true;
}

static bool
take_row(void *context)
{
	Reading *reading = context;
	Rows *rows = &reading->frames.rows;

	if (!is_wanted(reading))
		return true;
	reading->count++;
	for (int i = 0; i < reading->request->column_count; i++)
	{
		const JudgedValue *value = &reading->wanted.columns[i].value;

		if (value->bytes)
			rows_value(rows, value->bytes, value->length);
		else
			rows_null(rows);
	}
	if (reading->request->column_count > 0)
		row_frames_end_row(&reading->frames);
	return --reading->left > 0;
}

static int
patience(void *frames)
{
	return row_frames_patience(frames);
}

static void
flush(void *frames)
{
	row_frames_flush(frames);
}

static void
send_rows(Reading *reading, Relation *relation, const Request *request)
{
	Elements elements = {
		.wanted = &reading->wanted, .row_bytes = request->row_bytes, .take = take_row, .context = reading};
	int count = 0;
	RespText *keys = find_keys(reading, &count);

	guard_while_waiting(patience, flush, &reading->frames);
	if (reading->left > 0)
		relation_read(relation, &elements, keys, count);
	guard_while_waiting(NULL, NULL, NULL);
	elements_end(&elements);
	free(keys);
}

void
read_relation(Nodes *nodes, const Request *request)
{
	const ReadRequest *read = &request->read;
	Relation relation;
	Reading reading;

	if (!relation_open(&relation, nodes, read->schema, read->name, 0) || read->id != NULL)
		give_up_changed("The relation is no longer in the data source.", NULL);
	begin(&reading, request, relation.type);
	emit_reading(reading.applied, reading.applied_count, reading.left != INT64_MAX, NULL);
	send_rows(&reading, &relation, request);
	end(&reading);
	relation_close(&relation);
}
