#include "reader/feed.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "storage/fd.h"
#include "utils/memutils.h"

#include "process/process.h"
#include "worker/frames.h"

#define READ_BYTES      (64 * 1024)
#define BUFFER_BYTES    (4 * READ_BYTES)
#define MOST_PIPE_BYTES (1024 * 1024)

/* While one frame of rows is taken, the connector writes the next ones. */
#define OUTPUT_BYTES (4 * READ_BYTES)

static int descriptor = -1;

int
rg_feed_descriptor(void)
{
	if (descriptor >= 0)
		return descriptor;
	descriptor = epoll_create1(EPOLL_CLOEXEC);
	if (descriptor < 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("epoll_create1 failed: %m")));
	ReserveExternalFD();
	return descriptor;
}

RgWatched *
rg_feed_ready(void)
{
	struct epoll_event event;

	return epoll_wait(rg_feed_descriptor(), &event, 1, 0) == 1 ? event.data.ptr : NULL;
}

/* ---- descriptors ---- */

/* Where the descriptor is kept; NULL: it is not open. */
static int *
place_of(RgFeed *feed, RgPipe pipe)
{
	RgChild *child = pipe >= RG_PIPE_SSH_OUTPUT ? feed->attempt.tunnel.ssh.child : feed->child;

	if (child == NULL)
		return NULL;
	switch (pipe)
	{
		case RG_PIPE_INPUT:
			return &child->input;
		case RG_PIPE_OUTPUT:
		case RG_PIPE_SSH_OUTPUT:
			return &child->output;
		case RG_PIPE_DIAGNOSIS:
		case RG_PIPE_SSH_DIAGNOSIS:
			return &child->diagnosis;
		case RG_PIPE_REPORT:
			return &child->report;
		default:
			return &child->pidfd;
	}
}

void
rg_feed_watch(RgFeed *feed, RgPipe pipe, bool is_watched)
{
	RgWatched *watched = &feed->watched[pipe];
	const int *place = place_of(feed, pipe);
	struct epoll_event event = {.events = pipe == RG_PIPE_INPUT ? EPOLLOUT : EPOLLIN, .data.ptr = watched};

	if (place == NULL || *place < 0 || watched->is_watched == is_watched)
		return;
	if (epoll_ctl(rg_feed_descriptor(), is_watched ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, *place, &event) != 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("epoll_ctl failed: %m")));
	watched->is_watched = is_watched;
}

static void
close_pipe(RgFeed *feed, RgPipe pipe)
{
	int *place = place_of(feed, pipe);

	if (place == NULL || *place < 0)
		return;
	rg_feed_watch(feed, pipe, false);
	close(*place);
	ReleaseExternalFD();
	*place = -1;
}

static bool
may_go_on(ssize_t length)
{
	return length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR));
}

/* ---- its life ---- */

RgFeed *
rg_feed_create(void)
{
	MemoryContext memory = AllocSetContextCreate(TopMemoryContext, "rivergen feed", ALLOCSET_DEFAULT_SIZES);
	RgFeed *feed = MemoryContextAllocZero(memory, sizeof(RgFeed));

	feed->memory = memory;
	for (int i = 0; i < RG_PIPES; i++)
		feed->watched[i] = (RgWatched){.feed = feed, .pipe = i};
	return feed;
}

static void
watch_all(RgFeed *feed)
{
	rg_feed_watch(feed, RG_PIPE_OUTPUT, true);
	rg_feed_watch(feed, RG_PIPE_DIAGNOSIS, true);
	rg_feed_watch(feed, RG_PIPE_REPORT, true);
	if (feed->attempt.tunnel.established)
	{
		rg_feed_watch(feed, RG_PIPE_SSH_OUTPUT, true);
		rg_feed_watch(feed, RG_PIPE_SSH_DIAGNOSIS, true);
	}
}

static void
watch_nothing(RgFeed *feed)
{
	for (int i = 0; i < RG_PIPES; i++)
		rg_feed_watch(feed, i, false);
}

static void
prepare_buffers(RgFeed *feed)
{
	initStringInfo(&feed->diagnosis);
	feed->capacity = BUFFER_BYTES;
	feed->buffer = palloc(feed->capacity);
}

bool
rg_feed_start(RgFeed *feed)
{
	MemoryContext previous = MemoryContextSwitchTo(feed->memory);

	rg_report_begin(&feed->attempt.report);
	prepare_buffers(feed);
	feed->child = rg_attempt_start(&feed->attempt);
	if (feed->child != NULL)
	{
		(void) fcntl(feed->child->output, F_SETPIPE_SZ, OUTPUT_BYTES);
		watch_all(feed);
	}
	MemoryContextSwitchTo(previous);
	return feed->child != NULL;
}

