/*
 * route_words.h — what the tables of routes are written with. A statement's arguments are the route's
 * parameters in their order, then the body if it is passed on whole.
 */
#ifndef RG_HTTP_ROUTE_WORDS_H
#define RG_HTTP_ROUTE_WORDS_H

#include "http/routes.h"

#include "catalog/pg_type.h"

/* clang-format off */
#define STATEMENT(sql, ...) &(RgStatement){.text = (sql), .types = {__VA_ARGS__}}
#define PATH_ID(id, type, what, find) .name = (id), .place = RG_IN_PATH, .kind = (type), .required = true, \
									  .names = (what), .look = &(find)
#define SOURCE_ID           {PATH_ID("data_source_id", RG_VALUE_ID, "data source", rg_route_source), .description = "Data source ID"}
#define ANY_SOURCE_ID       {PATH_ID("data_source_id", RG_VALUE_ID, "data source", rg_route_any_source), \
							 .description = "Data source ID"}
#define DESCRIPTION_ID      {PATH_ID("id", RG_VALUE_OPAQUE, "table description", rg_route_description), \
							 .description = "Table description ID"}
#define JOB_ID              {PATH_ID("job_id", RG_VALUE_ID, "job", rg_route_job), .description = "Job ID"}
#define CONNECTION(within)  .name = "db_connection_id", .place = (within), .kind = RG_VALUE_OPAQUE, \
							.names = "data source", .look = &rg_route_source
#define EXPECTED(type)      {.name = "If-Match", .place = RG_IN_HEADER, .kind = (type), \
							 .description = "The ETag of the version that is meant; 412 when it was changed since. Absent or *: any version."}
#define IF_MATCH            EXPECTED(RG_VALUE_ETAG)
#define IF_VERSION          EXPECTED(RG_VALUE_VERSION)
#define PAGE                {.name = "page", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .initial = "1", .minimum = 1, \
							 .maximum = PG_INT32_MAX, .description = "Page number, from 1. A page beyond the end is empty."}
#define PAGE_SIZE(size)     {.name = "page_size", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .initial = (size), \
							 .minimum = 1, .maximum = 1000, .description = "Items per page"}
#define QUERY(given, type, what) {.name = (given), .place = RG_IN_QUERY, .kind = (type), .description = (what)}
#define QUERY_OF(given, values, what) {.name = (given), .place = RG_IN_QUERY, .kind = RG_VALUE_TEXT, .among = (values), \
									   .description = (what)}
#define FLAG(given, otherwise, what) {.name = (given), .place = RG_IN_QUERY, .kind = RG_VALUE_BOOLEAN, \
									  .initial = (otherwise), .description = (what)}
/* clang-format on */

#define SOURCES      "Data sources"
#define DISCOVERY    "Discovery"
#define DESCRIPTIONS "Table descriptions"
#define READING      "Reading in place"
#define SEARCH       "Search"
#define REFERENCE    "Reference"

/* Statements that find the object of an id. A deleted source is found too where it can be restored or purged.
 */
extern RgStatement rg_route_source;
extern RgStatement rg_route_any_source;
extern RgStatement rg_route_description;
extern RgStatement rg_route_job;

typedef struct RgRoutes
{
	const RgRoute *routes;
	int count;
} RgRoutes;

extern const RgRoutes rg_routes_of_sources;
extern const RgRoutes rg_routes_of_discovery;
extern const RgRoutes rg_routes_of_reading;
extern const RgRoutes rg_routes_of_search;
extern const RgRoutes rg_routes_of_descriptions;
extern const RgRoutes rg_routes_of_reference;

#endif
