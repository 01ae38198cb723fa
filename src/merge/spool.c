#include "spool.h"

#include "commands/tablespace.h"
#include "storage/fd.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

struct RgSpool
{
	File file;
	bool reading;
	off_t written; /* bytes of the file */
	off_t fetched; /* of those, the bytes that reached the buffer since the last rewind */
	size_t filled; /* bytes of the buffer that count */
	size_t taken;  /* of those, the bytes that were read */
	char buffer[BLCKSZ];
};

RgSpool *
rg_spool_open(MemoryContext memory)
{
	RgSpool *spool = MemoryContextAllocZero(memory, sizeof(RgSpool));

	PrepareTempTablespaces();
	spool->file = OpenTemporaryFile(true);
	return spool;
}

static void
flush(RgSpool *spool)
{
	size_t done = 0;

	while (done < spool->filled)
	{
		int length;

		errno = 0;
		length = FileWrite(spool->file, spool->buffer + done, spool->filled - done, spool->written,
						   WAIT_EVENT_BUFFILE_WRITE);
		if (length <= 0)
		{
			errno = errno ? errno : ENOSPC;
			ereport(ERROR, (errcode_for_file_access(),
							errmsg("could not write to file \"%s\": %m", FilePathName(spool->file))));
		}
		done += length;
		spool->written += length;
	}
	spool->filled = 0;
}

void
rg_spool_write(RgSpool *spool, const void *bytes, size_t length)
{
	const char *next = bytes;

	Assert(!spool->reading);
	while (length > 0)
	{
		size_t piece = Min(length, BLCKSZ - spool->filled);

		memcpy(spool->buffer + spool->filled, next, piece);
		spool->filled += piece;
		next += piece;
		length -= piece;
		if (spool->filled == BLCKSZ)
			flush(spool);
	}
}

void
rg_spool_rewind(RgSpool *spool)
{
	if (!spool->reading)
		flush(spool);
	spool->reading = true;
	spool->fetched = 0;
	spool->filled = 0;
	spool->taken = 0;
}

bool
rg_spool_has_more(const RgSpool *spool)
{
	return spool->taken < spool->filled || spool->fetched < spool->written;
}

static void
fetch(RgSpool *spool)
{
	int length = FileRead(spool->file, spool->buffer, BLCKSZ, spool->fetched, WAIT_EVENT_BUFFILE_READ);

	if (length < 0)
		ereport(ERROR, (errcode_for_file_access(),
						errmsg("could not read file \"%s\": %m", FilePathName(spool->file))));
	if (length == 0)
		elog(ERROR, "a temporary file of rivergen is shorter than expected");
	spool->fetched += length;
	spool->filled = length;
	spool->taken = 0;
}

/* Takes what the buffer has of the next bytes, at least one and at most that many. Returns where they are. */
static const char *
take(RgSpool *spool, size_t most, size_t *length)
{
	const char *bytes;

	if (spool->taken == spool->filled)
		fetch(spool);
	*length = Min(most, spool->filled - spool->taken);
	bytes = spool->buffer + spool->taken;
	spool->taken += *length;
	return bytes;
}

void
rg_spool_read(RgSpool *spool, void *bytes, size_t length)
{
	char *next = bytes;

	while (length > 0)
	{
		size_t piece;
		const char *taken = take(spool, length, &piece);

		memcpy(next, taken, piece);
		next += piece;
		length -= piece;
	}
}

void
rg_spool_skip(RgSpool *spool, size_t length)
{
	while (length > 0)
	{
		size_t piece;

		(void) take(spool, length, &piece);
		length -= piece;
	}
}

void
rg_spool_close(RgSpool *spool)
{
	FileClose(spool->file);
	pfree(spool);
}
