/*
 * frame.c — one table of the members of each kind of frame, and the check of a frame against it.
 */
#include <stdio.h>
#include <string.h>

#include "pg_type.h"
#include "wire.h"

#define MOST_KIND_LETTERS 32

typedef enum MemberType
{
	TEXT,
	INTEGER,
	COUNT, /* an integer that is not negative */
	BOOLEAN,
	OBJECT,
	ARRAY,
	POSITIONS, /* an array of counts */
	RESULT,    /* an array of columns: objects with a name, and perhaps a type and a pg_type */
	VERSIONS,  /* an array of earlier versions of a relation */
	ID,        /* a text of 1 to WIRE_ID_BYTES bytes */
	DIALECT,   /* a text of 1 to WIRE_DIALECT_BYTES bytes */
	KIND,      /* a word: [a-z_], at most MOST_KIND_LETTERS */
	LEVEL,     /* one of the list below, as the two that follow */
	STEP,
	CODE,
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
	MemberRule members[12]; /* ends with a rule without a name */
} FrameRule;

static const FrameRule frame_rules[] = {
	[WIRE_HELLO] = {"hello",
					{{"protocol", INTEGER, true},
					 {"connector", TEXT, true},
					 {"version", TEXT, true},
					 {"capabilities", ARRAY, true}}},
	[WIRE_LOG] = {"log", {{"level", LEVEL, true}, {"message", TEXT, true}}},
	[WIRE_PROGRESS] = {"progress", {{"phase", TEXT, true}, {"relations_total", COUNT, false}}},
	[WIRE_CONNECTED] = {"connected",
						{{"server", TEXT, true}, {"dialect", DIALECT, false}, {"identity", TEXT, false}}},
	[WIRE_SCHEMA] = {"schema", {{"name", TEXT, true}, {"id", ID, false}, {"comment", TEXT, false}}},
	[WIRE_RELATION] = {"relation",
					   {{"schema", TEXT, true},
						{"name", TEXT, true},
						{"kind", KIND, true},
						{"id", ID, false},
						{"columns", COUNT, true},
						{"row_estimate", COUNT, false},
						{"size_bytes", COUNT, false},
						{"document", OBJECT, true},
						{"signature", TEXT, false},
						{"changed_at", COUNT, false},
						{"versions", VERSIONS, false}}},
	[WIRE_UNCHANGED] = {"unchanged",
						{{"schema", TEXT, true},
						 {"name", TEXT, true},
						 {"id", ID, true},
						 {"row_estimate", COUNT, false},
						 {"size_bytes", COUNT, false}}},
	[WIRE_SKIPPED] =
		{"skipped",
		 {{"schema", TEXT, true}, {"name", TEXT, false}, {"id", ID, false}, {"reason", TEXT, true}}},
	[WIRE_REFERENCED] = {"referenced", {{"schema", TEXT, true}, {"name", TEXT, true}, {"id", ID, true}}},
	[WIRE_SAMPLE] = {"sample",
					 {{"relation", COUNT, true},
					  {"categories", OBJECT, false},
					  {"examples", ARRAY, false},
					  {"error", TEXT, false}}},
	[WIRE_DATABASE] = {"database", {{"name", TEXT, true}}},
	[WIRE_READING] =
		{"reading", {{"applied", POSITIONS, false}, {"limited", BOOLEAN, false}, {"columns", RESULT, false}}},
	[WIRE_ROWS] = {"rows", {{"rows", COUNT, true}, {"bytes", COUNT, true}}},
	[WIRE_ERROR] = {"error",
					{{"step", STEP, true},
					 {"code", CODE, true},
					 {"message", TEXT, true},
					 {"detail", TEXT, false},
					 {"hint", TEXT, false},
					 {"transient", BOOLEAN, false},
					 {"position", COUNT, false}}},
	[WIRE_END] = {"end",
				  {{"schemas", COUNT, true},
				   {"relations", COUNT, true},
				   {"columns", COUNT, true},
				   {"unchanged", COUNT, false},
				   {"signature", TEXT, false},
				   {"rows", COUNT, false},
				   {"truncated", BOOLEAN, false}}},
};

static const char *const levels[] = {"debug", "info", "warning", NULL};
static const char *const steps[] = {"configure", "resolve", "connect", "tls", "authenticate", "query", NULL};
static const char *const codes[] = {
	"unknown_host",       "refused",          "unreachable", "timeout",       "tls",         "authentication",
	"database_not_found", "schema_not_found", "permission",  "configuration", "unsupported", "query",
	"relation_changed",   "too_large",        "protocol",    "internal",      "unavailable", NULL};

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

/* Is the value a text that has 1 to `most` bytes when it is decoded? */
static bool
is_short_text(WireSpan value, size_t most)
{
	char text[WIRE_ID_BYTES + 1];

	return value.length > 2 && wire_string(value, text, most + 1) > 0;
}

