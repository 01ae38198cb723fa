/*
 * cassandra_answer.c — everything that a server of the CQL protocol says, from its first frame on: the login,
 * then the answers about a keyspace, from which its relations are described.
 *
 * Sources: src/connectors/cassandra/body.c src/connectors/cassandra/frame.c
 * Sources: src/connectors/cassandra/greeting.c src/connectors/cassandra/session.c
 * Sources: src/connectors/cassandra/catalog.c src/connectors/cassandra/cells.c
 * Sources: src/connectors/cassandra/type.c
 * Sources: src/connectors/cassandra/describe.c src/connectors/cassandra/fields.c
 * Sources: src/connectors/cassandra/name.c src/connectors/sql/members.c
 * Sources: src/connectors/sql/arena.c src/connectors/sql/rows.c src/connectors/sql/quote.c
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c src/wire
 * Uses: connector catalog
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/cassandra/catalog.h"
#include "connectors/cassandra/describe.h"
#include "connectors/cassandra/greeting.h"
#include "connectors/guard/guard.h"
#include "fuzz.h"
#include "lib/catalog.h"

#define PASSWORD "correct horse"

static FuzzRest said;
static bool was_told; /* the password */
static size_t piece;

/* ---- in place of a connection ---- */

size_t
tcp_read(TcpConnection *connection, void *bytes, size_t size)
{
	size_t length = size < piece ? size : piece;

	if (length > said.length)
		length = said.length;
	memcpy(bytes, said.bytes, length);
	said.bytes += length;
	said.length -= length;
	return length;
}

bool
tcp_write(TcpConnection *connection, const void *bytes, size_t length)
{
	was_told |= memmem(bytes, length, PASSWORD, strlen(PASSWORD)) != NULL;
	return true;
}

void
tcp_failure(const TcpConnection *connection, DialFailure *failure, const char *lost_hint)
{
	failure->step = "connect";
}

void
tcp_close(TcpConnection *connection)
{
}

void
guard_until(Deadline deadline)
{
}

bool
guard_is_late(void)
{
	return false;
}

void
dial_failure_set(DialFailure *failure, const DialMeaning *meaning)
{
	failure->step = meaning->step;
}

void
dial_failure_set_number(DialFailure *failure, const DialMeaning *meanings, unsigned error)
{
	failure->step = meanings->step;
}

/* ---- the conversation ---- */

static void
describe_all(const Catalog *catalog)
{
	SqlArena arena = {0};
	SqlRelation relation;

	for (size_t i = 0; i < catalog->tables.count; i++)
	{
		describe_table(&arena, catalog, catalog->tables.items[i], &relation);
		fuzz_check_relation(&relation);
	}
	for (size_t i = 0; i < catalog->views.count; i++)
	{
		describe_view(&arena, catalog, catalog->views.items[i], &relation);
		fuzz_check_relation(&relation);
	}
	sql_arena_free(&arena);
}

void
fuzz(const char *bytes, size_t length)
{
	static Session session;
	LoginCredentials credentials = {.username = (char *) "reader", .password = (char *) PASSWORD};
	DialFailure failure = {0};
	Catalog catalog = {.keyspace = "shop"};
	unsigned char flags;
	bool may_tell;

	session = (Session){0};
	said = (FuzzRest){bytes, length};
	flags = fuzz_byte(&said);
	may_tell = flags & 1;
	piece = flags >> 1 == 0 ? 65536 : flags >> 1;
	was_told = false;
	if (!greet(&session.reader, &credentials, may_tell, &failure))
	{
		fuzz_must(failure.step != NULL, "a failure has a step");
		fuzz_must(may_tell || !was_told, "the password is not told where it can be read");
		return;
	}
	fuzz_must(may_tell || !was_told, "the password is not told where it can be read");
	catalog_read(&session, &catalog);
	describe_all(&catalog);
	catalog_free(&catalog);
}
