#include "connectors/delta_lake/lines.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/delta_lake/log.h"
#include "connectors/files/directory.h"

#define FIRST_ROOM 65536

void
delta_lines_begin(DeltaLines *lines, const StoredFile *folder, const char *path)
{
	*lines = (DeltaLines){.path = path, .room = FIRST_ROOM};
	if (!directory_open(folder, path, &lines->file))
		delta_vanished(path);
	lines->bytes = allocate(lines->room + 1);
	unpacked_begin(&lines->in, &lines->file);
}

/* Makes room behind what is left of the bytes. */
static void
make_room(DeltaLines *lines)
{
	if (lines->from > 0)
		memmove(lines->bytes, lines->bytes + lines->from, lines->length - lines->from);
	lines->length -= lines->from;
	lines->from = 0;
	if (lines->length < lines->room)
		return;
	if (lines->room >= MOST_DELTA_LINE_BYTES)
		delta_broken(lines->path, "an action has more than 64 MiB");
	lines->room *= 2;
	lines->bytes = reallocate(lines->bytes, lines->room + 1);
}

char *
delta_lines_next(DeltaLines *lines, size_t *length)
{
	size_t looked = 0;
	char *line;

	for (;;)
	{
		char *end = memchr(lines->bytes + lines->from + looked, '\n', lines->length - lines->from - looked);
		size_t some;

		if (end)
		{
			*length = (size_t) (end - lines->bytes) - lines->from;
			break;
		}
		looked = lines->length - lines->from;
		make_room(lines);
		some = unpacked_read(&lines->in, lines->bytes + lines->length, lines->room - lines->length);
		lines->length += some;
		if (some > 0)
			continue;
		*length = looked;
		if (looked == 0)
			return NULL;
		break;
	}
	line = lines->bytes + lines->from;
	lines->from += *length < lines->length - lines->from ? *length + 1 : *length;
	line[*length] = '\0';
	return line;
}

void
delta_lines_end(DeltaLines *lines)
{
	unpacked_end(&lines->in);
	stored_check(&lines->file);
	directory_close(&lines->file);
	free(lines->bytes);
}