void
rg_feed_adopt(RgFeed *feed, RgFeed *spare)
{
	MemoryContext previous = MemoryContextSwitchTo(feed->memory);

	prepare_buffers(feed);
	feed->end = spare->end - spare->start;
	memcpy(feed->buffer, spare->buffer + spare->start, feed->end);
	appendBinaryStringInfo(&feed->diagnosis, spare->diagnosis.data, spare->diagnosis.len);
	feed->attempt.report = spare->attempt.report;
	watch_nothing(spare);
	feed->child = spare->child;
	spare->child = NULL;
	watch_all(feed);
	MemoryContextSwitchTo(previous);
}

/* Descriptors leave the epoll instance when they are closed, except those that a child still has. */
void
rg_feed_kill(RgFeed *feed)
{
	watch_nothing(feed);
	if (feed->child != NULL)
		rg_process_kill(feed->child);
	feed->child = NULL;
	rg_tunnel_close(&feed->attempt.tunnel);
	feed->attempt.tunnel.ssh.child = NULL;
}

void
rg_feed_free(RgFeed *feed)
{
	rg_feed_kill(feed);
	MemoryContextDelete(feed->memory);
}

/* ---- writing ---- */

static void
forget_request(RgFeed *feed)
{
	rg_feed_watch(feed, RG_PIPE_INPUT, false);
	if (feed->request_memory != NULL)
		MemoryContextDelete(feed->request_memory);
	feed->request_memory = NULL;
}

void
rg_feed_write(RgFeed *feed)
{
	size_t length = strlen(feed->request);
	const char *rest = feed->request + length - feed->request_length;
	ssize_t written = write(feed->child->input, rest, feed->request_length);

	if (written > 0)
		feed->request_length -= written;
	else if (!may_go_on(written))
		feed->request_length = 0; /* it does not read; its output or its end says why */
	if (feed->request_length == 0)
	{
		forget_request(feed);
		if ((feed->capabilities & RG_OFFERS_REPEAT) == 0)
			rg_feed_close_input(feed);
	}
	else
		rg_feed_watch(feed, RG_PIPE_INPUT, true);
}

void
rg_feed_ask(RgFeed *feed, const char *request, MemoryContext memory)
{
	feed->request = request;
	feed->request_memory = memory;
	feed->request_length = strlen(request);
	(void) fcntl(feed->child->input, F_SETPIPE_SZ, (int) Min(feed->request_length + 1, MOST_PIPE_BYTES));
	rg_feed_write(feed);
}

void
rg_feed_close_input(RgFeed *feed)
{
	forget_request(feed);
	close_pipe(feed, RG_PIPE_INPUT);
}

/* ---- reading ---- */

static void
make_room(RgFeed *feed)
{
	memmove(feed->buffer, feed->buffer + feed->start, feed->end - feed->start);
	feed->end -= feed->start;
	feed->start = 0;
	if (feed->capacity - feed->end >= READ_BYTES)
		return;
	feed->capacity *= 2;
	feed->buffer = repalloc(feed->buffer, feed->capacity);
}

ssize_t
rg_feed_read(RgFeed *feed)
{
	ssize_t length;

	if (feed->start == feed->end)
		feed->start = feed->end = 0;
	if (feed->capacity - feed->end < READ_BYTES)
		make_room(feed);
	length = read(feed->child->output, feed->buffer + feed->end, feed->capacity - feed->end);
	if (length > 0)
		feed->end += length;
	else if (may_go_on(length))
		length = -1;
	else
		length = 0;
	if (length == 0)
		rg_feed_watch(feed, RG_PIPE_OUTPUT, false);
	return length;
}

/* Keeps the beginning of standard error and drops the rest. */
void
rg_feed_read_diagnosis(RgFeed *feed)
{
	char bytes[1024];
	ssize_t length = read(feed->child->diagnosis, bytes, sizeof(bytes));

	if (length > 0)
		appendBinaryStringInfo(&feed->diagnosis, bytes,
							   Min(length, RG_DIAGNOSIS_BYTES - feed->diagnosis.len));
	else if (!may_go_on(length))
		close_pipe(feed, RG_PIPE_DIAGNOSIS);
}

void
rg_feed_read_report(RgFeed *feed)
{
	char bytes[1024];
	ssize_t length = 0;

	while (feed->child->report >= 0 && (length = read(feed->child->report, bytes, sizeof(bytes))) > 0)
		rg_report_take(&feed->attempt.report, bytes, length);
	if (!may_go_on(length))
		close_pipe(feed, RG_PIPE_REPORT);
}

/* Its standard error has banners of the SSH server, which are of no use. */
bool
rg_feed_read_ssh(RgFeed *feed, RgPipe pipe)
{
	RgCompanion *ssh = &feed->attempt.tunnel.ssh;
	char bytes[1024];

	if (pipe == RG_PIPE_SSH_DIAGNOSIS)
	{
		if (!may_go_on(read(ssh->child->diagnosis, bytes, sizeof(bytes))))
			close_pipe(feed, pipe);
		return true;
	}
	if (rg_companion_read(ssh))
		return true;
	rg_feed_watch(feed, pipe, false);
	return false;
}
