/*
 * answer.h — what a request is answered: a body, and for PostgREST the status and headers, which it reads
 * from the settings response.status and response.headers.
 */
#ifndef RG_HTTP_ANSWER_H
#define RG_HTTP_ANSWER_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "http/request.h"

#define RG_MOST_HEADERS 4

/* Of the header X-Rivergen-Error; more than a hundred faults take. nginx must have room for it:
 * proxy_buffer_size. */
#define RG_MOST_ERROR_BYTES 30000

typedef struct RgAnswerHeader
{
	const char *name;
	const char *value; /* ours, a number, or JSON: no line of it was made by a request */
} RgAnswerHeader;

typedef struct RgHttpAnswer
{
	int status;
	Jsonb *body;
	char *document; /* instead of the body: JSON whose order is kept */
	int header_count;
	RgAnswerHeader headers[RG_MOST_HEADERS];
} RgHttpAnswer;

extern void rg_answer_header(RgHttpAnswer *answer, const char *name, const char *value);

/* What a function answered, with what its kind of answer says in headers. */
extern void
rg_answer_success(RgHttpAnswer *answer, const RgRoute *route, const RgArguments *arguments, Jsonb *body);

/* The error's envelope. What it says may come from anywhere but the server's own errors. */
extern void rg_answer_failure(RgHttpAnswer *answer, int status, const char *message, const char *detail,
							  const char *hint);

/* Tells PostgREST, until the end of the transaction. */
extern void rg_answer_tell(const RgHttpAnswer *answer);

#endif
