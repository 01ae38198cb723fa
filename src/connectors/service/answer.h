/*
 * answer.h — answers of services that speak JSON, and what their words for failures mean.
 */
#ifndef RG_SERVICE_ANSWER_H
#define RG_SERVICE_ANSWER_H

#include "connectors/http/failure.h"
#include "connectors/jsontree/json_tree.h"

/* The code of a failure that says that there is no such relation. */
#define SERVICE_MISSING "relation_not_found"

#define SERVICE_THROTTLED                                                                                    \
	{                                                                                                        \
		.step = "query", .code = "unreachable", .transient = true,                                           \
		.message = "The service asks for fewer requests."                                                    \
	}

/* What a service calls it, and what it is. */
typedef struct ServiceMeaning
{
	const char *word;
	HttpFailure failure;
} ServiceMeaning;

/* NULL: the word is NULL, or none of them. */
extern const ServiceMeaning *service_meaning(const ServiceMeaning *meanings, size_t count, const char *word);

/* The body of an answer, whatever its status is; NULL: it is no JSON. */
extern JsonTree *service_body(const HttpAnswer *answer);

/* The object that a success is; NULL with a failure, whose message says that it is no such service. */
extern JsonTree *service_object(const HttpAnswer *answer, const char *message, HttpFailure *failure);

extern bool failure_is_missing(const HttpFailure *failure);

/* Ends the process: the rows of a relation stop before their end. */
extern void give_up_rows(const HttpFailure *failure) __attribute__((noreturn));

/* For give_up_rows(): answer follows answer, without a row, until query_timeout has passed. */
extern const HttpFailure service_endless;

#endif
