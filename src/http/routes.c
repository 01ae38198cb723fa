/*
 * routes.c — all routes, in the order of the OpenAPI document, and how the objects that they name are found.
 */
#include "http/route_words.h"

RgStatement rg_route_source = {.text = "SELECT rivergen.data_source_get($1)", .types = {INT8OID}};
RgStatement rg_route_any_source = {
	.text = "SELECT 1 FROM rivergen_catalog.data_source "
			"WHERE organization_id = rivergen.current_organization_id() AND data_source_id = $1",
	.types = {INT8OID},
};
RgStatement rg_route_description = {.text = "SELECT rivergen.table_description_get($1)", .types = {INT8OID}};
RgStatement rg_route_job = {.text = "SELECT rivergen.job_get($1)", .types = {INT8OID}};

static const RgRoutes *const tables[] = {
	&rg_routes_of_sources, &rg_routes_of_discovery,    &rg_routes_of_reading,
	&rg_routes_of_search,  &rg_routes_of_descriptions, &rg_routes_of_reference,
};

const RgRoute *
rg_route(int number)
{
	for (int i = 0; i < (int) lengthof(tables); i++)
	{
		if (number < tables[i]->count)
			return &tables[i]->routes[number];
		number -= tables[i]->count;
	}
	return NULL;
}
