#include "connectors/excel/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/hash.h"
#include "connectors/common/memory.h"

typedef struct Named
{
	char **names; /* a hash table */
	int *counts;  /* the number that the name got last */
	size_t size;
} Named;

static size_t
find(const Named *named, const char *name)
{
	size_t place;

	for (place = hash_text(name) % named->size;
		 named->names[place] && strcmp(named->names[place], name) != 0;)
		place = (place + 1) % named->size;
	return place;
}

/* Spaces around go, and so do line ends within: programs write them to fold a long name. */
static void
tidy(char *name)
{
	char *out = name;

	for (char *at = name; *at; at++)
		if ((unsigned char) *at > ' ')
			*out++ = *at;
		else if (out > name && out[-1] != ' ')
			*out++ = ' ';
	while (out > name && out[-1] == ' ')
		out--;
	*out = '\0';
}

static char *
numbered(const char *name, int number)
{
	size_t size = strlen(name) + 16;
	char *text = allocate(size);

	snprintf(text, size, "%s_%d", name, number);
	return text;
}

static void
settle(Named *named, char **name)
{
	size_t place = find(named, *name);
	char *other = NULL;

	if (named->names[place])
	{
		do
		{
			free(other);
			other = numbered(*name, ++named->counts[place]);
		} while (named->names[find(named, other)]);
		free(*name);
		*name = other;
		place = find(named, other);
	}
	named->names[place] = *name;
	named->counts[place] = 1;
}

void
names_settle(Region *region)
{
	Named named = {.size = (size_t) region->column_count * 2 + 1};

	named.names = allocate(named.size * sizeof(char *));
	named.counts = allocate(named.size * sizeof(int));
	memset(named.names, 0, named.size * sizeof(char *));
	for (int i = 0; i < region->column_count; i++)
	{
		tidy(region->columns[i].name);
		if (region->columns[i].name[0] == '\0')
		{
			free(region->columns[i].name);
			region->columns[i].name = numbered("column", i + 1);
		}
		settle(&named, &region->columns[i].name);
	}
	free(named.names);
	free(named.counts);
}
