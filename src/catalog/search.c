/*
 * search.c — the keys of the index that search and tags use (sql/objects/020_search.sql): hashes of three
 * characters each, or of a tag, with the organization. After a collision the index returns a row that the
 * condition then refuses.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "catalog/words.h"

#define GRAM     3
#define TAG_SEED UINT64CONST(0x746167)
#define BETWEEN  "\1  "    /* the folded name and its words (searched_name): a name may have a \1, too */
#define BUCKETS  (1 << 17) /* of names of columns */

PG_FUNCTION_INFO_V1(rg_sql_search_keys);
PG_FUNCTION_INFO_V1(rg_sql_shared_keys);
PG_FUNCTION_INFO_V1(rg_sql_name_buckets);
PG_FUNCTION_INFO_V1(rg_sql_contains);
PG_FUNCTION_INFO_V1(rg_sql_name_tier);

typedef struct SearchKeys
{
	uint64 organization;
	Datum *keys;
	int count;
} SearchKeys;

static void
add_key(SearchKeys *search, const char *text, int length, uint64 seed)
{
	uint64 hash = hash_bytes_extended((const unsigned char *) text, length, search->organization ^ seed);

	search->keys[search->count++] = Int32GetDatum((int32) hash);
}

/*
 * The array has room for one key per byte. A gram begins at each character but the last two. Those of the
 * last letters of a word and a space are left out: they are a tenth of all, and what they tell the condition
 * sees.
 */
static void
add_grams(SearchKeys *search, const char *text, int length)
{
	const char *ends[GRAM]; /* of the last three characters, as a ring */
	const char *limit = text + length;
	const char *start = text;
	int characters = 0;

	for (const char *end = text; end < limit;)
	{
		end += pg_mblen(end);
		ends[characters++ % GRAM] = end;
		if (characters < GRAM)
			continue;
		if (end[-1] != ' ' || *start == ' ')
			add_key(search, start, end - start, 0);
		start = ends[characters % GRAM]; /* where the oldest of the three ends */
	}
}

Datum
rg_sql_search_keys(PG_FUNCTION_ARGS)
{
	text *folded = PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1);
	int length = folded ? VARSIZE_ANY_EXHDR(folded) : 0;
	SearchKeys search = {0};
	Datum *tags = NULL;
	bool *nulls = NULL;
	int tag_count = 0;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(2))
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &tags, &nulls,
						  &tag_count);
	search.organization = (uint64) PG_GETARG_INT64(0);
	search.keys = palloc(sizeof(Datum) * (length + tag_count + 1));
	if (folded != NULL)
		add_grams(&search, VARDATA_ANY(folded), length);
	for (int i = 0; i < tag_count; i++)
	{
		text *tag = nulls[i] ? NULL : DatumGetTextPP(tags[i]);

		if (tag != NULL)
			add_key(&search, VARDATA_ANY(tag), VARSIZE_ANY_EXHDR(tag), TAG_SEED);
	}
	PG_RETURN_ARRAYTYPE_P(rg_ids_array(search.keys, search.count));
}

/* (organization_id, folded, keys): how many of the keys, which are sorted, the text has. */
Datum
rg_sql_shared_keys(PG_FUNCTION_ARGS)
{
	text *folded = PG_GETARG_TEXT_PP(1);
	ArrayType *keys = PG_GETARG_ARRAYTYPE_P(2);
	const int32 *wanted = (const int32 *) ARR_DATA_PTR(keys);
	int count = ArrayGetNItems(ARR_NDIM(keys), ARR_DIMS(keys));
	SearchKeys search = {.organization = (uint64) PG_GETARG_INT64(0)};
	int shared = 0;

	search.keys = palloc(sizeof(Datum) * (VARSIZE_ANY_EXHDR(folded) + 1));
	add_grams(&search, VARDATA_ANY(folded), VARSIZE_ANY_EXHDR(folded));
	search.count = rg_ids_sort(search.keys, search.count);
	for (int i = 0, w = 0; i < search.count && w < count;)
	{
		int32 key = DatumGetInt32(search.keys[i]);

		shared += key == wanted[w];
		if (key <= wanted[w])
			i++;
		else
			w++;
	}
	PG_RETURN_INT32(shared);
}

/* The buckets of the ids of names, each once. */
Datum
rg_sql_name_buckets(PG_FUNCTION_ARGS)
{
	ArrayType *ids = PG_GETARG_ARRAYTYPE_P(0);
	const int32 *id = (const int32 *) ARR_DATA_PTR(ids);
	int count = ArrayGetNItems(ARR_NDIM(ids), ARR_DIMS(ids));
	Datum *buckets = palloc(sizeof(Datum) * (count + 1));

	for (int i = 0; i < count; i++)
		buckets[i] = Int32GetDatum(id[i] & (BUCKETS - 1));
	PG_RETURN_ARRAYTYPE_P(rg_ids_array(buckets, count));
}

