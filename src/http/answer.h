/*
 * answer.h — the answer to a request: a body, and status and headers, which PostgREST reads from the settings
 * response.status and response.headers.
 */
#ifndef RG_HTTP_ANSWER_H
#define RG_HTTP_ANSWER_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "http/request.h"

#define RG_MOST_HEADERS 4

/*
 * The limit of the header X-Rivergen-Error, enough for more than a hundred faults. nginx must have room for
 * it: proxy_buffer_size.
 */
#define RG_MOST_ERROR_BYTES 30000

typedef struct RgAnswerHeader
{
	const char *name;
	const char *value; /* a constant, a number or JSON: never text of a request */
} RgAnswerHeader;

typedef struct RgHttpAnswer
{
	const RgRoute *called; /* whose function was called, or NULL */
	int status;
	Jsonb *body;
	char *document; /* instead of the body: JSON that keeps its order */
	int header_count;
	RgAnswerHeader headers[RG_MOST_HEADERS];
} RgHttpAnswer;

extern void rg_answer_header(RgHttpAnswer *answer, const char *name, const char *value);

/* The answer of a function, with the headers of its kind of answer. */
extern void
rg_answer_success(RgHttpAnswer *answer, const RgRoute *route, const RgArguments *arguments, Jsonb *body);

/* 304 instead of a body that the client has, as its If-None-Match (or NULL) says. */
extern void rg_answer_unless_had(RgHttpAnswer *answer, const RgRoute *route, const char *if_none_match);

/* The envelope of an error. The texts must not come from PostgreSQL's own errors. */
extern void rg_answer_failure(RgHttpAnswer *answer, int status, const char *message, const char *detail,
							  const char *hint);

/* Sets status and headers for PostgREST until the end of the transaction. */
extern void rg_answer_tell(const RgHttpAnswer *answer);

#endif
