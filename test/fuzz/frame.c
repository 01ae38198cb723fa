/*
 * frame.c — one line of a connector's answer: the check of its members, and their values.
 *
 * Sources: src/wire
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/pg_type.h"
#include "wire/wire.h"

static void
read_versions(const WireRelation *relation)
{
	WireSpan rest = relation->versions;
	WireVersion version;
	int64_t newest = -1;

	while (wire_version_next(&rest, &version))
	{
		fuzz_must(version.columns >= 0 && version.document.start[0] == '{', "a version has its members");
		fuzz_must(version.kind.start == NULL || (version.kind.length > 0 && version.kind.length <= 32),
				  "its kind has its form");
		fuzz_must(version.changed_at > newest && version.changed_at < relation->changed_at, "times rise");
		newest = version.changed_at;
	}
}

static void
read_relation(const WireFrame *frame)
{
	char *texts = malloc(wire_texts_size(frame));
	WireRelation relation;

	wire_relation_read(frame, texts, &relation);
	fuzz_must(relation.schema != NULL, "the mandatory schema is there");
	if (frame->kind == WIRE_RELATION)
	{
		fuzz_must(relation.name && relation.kind && relation.document.start, "mandatory members are there");
		fuzz_must(relation.columns >= 0 && strlen(relation.kind) <= 32, "they have their forms");
		(void) wire_pg_type_is_listed(relation.name, strlen(relation.name));
		read_versions(&relation);
	}
	fuzz_must(relation.id == NULL || (*relation.id && strlen(relation.id) <= WIRE_ID_BYTES),
			  "an id has its form");
	free(texts);
}

static void
read_end(const WireFrame *frame)
{
	char *texts = malloc(wire_texts_size(frame));
	WireEnd end;

	wire_end_read(frame, texts, &end);
	fuzz_must(end.schemas >= 0 && end.relations >= 0 && end.columns >= 0 && end.unchanged >= 0,
			  "counts are not negative");
	fuzz_must(end.rows >= WIRE_ABSENT, "nor is that of the rows");
	free(texts);
}

static void
read_rows(const WireFrame *frame)
{
	WireRowsHead rows;

	wire_rows_head_read(frame, &rows);
	fuzz_must(rows.rows >= 1 && rows.rows <= INT32_MAX && rows.bytes >= 0, "a frame has rows");
	fuzz_must(rows.bytes == 0 || rows.bytes >= rows.rows, "each row has its newline");
	fuzz_must(rows.rows == 1 || rows.bytes <= WIRE_ROWS_BYTES, "only a single row is long");
}

/* Every element of an array that was checked is what the check says. */
static void
read_reading(const WireFrame *frame)
{
	WireSpan applied = wire_member(&frame->object, "applied");
	WireSpan element;
	int64_t position;

	while (wire_array_next(&applied, &element))
		fuzz_must(wire_integer(element, &position) && position >= 0, "a position is a count");
}

void
fuzz(const char *bytes, size_t length)
{
	WireFrame *frame = malloc(sizeof(WireFrame));

	if (wire_frame_scan(bytes, length, frame) == NULL)
	{
		if (frame->kind == WIRE_END)
			read_end(frame);
		else if (frame->kind == WIRE_ROWS)
			read_rows(frame);
		else if (frame->kind == WIRE_READING)
			read_reading(frame);
		else if (frame->kind >= WIRE_SCHEMA && frame->kind <= WIRE_REFERENCED)
			read_relation(frame);
	}
	free(frame);
	fuzz_must_have_freed();
}
