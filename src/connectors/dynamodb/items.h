/*
 * items.h — items of a table, page by page, by the operations Scan and Query.
 */
#ifndef RG_DYNAMODB_ITEMS_H
#define RG_DYNAMODB_ITEMS_H

#include "connectors/common/read_request.h"
#include "connectors/dynamodb/table.h"

/* Which items are wanted, and what of them. */
typedef struct ItemsWanted
{
	const ReadRequest *read; /* columns, conditions and limit; NULL: all attributes of all items */
	int segment;             /* of the table's items; meaningful if there are several */
	int segments;            /* 0: all items */
	int page;                /* most items of a page; 0: as many as the service gives */
} ItemsWanted;

typedef struct Items
{
	Service *service;
	const Table *table;
	const char *operation;
	WireBuffer body;   /* of the request, up to where the next page begins */
	HttpPending *call; /* for the next page, while it is under way */
	JsonTree *page;
	const JsonNode *next; /* of the page */
	const JsonNode *end;  /* where the next page begins; NULL: this was the last one */
	bool has_begun;
	int64_t given;
	double units; /* that all requests have cost */
} Items;

extern void items_begin(Items *items, Service *service, const Table *table, const ItemsWanted *wanted);

/* Asks for the next page, unless it is under way. */
extern void items_ask(Items *items);

/* Takes the next page, which it asks for unless it is under way. Returns false if there is none; *fine tells
 * whether that is no failure. */
extern bool items_next_page(Items *items, bool *fine, HttpFailure *failure);

/* The next item, which stays until another one is asked for. NULL: there is none. A failure ends the process.
 */
extern const JsonNode *items_next(Items *items);
extern void items_end(Items *items);

#endif
