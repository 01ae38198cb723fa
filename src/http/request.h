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

/* What is wrong with a body; NULL: nothing. */
typedef struct RgBodyFault
{
	int status;
	const char *message;
	const char *detail;
	const char *hint;
} RgBodyFault;

/* The ETag of no version: what a client sends that was never given one. */
#define RG_NO_VERSION "0001-01-01T00:00:00Z"

#endif
