/*
 * query_text.h — what a query may not say. The transaction is READ ONLY, which a statement other than a query
 * would end; and packages of the server reach beyond the database.
 */
#ifndef RG_ORACLE_QUERY_TEXT_H
#define RG_ORACLE_QUERY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct QueryFault
{
	const char *message;
	const char *hint;
	size_t at; /* the byte of the text */
} QueryFault;

/* *length: of the statement, without a semicolon at its end. *fault: why not. */
extern bool query_only_reads(const char *text, size_t *length, QueryFault *fault);

#endif
