/*
 * term.c — the words of an organization that resemble a stem of a question: short forms, longer words that
 * begin or end with it, its own ending, and similar words where it is in no name. Each counts less than the
 * stem itself.
 */
#include "catalog/term.h"

#include "catalog/pg_type.h"

#include "catalog/words.h"
#include "compat.h"
#include "sql.h"

#define PORTION      500
#define SHORT_FACTOR 0.25
#define LIKENESS     0.5

static void
add_word(int64 organization_id, RgTerm *term, const char *stem, float factor)
{
	int32 id = rg_stem_id(organization_id, stem);

	for (int i = 0; i < term->count; i++)
		if (term->words[i].id == id)
			return;
	if (term->count < RG_TERM_WORDS)
		term->words[term->count++] = (RgTermWord){id, factor, stem};
}

static bool
is_vowel(char c)
{
	return strchr("aeiou", c) != NULL;
}

/* The stemmer makes an i of a y at the end. */
static char *
with_y(const char *stem)
{
	char *word = pstrdup(stem);
	size_t length = strlen(word);

	if (length > 2 && word[length - 1] == 'i')
		word[length - 1] = 'y';
	return word;
}

/* The first letters of the word, at least one, and then consonants of it in their order. */
static bool
shortens(const char *form, const char *word)
{
	size_t begin = 0;

	while (form[begin] != '\0' && form[begin] == word[begin])
		begin++;
	if (begin == 0)
		return false;
	word += begin;
	for (const char *c = form + begin; *c != '\0'; c++, word++)
	{
		word = is_vowel(*c) ? NULL : strchr(word, *c);
		if (word == NULL)
			return false;
	}
	return true;
}

/* cust, qty, dept and addr are such. Of two letters the second is the word's last. */
static bool
is_short_form(const char *stem, const RgTerm *term)
{
	const char *form = with_y(stem);
	size_t length = strlen(form);

	if (length < 2 || length >= strlen(term->stem))
		return false;
	if (length == 2 && form[1] != term->said[strlen(term->said) - 1])
		return false;
	return shortens(form, term->said) || shortens(form, with_y(term->stem));
}

/* A stem of the vocabulary that one of the conditions of the statement below has found, not the term's own.
 */
static void
add_resembling(int64 organization_id, RgTerm *term, const char *way, char *stem, float likeness)
{
	size_t length = strlen(term->stem);

	if (strcmp(way, "short") == 0)
	{
		if (is_short_form(stem, term))
			add_word(organization_id, term, stem, SHORT_FACTOR);
	}
	else if (strcmp(way, "part") == 0)
		add_word(organization_id, term, stem, LIKENESS * length / strlen(stem));
	else
		add_word(organization_id, term, stem, LIKENESS * likeness);
}

/* Whether the term itself is in a name. */
static bool
find_resembling(int64 organization_id, RgTerm *term)
{
	static RgStatement find = {
		.text = "SELECT way, found, likeness FROM rivergen_catalog.resembling_words($1, $2)",
		.types = {INT8OID, TEXTOID},
	};
	Portal portal =
		rg_spi_open(&find, (Datum[]){Int64GetDatum(organization_id), CStringGetTextDatum(term->stem)}, NULL);
	bool is_in_name = false;
	uint64 rows;

	while ((rows = rg_spi_fetch(portal, PORTION)) > 0)
	{
		bool is_null;

		for (uint64 i = 0; i < rows; i++)
			if (strcmp(rg_spi_text(i, 1), "itself") == 0)
				is_in_name = true;
			else
				add_resembling(organization_id, term, rg_spi_text(i, 1), rg_spi_text(i, 2),
							   DatumGetFloat4(rg_spi_datum(i, 3, &is_null)));
	}
	SPI_cursor_close(portal);
	return is_in_name;
}

static bool
is_number(const char *stem)
{
	return strspn(stem, "0123456789") == strlen(stem);
}

/* In joined names the last word is often what the relation holds: of ticketorder an order. A word that is in
 * a name itself is taken for one: an account is no count. */
static void
add_endings(int64 organization_id, RgTerm *term)
{
	int length = strlen(term->stem);

	for (int i = 2; i <= length - 5; i++)
		if ((term->stem[i] & 0xc0) != 0x80)
			add_word(organization_id, term, term->stem + i, LIKENESS * (length - i) / length);
}

static int32
compare_words(const void *a, const void *b)
{
	float left = ((const RgTermWord *) a)->factor;
	float right = ((const RgTermWord *) b)->factor;

	return (left < right) - (left > right);
}

void
rg_term_prepare(RgTerm *term, int64 organization_id)
{
	add_word(organization_id, term, term->stem, 1);
	if (strlen(term->stem) >= 4 && !is_number(term->stem))
	{
		if (!find_resembling(organization_id, term))
			add_endings(organization_id, term);
	}
	qsort(term->words, term->count, sizeof(RgTermWord), compare_words);
}
