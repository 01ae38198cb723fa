/*
 * words.c — the words of names, and their stems by PostgreSQL's English stemmer: what the schema context
 * looks for (sql/objects/201_search_index.sql). A word that the stemmer leaves out is its own stem.
 */
#include "catalog/words.h"

#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "tsearch/ts_cache.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/hsearch.h"

#include "compat.h"
#include "space.h"

#define LONGEST_WORD 63

PG_FUNCTION_INFO_V1(rg_sql_folded);
PG_FUNCTION_INFO_V1(rg_sql_split_name);
PG_FUNCTION_INFO_V1(rg_sql_searched_name);
PG_FUNCTION_INFO_V1(rg_sql_stem_ids);
PG_FUNCTION_INFO_V1(rg_sql_stems);
PG_FUNCTION_INFO_V1(rg_sql_word_ids);
PG_FUNCTION_INFO_V1(rg_sql_with_letter_of);

/* ---- a name between words ---- */

static bool
is_upper(unsigned char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(unsigned char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of other letters than A to Z belong to the word around them. */
static bool
is_of_word(unsigned char c)
{
	return is_upper(c) || is_lower(c) || is_digit(c) || c >= 0x80;
}

/* The code and the bytes of a character beyond ASCII; 0: it is none, or the database has no Unicode. */
static pg_wchar
wide_character(const char *c, const char *end, int *length)
{
	*length = c < end && (unsigned char) *c >= 0x80 && GetDatabaseEncoding() == PG_UTF8 ? pg_mblen(c) : 0;
	return *length > 0 && *length <= end - c ? utf8_to_unicode((const unsigned char *) c) : 0;
}

/* East Asian punctuation: 、。「」（），：？！・ and such. */
static bool
is_wide_punctuation(pg_wchar c)
{
	return (c >= 0x3001 && c <= 0x3003) || (c >= 0x3008 && c <= 0x301f) || c == 0x30fb ||
		   (c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20) || (c >= 0xff3b && c <= 0xff40) ||
		   (c >= 0xff5b && c <= 0xff65);
}

/* The bytes of a space or of punctuation that is none of ASCII's, or 0. */
static int
wide_gap(const char *c, const char *end)
{
	int length;
	pg_wchar code = wide_character(c, end, &length);

	return rg_is_wide_space(code) || is_wide_punctuation(code) ? length : 0;
}

/* Han, kana and Hangul: scripts whose words have no spaces, or particles, between them. */
static bool
is_unspaced(pg_wchar c)
{
	return (c >= 0x3005 && c <= 0x3007) || (c >= 0x3041 && c <= 0x30ff) || (c >= 0x31f0 && c <= 0x31ff) ||
		   (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3) ||
		   (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff66 && c <= 0xff9f) || (c >= 0x20000 && c <= 0x3ffff);
}

static bool
begins_word(unsigned char before, unsigned char c, unsigned char after)
{
	return (is_lower(before) && is_upper(c)) || (is_upper(before) && is_upper(c) && is_lower(after)) ||
		   ((is_upper(before) || is_lower(before)) && is_digit(c)) ||
		   (is_digit(before) && (is_upper(c) || is_lower(c)));
}

/* Writes the words of a name as they are written, between double spaces; a name without a word is one. */
static void
append_words(StringInfo to, const char *name, int length)
{
	const unsigned char *bytes = (const unsigned char *) name;
	int start = to->len;
	bool within = false;

	for (int i = 0; i < length; i++)
	{
		int gap = wide_gap(name + i, name + length);

		if (gap > 0)
		{
			i += gap - 1;
			within = false;
			continue;
		}
		if (is_of_word(bytes[i]) &&
			(!within || begins_word(bytes[i - 1], bytes[i], i + 1 < length ? bytes[i + 1] : 0)))
			appendBinaryStringInfo(to, "  ", 2);
		within = is_of_word(bytes[i]);
		if (within)
			appendStringInfoCharMacro(to, name[i]);
	}
	if (to->len == start)
	{
		appendBinaryStringInfo(to, "  ", 2);
		appendBinaryStringInfo(to, name, length);
	}
	appendBinaryStringInfo(to, "  ", 2);
}

static text *
split_name(const char *name, int length)
{
	StringInfoData words;

	initStringInfo(&words);
	append_words(&words, name, length);
	return cstring_to_text_with_len(words.data, words.len);
}

Datum
rg_sql_split_name(PG_FUNCTION_ARGS)
{
	text *name = PG_GETARG_TEXT_PP(0);

	PG_RETURN_TEXT_P(split_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)));
}

