#include "connectors/common/known.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

static int
by_id(const void *one, const void *other)
{
	return strcmp(((const KnownRelation *) one)->id, ((const KnownRelation *) other)->id);
}

static bool
read_pair(WireSpan pair, KnownRelation *relation)
{
	WireSpan id;
	WireSpan signature;

	*relation = (KnownRelation){0};
	if (!wire_array_next(&pair, &id) || !wire_array_next(&pair, &signature))
		return false;
	relation->id = wire_string_dup(id);
	relation->signature = wire_string_dup(signature);
	if (relation->id != NULL && relation->signature != NULL)
		return true;
	free(relation->id);
	free(relation->signature);
	return false;
}

void
known_read(Known *known, const Request *request, const char *source_signature)
{
	WireSpan rest = {.start = request->known_relations,
					 .length = request->known_relations ? strlen(request->known_relations) : 0};
	WireSpan pair;
	int capacity = 0;

	*known = (Known){0};
	if (!request->signatures || request->known_signature == NULL || request->known_relations == NULL ||
		strcmp(request->known_signature, source_signature) != 0)
		return;
	while (wire_array_next(&rest, &pair))
	{
		if (known->count == capacity)
		{
			capacity = capacity > 0 ? capacity * 2 : 64;
			known->relations = reallocate(known->relations, (size_t) capacity * sizeof(KnownRelation));
		}
		if (read_pair(pair, &known->relations[known->count]))
			known->count++;
	}
	if (known->count > 0)
		qsort(known->relations, (size_t) known->count, sizeof(KnownRelation), by_id);
}

bool
known_has(const Known *known, const char *id, const char *signature)
{
	KnownRelation sought = {.id = (char *) id};
	const KnownRelation *found = known->count == 0 ? NULL
												   : bsearch(&sought, known->relations, (size_t) known->count,
															 sizeof(KnownRelation), by_id);

	return found != NULL && strcmp(found->signature, signature) == 0;
}

void
known_free(Known *known)
{
	for (int i = 0; i < known->count; i++)
	{
		free(known->relations[i].id);
		free(known->relations[i].signature);
	}
	free(known->relations);
	*known = (Known){0};
}
