/*
 * metadata_secrets.c — metadata is stored and shown in plain text, so members that are secrets by their name
 * or value are refused, with a hint where they belong.
 */
#include "metadata_secrets.h"

#include "check/credentials.h"
#include "check/source_type.h"
#include "check/text.h"

/*
 * Secret names in lower case, without the characters between letters, separated by spaces. The names of
 * credential keys are secret too.
 */
static const char secret_names[] =
	"credentials credential passwd pwd pass passphrase passcode secret secretkey token accesstoken authtoken "
	"refreshtoken bearertoken idtoken apitoken apisecret accesskey awssecretaccesskey awsaccesskeyid "
	"awssessiontoken authorization connectionstring connectionuri connectionurl dsn databaseurl jdbcurl "
	"sshkey sshpassword sslkey sslpassword tlskey tlspassword clientkey clientcertificatekey keyfile "
	"privatekeyfile serviceaccountjson serviceaccountkey pat otp";

/* Credentials that open nothing; people use members of these names for other things in nested objects. */
#define HARMLESS "username role warehouse clientid"

#define LONGEST_NAME 64

static bool
is_separator(unsigned char c)
{
	return c < 0x80 && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}

/*
 * Writes the name's letters and digits in lower case. Returns the length, or -1 if it is longer than every
 * known name.
 */
static int
squeeze(const char *name, int length, char *squeezed)
{
	int size = 0;

	for (int i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) name[i];

		if (is_separator(c))
			continue;
		if (size == LONGEST_NAME)
			return -1;
		squeezed[size++] = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
	}
	return size;
}

static bool
is_credential_key(const char *squeezed, int size)
{
	char key_squeezed[LONGEST_NAME];

	for (int key = 0; key < RG_KEY_COUNT; key++)
	{
		const char *name = rg_credential_key_names[key];

		if (squeeze(name, strlen(name), key_squeezed) == size && memcmp(key_squeezed, squeezed, size) == 0)
			return true;
	}
	return false;
}

static bool
names_secret(const JsonbValue *name, bool at_top)
{
	char squeezed[LONGEST_NAME];
	int size = squeeze(name->val.string.val, name->val.string.len, squeezed);

	if (size <= 0 || (!at_top && rg_word_in(HARMLESS, squeezed, size)))
		return false;
	return is_credential_key(squeezed, size) || rg_word_in(secret_names, squeezed, size);
}

/* The keys on the way to a member, as far as a fault shows them; NULL for an element of an array. */
#define DEEPEST_SHOWN 8

static void
refuse_member(RgFaults *faults, char *const *path, int depth)
{
	StringInfoData label;

	initStringInfo(&label);
	appendStringInfoString(&label, "metadata");
	for (int i = 0; i < Min(depth, DEEPEST_SHOWN); i++)
	{
		if (path[i] != NULL)
			appendStringInfo(&label, ".%s", path[i]);
	}
	rg_fault(faults, label.data, "is a credential by its name; metadata is stored and shown as it is");
	rg_fault_hint(faults, "What is secret belongs into credentials, which are stored encrypted.");
}

/* Adds a fault for a member that is a secret by its name. */
static void
take_key(RgFaults *faults, char **path, int depth, const JsonbValue *name)
{
	if (depth <= DEEPEST_SHOWN)
		path[depth - 1] = rg_printable_name(name->val.string.val, name->val.string.len);
	if (names_secret(name, depth == 1))
		refuse_member(faults, path, depth);
}

static bool
is_private_key(const JsonbValue *value)
{
	return value->type == jbvString &&
		   rg_text_contains(value->val.string.val, value->val.string.len, "PRIVATE KEY-----");
}

void
rg_metadata_refuse_secrets(RgFaults *faults, JsonbContainer *metadata)
{
	JsonbIterator *iterator = JsonbIteratorInit(metadata);
	JsonbValue value;
	JsonbIteratorToken token;
	char *path[DEEPEST_SHOWN];
	bool has_private_key = false;
	int depth = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if ((token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY) && depth++ < DEEPEST_SHOWN)
			path[depth - 1] = NULL;
		depth -= token == WJB_END_OBJECT || token == WJB_END_ARRAY;
		if (token == WJB_KEY)
			take_key(faults, path, depth, &value);
		if (token == WJB_VALUE || token == WJB_ELEM || token == WJB_KEY)
			has_private_key |= is_private_key(&value);
	}
	if (!has_private_key)
		return;
	rg_fault(faults, "metadata", "must not hold a private key");
	rg_fault_hint(faults, "Private keys belong into credentials, which are stored encrypted.");
}
