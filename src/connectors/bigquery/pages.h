/*
 * pages.h — rows of a table or of a query, page by page.
 */
#ifndef RG_BIGQUERY_PAGES_H
#define RG_BIGQUERY_PAGES_H

#include "connectors/bigquery/service.h"

typedef struct Pages
{
	Service *service;
	char *path;           /* of the next page */
	char *selected;       /* names of the fields that are sent, with commas; NULL: all */
	char *location;       /* of the job, or NULL */
	int64_t most;         /* rows of a page */
	JsonTree *page;       /* NULL: the first one was not asked for */
	const JsonNode *next; /* row of the page */
	char *token;          /* of the next page; NULL: there is none */
	bool has_begun;
} Pages;

/* The rows of a table, without a query. selected is the pages' own from now on. */
extern void pages_of_table(Pages *pages, Service *service, const char *dataset, const char *table,
						   char *selected, int64_t most);

/* The rows of a query's job, whose first page this is. location and page are the pages' own from now on. */
extern void pages_of_job(Pages *pages, Service *service, const char *job, char *location, JsonTree *first);

/* The next row, {"f": [{"v": …} …]}, which stays until another one is asked for; NULL: there is none. A
 * failure ends the process. */
extern const JsonNode *pages_next(Pages *pages);
extern void pages_end(Pages *pages);

#endif
