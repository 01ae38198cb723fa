#include "reader/rest.h"

#include "utils/timestamp.h"

#include "stream/slots.h"

#define REST_MS    5000
#define MOST_FEEDS RG_STREAMS_PER_READER /* as many as may end at once */

/* The last one stands first: it is taken again first, and its caches are warm; the others come to their end.
 */
static dlist_head resting = DLIST_STATIC_INIT(resting);
static int count = 0;

static void
leave(RgFeed *feed)
{
	dlist_delete(&feed->node);
	count--;
}

static void
end(RgFeed *feed)
{
	leave(feed);
	rg_feed_free(feed);
}

void
rg_rest_begin(RgFeed *feed)
{
	feed->rests_until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), REST_MS);
	rg_feed_watch(feed, RG_PIPE_OUTPUT, true);
	dlist_push_head(&resting, &feed->node);
	if (++count > MOST_FEEDS)
		end(dlist_tail_element(RgFeed, node, &resting));
}

static bool
is_of(const RgFeed *feed, int64 organization_id, int64 data_source_id)
{
	const RgEndpoint *endpoint = &feed->attempt.endpoint;

	return endpoint->organization_id == organization_id && endpoint->data_source_id == data_source_id;
}

static RgFeed *
reuse(RgFeed *feed)
{
	leave(feed);
	feed->is_reused = true;
	feed->step = "connect";
	feed->attempt.conversation.server = NULL;
	feed->log_frames = 0;
	return feed;
}

RgFeed *
rg_rest_take_asked(const char *asked, uint64 epoch)
{
	dlist_iter at;

	dlist_foreach (at, &resting)
	{
		RgFeed *feed = dlist_container(RgFeed, node, at.cur);

		if (feed->version != NULL && feed->epoch == epoch && strcmp(feed->asked, asked) == 0)
			return reuse(feed);
	}
	return NULL;
}

RgFeed *
rg_rest_take_unchanged(const char *version)
{
	dlist_iter at;

	dlist_foreach (at, &resting)
	{
		RgFeed *feed = dlist_container(RgFeed, node, at.cur);

		if (feed->version != NULL && strcmp(feed->version, version) == 0)
			return reuse(feed);
	}
	return NULL;
}

RgFeed *
rg_rest_take(int64 organization_id, int64 data_source_id)
{
	dlist_mutable_iter at;

	dlist_foreach_modify (at, &resting)
	{
		RgFeed *feed = dlist_container(RgFeed, node, at.cur);

		if (!is_of(feed, organization_id, data_source_id))
			continue;
		if (!rg_endpoint_is_unchanged(&feed->attempt.endpoint))
		{
			end(feed);
			continue;
		}
		return reuse(feed);
	}
	return NULL;
}

/* A resting connector has nothing to say: it has ended, or breaks the protocol. */
void
rg_rest_serve(RgFeed *feed, RgPipe pipe)
{
	if (pipe == RG_PIPE_DIAGNOSIS)
		rg_feed_read_diagnosis(feed);
	else if (pipe == RG_PIPE_REPORT)
		rg_feed_read_report(feed);
	else if (pipe == RG_PIPE_OUTPUT || !rg_feed_read_ssh(feed, pipe))
		end(feed);
}

void
rg_rest_check_clock(TimestampTz now)
{
	while (!dlist_is_empty(&resting))
	{
		RgFeed *oldest = dlist_tail_element(RgFeed, node, &resting);

		if (now < oldest->rests_until)
			return;
		end(oldest);
	}
}

void
rg_rest_end_all(void)
{
	while (!dlist_is_empty(&resting))
		end(dlist_head_element(RgFeed, node, &resting));
}
