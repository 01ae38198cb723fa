/*
 * infer.h — the narrowest type that holds all values of a column, told from their texts. What is left out of
 * a type is text: numbers with leading zeros, signs `+` or 20 digits are keys and telephone numbers.
 */
#ifndef RG_FILES_INFER_H
#define RG_FILES_INFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

/* In the order in which they are preferred. */
typedef enum InferredType
{
	INFERRED_BOOLEAN,
	INFERRED_INTEGER,
	INFERRED_DECIMAL,
	INFERRED_DECIMAL_COMMA, /* 1.234,56 */
	INFERRED_NUMBER,        /* with an exponent */
	INFERRED_DATE,          /* ISO */
	INFERRED_DATE_YMD,      /* 2024/12/31 */
	INFERRED_DATE_DMY,      /* 31/12/2024, 31.12.2024, 31-12-2024 */
	INFERRED_DATE_MDY,      /* 12/31/2024 */
	INFERRED_DATE_MONTH,    /* 31-Dec-2024 */
	INFERRED_TIME,
	INFERRED_TIMESTAMP, /* ISO; the others as the dates */
	INFERRED_TIMESTAMP_YMD,
	INFERRED_TIMESTAMP_DMY,
	INFERRED_TIMESTAMP_MDY,
	INFERRED_TIMESTAMPTZ,
	INFERRED_UUID,
	INFERRED_JSON,
	INFERRED_TEXT,
	INFERRED_TYPES
} InferredType;

/* A bit for each type. */
typedef uint32_t InferredTypes;

#define INFERRED_ANY ((InferredTypes) ((1u << INFERRED_TYPES) - 1))

/* What is known of a column's values. Begins as INFERENCE_BEGINS. */
typedef struct Inference
{
	InferredTypes fits; /* all values so far are of these */
	int64_t values;     /* other than empty ones and the words for null */
	bool has_null;
} Inference;

#define INFERENCE_BEGINS ((Inference){.fits = INFERRED_ANY})

/* The types that hold a value, INFERRED_TEXT always among them. The text has no spaces around it. */
extern InferredTypes infer_value(const char *text, size_t length);

/* Is it empty, or a word for null: NA, N/A, null, NULL, \N, - ? */
extern bool infer_is_null(const char *text, size_t length);

extern void infer_add(Inference *inference, const char *text, size_t length);

/* Both know afterwards what each of them knew. */
extern void infer_join(Inference *inference, Inference *other);

/* with_comma: may a comma be the decimal point? */
extern InferredType infer_type(const Inference *inference, bool with_comma);

/* Do day and month change places without a contradiction? */
extern bool infer_is_ambiguous(const Inference *inference);

extern const char *inferred_name(InferredType type);

/* NULL: text. */
extern const char *inferred_pg_type(InferredType type);

/* Leaves out the spaces at both ends. */
extern void infer_trim(const char **text, size_t *length);

/* Appends the value as PostgreSQL reads it in the type; one that is not of the type, as it is. */
extern void inferred_write(WireBuffer *out, InferredType type, const char *text, size_t length);

#endif
