/*
 * reading_policy.c — only admins decide that a source is read in place.
 */
#include "reading_policy.h"

#include "catalog/pg_type.h"

#include "catalog/identity.h"
#include "error.h"
#include "sql.h"

/*
 * A request that leaves reading off, or metadata.query as it is, changes nothing here. A malformed request is
 * reported by rg_check_create and rg_check_update.
 */
static bool
changes_reading(Jsonb *request, Jsonb *current)
{
	static RgStatement compare = {
		.text = "SELECT $1 #> '{metadata,query,enabled}' = 'true' "
				"AND $1 #> '{metadata,query}' IS DISTINCT FROM $2 #> '{metadata,query}'",
	};

	rg_spi_execute(&compare, rg_jsonb(request), rg_jsonb_or_null(current));
	return rg_spi_bool(0, 1);
}

void
rg_reading_require_admin(const RgIdentity *identity, Jsonb *request, Jsonb *current)
{
	if (identity->role == RG_ADMIN || request == NULL || !changes_reading(request, current))
		return;
	rg_fail(RG_FORBIDDEN, "Only an admin may switch on reading in place",
			"Editors could read everything that the source's user may read.",
			"Leave metadata.query as it is, or ask an admin.");
}
