#include "connectors/mongodb/reading.h"

#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/guard/guard.h"
#include "connectors/mongodb/connect.h"

/* Seconds for the end of a cursor: the server kills the connector after one. */
#define CANCEL_SECONDS 1

static struct
{
	Session session;
	bool is_open;
	mongoc_cursor_t *cursor;
	const char *collection; /* that of the cursor */
} reading;

/* The connection waits for documents, and can send nothing meanwhile. */
static void
end_by_another(void)
{
	mongoc_client_t *client = mongoc_client_new_from_uri(mongoc_client_get_uri(reading.session.client));
	bson_t *command = BCON_NEW("killCursors", BCON_UTF8(reading.collection), "cursors", "[",
							   BCON_INT64(mongoc_cursor_get_id(reading.cursor)), "]");

	(void) mongoc_client_command_simple(client, reading.session.database, command, NULL, NULL, NULL);
	mongoc_client_destroy(client);
}

/* Without a word the source would keep the cursor for minutes. */
static void
abandon(void)
{
	guard_while_waiting(NULL, NULL, NULL);
	guard_watch_input(NULL);
	guard_until(deadline_after(CANCEL_SECONDS));
	if (reading.cursor && !reading.session.is_waiting)
		mongoc_cursor_destroy(reading.cursor);
	else if (reading.cursor && mongoc_cursor_get_id(reading.cursor) != 0)
		end_by_another();
	_Exit(EXIT_FAILURE);
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

Session *
reading_open(Request *request)
{
	Session *session = &reading.session;

	if (reading.is_open && !session_is_alive(session))
	{
		session_close(session);
		reading.is_open = false;
	}
	if (!reading.is_open)
	{
		emit_progress("connect", ABSENT);
		connect_to(request, session);
		reading.is_open = true;
	}
	emit_until_abandoned(abandon);
	guard_watch_input(abandon);
	session_tell(session);
	return session;
}

void
reading_begin(mongoc_cursor_t *cursor, const char *collection, RowFrames *frames)
{
	reading.collection = collection;
	reading.cursor = cursor;
	guard_while_waiting(patience, flush, frames);
}

void
reading_end(void)
{
	guard_while_waiting(NULL, NULL, NULL);
	session_end_cursor(&reading.session, reading.cursor);
	reading.cursor = NULL;
}

void
reading_rest(void)
{
	guard_watch_input(NULL);
}
