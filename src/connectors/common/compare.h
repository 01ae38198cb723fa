/*
 * compare.h — compares two values of a type as PostgreSQL does, from their texts.
 */
#ifndef RG_CONNECTOR_COMPARE_H
#define RG_CONNECTOR_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ComparedKind
{
	COMPARED_NOT, /* a type that is not compared here */
	COMPARED_BOOLEAN,
	COMPARED_INTEGER,
	COMPARED_NUMERIC,
	COMPARED_REAL,
	COMPARED_DOUBLE,
	COMPARED_UUID,
	COMPARED_DATE,
	COMPARED_TIMESTAMP,
	COMPARED_TIMESTAMPTZ,
	COMPARED_TEXT /* equal or not: the order differs from source to source */
} ComparedKind;

/* pg_type NULL: text. */
extern ComparedKind compared_kind(const char *pg_type);

#define COMPARED_EPOCH 719469

/* A value, with what was read of it. Digits and texts stay where they are. */
typedef struct ComparedValue
{
	const char *text; /* of a numeric: from its first digit that is not 0 on */
	size_t length;
	/* Of a numeric: where the point is, behind the first digit of `text`. Of a date: days, of a timestamp:
	 * microseconds, both since COMPARED_EPOCH days before 1970-01-01. */
	int64_t integer;
	double number;
	int sign; /* of a numeric; of its NaN and infinities one beyond 1 */
	char uuid[32];
} ComparedValue;

/* Returns false if the text is none that is known to be of the type. */
extern bool compared_read(ComparedKind kind, const char *text, size_t length, ComparedValue *value);

/*
 * The same for what is beyond all other values of the type: infinity, and NaN of a numeric. Only the order of
 * such values means anything.
 */
extern bool compared_read_beyond(ComparedKind kind, const char *text, size_t length, ComparedValue *value);

/* Less than 0, 0, or more. */
extern int compared_order(ComparedKind kind, const ComparedValue *a, const ComparedValue *b);

#endif
