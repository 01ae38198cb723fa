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
} reading;

/*
 * While the source works for this connection, its end is what stops it there. Between two answers it has a
 * cursor that would wait for minutes.
 */
static void
abandon(void)
{
	if (reading.cursor && !reading.session.is_waiting)
	{
		guard_while_waiting(NULL, NULL, NULL);
		guard_watch_input(NULL);
		guard_until(deadline_after(CANCEL_SECONDS));
		mongoc_cursor_destroy(reading.cursor);
	}
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
reading_begin(mongoc_cursor_t *cursor, RowFrames *frames)
{
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
