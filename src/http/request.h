/*
 * request.h — an HTTP request as PostgREST passes it on. Invalid requests fail through rg_fail.
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
	char *path;         /* as sent, without the base; empty if the path is not below the base */
	const char *query;  /* as sent, or empty */
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
	char *if_none_match;
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
	bool faulty[RG_MOST_PARAMETERS]; /* given, and not a valid value */
} RgArguments;

/* 400: PostgREST has sent no headers. */
extern RgRequestHeaders rg_http_headers(void);
extern RgRequestLine rg_http_request_line(const RgRequestHeaders *headers);

/* The fault of a body; message NULL: none. */
typedef struct RgBodyFault
{
	int status;
	const char *message;
	const char *detail;
	const char *hint;
} RgBodyFault;

/* An ETag that matches no version. */
#define RG_NO_VERSION "0001-01-01T00:00:00Z"

#endif
