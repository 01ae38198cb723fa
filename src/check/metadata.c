/*
 * metadata.c — checks the two fields that hold more than a scalar: metadata and tags.
 */
#include "metadata.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "check/discovery.h"
#include "check/field.h"
#include "check/pem.h"
#include "check/query_options.h"
#include "check/ssh_options.h"
#include "check/text.h"
#include "metadata_secrets.h"
#include "scan_options.h"
#include "tls_mode.h"
#include "json_value.h"

#define MOST_METADATA_BYTES (64 * 1024)
#define MOST_TAGS           100
#define MOST_TAG_CHARACTERS 100

static void
check_tls_member(RgFaults *faults, const JsonbValue *key, const JsonbValue *value)
{
	const char *text = value->val.string.val;
	int length = value->val.string.len;

	if (key->val.string.len == 4 && memcmp(key->val.string.val, "mode", 4) == 0)
	{
		if (value->type != jbvString || rg_tls_mode_rank(text, length) < 0)
			rg_fault(faults, "metadata.tls.mode", "must be one of %s", rg_tls_mode_names());
	}
	else if (key->val.string.len == 2 && memcmp(key->val.string.val, "ca", 2) == 0)
	{
		if (value->type == jbvNull)
			return;
		if (value->type != jbvString || !rg_text_contains(text, length, "-----BEGIN CERTIFICATE-----") ||
			!rg_text_contains(text, length, "-----END CERTIFICATE-----"))
			rg_fault(faults, "metadata.tls.ca", "must be certificates in PEM form");
	}
	else
		rg_fault(faults,
				 psprintf("metadata.tls.%s", rg_printable_name(key->val.string.val, key->val.string.len)),
				 "is not known; tls has mode and ca");
}

static void
check_tls(RgFaults *faults, const JsonbValue *tls)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue key;
	JsonbValue value;

	if (tls == NULL || tls->type == jbvNull)
		return;
	if (tls->type != jbvBinary || !JsonContainerIsObject(tls->val.binary.data))
	{
		rg_fault(faults, "metadata.tls", "must be an object with mode and ca");
		return;
	}
	iterator = JsonbIteratorInit(tls->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &value, true);
		check_tls_member(faults, &key, &value);
	}
}

/* Returns metadata with the authority's certificates tidied as in a file, however they were pasted. */
static JsonbValue *
with_tidy_ca(JsonbValue *metadata)
{
	JsonbValue *tls = getKeyJsonValueFromContainer(metadata->val.binary.data, "tls", 3, NULL);
	JsonbValue *ca = tls != NULL && tls->type == jbvBinary
						 ? getKeyJsonValueFromContainer(tls->val.binary.data, "ca", 2, NULL)
						 : NULL;
	Datum path[] = {CStringGetTextDatum("tls"), CStringGetTextDatum("ca")};
	JsonbValue tidy;
	char *text;
	int length;

	if (ca == NULL || ca->type != jbvString)
		return metadata;
	text = palloc(RG_TIDY_PEM_SIZE(ca->val.string.len));
	length = rg_pem_tidy(ca->val.string.val, ca->val.string.len, text);
	if (length == ca->val.string.len + 1)
		return metadata; /* only a last newline is missing, which no reader needs */
	tidy = *rg_json_string(text, length);
	return rg_json_container(DatumGetJsonbP(
		DirectFunctionCall4(jsonb_set, JsonbPGetDatum(JsonbValueToJsonb(metadata)),
							PointerGetDatum(construct_array(path, 2, TEXTOID, -1, false, TYPALIGN_INT)),
							JsonbPGetDatum(JsonbValueToJsonb(&tidy)), BoolGetDatum(false))));
}

JsonbValue *
rg_metadata_check(RgFaults *faults, const char *label, const JsonbValue *value)
{
	StringInfoData text;
	JsonbValue *kept;
	int before = faults->count;

	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
	{
		rg_fault(faults, label, "must be an object");
		return NULL;
	}
	initStringInfo(&text);
	JsonbToCString(&text, value->val.binary.data, value->val.binary.len);
	if (text.len > MOST_METADATA_BYTES)
		rg_fault(faults, label, "must be at most %d bytes, not %d", MOST_METADATA_BYTES, text.len);
	rg_metadata_refuse_secrets(faults, value->val.binary.data);
	check_tls(faults, getKeyJsonValueFromContainer(value->val.binary.data, "tls", 3, NULL));
	rg_pins_check_options(faults, getKeyJsonValueFromContainer(value->val.binary.data, "ssh", 3, NULL));
	rg_scanning_check(faults, getKeyJsonValueFromContainer(value->val.binary.data, "scan", 4, NULL));
	rg_query_options_check(faults, getKeyJsonValueFromContainer(value->val.binary.data, "query", 5, NULL));
	rg_patterns_check(faults, getKeyJsonValueFromContainer(value->val.binary.data, "discovery", 9, NULL));
	if (faults->count > before)
		return NULL;
	kept = palloc(sizeof(JsonbValue));
	*kept = *value;
	return with_tidy_ca(rg_pins_kept_options(kept));
}

static bool
is_good_tag(const JsonbValue *tag)
{
	const char *text = tag->val.string.val;
	int length = tag->val.string.len;

	if (tag->type != jbvString || pg_mbstrlen_with_len(text, length) > MOST_TAG_CHARACTERS)
		return false;
	rg_text_trim(&text, &length);
	return length > 0;
}

static bool
is_repeated(const JsonbValue *tags, int count, const JsonbValue *tag)
{
	for (int i = 0; i < count; i++)
	{
		if (rg_json_equal(&tags[i], tag))
			return true;
	}
	return false;
}

JsonbValue *
rg_tags_check(RgFaults *faults, const char *label, const JsonbValue *value)
{
	JsonbValue tags[MOST_TAGS];
	JsonbParseState *state = NULL;
	JsonbContainer *array;
	int count = 0;

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
	{
		rg_fault(faults, label, "must be an array of strings");
		return NULL;
	}
	array = value->val.binary.data;
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		JsonbValue *tag = getIthJsonbValueFromContainer(array, i);

		if (!is_good_tag(tag))
		{
			rg_fault(faults, label,
					 "every tag must be a string of 1 to %d characters (the one at position %u is not)",
					 MOST_TAG_CHARACTERS, i + 1);
			return NULL;
		}
		if (rg_text_has_control(tag->val.string.val, tag->val.string.len))
		{
			rg_fault(faults, label, "no tag may have control characters (the one at position %u has)", i + 1);
			return NULL;
		}
		if (is_repeated(tags, count, tag))
			continue;
		if (count == MOST_TAGS)
		{
			rg_fault(faults, label, "must be at most %d tags", MOST_TAGS);
			return NULL;
		}
		tags[count++] = *tag;
	}
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < count; i++)
		pushJsonbValue(&state, WJB_ELEM, &tags[i]);
	return rg_json_container(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL)));
}
