/*
 * request.c — the request that a connector reads from standard input. Much of it is text of callers.
 *
 * Sources: src/wire src/connectors/common/request.c src/connectors/common/read_request.c
 * Sources: src/connectors/common/input.c src/connectors/common/memory.c
 * Uses: connector
 */
#include "connectors/common/request.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "connectors/common/memory.h"
#include "fuzz.h"

static int input;

void
fuzz_begin(void)
{
	input = memfd_create("request", MFD_CLOEXEC);
	if (input < 0 || dup2(input, STDIN_FILENO) < 0)
		abort();
}

static void
check_limits(const Request *request)
{
	fuzz_must(request->connection_timeout >= 1 && request->query_timeout >= 1 && request->connections >= 1,
			  "limits are at least 1");
	fuzz_must(request->port >= 0 && request->port <= UINT16_MAX, "the port is one");
	for (int i = 0; i < request->host_count; i++)
		fuzz_must(request->hosts[i].port >= 0 && request->hosts[i].port <= UINT16_MAX,
				  "the port of a host is one");
	for (int i = 0; i < request->sample.relation_count; i++)
		fuzz_must(request->sample.relations[i].schema && request->sample.relations[i].name,
				  "a relation to sample has its names");
}

static void
check_read(const ReadRequest *read)
{
	fuzz_must(read->schema && read->name && read->column_count >= 0, "a relation to read has its names");
	fuzz_must(read->limit >= NO_LIMIT && read->sample >= NO_LIMIT, "its limits are not negative");
	for (int i = 0; i < read->column_count; i++)
		fuzz_must(read->columns[i] != NULL, "a column has a name");
	for (int i = 0; i < read->condition_count; i++)
	{
		const Condition *condition = &read->conditions[i];

		fuzz_must(condition->column != NULL, "a condition has its column");
		fuzz_must(condition->operation >= CONDITION_NULL || (condition->type && condition->value_count > 0),
				  "and its type and values");
		for (int j = 0; j < condition->value_count; j++)
			fuzz_must(condition->values[j] != NULL, "of which none is null");
	}
}

void
fuzz(const char *bytes, size_t length)
{
	Request request;

	if (ftruncate(input, 0) != 0 || pwrite(input, bytes, length, 0) != (ssize_t) length ||
		lseek(input, 0, SEEK_SET) != 0)
		abort();
	request_read(&request);
	check_limits(&request);
	if (request.operation == OPERATION_READ)
		check_read(&request.read);
	if (request.operation == OPERATION_QUERY)
		fuzz_must(request.query.text != NULL && request.query.limit >= NO_LIMIT, "a query has its text");
	(void) wire_selects(&request.selection, request.schema ? request.schema : "a", "b");
	(void) wire_selects_any_of(&request.selection, "a");
	forget_text(request_credential(&request, "username"));
	forget_text(request_credential(&request, "password"));
	request_forget_credentials(&request);
	wire_selection_free(&request.selection);
}
