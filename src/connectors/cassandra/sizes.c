#include "connectors/cassandra/sizes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/cassandra/cells.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* A row is a range: a node has 16, or 256, of each table. */
#define PAGE_SIZE 5000

#define ALL_TOKENS 18446744073709551616.0

/* Tokens of the partitioners before Murmur3 are longer. */
static bool
read_token(Bytes value, int64_t *token)
{
	char *text = bytes_text(value);
	char *end = text;

	errno = 0;
	*token = text ? strtoll(text, &end, 10) : 0;

	bool is_token = text != NULL && end != text && *end == '\0' && errno == 0;

	free(text);
	return is_token;
}

/* Ranges are half open, and one of them goes over the end of the ring. */
static double
share_of(int64_t from, int64_t to)
{
	uint64_t length = (uint64_t) to - (uint64_t) from;

	return length == 0 ? 1 : (double) length / ALL_TOKENS;
}

static double
number_of(Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	int64_t high = body_int(&body);
	uint32_t low = (uint32_t) body_int(&body);

	return body.is_broken || high < 0 ? 0 : (double) (high << 32 | low);
}

/* The rows of a table follow one another. */
static Size *
size_of(Sizes *sizes, Bytes table)
{
	if (sizes->count > 0 && bytes_are(table, sizes->items[sizes->count - 1].table))
		return &sizes->items[sizes->count - 1];
	if ((sizes->count & (sizes->count - 1)) == 0)
		sizes->items = reallocate(sizes->items, (sizes->count ? sizes->count * 2 : 1) * sizeof(Size));
	sizes->items[sizes->count] = (Size){.table = bytes_text(table)};
	return &sizes->items[sizes->count++];
}

static void
take_row(Sizes *sizes, const Bytes *values)
{
	int64_t from;
	int64_t to;
	double partitions;
	Size *size;

	if (values[0].bytes == NULL || !read_token(values[1], &from) || !read_token(values[2], &to))
		return;
	size = size_of(sizes, values[0]);
	partitions = number_of(values[3]);
	size->share += share_of(from, to);
	size->partitions += partitions;
	size->bytes += partitions * number_of(values[4]);
}

static int
compare_tables(const void *one, const void *other)
{
	return strcmp(((const Size *) one)->table, ((const Size *) other)->table);
}

void
sizes_read(Session *session, const char *keyspace, Sizes *sizes)
{
	Statement statement = cells_statement(
		"SELECT table_name, range_start, range_end, partitions_count, mean_partition_size FROM "
		"system.size_estimates",
		keyspace, NULL);
	Bytes values[5];
	uint32_t error = 0;
	Answer answer;

	statement.page_size = PAGE_SIZE;
	if (answer_begin(&answer, session, &statement, 5, &error))
		while (answer_next(&answer, values, &error))
			take_row(sizes, values);
	if (error != 0)
		emit_log("info", "The server does not tell the sizes of its tables.");
	answer_end(&answer);
	statement_free(&statement);
	if (sizes->count > 1)
		qsort(sizes->items, sizes->count, sizeof(Size), compare_tables);
}

/* A table of which nothing is on disk yet has no estimate, though it may have rows. */
static int64_t
of_cluster(const Sizes *sizes, const char *table, bool wants_bytes)
{
	Size wanted = {.table = (char *) table};
	const Size *size =
		sizes->count == 0 ? NULL : bsearch(&wanted, sizes->items, sizes->count, sizeof(Size), compare_tables);
	double all;

	if (size == NULL || size->share <= 0 || size->partitions <= 0)
		return ABSENT;
	all = (wants_bytes ? size->bytes : size->partitions) / (size->share > 1 ? 1 : size->share);
	return all < 9e18 ? (int64_t) all : ABSENT;
}

int64_t
sizes_partitions(const Sizes *sizes, const char *table)
{
	return of_cluster(sizes, table, false);
}

int64_t
sizes_bytes(const Sizes *sizes, const char *table)
{
	return of_cluster(sizes, table, true);
}

void
sizes_free(Sizes *sizes)
{
	for (size_t i = 0; i < sizes->count; i++)
		free(sizes->items[i].table);
	free(sizes->items);
	*sizes = (Sizes){.items = NULL};
}
