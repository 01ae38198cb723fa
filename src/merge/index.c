/*
 * index.c — finds stored relations by id and by name. Hash tables in the memory of the merge.
 */
#include "index.h"

#include "common/hashfn.h"

#include "state.h"

typedef struct IdEntry
{
	const char *id;
	int32 known;  /* -1 = not stored with this id */
	bool claimed; /* this discovery met it */
	char status;
} IdEntry;

#define SH_PREFIX         IdIndex
#define SH_ELEMENT_TYPE   IdEntry
#define SH_KEY_TYPE       const char *
#define SH_KEY            id
#define SH_HASH_KEY(t, k) hash_bytes((const unsigned char *) (k), strlen(k))
#define SH_EQUAL(t, a, b) (strcmp(a, b) == 0)
#define SH_SCOPE          static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct NameKey
{
	const char *schema;
	const char *name;
} NameKey;

typedef struct NameEntry
{
	NameKey key;
	int32 known; /* -1 = not stored under this name */
	bool claimed;
	bool taken_over;
	char status;
} NameEntry;

static inline uint32
hash_name(NameKey key)
{
	return hash_combine(hash_bytes((const unsigned char *) key.schema, strlen(key.schema)),
						hash_bytes((const unsigned char *) key.name, strlen(key.name)));
}

static inline bool
equal_names(NameKey a, NameKey b)
{
	return strcmp(a.name, b.name) == 0 && strcmp(a.schema, b.schema) == 0;
}

#define SH_PREFIX         NameIndex
#define SH_ELEMENT_TYPE   NameEntry
#define SH_KEY_TYPE       NameKey
#define SH_KEY            key
#define SH_HASH_KEY(t, k) hash_name(k)
#define SH_EQUAL(t, a, b) equal_names(a, b)
#define SH_SCOPE          static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

void
rg_index_create(RgMerge *merge)
{
	merge->by_id = IdIndex_create(merge->memory, 64, NULL);
	merge->by_name = NameIndex_create(merge->memory, 64, NULL);
}

/* Current relations are added before deprecated ones. The first relation with a name keeps it. */
void
rg_index_add_known(RgMerge *merge, int index)
{
	KnownRelation *relation = &merge->known[index];
	NameKey key = {relation->schema, relation->name};
	bool found;

	if (relation->id != NULL)
	{
		IdEntry *entry = IdIndex_insert(merge->by_id, relation->id, &found);

		if (!found)
		{
			entry->known = index;
			entry->claimed = false;
		}
	}

	NameEntry *entry = NameIndex_insert(merge->by_name, key, &found);

	if (!found)
	{
		entry->known = index;
		entry->claimed = false;
	}
}

int
rg_index_find_id(RgMerge *merge, const char *id)
{
	IdEntry *entry = id != NULL && !merge->is_other_server ? IdIndex_lookup(merge->by_id, id) : NULL;

	return entry ? entry->known : -1;
}

bool
rg_index_claim_id(RgMerge *merge, const char *id)
{
	IdEntry *entry = IdIndex_lookup(merge->by_id, id);

	if (entry == NULL)
	{
		bool found;

		entry = IdIndex_insert(merge->by_id, MemoryContextStrdup(merge->memory, id), &found);
		entry->known = -1;
		entry->claimed = false;
	}
	if (entry->claimed)
		return false;
	entry->claimed = true;
	return true;
}

int
rg_index_find_name(RgMerge *merge, const char *schema, const char *name)
{
	NameEntry *entry = NameIndex_lookup(merge->by_name, (NameKey){schema, name});

	return entry ? entry->known : -1;
}

bool
rg_index_claim_name(RgMerge *merge, const char *schema, const char *name, bool newcomer)
{
	NameEntry *entry = NameIndex_lookup(merge->by_name, (NameKey){schema, name});

	if (entry == NULL)
	{
		bool found;
		NameKey key = {MemoryContextStrdup(merge->memory, schema), MemoryContextStrdup(merge->memory, name)};

		entry = NameIndex_insert(merge->by_name, key, &found);
		entry->known = -1;
		entry->claimed = false;
	}
	if (entry->claimed)
		return false;
	entry->claimed = true;
	entry->taken_over = newcomer;
	return true;
}

bool
rg_index_name_is_claimed(RgMerge *merge, const char *schema, const char *name)
{
	NameEntry *entry = NameIndex_lookup(merge->by_name, (NameKey){schema, name});

	return entry != NULL && entry->claimed;
}

bool
rg_index_name_is_taken_over(RgMerge *merge, const char *schema, const char *name)
{
	NameEntry *entry = NameIndex_lookup(merge->by_name, (NameKey){schema, name});

	return entry != NULL && entry->claimed && entry->taken_over;
}
