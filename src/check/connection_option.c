/*
 * connection_option.c — the options of a connection string: name=value after a URL's ?, or all of the keyword
 * form.
 *
 * Providers hand out strings with options of their own drivers and poolers. An option is taken if a field or
 * credential holds it, and ignored if a discovery does not depend on it or is at least as strict without it.
 * Every other option is refused. The fault names it only if its name is known: an unknown name may be a piece
 * of a password.
 */
#include "connection_option.h"

#include "check/connection_string.h"
#include "check/text.h"
#include "tls_mode.h"

/* Other clients' names for our TLS modes. */
static const struct
{
	const char *theirs;
	const char *ours;
} tls_modes[] = {
	{"allow", "prefer"},
	{"no-verify", "require"},
	{"DISABLED", "disable"},
	{"PREFERRED", "prefer"},
	{"REQUIRED", "require"},
	{"VERIFY_CA", "verify-ca"},
	{"VERIFY_IDENTITY", "verify-full"},
	{"true", "verify-full"},
	{"false", "disable"},
};

static const char *
our_tls_mode(const char *mode)
{
	if (rg_tls_mode_rank(mode, strlen(mode)) >= 0)
		return mode;
	for (int i = 0; i < (int) lengthof(tls_modes); i++)
	{
		if (strcmp(tls_modes[i].theirs, mode) == 0)
			return tls_modes[i].ours;
	}
	return NULL;
}

void
rg_connstr_set(RgConnection *connection, RgConnectionPart part, const char *value)
{
	const char *before = connection->parts[part];

	if (value[0] == '\0')
		return;
	if (part == RG_PART_TLS_MODE)
		value = our_tls_mode(value);
	if (value == NULL)
		rg_fault(connection->faults, "connection_string", "its TLS mode must be one of %s",
				 rg_tls_mode_names());
	else if (before != NULL && strcmp(before, value) != 0)
		rg_fault(connection->faults, "connection_string", "gives %s twice", rg_connection_part_names[part]);
	else
		connection->parts[part] = value;
}

static bool
is_stricter(const char *mode, const char *other)
{
	return rg_tls_mode_rank(mode, strlen(mode)) > rg_tls_mode_rank(other, strlen(other));
}

void
rg_connstr_settle_tls(RgConnection *connection)
{
	const char *mode = connection->parts[RG_PART_TLS_MODE];
	const char *least = connection->least_tls_mode;

	if (mode == NULL && connection->is_srv)
		mode = connection->parts[RG_PART_TLS_MODE] = "verify-full"; /* as the scheme's own clients */
	if (least == NULL)
		return;
	if (mode != NULL && strcmp(mode, "disable") == 0)
		rg_connstr_fault(connection, "wants TLS by one option and none by another");
	else if (mode == NULL || is_stricter(least, mode))
		connection->parts[RG_PART_TLS_MODE] = least;
}

static void
demand_tls(RgConnection *connection, const char *least)
{
	if (connection->least_tls_mode == NULL || is_stricter(least, connection->least_tls_mode))
		connection->least_tls_mode = least;
}

/* Does the value begin with one of the words, and hold a single setting? */
static bool
begins_with_one(const char *words, const char *value)
{
	int length;

	if (strchr(value, ' ') != NULL)
		return false;
	for (const char *word = words; *word != '\0'; word += length + strspn(word + length, " "))
	{
		length = strcspn(word, " ");
		if (strncmp(value, word, length) == 0)
			return true;
	}
	return false;
}

static bool
holds_for(const RgDriverOption *option, const char *value)
{
	if (option->beginnings != NULL)
		return begins_with_one(option->beginnings, value);
	return option->values == NULL || rg_word_in(option->values, value, strlen(value));
}

/* Returns the first row that fits. *is_known: there are rows for other values of this option. */
static const RgDriverOption *
find_option(const RgDriverOption *option, const char *name, int length, const char *value, bool *is_known)
{
	for (; option != NULL && option->names != NULL; option++)
	{
		if (!rg_word_in(option->names, name, length))
			continue;
		if (holds_for(option, value))
			return option;
		*is_known = true;
	}
	return NULL;
}

static void
refuse(RgConnection *connection, const RgDriverOption *option, const char *name, int length)
{
	rg_fault(connection->faults, "connection_string", "the option %.*s is not allowed: %s", length, name,
			 option->reason);
	if (option->hint != NULL)
		rg_fault_hint(connection->faults, option->hint);
}

/* The fault names an option that is known, though not with this value. */
static void
refuse_unknown(RgConnection *connection, int position, const char *name, int length, bool is_known)
{
	if (is_known)
		rg_fault(connection->faults, "connection_string", "the value of the option %.*s is not supported",
				 length, name);
	else
		rg_fault(connection->faults, "connection_string", "option %d is not known", position);
}

void
rg_connstr_option(RgConnection *connection, int position, const char *name, int length, const char *value)
{
	bool is_known = false;
	const RgDriverOption *option = find_option(connection->type->options, name, length, value, &is_known);

	if (option == NULL)
		option = find_option(rg_options_refused, name, length, value, &is_known);
	if (option == NULL)
		refuse_unknown(connection, position, name, length, is_known);
	else if (option->use == RG_OPTION_TAKEN)
		rg_connstr_set(connection, option->part, value);
	else if (option->use == RG_OPTION_TLS)
		demand_tls(connection, option->tls_mode);
	else if (option->use == RG_OPTION_REFUSED)
		refuse(connection, option, name, length);
}
