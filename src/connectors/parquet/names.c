#include "connectors/parquet/names.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/hash.h"
#include "connectors/common/memory.h"

void
names_begin(Names *names, int count)
{
	*names = (Names){.size = 4};
	while (names->size < 2 * (size_t) count)
		names->size *= 2;
	names->places = allocate(names->size * sizeof(NamePlace));
	for (size_t i = 0; i < names->size; i++)
		names->places[i] = (NamePlace){.name = NULL};
}

void
names_end(Names *names)
{
	for (size_t i = 0; i < names->size; i++)
		free(names->places[i].name);
	free(names->places);
}

/* The place of the name, or a free one. */
static NamePlace *
find_place(const Names *names, const char *name)
{
	uint64_t sum = hash_text(name);
	size_t place = (size_t) (sum ^ sum >> 32) & (names->size - 1);

	while (names->places[place].name && strcmp(names->places[place].name, name) != 0)
		place = (place + 1) & (names->size - 1);
	return &names->places[place];
}

char *
names_add(Names *names, const char *name, int number)
{
	size_t size = strlen(name) + 48;
	char *text = allocate(size);
	NamePlace *first;
	NamePlace *place;

	if (name[0])
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "column_%d", number);
	place = first = find_place(names, text);
	while (place->name)
	{
		snprintf(text, size, "%s_%d", first->name, ++first->last);
		place = find_place(names, text);
	}
	*place = (NamePlace){.name = copy_text(text), .last = 1};
	return text;
}
