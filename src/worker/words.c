#include "words.h"

#include "utils/memutils.h"

#include "secret/seal.h"
#include "strike.h"

/* A secret that starts within the kept part and ends behind it is found whole. */
#define MARGIN 8192

#define STRUCK   "***"
#define ELLIPSIS "\xE2\x80\xA6"

/* Members that name a place or a user are no secrets: messages need them. */
static bool
is_secret(WireSpan name)
{
	static const char *const open[] = {"username", "warehouse", "role"};

	for (int i = 0; i < (int) lengthof(open); i++)
	{
		if (name.length == strlen(open[i]) && strncmp(name.start, open[i], name.length) == 0)
			return false;
	}
	return true;
}

static void
mark_secrets(const char *text, size_t length, const char *credentials, bool *marks)
{
	WireObject object;

	if (credentials == NULL || wire_object_scan(credentials, strlen(credentials), &object) != NULL)
		return;

	MemoryContext memory =
		AllocSetContextCreate(CurrentMemoryContext, "rivergen secrets", ALLOCSET_SMALL_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(memory);

	for (int i = 0; i < object.count; i++)
	{
		WireSpan value = object.members[i].value;

		if (!is_secret(object.members[i].name))
			continue;

		char *secret = rg_secret_alloc(value.length + 1);
		ssize_t size = wire_string(value, secret, value.length + 1);

		if (size > 0)
			rg_strike(text, length, secret, size, marks);
	}
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(memory);
}

/* Writes the text without the marked bytes, and returns its length. */
static size_t
leave_out(const char *text, size_t length, const bool *marks, char *out)
{
	size_t written = 0;

	for (size_t i = 0; i < length; i++)
	{
		if (!marks[i])
			out[written++] = text[i];
		else if (i == 0 || !marks[i - 1])
		{
			memcpy(out + written, STRUCK, strlen(STRUCK));
			written += strlen(STRUCK);
		}
	}
	return written;
}

/* The end of the last whole character within `most` bytes. */
static size_t
beginning(const char *text, size_t length, size_t most)
{
	size_t end = Min(length, most);

	while (end < length && (text[end] & 0xC0) == 0x80)
		end++;
	return end;
}

char *
rg_words(const char *text, size_t length, const char *credentials, size_t most)
{
	size_t window = Min(length, most + MARGIN);
	size_t told = beginning(text, window, most);
	bool *marks = palloc0(window + 1);
	char *struck = palloc(told * strlen(STRUCK) + sizeof(ELLIPSIS));
	char *words = palloc(most + 1);

	mark_secrets(text, window, credentials, marks);

	size_t left = leave_out(text, told, marks, struck);

	/* The rest may be so short by now that cleaning does not cut it. */
	if (told < length)
	{
		memcpy(struck + left, ELLIPSIS, strlen(ELLIPSIS));
		left += strlen(ELLIPSIS);
	}
	(void) wire_clean(struck, left, words, most + 1);
	pfree(marks);
	pfree(struck);
	return words;
}

char *
rg_words_of(WireSpan value, const char *credentials, size_t most)
{
	if (value.start == NULL)
		return NULL;

	char *text = palloc_extended(value.length + 1, MCXT_ALLOC_HUGE);
	ssize_t length = wire_string(value, text, value.length + 1);
	char *words = rg_words(text, Max(length, 0), credentials, most);

	pfree(text);
	return words;
}
