#include "connectors/delta_lake/seen.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"

/* The text's place, or the free one where it belongs. */
static size_t
find(const DeltaSeen *seen, const char *text)
{
	size_t at = hash_text(text) & (seen->size - 1);

	while (seen->places[at] && strcmp(seen->places[at], text) != 0)
		at = (at + 1) & (seen->size - 1);
	return at;
}

static void
grow(DeltaSeen *seen)
{
	DeltaSeen larger = {.size = seen->size ? 2 * seen->size : 1024, .count = seen->count};

	if (seen->count > MOST_DELTA_FILES)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "The log of the Delta table has more than 10,000,000 files above its "
									  "last checkpoint."});
	larger.places = allocate(larger.size * sizeof(char *));
	memset(larger.places, 0, larger.size * sizeof(char *));
	for (size_t i = 0; i < seen->size; i++)
		if (seen->places[i])
			larger.places[find(&larger, seen->places[i])] = seen->places[i];
	free(seen->places);
	*seen = larger;
}

bool
delta_seen_add(DeltaSeen *seen, const char *text)
{
	size_t at;

	if (seen->size < 2 * (seen->count + 1))
		grow(seen);
	at = find(seen, text);
	if (seen->places[at])
		return false;
	seen->places[at] = copy_text(text);
	seen->count++;
	return true;
}

bool
delta_seen_has(const DeltaSeen *seen, const char *text)
{
	return seen->size > 0 && seen->places[find(seen, text)] != NULL;
}

void
delta_seen_free(DeltaSeen *seen)
{
	for (size_t i = 0; i < seen->size; i++)
		free(seen->places[i]);
	free(seen->places);
	*seen = (DeltaSeen){.places = NULL};
}
