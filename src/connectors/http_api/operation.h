/*
 * operation.h — the operations of the service that read: each GET whose answer is JSON is a relation.
 */
#ifndef RG_HTTP_API_OPERATION_H
#define RG_HTTP_API_OPERATION_H

#include "connectors/http_api/shape.h"

typedef enum ParameterPlace
{
	PARAMETER_PATH,
	PARAMETER_QUERY,
	PARAMETER_ELSEWHERE
} ParameterPlace;

typedef struct Parameter
{
	const char *name;
	char *own_name; /* of one that is not declared; else NULL */
	ParameterPlace place;
	const char *in;
	bool is_required;
	bool is_row_filter;  /* of PostgREST: it takes an operator before the value */
	Schemas schema;      /* empty: it is a text */
	const JsonNode *own; /* of 2.0: its type stands in the parameter itself */
} Parameter;

typedef struct ApiOperation
{
	Api *api;
	const char *path;    /* as the document writes it: the name of the relation; escaped, of an endpoint */
	char *schema;        /* of the relation */
	const JsonNode *get; /* NULL: an endpoint that no document describes */
	Parameter *parameters;
	int parameter_count;
	Schemas row;        /* empty: the document does not say what the answer is */
	const char *member; /* of the answer that holds the rows; NULL: they are the answer, or its elements */
} ApiOperation;

/* Each path of the document. Returns false if it has no GET that answers in JSON. */
extern bool operation_open(ApiOperation *operation, Api *api, const JsonNode *path);
extern void operation_free(ApiOperation *operation);

/* The paths of the document, as members of an object; NULL: it has none. */
extern const JsonNode *operation_paths(Api *api);

/* Finds the relation. Returns false if there is none. */
extern bool operation_find(ApiOperation *operation, Api *api, const char *schema, const char *path);

/* The name of the schema of a path that has no tag. The caller frees it. */
extern char *schema_of_path(const char *path);

/* The first one of that name, in the query. NULL: there is none. */
extern const Parameter *operation_parameter(const ApiOperation *operation, const char *name);

#endif