/* Most names are such, and are what folding makes of them. */
static bool
is_folded(const char *name, int length)
{
	for (int i = 0; i < length; i++)
		if ((unsigned char) name[i] >= 0x80 || is_upper(name[i]))
			return false;
	return true;
}

/* By Unicode's rules, where the server knows ICU. */
static text *
folded(text *name)
{
	static Oid collation = InvalidOid;

	if (is_folded(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)))
		return name;
	if (!OidIsValid(collation))
		collation = get_collation_oid(list_make2(makeString("pg_catalog"), makeString("und-x-icu")), true);
	if (!OidIsValid(collation))
		collation = DEFAULT_COLLATION_OID;
	return DatumGetTextPP(DirectFunctionCall1Coll(
		lower, collation,
		DirectFunctionCall2(unicode_normalize_func, PointerGetDatum(name), CStringGetTextDatum("NFC"))));
}

Datum
rg_sql_folded(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(folded(PG_GETARG_TEXT_PP(0)));
}

/* The folded name, the byte 1, and its folded words. */
Datum
rg_sql_searched_name(PG_FUNCTION_ARGS)
{
	text *name = PG_GETARG_TEXT_PP(0);
	text *plain = folded(name);
	StringInfoData words;
	StringInfoData searched;

	initStringInfo(&words);
	append_words(&words, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	initStringInfo(&searched);
	appendBinaryStringInfo(&searched, VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain));
	appendStringInfoChar(&searched, '\1');
	if (plain != name)
	{
		text *split = folded(cstring_to_text_with_len(words.data, words.len));

		appendBinaryStringInfo(&searched, VARDATA_ANY(split), VARSIZE_ANY_EXHDR(split));
	}
	else
		appendBinaryStringInfo(&searched, words.data, words.len);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(searched.data, searched.len));
}

/* ---- one and many ---- */

static bool
ends_with(const char *word, int length, const char *end)
{
	int count = strlen(end);

	return length > count && memcmp(word + length - count, end, count) == 0;
}

/* orders and order, addresses and address, categories and category are one; status, process and analysis
 * stay. */
int
rg_name_word_singular(char *word, int length)
{
	static const char *const dropped[] = {"sse", "xe", "che", "she", "use"};

	if (length < 3)
		return length;
	if (ends_with(word, length, "s") && !ends_with(word, length, "ss") && !ends_with(word, length, "us") &&
		!ends_with(word, length, "is") && !is_digit(word[length - 2]))
		length--;
	for (size_t i = 0; i < lengthof(dropped); i++)
		if (ends_with(word, length, dropped[i]))
			return length - 1;
	if (ends_with(word, length, "ie"))
		word[--length - 1] = 'y';
	return length;
}

/* (word, model): the word with the first letter of the model that it does not have, there; null: the model
 * has no more. */
Datum
rg_sql_with_letter_of(PG_FUNCTION_ARGS)
{
	const char *word = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const char *model = text_to_cstring(PG_GETARG_TEXT_PP(1));
	int same = 0;

	while (word[same] != '\0' && pg_mblen(word + same) == pg_mblen(model + same) &&
		   memcmp(word + same, model + same, pg_mblen(word + same)) == 0)
		same += pg_mblen(word + same);
	if (model[same] == '\0')
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(
		psprintf("%.*s%.*s%s", same, word, pg_mblen(model + same), model + same, word + same)));
}

