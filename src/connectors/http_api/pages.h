/*
 * pages.h — the rows of a relation, page by page. The next page is where the answer says: the header Link, a
 * URL or a cursor in its body; or what the operation's parameters of the usual names lead to: offset, page.
 */
#ifndef RG_HTTP_API_PAGES_H
#define RG_HTTP_API_PAGES_H

#include "connectors/common/read_request.h"
#include "connectors/files/format.h"
#include "connectors/http_api/operation.h"

typedef enum PagesWay
{
	PAGES_NOT_KNOWN,
	PAGES_BY_LINK,
	PAGES_BY_CURSOR,
	PAGES_BY_OFFSET,
	PAGES_BY_NUMBER
} PagesWay;

typedef struct Pages
{
	Service *service;
	const ApiOperation *operation;
	const ReadRequest *read; /* or NULL */
	UrlQuery fixed; /* of every page that is not named by a URL: pushed conditions, values that must be */
	const char *size_name; /* the parameter that bounds a page; NULL: there is none */
	int64_t size;
	char *path; /* of the page that comes; NULL: there is none */
	PagesWay way;
	const char *parameter; /* that says which page comes, and its value */
	char *value;
	int64_t number;
	bool has_optional; /* the request may have parameters that the service refuses */
	bool is_bound;     /* the path has values in it: what they name may not be there */
	JsonTree *tree;
	const JsonNode *rows; /* those of the page that have not been given */
	int64_t rows_of_page;
	int64_t rows_of_first;
	uint64_t digest; /* of the page */
	uint64_t seen;   /* of a request some pages ago: when it comes again, pages go round */
	int64_t power;
	int64_t pages;
	bool is_cut; /* the answer has a cursor, which no parameter takes: more rows are there */
	int empty;   /* pages one after the other without rows */
} Pages;

/*
 * Ends the process if the operation needs a value that no condition has. read: its conditions and its limit;
 * NULL: only the first page is wanted.
 */
extern void pages_begin(Pages *pages, Service *service, const ApiOperation *operation,
						const FileRelation *relation, const ReadRequest *read);

/* Reads the page that comes. Returns false if there is none; *fine tells whether that is no failure. */
extern bool pages_next(Pages *pages, bool *fine, HttpFailure *failure);

/* The next row, which stays until another is asked for. A failure ends the process. */
extern const JsonNode *pages_row(Pages *pages);
extern void pages_end(Pages *pages);

#endif
