/*
 * sealed_credentials.c — {"sealed", "key_id", "keys"} in place of credentials: a client sealed them itself,
 * and this server cannot open them. The worker that opens them checks the content (envelope.h).
 */
#include "sealed_credentials.h"

#include "postgres.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "check/credentials.h"
#include "secret/seal.h"

#define LONGEST_BOX (1024 * 1024)

static JsonbValue *
find_member(JsonbContainer *object, const char *name)
{
	return getKeyJsonValueFromContainer(object, name, strlen(name), NULL);
}

static void
take_bytes(RgCredentials *credentials, RgFaults *faults, const JsonbValue *sealed)
{
	if (sealed->type != jbvString || sealed->val.string.len > LONGEST_BOX)
	{
		rg_fault(faults, "credentials.sealed", "must be a base64 text of at most %d bytes", LONGEST_BOX);
		return;
	}
	credentials->box =
		rg_secret_decode_box(sealed->val.string.val, sealed->val.string.len, &credentials->box_size);
	if (credentials->box == NULL)
		rg_fault(faults, "credentials.sealed", "is not a sealed box in base64");
}

static void
take_key_id(RgCredentials *credentials, RgFaults *faults, const JsonbValue *key_id)
{
	bool out_of_range = true;

	if (key_id != NULL && key_id->type == jbvNumeric)
	{
		Datum text = DirectFunctionCall1(numeric_out, NumericGetDatum(key_id->val.numeric));
		const char *digits = DatumGetCString(text);

		if (strlen(digits) <= 18 && strspn(digits, "0123456789") == strlen(digits))
			credentials->box_key_id = strtoll(digits, NULL, 10);
		out_of_range = credentials->box_key_id == 0;
	}
	if (out_of_range)
		rg_fault(faults, "credentials.key_id",
				 "is required beside sealed: the key_id of rivergen.sealing_key()");
}

static void
take_key_name(RgCredentials *credentials, RgFaults *faults, const RgSourceType *type, const JsonbValue *name)
{
	int key = name->type == jbvString
				  ? rg_credentials_key_find(type, name->val.string.val, name->val.string.len)
				  : -1;

	if (key >= 0)
		credentials->box_keys[key] = true;
	else
	{
		rg_fault(faults, "credentials.keys", "must be an array of names of credentials");
		rg_fault_hint(faults, psprintf("Credentials are: %s.", rg_credentials_keys_taken(type)));
	}
}

static void
take_key_names(RgCredentials *credentials, RgFaults *faults, const RgSourceType *type,
			   const JsonbValue *names)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue name;

	if (names == NULL || names->type == jbvNull)
		return;
	if (names->type != jbvBinary || !JsonContainerIsArray(names->val.binary.data))
	{
		rg_fault(faults, "credentials.keys", "must be an array of names of credentials");
		return;
	}
	iterator = JsonbIteratorInit(names->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM)
			take_key_name(credentials, faults, type, &name);
	}
}

static void
refuse_others(RgFaults *faults, JsonbContainer *object)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue name;
	static const char *const known[] = {"sealed", "key_id", "keys"};

	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		bool found = token != WJB_KEY;

		for (int i = 0; i < (int) lengthof(known) && !found; i++)
			found = strlen(known[i]) == (size_t) name.val.string.len &&
					memcmp(known[i], name.val.string.val, name.val.string.len) == 0;
		if (!found)
			rg_fault(faults,
					 psprintf("credentials.%s", rg_printable_name(name.val.string.val, name.val.string.len)),
					 "cannot be given beside sealed: seal it, too");
	}
}

bool
rg_credentials_take_box(RgCredentials *credentials, RgFaults *faults, const RgSourceType *type,
						JsonbContainer *object)
{
	JsonbValue *sealed = find_member(object, "sealed");

	if (sealed == NULL)
		return false;
	take_bytes(credentials, faults, sealed);
	take_key_id(credentials, faults, find_member(object, "key_id"));
	take_key_names(credentials, faults, type, find_member(object, "keys"));
	refuse_others(faults, object);
	return true;
}
