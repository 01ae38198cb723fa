#include "connectors/redis/databases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"

/* What a server lists beyond them is left out. */
#define MOST_LISTED 10000

typedef struct Databases
{
	char names[MOST_LISTED][16];
	int count;
} Databases;

static void
add(Databases *databases, const char *name, size_t length)
{
	if (databases->count == MOST_LISTED || length == 0 || length >= sizeof(databases->names[0]))
		return;
	memcpy(databases->names[databases->count], name, length);
	databases->names[databases->count++][length] = '\0';
}

/* Lines are db0:keys=1,expires=0,avg_ttl=0. */
static void
take_keyspace(Databases *databases, RespText info)
{
	for (const char *line = info.bytes; line; line = strchr(line, '\n'))
	{
		line += *line == '\n';
		if (strncmp(line, "db", 2) == 0)
			add(databases, line + 2, strspn(line + 2, "0123456789"));
	}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

void
databases_list(Nodes *nodes)
{
	static Databases databases;
	RespAnswer answer = {.values = NULL};
	char own[16];

	snprintf(own, sizeof(own), "%d", nodes->login.database);
	add(&databases, own, strlen(own));
	client_ask(&nodes->session.client, &answer, 2, (const char *[]){"INFO", "keyspace"});
	take_keyspace(&databases, resp_text(&answer, resp_root(&answer)));
	resp_free(&answer);
	qsort(databases.names, (size_t) databases.count, sizeof(databases.names[0]), compare_names);
	for (int i = 0; i < databases.count; i++)
		if (i == 0 || strcmp(databases.names[i - 1], databases.names[i]) != 0)
			emit_database(databases.names[i]);
}
