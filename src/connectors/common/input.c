/*
 * input.c — reads standard input. It keeps nothing: the server sends a line only when the one before was
 * answered.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "connectors/common/input.h"

/* Returns false unless the piece is the next part of a line; *ended: the line is complete. */
static bool
take_piece(WireBuffer *line, const char *piece, size_t length, size_t most, bool *ended)
{
	const char *newline = memchr(piece, '\n', length);

	*ended = newline != NULL;
	if (newline != NULL && newline + 1 != piece + length)
		return false;
	length -= *ended;
	if (line->length + length > most)
		return false;
	wire_append(line, piece, length);
	return true;
}

InputLine
input_read_line(WireBuffer *line, size_t most)
{
	char piece[4096];
	bool ended = false;
	bool fine = true;
	bool any = false;

	while (fine && !ended)
	{
		ssize_t length = read(STDIN_FILENO, piece, sizeof(piece));

		if (length < 0 && errno == EINTR)
			continue;
		if (length == 0)
			break;
		any = true;
		fine = length > 0 && take_piece(line, piece, (size_t) length, most, &ended);
	}
	explicit_bzero(piece, sizeof(piece));
	if (!fine)
		return INPUT_FAULT;
	return any ? INPUT_LINE : INPUT_END;
}

bool
input_has_ended(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&input, 1, 0) > 0;
}
