#include "connectors/mongodb/settings.h"

#include <string.h>

#include "connectors/common/configuration.h"

/* Returns the text, which stays as long as the process; NULL: there is none. */
static char *
take_text(const WireObject *options, const char *name, const char *message)
{
	WireSpan value = wire_member(options, name);
	char *text = wire_string_dup(value);

	if (value.start != NULL && configuration_lacks(text))
		configuration_fails(message, NULL);
	return text;
}

static mongoc_read_mode_t
read_mode_named(const char *name)
{
	static const struct
	{
		const char *name;
		mongoc_read_mode_t mode;
	} modes[] = {{"primary", MONGOC_READ_PRIMARY},
				 {"primaryPreferred", MONGOC_READ_PRIMARY_PREFERRED},
				 {"secondary", MONGOC_READ_SECONDARY},
				 {"secondaryPreferred", MONGOC_READ_SECONDARY_PREFERRED},
				 {"nearest", MONGOC_READ_NEAREST}};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, name) == 0)
			return modes[i].mode;
	configuration_fails(
		"metadata.read_preference is unknown.",
		"It is primary, primaryPreferred, secondary, secondaryPreferred (the default) or nearest.");
}

static bool
take_srv(const WireObject *options)
{
	WireSpan value = wire_member(options, "srv");
	bool is_srv = false;

	if (value.start != NULL && !wire_boolean(value, &is_srv))
		configuration_fails("metadata.srv is neither true nor false.", NULL);
	return is_srv;
}

void
settings_take(Settings *settings, const Request *request)
{
	WireObject options = {.count = 0};
	char *preference;

	if (request->options && wire_object_scan(request->options, strlen(request->options), &options) != NULL)
		configuration_fails("The source's metadata is malformed.", NULL);
	settings->is_srv = take_srv(&options);
	settings->auth_source =
		take_text(&options, "auth_source", "metadata.auth_source is no name of a database.");
	settings->replica_set = take_text(&options, "replica_set", "metadata.replica_set is no name.");
	preference = take_text(&options, "read_preference", "metadata.read_preference is no text.");
	settings->read_mode = read_mode_named(preference ? preference : "secondaryPreferred");
}