static bool
is_kind(WireSpan value)
{
	size_t letters = value.length - 2;

	return value.start[0] == '"' && letters >= 1 && letters <= MOST_KIND_LETTERS &&
		   strspn(value.start + 1, "abcdefghijklmnopqrstuvwxyz_") == letters;
}

/* Is the value an array, all of whose elements fit? */
static bool
is_array_of(WireSpan value, bool (*fits)(WireSpan element))
{
	WireSpan rest = value;
	WireSpan element;

	if (value.start[0] != '[')
		return false;
	while (wire_array_next(&rest, &element))
		if (!fits(element))
			return false;
	return true;
}

static bool
is_count(WireSpan value)
{
	int64_t integer;

	return wire_integer(value, &integer) && integer >= 0;
}

/* Names and types of PostgreSQL need no escapes, so that a type is compared as it is written. */
static bool
is_result_column(WireSpan value)
{
	WireObject column;
	WireSpan name;
	WireSpan type;
	WireSpan pg_type;

	if (wire_object_scan(value.start, value.length, &column) != NULL)
		return false;
	name = wire_member(&column, "name");
	type = wire_member(&column, "type");
	pg_type = wire_member(&column, "pg_type");
	return name.start != NULL && name.start[0] == '"' && (type.start == NULL || type.start[0] == '"') &&
		   (pg_type.start == NULL || (pg_type.start[0] == '"' && pg_type.length > 2 &&
									  wire_pg_type_is_listed(pg_type.start + 1, pg_type.length - 2)));
}

/* Is the value what wire_version_next() reads? */
static bool
is_version(WireSpan value)
{
	WireObject version;
	WireSpan document;
	WireSpan kind;

	if (wire_object_scan(value.start, value.length, &version) != NULL)
		return false;
	document = wire_member(&version, "document");
	kind = wire_member(&version, "kind");
	return is_count(wire_member(&version, "changed_at")) && is_count(wire_member(&version, "columns")) &&
		   document.start != NULL && document.start[0] == '{' && (kind.start == NULL || is_kind(kind));
}

static const char *const must_be[] = {
	[TEXT] = "be a text",
	[INTEGER] = "be an integer",
	[COUNT] = "be an integer that is not negative",
	[BOOLEAN] = "be true or false",
	[OBJECT] = "be an object",
	[ARRAY] = "be an array",
	[POSITIONS] = "be an array of integers that are not negative",
	[RESULT] = "be an array of columns with a name and a type of the protocol",
	[VERSIONS] = "be an array of objects with changed_at, columns and a document",
	[ID] = "be a text of 1 to 256 bytes",
	[DIALECT] = "be a text of 1 to 64 bytes",
	[KIND] = "be 1 to 32 lower-case letters and underscores",
	[LEVEL] = "be debug, info or warning",
	[STEP] = "be a step of the protocol",
	[CODE] = "be a code of the protocol",
};

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
			return is_count(value);
		case BOOLEAN:
			return wire_boolean(value, &boolean);
		case OBJECT:
			return value.start[0] == '{';
		case ARRAY:
			return value.start[0] == '[';
		case POSITIONS:
			return is_array_of(value, is_count);
		case RESULT:
			return is_array_of(value, is_result_column);
		case VERSIONS:
			return is_array_of(value, is_version);
		case ID:
			return is_short_text(value, WIRE_ID_BYTES);
		case DIALECT:
			return is_short_text(value, WIRE_DIALECT_BYTES);
		case KIND:
			return is_kind(value);
		case LEVEL:
			return is_one_of(value, levels);
		case STEP:
			return is_one_of(value, steps);
		case CODE:
			return is_one_of(value, codes);
	}
	return false;
}

/* Says which member of which frame must be what; the text stays until the next fault. */
static const char *
fault_of(const FrameRule *rule, const MemberRule *member, const char *must)
{
	static char fault[160];

	snprintf(fault, sizeof(fault), "in a frame %s the member %s must %s", rule->name, member->name, must);
	return fault;
}

static const char *
check_members(const FrameRule *rule, const WireObject *object)
{
	for (const MemberRule *member = rule->members; member->name; member++)
	{
		WireSpan value = wire_member(object, member->name);

		if (value.start == NULL && member->mandatory)
			return fault_of(rule, member, "be there");
		if (value.start != NULL && !has_type(value, member->type))
			return fault_of(rule, member, must_be[member->type]);
	}
	return NULL;
}

/* Rows are whole: none has less than its newline, and only a single one may be longer than a frame should be.
 */
static const char *
check_rows(const WireFrame *frame)
{
	WireRowsHead rows;

	wire_rows_head_read(frame, &rows);
	if (rows.rows < 1 || rows.rows > INT32_MAX)
		return "a frame rows has no rows, or more than 2147483647";
	if (rows.bytes > 0 && rows.bytes < rows.rows)
		return "a frame rows has more rows than bytes";
	if (rows.rows > 1 && rows.bytes > WIRE_ROWS_BYTES)
		return "a frame rows has several rows in more than 65536 bytes";
	return NULL;
}

