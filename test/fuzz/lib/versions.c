/* versions.c — the frame of a table with what it was before. */
#include "versions.h"

#include <string.h>

#include "connectors/files/file_document.h"
#include "connectors/files/versions.h"
#include "fuzz.h"

void
fuzz_check_versions(const FileRelation *relation)
{
	static WireFrame frame;
	WireBuffer text = {.data = NULL};
	const char *fault;
	size_t start;

	wire_append_text(&text, "{\"frame\":\"relation\",\"schema\":\"s\",\"name\":\"n\",\"kind\":\"");
	wire_append_text(&text, file_relation_kind(relation));
	wire_append_text(&text, "\",\"columns\":0,\"document\":");
	start = text.length;
	file_document_write(&text, relation);
	file_versions_write(&text, start, relation);
	wire_append_text(&text, "}");
	fault = wire_frame_scan(text.data, text.length, &frame);
	fuzz_must(fault == NULL || strstr(fault, "deep"), "a relation with its versions is a frame");
	fuzz_must(text.length - start <= MOST_LINE || relation->versions->count == 0, "versions have room");
	wire_free(&text);
}
