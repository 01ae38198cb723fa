#include "connectors/snowflake/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/service/answer.h"

#define MOST_PARTITIONS 1000000
#define MOST_COLUMNS    100000

static bool
is_malformed(HttpFailure *failure, const char *detail)
{
	*failure = (HttpFailure){
		.step = "query",
		.code = "protocol",
		.message = "What answers at this address and port is no service of Snowflake's SQL API."};
	snprintf(failure->detail, sizeof(failure->detail), "%s", detail);
	return false;
}

/* PostgreSQL has no NUL, and no JSON text that is read here: the replacement character stands for one. */
static void
replace_zeros(WireBuffer *body)
{
	char *at = body->data;
	char *end = body->data + body->length;

	while (end - at >= 6 && (at = memchr(at, '\\', (size_t) (end - at) - 5)) != NULL)
	{
		if (memcmp(at, "\\u0000", 6) == 0)
			memcpy(at, "\\uFFFD", 6);
		at += 2;
	}
}

/* Takes the text of a partition, and finds its rows. */
static bool
take_partition(Result *result, WireBuffer *body, WireObject *answer, HttpFailure *failure)
{
	const char *fault;

	wire_free(&result->body);
	result->body = *body;
	*body = (WireBuffer){.data = NULL};
	if (result->body.length == 0)
		return is_malformed(failure, "The answer is empty.");
	replace_zeros(&result->body);
	fault = wire_object_scan(result->body.data, result->body.length, answer);
	if (fault != NULL)
	{
		char detail[160];

		snprintf(detail, sizeof(detail), "The answer is no JSON object: %.100s.", fault);
		return is_malformed(failure, detail);
	}
	result->rows = wire_member(answer, "data");
	if (result->rows.start != NULL && result->rows.start[0] == '[')
		return true;
	return is_malformed(failure, "The answer has no rows.");
}

static int
count_elements(WireSpan list)
{
	WireSpan element;
	int count = 0;

	while (count <= MOST_PARTITIONS && wire_array_next(&list, &element))
		count++;
	return count;
}

static bool
take_columns(Result *result, WireSpan metadata, HttpFailure *failure)
{
	static WireObject members;
	WireSpan types;
	char fault[64];

	if (metadata.start == NULL || wire_object_scan(metadata.start, metadata.length, &members) != NULL)
		return is_malformed(failure, "The answer says nothing of its columns.");
	types = wire_member(&members, "rowType");
	if (types.start != NULL)
		result->columns = json_tree_read(types.start, types.length, fault, sizeof(fault));
	if (result->columns == NULL || json_tree_root(result->columns)->kind != JSON_ARRAY)
		return is_malformed(failure, "The answer says nothing of its columns.");
	result->column_count = json_tree_root(result->columns)->count;
	if (!wire_integer(wire_member(&members, "numRows"), &result->row_count))
		result->row_count = -1;
	result->partitions = count_elements(wire_member(&members, "partitionInfo"));
	if (result->column_count > MOST_COLUMNS || result->partitions > MOST_PARTITIONS)
		return is_malformed(failure, "The answer has more columns or partitions than any result.");
	result->cells = allocate(((size_t) result->column_count + 1) * sizeof(Cell));
	return true;
}

bool
result_begin(Result *result, Service *service, char *handle, HttpAnswer *answer, HttpFailure *failure)
{
	static WireObject members;

	*result = (Result){.service = service, .handle = handle};
	return take_partition(result, &answer->body, &members, failure) &&
		   take_columns(result, wire_member(&members, "resultSetMetaData"), failure);
}

static bool
ask_next_partition(Result *result, HttpFailure *failure)
{
	static WireObject members;
	HttpAnswer answer = {0};
	bool fine = service_ask(result->service, result->handle, result->partition + 1, &answer, failure) &&
				take_partition(result, &answer.body, &members, failure);

	result->partition++;
	http_answer_free(&answer);
	return fine;
}

/* A text is never longer than what stands for it. */
static bool
take_cells(Result *result, WireSpan row)
{
	WireSpan cell;
	char *at;
	int count = 0;

	if (row.length + (size_t) result->column_count + 1 > result->room)
	{
		result->room = 2 * (row.length + (size_t) result->column_count + 1);
		result->texts = reallocate(result->texts, result->room);
	}
	at = result->texts;
	for (; wire_array_next(&row, &cell); count++)
	{
		ssize_t length;

		if (count == result->column_count)
			return false;
		result->cells[count] = (Cell){.text = NULL};
		if (cell.start[0] == 'n')
			continue;
		length = wire_string(cell, at, cell.length + 1);
		if (length < 0)
			return false;
		result->cells[count] = (Cell){.text = at, .length = (size_t) length};
		at += length + 1;
	}
	return count == result->column_count;
}

const Cell *
result_next(Result *result, HttpFailure *failure)
{
	Deadline deadline = deadline_after(result->service->timeout);
	WireSpan row;

	*failure = (HttpFailure){.code = NULL};
	for (int asked = 0; !wire_array_next(&result->rows, &row); asked++)
	{
		if (result->partition + 1 >= result->partitions)
			return NULL;
		if (asked > 0 && deadline_milliseconds(deadline) == 0)
			*failure = service_endless;
		if (failure->code != NULL || !ask_next_partition(result, failure))
			return NULL;
	}
	if (row.start[0] == '[' && take_cells(result, row))
		return result->cells;
	(void) is_malformed(failure, "A row has other columns than the answer says.");
	return NULL;
}

const JsonNode *
result_column(const Result *result, int number)
{
	const JsonNode *column = json_tree_root(result->columns)->first;

	while (column != NULL && number-- > 0)
		column = column->next;
	return column;
}

void
result_end(Result *result)
{
	json_tree_free(result->columns);
	wire_free(&result->body);
	free(result->handle);
	free(result->cells);
	free(result->texts);
}
