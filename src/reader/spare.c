#include "reader/spare.h"

#include <poll.h>

#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "process/process.h"

/* How long a spare waits for a stream. */
#define SPARE_MS 60000

/* A hello is a line. What says more before it is asked is of no use. */
#define MOST_BYTES (16 * 1024)

#define MOST_SPARES 16

/* Connectors that are started alike. */
typedef struct Kind
{
	dlist_node node;
	MemoryContext memory;
	char *connector;
	RgLimits limits;
	RgConfinement confinement;
	char *likeness; /* of the spare when it was started */
	RgFeed *feed;   /* the spare; NULL: it is wanted */
	TimestampTz until;
} Kind;

static int most_spares = 4;
static dlist_head kinds = DLIST_STATIC_INIT(kinds); /* first the one that is wanted or started last */
static int count = 0;

void
rg_spare_init(void)
{
	DefineCustomIntVariable("rivergen.spare_connectors", "Connectors that a reader keeps ready.",
							"At most one of each kind, started before a query needs it. 0: none.",
							&most_spares, 4, 0, MOST_SPARES, PGC_SIGHUP, 0, NULL, NULL, NULL);
}

static void
end(Kind *kind)
{
	dlist_delete(&kind->node);
	count--;
	if (kind->feed != NULL)
		rg_feed_free(kind->feed);
	MemoryContextDelete(kind->memory);
}

static char *
likeness_of(const RgAttempt *attempt)
{
	return rg_process_likeness(attempt->connector, &attempt->limits, &attempt->confinement);
}

/* A stored file, a tunnel's port and a driver's files belong to one source. */
static bool
has_kind(const RgAttempt *attempt)
{
	return !attempt->is_stored && !attempt->tunnel.established && attempt->endpoint.driver == NULL;
}

/* ---- what is wanted ---- */

static bool
is_alike(const Kind *kind, const RgAttempt *attempt)
{
	return strcmp(kind->connector, attempt->connector) == 0 &&
		   kind->confinement.timeout == attempt->confinement.timeout;
}

static Kind *
find(const RgAttempt *attempt)
{
	dlist_iter at;

	dlist_foreach (at, &kinds)
	{
		Kind *kind = dlist_container(Kind, node, at.cur);

		if (is_alike(kind, attempt))
			return kind;
	}
	return NULL;
}

static void
want(const RgAttempt *attempt)
{
	MemoryContext memory =
		AllocSetContextCreate(TopMemoryContext, "rivergen spare connector", ALLOCSET_SMALL_SIZES);
	Kind *kind = MemoryContextAllocZero(memory, sizeof(Kind));

	kind->memory = memory;
	kind->connector = MemoryContextStrdup(memory, attempt->connector);
	kind->limits = attempt->limits;
	kind->confinement = attempt->confinement;
	dlist_push_head(&kinds, &kind->node);
	if (++count > most_spares)
		end(dlist_tail_element(Kind, node, &kinds));
}

/* ---- taking ---- */

/* One that has just ended may not have been noticed yet. */
static bool
is_there(const RgFeed *feed)
{
	struct pollfd output = {.fd = feed->child->output, .events = POLLIN};

	return poll(&output, 1, 0) >= 0 && (output.revents & (POLLHUP | POLLERR)) == 0;
}

/* The kind's files and the settings may have changed since the spare was started. */
static bool
is_as_wanted(const Kind *kind, const RgAttempt *attempt)
{
	char *likeness = likeness_of(attempt);
	bool same = strcmp(kind->likeness, likeness) == 0;

	pfree(likeness);
	return same && is_there(kind->feed);
}

bool
rg_spare_take(RgFeed *feed)
{
	const RgAttempt *attempt = &feed->attempt;
	Kind *kind = has_kind(attempt) ? find(attempt) : NULL;
	bool taken = kind != NULL && kind->feed != NULL && is_as_wanted(kind, attempt);

	if (taken)
		rg_feed_adopt(feed, kind->feed);
	if (kind != NULL)
		end(kind);
	if (has_kind(attempt) && most_spares > 0)
		want(attempt);
	return taken;
}

/* ---- starting ---- */

static void
start(Kind *kind)
{
	RgFeed *feed = rg_feed_create();

	kind->feed = feed;
	feed->is_spare = true;
	feed->attempt.connector = kind->connector;
	feed->attempt.limits = kind->limits;
	feed->attempt.confinement = kind->confinement;
	kind->likeness = MemoryContextStrdup(kind->memory, likeness_of(&feed->attempt));
	kind->until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), SPARE_MS);
	(void) rg_feed_start(feed);
}

static void
start_or_forget(Kind *kind)
{
	MemoryContext outside = CurrentMemoryContext;

	MemoryContextSwitchTo(kind->memory);
	PG_TRY();
	{
		start(kind);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(kind->memory);
		ereport(LOG, (errmsg("a spare connector could not be started: %s", CopyErrorData()->message)));
		FlushErrorState();
		MemoryContextSwitchTo(outside);
		end(kind);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(outside);
}

void
rg_spare_start_wanted(void)
{
	dlist_mutable_iter at;

	dlist_foreach_modify (at, &kinds)
	{
		Kind *kind = dlist_container(Kind, node, at.cur);

		if (kind->feed == NULL)
			start_or_forget(kind);
	}
}

/* ---- while they wait ---- */

static Kind *
kind_of(const RgFeed *feed)
{
	dlist_iter at;

	dlist_foreach (at, &kinds)
	{
		Kind *kind = dlist_container(Kind, node, at.cur);

		if (kind->feed == feed)
			return kind;
	}
	return NULL;
}

/* One that has ended is not replaced: the next stream that starts a connector wants another. */
void
rg_spare_serve(RgFeed *feed, RgPipe pipe)
{
	if (pipe == RG_PIPE_DIAGNOSIS)
		rg_feed_read_diagnosis(feed);
	else if (pipe == RG_PIPE_REPORT)
		rg_feed_read_report(feed);
	else if (rg_feed_read(feed) == 0 || feed->end > MOST_BYTES)
		end(kind_of(feed));
}

void
rg_spare_check_clock(TimestampTz now)
{
	dlist_mutable_iter at;

	dlist_foreach_modify (at, &kinds)
	{
		Kind *kind = dlist_container(Kind, node, at.cur);

		if (kind->feed != NULL && now >= kind->until)
			end(kind);
	}
}

void
rg_spare_end_all(void)
{
	while (!dlist_is_empty(&kinds))
		end(dlist_head_element(Kind, node, &kinds));
}
