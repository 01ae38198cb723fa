/*
 * envelope.c — reads the text that a client sealed: JSON full of secrets that no check has seen before.
 *
 * The server's parser reads it, and returns only an error code here. Decoded texts are copied into memory
 * that is wiped, and the parser's own copies are overwritten.
 */
#include "check/envelope.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "compat.h"
#include "secret/seal.h"

typedef enum Member
{
	MEMBER_NONE,
	MEMBER_ORGANIZATION,
	MEMBER_SOURCE,
	MEMBER_CREDENTIALS,
} Member;

typedef struct Reader
{
	RgEnvelope *envelope;
	const RgSourceType *type;
	const char *fault; /* the first */
	int depth;
	Member member; /* of the envelope */
	int key;       /* of the credentials */
	uint32 seen;   /* members, a bit each */
} Reader;

static void
fault(Reader *reader, const char *text)
{
	if (reader->fault == NULL)
		reader->fault = text;
}

static Member
member_of(const char *name)
{
	if (strcmp(name, "organization_id") == 0)
		return MEMBER_ORGANIZATION;
	if (strcmp(name, "data_source_id") == 0)
		return MEMBER_SOURCE;
	if (strcmp(name, "credentials") == 0)
		return MEMBER_CREDENTIALS;
	return MEMBER_NONE;
}

static void
begin_member(Reader *reader, const char *name)
{
	reader->member = member_of(name);
	if (reader->member == MEMBER_NONE)
		fault(reader, "It has a member that is none of organization_id, data_source_id, credentials.");
	if ((reader->seen & (1u << reader->member)) != 0)
		fault(reader, "It has a member twice.");
	reader->seen |= 1u << reader->member;
}

static void
begin_credential(Reader *reader, const char *name)
{
	reader->key = rg_credentials_key_find(reader->type, name, strlen(name));
	if (reader->key < 0)
		fault(reader, psprintf("It has a credential that the type does not take. Credentials are: %s.",
							   rg_credentials_keys_taken(reader->type)));
	else if (reader->envelope->credentials.values[reader->key] != NULL)
		fault(reader, "It has a credential twice.");
}

RG_JSON_ACTION
object_start(void *state)
{
	Reader *reader = state;

	reader->depth++;
	if (reader->depth > 2 || (reader->depth == 2 && reader->member != MEMBER_CREDENTIALS))
		fault(reader, "It has an object where a value belongs.");
	RG_JSON_ACTION_DONE;
}

RG_JSON_ACTION
object_end(void *state)
{
	((Reader *) state)->depth--;
	RG_JSON_ACTION_DONE;
}

RG_JSON_ACTION
array_start(void *state)
{
	fault(state, "It has an array, and nothing in it is one.");
	RG_JSON_ACTION_DONE;
}

RG_JSON_ACTION
field_start(void *state, char *name, bool is_null)
{
	Reader *reader = state;

	if (reader->depth == 1)
		begin_member(reader, name);
	else if (reader->depth == 2)
		begin_credential(reader, name);
	rg_secret_wipe(name, strlen(name)); /* a name may be a password in the wrong place */
	RG_JSON_ACTION_DONE;
}

static void
take_id(Reader *reader, const char *token, JsonTokenType type)
{
	int64 *id = reader->member == MEMBER_ORGANIZATION ? &reader->envelope->organization_id
													  : &reader->envelope->data_source_id;
	size_t length = strlen(token);

	if (type != JSON_TOKEN_NUMBER || length > 18 || strspn(token, "0123456789") != length ||
		(*id = strtoll(token, NULL, 10)) == 0)
		fault(reader, "Its ids must be positive integers.");
}

static void
take_credential(Reader *reader, const char *token, JsonTokenType type)
{
	size_t length = strlen(token);

	if (type == JSON_TOKEN_NULL || reader->key < 0)
		return;
	if (type != JSON_TOKEN_STRING || length == 0 || length > RG_LONGEST_CREDENTIAL)
	{
		fault(reader, psprintf("A credential must be a string of 1 to %d bytes.", RG_LONGEST_CREDENTIAL));
		return;
	}
	reader->envelope->credentials.values[reader->key] =
		memcpy(rg_secret_alloc(length + 1), token, length + 1);
	reader->envelope->credentials.lengths[reader->key] = length;
}

RG_JSON_ACTION
scalar(void *state, char *token, JsonTokenType type)
{
	Reader *reader = state;

	if (reader->depth == 2)
		take_credential(reader, token, type);
	else if (reader->depth == 0 || reader->member == MEMBER_CREDENTIALS)
		fault(reader, "It, and its credentials, must be objects.");
	else if (reader->member != MEMBER_NONE)
		take_id(reader, token, type);
	rg_secret_wipe(token, strlen(token));
	RG_JSON_ACTION_DONE;
}

/* The parser recurses, so text that is nested deeper than an envelope never reaches it. */
static bool
is_nested(const char *text, size_t length)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < length && depth <= 2; i++)
	{
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted)
			depth += (text[i] == '{' || text[i] == '[') - (text[i] == '}' || text[i] == ']');
	}
	return depth > 2;
}

static void
parse(Reader *reader, const char *text, size_t length)
{
	JsonLexContext *lex = rg_json_lex_context(unconstify(char *, text), length);
	JsonSemAction actions = {.semstate = reader,
							 .object_start = object_start,
							 .object_end = object_end,
							 .array_start = array_start,
							 .object_field_start = field_start,
							 .scalar = scalar};

	if (pg_parse_json(lex, &actions) != JSON_SUCCESS)
		fault(reader, "It is not JSON.");
	rg_secret_wipe(lex->strval->data, lex->strval->maxlen);
}

const char *
rg_envelope_read(RgEnvelope *envelope, const char *text, size_t length, const RgSourceType *type)
{
	Reader reader = {.envelope = envelope, .type = type, .key = -1};

	memset(envelope, 0, sizeof(*envelope));
	if (pg_encoding_verifymbstr(PG_UTF8, text, length) != (int) length)
		return "It is not UTF-8.";
	if (is_nested(text, length))
		return "It is nested deeper than an envelope.";
	parse(&reader, text, length);
	if (reader.fault == NULL && envelope->organization_id == 0)
		fault(&reader, "It names no organization_id.");
	if (reader.fault == NULL && (reader.seen & (1u << MEMBER_CREDENTIALS)) == 0)
		fault(&reader, "It has no credentials.");
	return reader.fault;
}
