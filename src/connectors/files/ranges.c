#include "connectors/files/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"

#define FIRST_RANGE (INT64_C(64) << 10)
#define NEWS        1000 /* milliseconds between signs of life */

static void
tell_progress(void)
{
	static int64_t last;
	int64_t now = monotonic_milliseconds();

	if (now - last < NEWS)
		return;
	last = now;
	emit_progress("read", ABSENT);
}

static void
fetch(Ranges *ranges, int64_t offset, int64_t length)
{
	char *bytes;

	tell_progress();
	bytes = ranges->fetch(ranges->file, offset, length);
	free(ranges->bytes);
	ranges->bytes = bytes;
	ranges->start = offset;
	ranges->length = length;
}

/* Fetches a range that begins at the offset, and has at least a part of what is asked for. */
static void
read_on(Ranges *ranges, int64_t offset, int64_t size)
{
	int64_t left = ranges->size - offset;
	int64_t length = size < FIRST_RANGE ? FIRST_RANGE : size;

	if (ranges->bytes != NULL && offset == ranges->start + ranges->length)
	{
		ranges->next = ranges->next < MOST_RANGE_BYTES / 2 ? ranges->next * 2 : MOST_RANGE_BYTES;
		length = ranges->next > length ? ranges->next : length;
	}
	else
		ranges->next = FIRST_RANGE;
	length = length < MOST_RANGE_BYTES ? length : MOST_RANGE_BYTES;
	fetch(ranges, offset, length < left ? length : left);
}

size_t
ranges_read(Ranges *ranges, void *bytes, size_t size, int64_t offset)
{
	size_t done = 0;

	while (done < size && offset < ranges->size)
	{
		int64_t available;

		if (ranges->bytes == NULL || offset < ranges->start || offset >= ranges->start + ranges->length)
			read_on(ranges, offset, (int64_t) (size - done));
		available = ranges->start + ranges->length - offset;
		if (available > (int64_t) (size - done))
			available = (int64_t) (size - done);
		memcpy((char *) bytes + done, ranges->bytes + (offset - ranges->start), (size_t) available);
		done += (size_t) available;
		offset += available;
	}
	return done;
}

void
ranges_end(Ranges *ranges)
{
	free(ranges->bytes);
	ranges->bytes = NULL;
}
