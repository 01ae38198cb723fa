/*
 * announce.c — how the server's version is said.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/postgresql/announce.h"
#include "connectors/postgresql/rows.h"

void
announce(const char *version, const char *identity)
{
	char server[64];
	char dialect[32];

	if (version == NULL)
		give_up_malformed();
	snprintf(server, sizeof(server), "PostgreSQL %.*s", (int) strcspn(version, " "), version);
	snprintf(dialect, sizeof(dialect), "postgresql %.*s", (int) strspn(version, "0123456789"), version);
	emit_connected(server, dialect, identity);
}
