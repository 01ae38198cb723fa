#include "connectors/bigquery/place.h"

int64_t
place_in_text(const char *text, int64_t line, int64_t column)
{
	int64_t position = 1;

	if (line < 1 || column < 1)
		return 0;
	for (; *text != '\0' && line > 1; text++)
	{
		line -= *text == '\n';
		position += ((unsigned char) *text & 0xC0) != 0x80;
	}
	return line > 1 ? 0 : position + column - 1;
}
