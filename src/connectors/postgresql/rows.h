/*
 * rows.h — reads binary results. The server may be hostile: every length is checked.
 *
 * All results of a chunk have the relation's oid in their first column. They are read side by side, relation
 * by relation, which needs the same order in all of them; a RowList is a sorted result.
 */
#ifndef RG_POSTGRESQL_ROWS_H
#define RG_POSTGRESQL_ROWS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

extern void give_up_malformed(void) __attribute__((noreturn));

typedef uint32_t ObjectId;

/* An oid as text, as the protocol has it. */
typedef char IdText[11];

extern const char *id_text(ObjectId id, IdText text);
/* Returns 0 if the text is no oid. */
extern ObjectId id_of_text(const char *text);

static inline uint64_t
row_unsigned(const PGresult *result, int row, int column, int length)
{
	const unsigned char *bytes = (const unsigned char *) PQgetvalue(result, row, column);
	uint64_t value = 0;

	if (PQgetlength(result, row, column) != length)
		give_up_malformed();
	for (int i = 0; i < length; i++)
		value = value << 8 | bytes[i];
	return value;
}

static inline bool
row_is_null(const PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column);
}

static inline ObjectId
row_oid(const PGresult *result, int row, int column)
{
	return (ObjectId) row_unsigned(result, row, column, 4);
}

static inline int16_t
row_int2(const PGresult *result, int row, int column)
{
	return (int16_t) row_unsigned(result, row, column, 2);
}

static inline int32_t
row_int4(const PGresult *result, int row, int column)
{
	return (int32_t) row_unsigned(result, row, column, 4);
}

static inline int64_t
row_int8(const PGresult *result, int row, int column)
{
	return (int64_t) row_unsigned(result, row, column, 8);
}

static inline char
row_char(const PGresult *result, int row, int column)
{
	return (char) row_unsigned(result, row, column, 1);
}

static inline bool
row_bool(const PGresult *result, int row, int column)
{
	return row_char(result, row, column) != 0;
}

/* NUL-terminated; NULL for SQL NULL. */
static inline const char *
row_text(const PGresult *result, int row, int column)
{
	return row_is_null(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

/* A text that cannot be null. */
static inline const char *
row_name(const PGresult *result, int row, int column)
{
	if (row_is_null(result, row, column))
		give_up_malformed();
	return PQgetvalue(result, row, column);
}

/* The elements of a one-dimensional array in binary form. */
typedef struct Elements
{
	const unsigned char *at;
	const unsigned char *end;
	int left;
} Elements;

typedef struct Element
{
	const char *bytes;
	int length;
} Element;

/* An SQL NULL has no elements. */
extern Elements row_elements(const PGresult *result, int row, int column);
/* Returns false at the end. */
extern bool next_element(Elements *elements, Element *element);
/* Of an array of int2 or oid. */
extern int64_t element_integer(Element element);

/* The most columns that a key or an index is expected to have; servers allow 32 unless built otherwise. */
#define MAX_KEY_COLUMNS 128

typedef struct Numbers
{
	int count;
	int64_t values[MAX_KEY_COLUMNS];
} Numbers;

/* An array of int2 or oid as a whole. */
extern void row_numbers(const PGresult *result, int row, int column, Numbers *numbers);

/* The order of one relation's rows. */
typedef enum RowOrder
{
	BY_NUMBER, /* the second column, an int2 */
	BY_NAME,   /* the second column, a name */
	BY_OID,    /* nothing: one row per relation */
} RowOrder;

typedef struct RowList
{
	PGresult *result;
	int count;
	int *order; /* NULL: the rows came in order */
	int at;     /* rows before this one belong to earlier relations */
} RowList;

/* Takes the result over; NULL is an empty list. */
extern void rowlist_take(RowList *list, PGresult *result, RowOrder order);
extern void rowlist_clear(RowList *list);

/*
 * Finds the rows of a relation: positions from the result to *end - 1, which rowlist_row() turns into row
 * numbers. To be called for relations in ascending order.
 */
extern int rowlist_seek(RowList *list, ObjectId relation, int *end);

static inline int
rowlist_row(const RowList *list, int position)
{
	return list->order ? list->order[position] : position;
}

#endif
