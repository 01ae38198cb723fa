#include "connectors/cassandra/reading.h"

#include <stdlib.h>

#include "connectors/cassandra/connect.h"
#include "connectors/common/emit.h"
#include "connectors/guard/guard.h"

static struct
{
	Session session;
	bool open;
} reading;

/* The server has nothing to end: each page is a request of its own. */
static void
abandon(void)
{
	_Exit(EXIT_FAILURE);
}

/* A server that has ended a resting connection closes it. */
static bool
is_closed(void)
{
	guard_until(deadline_after(reading.session.query_timeout));
	return tcp_has_news(reading.session.reader.connection);
}

static void
open_session(Request *request)
{
	if (reading.open && is_closed())
	{
		session_close(&reading.session);
		reading.open = false;
	}
	if (!reading.open)
	{
		emit_progress("connect", ABSENT);
		connect_to(request, &reading.session);
		reading.open = true;
	}
	request_forget_credentials(request);
	reading.session.query_timeout = request->query_timeout;
}

Session *
reading_open(Request *request)
{
	open_session(request);
	emit_until_abandoned(abandon);
	guard_watch_input(abandon);
	say_connected(&reading.session);
	return &reading.session;
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

void
reading_flush_while_waiting(RowFrames *frames)
{
	guard_while_waiting(frames ? patience : NULL, frames ? flush : NULL, frames);
}

void
reading_rest(void)
{
	guard_watch_input(NULL);
	reading_flush_while_waiting(NULL);
}
