/*
 * request.h — an HTTP request as it comes out of PostgREST's hands, and what is read from it. Whatever does
 * not fit fails through rg_fail.
 */
#ifndef RG_HTTP_REQUEST_H
#define RG_HTTP_REQUEST_H

#include "postgres.h"

#include "check/fault.h"
#include "http/routes.h"

#define RG_MOST_URI_BYTES  16384
#define RG_MOST_BODY_BYTES (4 * 1024 * 1024)
#define RG_MOST_SEGMENTS   8

typedef struct RgRequestLine
{
	const char *method; /* HEAD is GET here */
	char *path;         /* as it was sent, without the base; empty when it is not below the base */
	const char *query;  /* as it was sent, or empty */
} RgRequestLine;

/* The headers that the gateway passes on; NULL: absent. */
typedef struct RgRequestHeaders
{
	char *method;
	char *uri;
	char *content_type;
	char *content_encoding;
	char *prefer;
	char *if_match;
} RgRequestHeaders;

/* A path cut into its segments, each decoded. */
typedef struct RgSegments
{
	int count;
	char *segment[RG_MOST_SEGMENTS];
} RgSegments;

typedef struct RgArguments
{
	Datum values[RG_SQL_MAX_ARGUMENTS];
	char nulls[RG_SQL_MAX_ARGUMENTS + 1];
	bool given[RG_MOST_PARAMETERS];
	bool faulty[RG_MOST_PARAMETERS]; /* given, and no value of its kind */
} RgArguments;

/* request.c: fails with 400 when PostgREST did not send any. */
extern RgRequestHeaders rg_http_headers(void);
extern RgRequestLine rg_http_request_line(const RgRequestHeaders *headers);

/* decode.c: 400 on bad escapes, NUL, and what is not UTF-8. plus_is_space: in queries. */
extern char *rg_http_decode(const char *text, int length, bool plus_is_space, const char *what);

/* dispatch.c: fails with 404; *allow gets the methods, and the answer is NULL, when only the method is wrong.
 */
extern const RgRoute *rg_http_dispatch(const RgRequestLine *line, RgSegments *segments, char **allow);

/* What is wrong with a body; NULL: nothing. */
typedef struct RgBodyFault
{
	int status;
	const char *message;
	const char *detail;
	const char *hint;
} RgBodyFault;

/* body.c: the JSON object, or NULL where none belongs; *fault tells why there is none: 413, 415 or 400. */
extern Jsonb *
rg_http_body(const RgRoute *route, const RgRequestHeaders *headers, const bytea *body, RgBodyFault *fault);

/* arguments.c: what the request names and is not there is told before its faults, and those all at once. */
extern void rg_http_arguments(const RgRoute *route, const RgSegments *segments, const char *query,
							  const RgRequestHeaders *headers, const bytea *body, RgArguments *arguments);

/* values.c: text to a value of the parameter's kind, or a fault. */
extern Datum rg_http_value(RgFaults *faults, const RgParameter *parameter, const char *text);
extern Datum rg_http_json_value(RgFaults *faults, const RgParameter *parameter, const JsonbValue *value);

/* values.c: 404, of what the parameter names. */
extern void rg_http_fail_missing(const RgParameter *parameter, const char *id) __attribute__((noreturn));

/* The ETag of no version: what a client sends that was never given one. */
#define RG_NO_VERSION "0001-01-01T00:00:00Z"

#endif
