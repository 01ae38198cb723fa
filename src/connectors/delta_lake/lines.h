/*
 * lines.h — the lines of a file of the log, one after the other.
 */
#ifndef RG_DELTA_LINES_H
#define RG_DELTA_LINES_H

#include "connectors/files/unpacked.h"

/* An action is at most as long as its line. */
#define MOST_DELTA_LINE_BYTES (64u << 20)

typedef struct DeltaLines
{
	const char *path;
	StoredFile file;
	Unpacked in;
	char *bytes;
	size_t room;
	size_t from; /* of the next line */
	size_t length;
} DeltaLines;

/* Ends the process if there is no such file. */
extern void delta_lines_begin(DeltaLines *lines, const StoredFile *folder, const char *path);

/* The next line without its end, and with a zero behind it, until the next call; NULL: there is none. */
extern char *delta_lines_next(DeltaLines *lines, size_t *length);

/* Ends the process if the file was changed meanwhile. */
extern void delta_lines_end(DeltaLines *lines);

#endif
