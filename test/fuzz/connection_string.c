/*
 * connection_string.c — the connection strings that people paste, for every type of source. The first line of
 * the input names the type.
 *
 * Sources: src/check/connection_string.c src/check/connection_url.c src/check/connection_option.c
 * Sources: src/check/driver_option.c src/check/source_type.c src/check/hosts.c src/check/text.c
 * Sources: src/check/fault.c src/check/tls_mode.c src/json_value.c
 * Uses: server
 */
#include "check/connection_string.h"

#include "mb/pg_wchar.h"

#include "check/hosts.h"
#include "fuzz.h"

static void
check_parts(const RgConnection *connection)
{
	for (int i = 0; i < RG_PART_COUNT; i++)
		fuzz_must(connection->parts[i] == NULL || connection->parts[i][0] != '\0', "a part is not empty");
	if (connection->parts[RG_PART_HOST] != NULL)
		(void) rg_hosts_of(connection->parts[RG_PART_HOST], 1);
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	char *name = fuzz_line(&rest);
	RgFaults faults;
	RgConnection connection = {.faults = &faults, .type = rg_source_type_find(name, strlen(name))};

	/* Texts that reach the parser are valid in the database's encoding and have no NUL. */
	if (connection.type == NULL || memchr(rest.bytes, '\0', rest.length) != NULL ||
		pg_encoding_verifymbstr(PG_UTF8, rest.bytes, (int) rest.length) != (int) rest.length)
		fuzz_end();
	rg_faults_begin(&faults);
	rg_connstr_parse(&connection, rest.bytes, (int) rest.length);
	if (faults.count == 0)
		check_parts(&connection);
	else
		fuzz_must(faults.lines.len > 0, "a fault has its words");
}
