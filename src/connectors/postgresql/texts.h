/*
 * texts.h — the texts of STATEMENT_TEXTS, found by the object they belong to.
 */
#ifndef RG_POSTGRESQL_TEXTS_H
#define RG_POSTGRESQL_TEXTS_H

#include "connectors/postgresql/rows.h"

typedef struct Text
{
	ObjectId relation;
	ObjectId object;
	int16_t position;
	char kind;
	const char *text;
} Text;

typedef struct Texts
{
	Text *texts;
	int count;
	PGresult **results; /* what the texts point into */
	int result_count;
} Texts;

/* Takes the result over. */
extern void texts_add(Texts *texts, PGresult *result);
/* To be called after the last texts_add() and before the first texts_find(). */
extern void texts_sort(Texts *texts);
/* Returns NULL if the server had no such text. */
extern const char *
texts_find(const Texts *texts, ObjectId relation, char kind, ObjectId object, int position);
extern void texts_clear(Texts *texts);

#endif
