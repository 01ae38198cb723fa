/*
 * settings.h — what the source's metadata says of MongoDB.
 */
#ifndef RG_MONGODB_SETTINGS_H
#define RG_MONGODB_SETTINGS_H

#include <mongoc/mongoc.h>

#include "connectors/common/request.h"

typedef struct Settings
{
	bool is_srv; /* the host is the name of a DNS record that names the hosts */
	const char
		*auth_source; /* the database that knows the user; NULL: what a DNS record or the library says */
	const char *replica_set; /* its name, or NULL */
	mongoc_read_mode_t read_mode;
} Settings;

/* Ends the process if one is malformed. */
extern void settings_take(Settings *settings, const Request *request);

#endif
