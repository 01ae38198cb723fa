/* query.c — finds words in texts without quotes and comments. */
#include "query.h"

#include <string.h>
#include <strings.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

bool
fuzz_is_plain(const char *text)
{
	text += strspn(text, LETTERS " \n\t,()*+=<>;");
	return *text == '\0';
}

bool
fuzz_has_word(const char *text, const char *word)
{
	for (text += strcspn(text, LETTERS); *text != '\0'; text += strcspn(text, LETTERS))
	{
		size_t length = strspn(text, LETTERS);

		if (length == strlen(word) && strncasecmp(text, word, length) == 0)
			return true;
		text += length;
	}
	return false;
}

bool
fuzz_begins_with_word(const char *text, const char *word)
{
	text += strspn(text, " \n\t");
	return strspn(text, LETTERS) == strlen(word) && strncasecmp(text, word, strlen(word)) == 0;
}