/* ---- stems ---- */

typedef struct KnownStem
{
	char word[LONGEST_WORD + 1];
	char stem[LONGEST_WORD + 1];
} KnownStem;

struct RgStemmer
{
	Oid dictionary;
	HTAB *known; /* a relation repeats its words, and so do the relations of a source */
};

RgStemmer *
rg_stemmer(MemoryContext context)
{
	HASHCTL control = {
		.keysize = LONGEST_WORD + 1,
		.entrysize = sizeof(KnownStem),
		.hcxt = context,
	};
	RgStemmer *stemmer = MemoryContextAlloc(context, sizeof(RgStemmer));

	stemmer->dictionary =
		get_ts_dict_oid(list_make2(makeString("pg_catalog"), makeString("english_stem")), false);
	stemmer->known = hash_create("rivergen stems", 256, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	return stemmer;
}

static RgStemmer *
stemmer_of(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = rg_stemmer(fcinfo->flinfo->fn_mcxt);
	return fcinfo->flinfo->fn_extra;
}

static void
find_stem(Oid dictionary, const char *word, char *stem)
{
	Datum found = DirectFunctionCall2(ts_lexize, ObjectIdGetDatum(dictionary), CStringGetTextDatum(word));
	Datum *lexemes;
	int count;

	deconstruct_array(DatumGetArrayTypeP(found), TEXTOID, -1, false, TYPALIGN_INT, &lexemes, NULL, &count);
	strlcpy(stem, count > 0 ? TextDatumGetCString(lexemes[0]) : word, LONGEST_WORD + 1);
}

/* The stem of a word of at most LONGEST_WORD bytes. */
static const char *
stem_of(RgStemmer *stemmer, const char *word)
{
	bool is_known;
	KnownStem *known = hash_search(stemmer->known, word, HASH_ENTER, &is_known);

	if (!is_known)
		find_stem(stemmer->dictionary, word, known->stem);
	return known->stem;
}

int32
rg_stem_id(int64 organization_id, const char *stem)
{
	return (int32) hash_bytes_extended((const unsigned char *) stem, strlen(stem), (uint64) organization_id);
}

/* Words between spaces, as name_words gives them. */
typedef struct Words
{
	const char *place;
	const char *end_of_word; /* of the one that the place is in */
	const char *end;
	int most; /* more are not there */
	char word[LONGEST_WORD + 1];
} Words;

static Words
words_of(text *words)
{
	const char *start = VARDATA_ANY(words);
	int length = VARSIZE_ANY_EXHDR(words);

	return (Words){.place = start, .end_of_word = start, .end = start + length, .most = length / 2 + 1};
}

static void
begin_word(Words *words)
{
	while (words->place < words->end && *words->place == ' ')
		words->place++;
	words->end_of_word = words->place;
	while (words->end_of_word < words->end && *words->end_of_word != ' ')
		words->end_of_word++;
}

/* Takes what is before that place, at most LONGEST_WORD bytes of it. False: nothing is. */
static bool
take_word(Words *words, const char *behind)
{
	int length = pg_mbcliplen(words->place, behind - words->place, LONGEST_WORD);

	memcpy(words->word, words->place, length);
	words->word[length] = '\0';
	words->place = behind;
	return length > 0;
}

/* Takes the next word. False: there is none. */
static bool
next_word(Words *words)
{
	begin_word(words);
	return take_word(words, words->end_of_word);
}

/* The bytes of a character of a script whose words have no spaces between them, or 0. */
static int
unspaced_length(const char *c, const char *end)
{
	int length;

	return is_unspaced(wide_character(c, end, &length)) ? length : 0;
}

/* Takes the next word; of a word in a script without spaces the next pair: 订单号 is 订单 and 单号. */
static bool
next_part(Words *words)
{
	const char *behind;
	int first;
	int second;

	if (words->place == words->end_of_word)
		begin_word(words);
	behind = words->place;
	first = unspaced_length(behind, words->end_of_word);
	if (first == 0)
	{
		while (behind < words->end_of_word && unspaced_length(behind, words->end_of_word) == 0)
			behind += pg_mblen(behind);
		return take_word(words, behind);
	}
	behind += first;
	second = unspaced_length(behind, words->end_of_word);
	take_word(words, behind + second);
	if (second > 0 && unspaced_length(behind + second, words->end_of_word) > 0)
		words->place = behind;
	return true;
}

static int
compare_ids(const void *a, const void *b)
{
	int32 left = DatumGetInt32(*(const Datum *) a);
	int32 right = DatumGetInt32(*(const Datum *) b);

	return (left > right) - (left < right);
}

int
rg_ids_sort(Datum *ids, int count)
{
	int kept = 0;

	qsort(ids, count, sizeof(Datum), compare_ids);
	for (int i = 0; i < count; i++)
		if (kept == 0 || ids[kept - 1] != ids[i])
			ids[kept++] = ids[i];
	return kept;
}

ArrayType *
rg_ids_array(Datum *ids, int count)
{
	return construct_array(ids, rg_ids_sort(ids, count), INT4OID, sizeof(int32), true, TYPALIGN_INT);
}

static bool
is_number(const char *word)
{
	return word[strspn(word, "0123456789")] == '\0';
}

/* (organization_id, words, with_whole, with_numbers): the words are those of name_words. */
Datum
rg_sql_stem_ids(PG_FUNCTION_ARGS)
{
	RgStemmer *stemmer = stemmer_of(fcinfo);
	int64 organization_id = PG_GETARG_INT64(0);
	Words words = words_of(PG_GETARG_TEXT_PP(1));
	Datum *ids = palloc(sizeof(Datum) * (words.most + 1));
	StringInfoData whole;
	int count = 0;

	initStringInfo(&whole);
	while (next_part(&words))
	{
		const char *stem = stem_of(stemmer, words.word);

		if (PG_GETARG_BOOL(3) || !is_number(words.word))
			ids[count++] = Int32GetDatum(rg_stem_id(organization_id, stem));
		appendStringInfo(&whole, "=%s", stem);
	}
	if (PG_GETARG_BOOL(2) && whole.len > 0)
		ids[count++] = Int32GetDatum(rg_stem_id(organization_id, whole.data));
	PG_RETURN_ARRAYTYPE_P(rg_ids_array(ids, count));
}

/* (organization_id, words): of the words themselves, in the singular. */
Datum
rg_sql_word_ids(PG_FUNCTION_ARGS)
{
	Words words = words_of(PG_GETARG_TEXT_PP(1));
	Datum *ids = palloc(sizeof(Datum) * words.most);
	int count = 0;

	while (next_word(&words))
	{
		words.word[rg_name_word_singular(words.word, strlen(words.word))] = '\0';
		ids[count++] = Int32GetDatum(rg_stem_id(PG_GETARG_INT64(0), words.word));
	}
	PG_RETURN_ARRAYTYPE_P(rg_ids_array(ids, count));
}

/* The stems of the words, in their order. */
Datum
rg_sql_stems(PG_FUNCTION_ARGS)
{
	RgStemmer *stemmer = stemmer_of(fcinfo);
	Words words = words_of(PG_GETARG_TEXT_PP(0));
	Datum *stems = palloc(sizeof(Datum) * words.most);
	int count = 0;

	while (next_part(&words))
		stems[count++] = CStringGetTextDatum(stem_of(stemmer, words.word));
	PG_RETURN_ARRAYTYPE_P(construct_array(stems, count, TEXTOID, -1, false, TYPALIGN_INT));
}

int
rg_name_stems(RgStemmer *stemmer, const char *name, const List *stems)
{
	Words words = words_of(folded(split_name(name, strlen(name))));
	int count = 0;

	while (next_part(&words))
	{
		const char *stem = stem_of(stemmer, words.word);
		ListCell *cell;

		foreach (cell, stems)
			count += strcmp(stem, lfirst(cell)) == 0;
	}
	return count;
}
