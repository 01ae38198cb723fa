/*
 * frame.c — what each kind of frame must and may carry, in one table, and the check against it.
 */
#include <string.h>

#include "wire.h"

typedef enum MemberType
{
	TEXT,
	INTEGER,
	COUNT, /* an integer that is not negative */
	BOOLEAN,
	OBJECT,
	ARRAY,
	LEVEL, /* the texts below: one of a list */
	STEP,
	CODE,
	KIND,
} MemberType;

typedef struct MemberRule
{
	const char *name;
	MemberType type;
	bool mandatory;
} MemberRule;

typedef struct FrameRule
{
	const char *name;
	MemberRule members[10]; /* ends with a rule without a name */
} FrameRule;

static const FrameRule frame_rules[] = {
	[WIRE_HELLO] = {"hello",
					{{"protocol", INTEGER, true},
					 {"connector", TEXT, true},
					 {"version", TEXT, true},
					 {"capabilities", ARRAY, true}}},
	[WIRE_LOG] = {"log", {{"level", LEVEL, true}, {"message", TEXT, true}}},
	[WIRE_PROGRESS] = {"progress", {{"phase", TEXT, true}, {"relations_total", COUNT, false}}},
	[WIRE_CONNECTED] = {"connected", {{"server", TEXT, true}, {"identity", TEXT, false}}},
	[WIRE_SCHEMA] = {"schema",
					 {{"name", TEXT, true}, {"native_id", INTEGER, false}, {"comment", TEXT, false}}},
	[WIRE_RELATION] = {"relation",
					   {{"schema", TEXT, true},
						{"name", TEXT, true},
						{"kind", KIND, true},
						{"native_id", INTEGER, false},
						{"columns", COUNT, true},
						{"row_estimate", COUNT, false},
						{"size_bytes", COUNT, false},
						{"document", OBJECT, true},
						{"signature", TEXT, false}}},
	[WIRE_UNCHANGED] = {"unchanged",
						{{"schema", TEXT, true},
						 {"name", TEXT, true},
						 {"native_id", INTEGER, true},
						 {"row_estimate", COUNT, false},
						 {"size_bytes", COUNT, false}}},
	[WIRE_SKIPPED] = {"skipped",
					  {{"schema", TEXT, true},
					   {"name", TEXT, false},
					   {"native_id", INTEGER, false},
					   {"reason", TEXT, true}}},
	[WIRE_REFERENCED] = {"referenced",
						 {{"schema", TEXT, true}, {"name", TEXT, true}, {"native_id", INTEGER, true}}},
	[WIRE_SAMPLE] = {"sample",
					 {{"relation", COUNT, true},
					  {"categories", OBJECT, false},
					  {"examples", ARRAY, false},
					  {"error", TEXT, false}}},
	[WIRE_ERROR] = {"error",
					{{"step", STEP, true},
					 {"code", CODE, true},
					 {"message", TEXT, true},
					 {"detail", TEXT, false},
					 {"hint", TEXT, false},
					 {"transient", BOOLEAN, false}}},
	[WIRE_END] = {"end",
				  {{"schemas", COUNT, true},
				   {"relations", COUNT, true},
				   {"columns", COUNT, true},
				   {"unchanged", COUNT, false},
				   {"signature", TEXT, false}}},
};

static const char *const levels[] = {"debug", "info", "warning", NULL};
static const char *const steps[] = {"configure", "connect", "tls", "authenticate", "query", NULL};
static const char *const codes[] = {
	"refused",          "unreachable", "timeout",       "tls",         "authentication", "database_not_found",
	"schema_not_found", "permission",  "configuration", "unsupported", "query",          "protocol",
	"internal",         NULL};
static const char *const kinds[] = {"table", "partitioned_table", "partition", "foreign_table",
									"view",  "materialized_view", "sequence",  "collection",
									"file",  "endpoint",          NULL};

static bool
is_text(WireSpan value, const char *text)
{
	size_t length = strlen(text);

	return value.length == length + 2 && value.start[0] == '"' && memcmp(value.start + 1, text, length) == 0;
}

static bool
is_one_of(WireSpan value, const char *const *texts)
{
	while (*texts && !is_text(value, *texts))
		texts++;
	return *texts != NULL;
}

static bool
has_type(WireSpan value, MemberType type)
{
	int64_t integer;
	bool boolean;

	switch (type)
	{
		case TEXT:
			return value.start[0] == '"';
		case INTEGER:
			return wire_integer(value, &integer);
		case COUNT:
			return wire_integer(value, &integer) && integer >= 0;
		case BOOLEAN:
			return wire_boolean(value, &boolean);
		case OBJECT:
			return value.start[0] == '{';
		case ARRAY:
			return value.start[0] == '[';
		case LEVEL:
			return is_one_of(value, levels);
		case STEP:
			return is_one_of(value, steps);
		case CODE:
			return is_one_of(value, codes);
		case KIND:
			return is_one_of(value, kinds);
	}
	return false;
}

static const char *
check_members(const FrameRule *rule, const WireObject *object)
{
	for (const MemberRule *member = rule->members; member->name; member++)
	{
		WireSpan value = wire_member(object, member->name);

		if (value.start == NULL && member->mandatory)
			return "a mandatory member is missing";
		if (value.start != NULL && !has_type(value, member->type))
			return "a member has the wrong type";
	}
	return NULL;
}

const char *
wire_frame_scan(const char *line, size_t length, WireFrame *frame)
{
	const char *fault = wire_object_scan(line, length, &frame->object);
	WireSpan name;

	if (fault)
		return fault;
	name = wire_member(&frame->object, "frame");
	if (name.start == NULL)
		return "the member frame is missing";
	for (size_t i = 0; i < sizeof(frame_rules) / sizeof(frame_rules[0]); i++)
	{
		if (!is_text(name, frame_rules[i].name))
			continue;
		frame->kind = (WireFrameKind) i;
		return check_members(&frame_rules[i], &frame->object);
	}
	return "unknown frame";
}
