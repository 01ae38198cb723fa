/*
 * routes.h — the paths below /api/v1 as tables, one for each subject: parameters, statement, answer and
 * description of each. Dispatch and the OpenAPI document are made from them.
 */
#ifndef RG_HTTP_ROUTES_H
#define RG_HTTP_ROUTES_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "catalog/identity.h"
#include "sql.h"

#define RG_HTTP_BASE "/api/v1"

#define RG_MOST_PARAMETERS 10
#define RG_MOST_ERRORS     16

typedef enum RgPlace
{
	RG_IN_PATH,   /* {name} in the path's template; always required */
	RG_IN_QUERY,  /* ?name=value */
	RG_IN_HEADER, /* name as HTTP spells it */
	RG_IN_BODY    /* a member of the JSON object */
} RgPlace;

typedef enum RgValueKind
{
	RG_VALUE_ID,      /* bigint */
	RG_VALUE_OPAQUE,  /* bigint; the API shows it as a text, so a text that is no number names nothing: 404 */
	RG_VALUE_INTEGER, /* integer */
	RG_VALUE_BOOLEAN,
	RG_VALUE_TEXT,
	RG_VALUE_TEXTS,   /* text[]; in a query separated by commas */
	RG_VALUE_IDS,     /* bigint[], each as opaque; bodies only */
	RG_VALUE_ETAG,    /* text: updated_at of the expected version; headers only (If-Match) */
	RG_VALUE_VERSION, /* text: the expected version as the ETag has it; headers only (If-Match) */
	RG_VALUE_ASYNC    /* boolean: Prefer contains respond-async; headers only */
} RgValueKind;

/* One argument. An absent one is passed as null, for which every function takes its default. */
typedef struct RgParameter
{
	const char *name;
	RgPlace place;
	RgValueKind kind;
	bool required;
	const char *initial;      /* the default as a query would spell it; NULL: none */
	int64 minimum;            /* bounds of an integer, which the function checks; both 0: none */
	int64 maximum;            /* 0: none */
	const char *const *among; /* the values that are valid, ended by NULL; NULL: any */
	const char *description;
	const char *argument; /* what the function calls it, where that is another name; its faults are told with
							 this one */
	const char *names;    /* the kind of object that an id names: "data source" */
	RgStatement *look;    /* fails with 404 or returns no row if the object does not exist; run only if the
							 request has faults */
} RgParameter;

/* The schema of the body. A whole body is the statement's last argument, after the parameters. */
typedef enum RgBodyKind
{
	RG_BODY_NONE,
	RG_BODY_DATA_SOURCE_CREATE,   /* whole */
	RG_BODY_DATA_SOURCE_SERVER,   /* perhaps without name and database */
	RG_BODY_DATA_SOURCE_CHANGES,  /* whole */
	RG_BODY_CREDENTIALS,          /* whole */
	RG_BODY_DESCRIPTION_CHANGES,  /* whole */
	RG_BODY_DESCRIPTION_DOCUMENT, /* whole */
	RG_BODY_MEMBERS               /* the parameters whose place is RG_IN_BODY, and nothing else */
} RgBodyKind;

/* The schema of a success: of `data`, or of the whole answer if the comment says so. */
typedef enum RgAnswerKind
{
	RG_ANSWER_DATA_SOURCE, /* carries an ETag */
	RG_ANSWER_DATA_SOURCE_PAGE,
	RG_ANSWER_DELETED, /* {"id"} */
	RG_ANSWER_TEST,
	RG_ANSWER_DATABASES,
	RG_ANSWER_FOREIGN_SERVERS,
	RG_ANSWER_FROM_FOREIGN_SERVER,
	RG_ANSWER_HEALTH,
	RG_ANSWER_SCHEMAS,
	RG_ANSWER_DISCOVERY, /* or 202 and RG_ANSWER_QUEUED */
	RG_ANSWER_QUEUED,    /* {"job_id", "status"} */
	RG_ANSWER_JOB,
	RG_ANSWER_JOB_PAGE,
	RG_ANSWER_DESCRIPTION, /* carries an ETag */
	RG_ANSWER_DESCRIPTION_PAGE,
	RG_ANSWER_DESCRIPTIONS, /* the whole answer: a bare array; or 202 and RG_ANSWER_QUEUED */
	RG_ANSWER_DESCRIPTION_DOCUMENT,
	RG_ANSWER_DESCRIPTION_RESULT,
	RG_ANSWER_DESCRIPTION_COVERAGE,
	RG_ANSWER_SCAN_JOBS,
	RG_ANSWER_ROWS,
	RG_ANSWER_ATTACHMENT,
	RG_ANSWER_DETACHMENT,
	RG_ANSWER_SEARCH,  /* carries an ETag */
	RG_ANSWER_CONTEXT, /* carries an ETag */
	RG_ANSWER_TYPES,
	RG_ANSWER_SEALING_KEY,
	RG_ANSWER_OPENAPI /* the whole answer */
} RgAnswerKind;

typedef struct RgRoute
{
	const char *method;
	const char *path;        /* template, without the base */
	RgStatement *statement;  /* one row, one jsonb; arguments: the parameters in order, then a whole body */
	char *(*document)(void); /* instead of the statement: JSON for which no caller is identified */
	RgRole least;            /* the required role */
	RgParameter parameters[RG_MOST_PARAMETERS]; /* ends at the first without a name */
	RgBodyKind body;
	RgAnswerKind answer;
	int status;                 /* of success */
	int errors[RG_MOST_ERRORS]; /* the statuses of failures besides 500, ends at the first 0 */
	const char *operation;      /* OpenAPI's operationId */
	const char *tag;
	const char *summary;
	const char *success; /* describes the success */
} RgRoute;

/* By its number, from 0; NULL: there are no more. If a path fits both, literal segments precede {parameters}.
 */
extern const RgRoute *rg_route(int number);

#endif
