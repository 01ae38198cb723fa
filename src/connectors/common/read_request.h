/*
 * read_request.h — what the operations read and query are asked for.
 */
#ifndef RG_CONNECTOR_READ_REQUEST_H
#define RG_CONNECTOR_READ_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/wire.h"

#define NO_LIMIT (-1)

typedef enum ConditionOperator
{
	CONDITION_EQUAL,
	CONDITION_NOT_EQUAL,
	CONDITION_LESS,
	CONDITION_LESS_OR_EQUAL,
	CONDITION_GREATER,
	CONDITION_GREATER_OR_EQUAL,
	CONDITION_IN,
	CONDITION_NULL,
	CONDITION_NOT_NULL,
	CONDITION_UNKNOWN /* a later word of the protocol: not to be applied */
} ConditionOperator;

typedef struct Condition
{
	char *column;
	ConditionOperator operation;
	char *type;    /* a pg_type; NULL if the operator takes no value */
	char **values; /* one, or those of CONDITION_IN */
	int value_count;
} Condition;

typedef struct ReadRequest
{
	char *schema;
	char *name;
	char *id; /* or NULL */
	char **columns;
	int column_count;
	char **types; /* the pg_type that each column was discovered with; NULL: not said */
	Condition *conditions;
	int condition_count;
	int64_t limit;  /* or NO_LIMIT */
	int64_t sample; /* about so many rows are enough; NO_LIMIT: all are wanted */
} ReadRequest;

typedef struct QueryRequest
{
	char *text;
	int64_t limit; /* or NO_LIMIT */
	bool check_only;
} QueryRequest;

/* Reads the member of that name. Returns NULL, or a static text that names the fault. */
extern const char *read_request_take(ReadRequest *read, WireSpan span);
extern const char *query_request_take(QueryRequest *query, WireSpan span);

extern void read_request_free(ReadRequest *read);
extern void query_request_free(QueryRequest *query);

/* Does a value have the character in it that stands for NUL (rows.h)? Then the source does not know what is
 * meant. */
extern bool condition_has_replacement(const Condition *condition);

/* Ends the process: the relation is not as it was discovered. */
extern void give_up_changed(const char *message, const char *detail) __attribute__((noreturn));

#endif
