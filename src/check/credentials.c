#include "check/credentials.h"

#include "check/pem.h"
#include "sealed_credentials.h"
#include "secret/seal.h"

int
rg_credentials_key_find(const RgSourceType *type, const char *name, int length)
{
	for (int key = 0; key < RG_KEY_COUNT; key++)
	{
		const char *known = rg_credential_key_names[key];

		if (strlen(known) == (size_t) length && memcmp(known, name, length) == 0)
			return rg_source_type_takes_key(type, key) ? key : -1;
	}
	return -1;
}

char *
rg_credentials_keys_taken(const RgSourceType *type)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int key = 0; key < RG_KEY_COUNT; key++)
	{
		if (rg_source_type_takes_key(type, key))
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", rg_credential_key_names[key]);
	}
	return names.data;
}

static void
refuse_key(RgFaults *faults, const RgSourceType *type, const char *label, const JsonbValue *name)
{
	const char *nearest =
		rg_nearest(faults, name->val.string.val, name->val.string.len, rg_credential_key_names, RG_KEY_COUNT);

	if (nearest != NULL && rg_credentials_key_find(type, nearest, strlen(nearest)) < 0)
		nearest = NULL;
	if (nearest != NULL)
		rg_fault(faults, label, "is not known; did you mean %s?", nearest);
	else if (type != NULL)
		rg_fault(faults, label, "is not a credential of type %s", type->name);
	else
		rg_fault(faults, label, "is not known");
	rg_fault_hint(faults, psprintf("Credentials are: %s.", rg_credentials_keys_taken(type)));
}

static void
take_member(RgCredentials *credentials, RgFaults *faults, const RgSourceType *type, const JsonbValue *name,
			const JsonbValue *value)
{
	char *label = psprintf("credentials.%s", rg_printable_name(name->val.string.val, name->val.string.len));
	int key = rg_credentials_key_find(type, name->val.string.val, name->val.string.len);

	if (key < 0)
		refuse_key(faults, type, label, name);
	else if (value->type == jbvNull)
		return;
	else if (value->type != jbvString)
		rg_fault(faults, label, "must be a string");
	else if (value->val.string.len == 0)
		rg_fault(faults, label, "must not be empty; leave it out or give null");
	else if (value->val.string.len > RG_LONGEST_CREDENTIAL)
		rg_fault(faults, label, "must be at most %d bytes", RG_LONGEST_CREDENTIAL);
	else
	{
		credentials->values[key] = value->val.string.val;
		credentials->lengths[key] = value->val.string.len;
	}
}

void
rg_credentials_take(RgCredentials *credentials, RgFaults *faults, const RgSourceType *type,
					const JsonbValue *object)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue name;
	JsonbValue value;

	if (object->type != jbvBinary || !JsonContainerIsObject(object->val.binary.data))
	{
		rg_fault(faults, "credentials", "must be an object");
		return;
	}
	if (rg_credentials_take_box(credentials, faults, type, object->val.binary.data))
		return;
	iterator = JsonbIteratorInit(object->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &value, true);
		take_member(credentials, faults, type, &name, &value);
	}
}

bool
rg_credentials_add(RgCredentials *credentials, RgCredentialKey key, const char *value)
{
	size_t length = strlen(value);

	if (credentials->box != NULL)
		return false;
	if (credentials->values[key] != NULL)
		return credentials->lengths[key] == length && memcmp(credentials->values[key], value, length) == 0;
	credentials->values[key] = value;
	credentials->lengths[key] = length;
	return true;
}

bool
rg_credentials_has(const RgCredentials *credentials, RgCredentialKey key)
{
	return credentials->values[key] != NULL || credentials->box_keys[key];
}

int
rg_credentials_count(const RgCredentials *credentials)
{
	int count = credentials->box != NULL;

	for (int key = 0; key < RG_KEY_COUNT; key++)
		count += credentials->values[key] != NULL;
	return count;
}

static char *
write_string(char *out, const char *text, size_t length)
{
	*out++ = '"';
	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) text[i];

		if (c == '"' || c == '\\')
		{
			*out++ = '\\';
			*out++ = c;
		}
		else if (c < ' ')
			out += sprintf(out, "\\u%04x", c);
		else
			*out++ = c;
	}
	*out++ = '"';
	return out;
}

/*
 * Tidies keys and certificates, which are pasted or come from environment files. A password is never changed.
 */
static void
tidy_keys(RgCredentials *credentials)
{
	static const RgCredentialKey keys[] = {RG_KEY_SSH_PRIVATE_KEY, RG_KEY_TLS_CLIENT_CERTIFICATE,
										   RG_KEY_TLS_CLIENT_KEY, RG_KEY_PRIVATE_KEY};

	for (int i = 0; i < (int) lengthof(keys); i++)
	{
		const char *given = credentials->values[keys[i]];
		size_t length = credentials->lengths[keys[i]];
		char *tidy;

		if (given == NULL)
			continue;
		tidy = rg_secret_alloc(RG_TIDY_PEM_SIZE(length));
		credentials->lengths[keys[i]] = rg_pem_tidy(given, (int) length, tidy);
		credentials->values[keys[i]] = tidy;
	}
}

void
rg_credentials_write(RgCredentials *credentials)
{
	size_t most = 3;
	char *out;

	tidy_keys(credentials);
	for (int key = 0; key < RG_KEY_COUNT; key++)
		most += strlen(rg_credential_key_names[key]) + 6 * credentials->lengths[key] + 6;
	credentials->text = out = rg_secret_alloc(most);
	*out++ = '{';
	for (int key = 0; key < RG_KEY_COUNT; key++)
	{
		if (credentials->values[key] == NULL)
			continue;
		if (out[-1] != '{')
			*out++ = ',';
		out = write_string(out, rg_credential_key_names[key], strlen(rg_credential_key_names[key]));
		*out++ = ':';
		out = write_string(out, credentials->values[key], credentials->lengths[key]);
	}
	*out++ = '}';
	credentials->size = out - credentials->text;
}