/*
 * Does the text contain the other one? Compares bytes: in UTF-8 no character occurs within another one.
 * strpos also counts characters and takes twice as long.
 */
Datum
rg_sql_contains(PG_FUNCTION_ARGS)
{
	text *whole = PG_GETARG_TEXT_PP(0);
	text *part = PG_GETARG_TEXT_PP(1);

	PG_RETURN_BOOL(memmem(VARDATA_ANY(whole), VARSIZE_ANY_EXHDR(whole), VARDATA_ANY(part),
						  VARSIZE_ANY_EXHDR(part)) != NULL);
}

/* ---- how a name matches ---- */

static bool
has_part(text *whole, size_t from, const char *part, size_t length)
{
	return memmem(VARDATA_ANY(whole) + from, VARSIZE_ANY_EXHDR(whole) - from, part, length) != NULL;
}

/* Has the name the word, in the singular or plural? Words stand between double spaces. */
static bool
has_number_of(text *searched, size_t from, const char *word, size_t length)
{
	const char *place = VARDATA_ANY(searched) + from;
	const char *limit = VARDATA_ANY(searched) + VARSIZE_ANY_EXHDR(searched);
	char *singular = pnstrdup(word, length);
	int singular_length = rg_name_word_singular(singular, length);
	bool is_found = false;

	while (place < limit && !is_found)
	{
		const char *end = memchr(place, ' ', limit - place);
		size_t size = (end != NULL ? end : limit) - place;

		if (size > 0 && *place == *word && size <= length + 3 && length <= size + 3)
		{
			char *other = pnstrdup(place, size);

			is_found = rg_name_word_singular(other, size) == singular_length &&
					   memcmp(other, singular, singular_length) == 0;
			pfree(other);
		}
		place += size + 1;
	}
	pfree(singular);
	return is_found;
}

/* Does each word begin a word of the name, or is it one when it must be whole? */
static bool
has_words(text *searched, size_t from, const Datum *words, int count, bool whole)
{
	for (int i = 0; i < count; i++)
	{
		text *word = DatumGetTextPP(words[i]);
		size_t length = VARSIZE_ANY_EXHDR(word);
		char *padded = palloc(length + 2);
		bool is_found;

		memcpy(padded, "  ", 2);
		memcpy(padded + 2, VARDATA_ANY(word), length);
		is_found = whole ? has_number_of(searched, from, padded + 2, length)
						 : has_part(searched, from, padded, length + 2);
		pfree(padded);
		if (!is_found)
			return false;
	}
	return count > 0;
}

static bool
begins_with(text *whole, text *part)
{
	size_t length = VARSIZE_ANY_EXHDR(part);

	return VARSIZE_ANY_EXHDR(whole) >= length && memcmp(VARDATA_ANY(whole), VARDATA_ANY(part), length) == 0;
}

/* searched is the folded name, BETWEEN, and the name's words. 0: the name does not match. */
static int
name_tier(text *name, text *searched, text *given, text *folded, const Datum *words, int count)
{
	const char *start = VARDATA_ANY(searched);
	const char *end = memmem(start, VARSIZE_ANY_EXHDR(searched), BETWEEN, strlen(BETWEEN));
	size_t name_length = end != NULL ? (size_t) (end - start) : VARSIZE_ANY_EXHDR(searched);
	size_t words_place = end != NULL ? name_length + 1 : name_length;
	size_t folded_length = VARSIZE_ANY_EXHDR(folded);

	if (VARSIZE_ANY_EXHDR(name) == VARSIZE_ANY_EXHDR(given) && begins_with(name, given))
		return 1;
	if (name_length == folded_length && begins_with(searched, folded))
		return 2;
	if (has_words(searched, words_place, words, count, true))
		return 4;
	if (name_length > folded_length && begins_with(searched, folded))
		return 5;
	if (has_words(searched, words_place, words, count, false))
		return 6;
	return memmem(start, name_length, VARDATA_ANY(folded), folded_length) != NULL ? 7 : 0;
}

Datum
rg_sql_name_tier(PG_FUNCTION_ARGS)
{
	Datum *words;
	bool *nulls;
	int count;
	int tier;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(4), TEXTOID, -1, false, TYPALIGN_INT, &words, &nulls, &count);
	tier = name_tier(PG_GETARG_TEXT_PP(0), PG_GETARG_TEXT_PP(1), PG_GETARG_TEXT_PP(2), PG_GETARG_TEXT_PP(3),
					 words, count);
	if (tier == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(tier);
}