/* Each version is older than the next one, and the last one older than the relation. */
static const char *
check_versions(const WireFrame *frame)
{
	WireSpan rest = wire_member(&frame->object, "versions");
	WireVersion version;
	int64_t newest = -1;
	int64_t changed_at;

	if (rest.start == NULL)
		return NULL;
	if (!wire_integer(wire_member(&frame->object, "changed_at"), &changed_at))
		return "a relation has versions, and no member changed_at";
	for (int count = 0; wire_version_next(&rest, &version); count++)
	{
		if (count == WIRE_MAX_VERSIONS)
			return "a relation has more than 200 versions";
		if (version.changed_at <= newest)
			return "the versions of a relation are not in the order of their times";
		newest = version.changed_at;
	}
	return newest < changed_at ? NULL : "a version of a relation is not older than the relation";
}

static const char *
check_content(const WireFrame *frame)
{
	if (frame->kind == WIRE_ROWS)
		return check_rows(frame);
	return frame->kind == WIRE_RELATION ? check_versions(frame) : NULL;
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
		fault = check_members(&frame_rules[i], &frame->object);
		return fault ? fault : check_content(frame);
	}
	return "unknown frame";
}

/* ---- what a frame says of a relation ---- */

size_t
wire_texts_size(const WireFrame *frame)
{
	size_t size = 0;

	for (int i = 0; i < frame->object.count; i++)
	{
		WireSpan value = frame->object.members[i].value;

		if (value.start != NULL && *value.start == '"')
			size += value.length;
	}
	return size;
}

/* Returns the text of that member, or NULL, and moves *texts past it. */
static const char *
take_text(const WireFrame *frame, const char *name, char **texts)
{
	WireSpan value = wire_member(&frame->object, name);
	char *text = *texts;

	if (value.start == NULL)
		return NULL;
	*texts += wire_string(value, text, value.length) + 1;
	return text;
}

static int64_t
integer_of(const WireFrame *frame, const char *name, int64_t otherwise)
{
	int64_t value;

	return wire_integer(wire_member(&frame->object, name), &value) ? value : otherwise;
}

void
wire_relation_read(const WireFrame *frame, char *texts, WireRelation *relation)
{
	*relation = (WireRelation){
		.columns = integer_of(frame, "columns", WIRE_ABSENT),
		.row_estimate = integer_of(frame, "row_estimate", WIRE_ABSENT),
		.size_bytes = integer_of(frame, "size_bytes", WIRE_ABSENT),
		.document = wire_member(&frame->object, "document"),
		.changed_at = integer_of(frame, "changed_at", WIRE_ABSENT),
		.versions = wire_member(&frame->object, "versions"),
	};
	if (frame->kind == WIRE_SCHEMA)
		relation->schema = take_text(frame, "name", &texts);
	else
	{
		relation->schema = take_text(frame, "schema", &texts);
		relation->name = take_text(frame, "name", &texts);
	}
	relation->id = take_text(frame, "id", &texts);
	relation->kind = take_text(frame, "kind", &texts);
	relation->comment = take_text(frame, "comment", &texts);
	relation->signature = take_text(frame, "signature", &texts);
}

bool
wire_version_next(WireSpan *versions, WireVersion *version)
{
	WireObject object;
	WireSpan element;

	if (!wire_array_next(versions, &element) ||
		wire_object_scan(element.start, element.length, &object) != NULL)
		return false;
	*version =
		(WireVersion){.kind = wire_member(&object, "kind"), .document = wire_member(&object, "document")};
	(void) wire_integer(wire_member(&object, "changed_at"), &version->changed_at);
	(void) wire_integer(wire_member(&object, "columns"), &version->columns);
	if (version->kind.start != NULL)
		version->kind = (WireSpan){version->kind.start + 1, version->kind.length - 2};
	return true;
}

void
wire_end_read(const WireFrame *frame, char *texts, WireEnd *end)
{
	*end = (WireEnd){
		.schemas = integer_of(frame, "schemas", 0),
		.relations = integer_of(frame, "relations", 0),
		.columns = integer_of(frame, "columns", 0),
		.unchanged = integer_of(frame, "unchanged", 0),
		.signature = take_text(frame, "signature", &texts),
		.rows = integer_of(frame, "rows", WIRE_ABSENT),
	};
	(void) wire_boolean(wire_member(&frame->object, "truncated"), &end->truncated);
}

void
wire_rows_head_read(const WireFrame *frame, WireRowsHead *rows)
{
	*rows = (WireRowsHead){.rows = integer_of(frame, "rows", 0), .bytes = integer_of(frame, "bytes", 0)};
}
