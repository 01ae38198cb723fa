/*
 * texts.c — a sorted array of texts.
 */
#include <stdlib.h>

#include "connectors/common/memory.h"
#include "connectors/postgresql/statements.h"
#include "connectors/postgresql/texts.h"

void
texts_add(Texts *texts, PGresult *result)
{
	int rows = PQntuples(result);

	texts->results = reallocate(texts->results, (size_t) (texts->result_count + 1) * sizeof(PGresult *));
	texts->results[texts->result_count++] = result;
	texts->texts = reallocate(texts->texts, (size_t) (texts->count + rows) * sizeof(Text));
	for (int row = 0; row < rows; row++)
		texts->texts[texts->count++] = (Text){.relation = row_oid(result, row, TEXT_RELATION),
											  .object = row_oid(result, row, TEXT_OBJECT),
											  .position = row_int2(result, row, TEXT_POSITION),
											  .kind = row_char(result, row, TEXT_KIND),
											  .text = row_text(result, row, TEXT_TEXT)};
}

static int
compare(const void *a, const void *b)
{
	const Text *left = a;
	const Text *right = b;

	if (left->relation != right->relation)
		return left->relation < right->relation ? -1 : 1;
	if (left->kind != right->kind)
		return left->kind - right->kind;
	if (left->object != right->object)
		return left->object < right->object ? -1 : 1;
	return left->position - right->position;
}

void
texts_sort(Texts *texts)
{
	if (texts->count > 0)
		qsort(texts->texts, (size_t) texts->count, sizeof(Text), compare);
}

const char *
texts_find(const Texts *texts, ObjectId relation, char kind, ObjectId object, int position)
{
	Text key = {.relation = relation, .object = object, .position = (int16_t) position, .kind = kind};
	const Text *found = NULL;

	if (texts->count > 0)
		found = bsearch(&key, texts->texts, (size_t) texts->count, sizeof(Text), compare);
	return found ? found->text : NULL;
}

void
texts_clear(Texts *texts)
{
	for (int i = 0; i < texts->result_count; i++)
		PQclear(texts->results[i]);
	free(texts->results);
	free(texts->texts);
	*texts = (Texts){0};
}
