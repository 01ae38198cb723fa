#include "check/ssh_options.h"

#include "check/pins.h"
#include "check/text.h"
#include "json_value.h"

/* Appends a text, or the texts of an array, as lines. */
static bool
append_lines(StringInfo lines, const JsonbValue *value)
{
	if (value->type == jbvString)
	{
		appendBinaryStringInfo(lines, value->val.string.val, value->val.string.len);
		appendStringInfoChar(lines, '\n');
		return true;
	}
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		return false;
	for (uint32 i = 0; i < JsonContainerSize(value->val.binary.data); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(value->val.binary.data, i);

		if (element->type != jbvString || !append_lines(lines, element))
			return false;
	}
	return true;
}

static void
check_host_key(RgFaults *faults, const JsonbValue *value)
{
	static const char label[] = "metadata.ssh.host_key";
	StringInfoData lines;
	RgPins pins;
	const char *fault;

	if (value->type == jbvNull)
		return;
	initStringInfo(&lines);
	if (!append_lines(&lines, value))
	{
		rg_fault(faults, label, "must be a text or an array of texts");
		return;
	}
	fault = rg_pins_read(&pins, lines.data);
	if (fault != NULL)
		rg_fault(faults, label, "%s", fault);
	else if (pins.count == 0)
		rg_fault(faults, label,
				 "must have at least one key; leave it out to keep the key that is seen first");
	else
		return;
	rg_fault_hint(faults, "Give lines as ssh-keyscan prints them, or fingerprints such as SHA256:….");
}

static void
check_member(RgFaults *faults, const JsonbValue *name, const JsonbValue *value)
{
	const char *text = name->val.string.val;
	int length = name->val.string.len;

	if (rg_word_in("host_key", text, length))
		check_host_key(faults, value);
	else if (!rg_word_in("host_key_seen", text, length))
		rg_fault(faults, psprintf("metadata.ssh.%s", rg_printable_name(text, length)),
				 "is not known; ssh has host_key");
}

void
rg_pins_check_options(RgFaults *faults, const JsonbValue *ssh)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue name;
	JsonbValue value;

	if (ssh == NULL || ssh->type == jbvNull)
		return;
	if (ssh->type != jbvBinary || !JsonContainerIsObject(ssh->val.binary.data))
	{
		rg_fault(faults, "metadata.ssh", "must be an object with host_key");
		return;
	}
	iterator = JsonbIteratorInit(ssh->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &value, true);
		check_member(faults, &name, &value);
	}
}

JsonbValue *
rg_pins_kept_options(JsonbValue *metadata)
{
	JsonbValue *ssh = rg_json_member(metadata->val.binary.data, "ssh");
	JsonbParseState *state = NULL;
	Jsonb *whole;
	Jsonb *kept;

	if (ssh == NULL || ssh->type != jbvBinary ||
		rg_json_member(ssh->val.binary.data, "host_key_seen") == NULL)
		return metadata;
	whole = JsonbValueToJsonb(metadata);
	kept = rg_json_without(JsonbValueToJsonb(ssh), "host_key_seen");
	if (JB_ROOT_COUNT(kept) == 0)
		return rg_json_container(rg_json_without(whole, "ssh"));
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, "ssh", rg_json_container(kept));
	return rg_json_container(
		rg_json_with(whole, JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL))));
}
