#include "connectors/files/versions.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/file_document.h"

/* Of the members of a version beside its document, and of those around all versions. */
#define BYTES_BESIDE 200

FileVersions *
file_versions_begin(const Request *request)
{
	FileVersions *versions = allocate(sizeof(FileVersions));

	*versions = (FileVersions){.items = allocate((WIRE_MAX_VERSIONS + 1) * sizeof(FileVersion)),
							   .most = (size_t) request->document_bytes};
	return versions;
}

void
file_versions_free(FileVersions *versions)
{
	if (versions == NULL)
		return;
	for (int i = 0; i < versions->count; i++)
		wire_free(&versions->items[i].document);
	free(versions->items);
	free(versions);
}

static void
drop(FileVersions *versions, int at)
{
	versions->bytes -= versions->items[at].document.length + BYTES_BESIDE;
	wire_free(&versions->items[at].document);
	versions->count--;
	memmove(&versions->items[at], &versions->items[at + 1],
			(size_t) (versions->count - at) * sizeof(FileVersion));
}

static bool
is_same(const FileVersion *version, const char *kind, const char *document, size_t length)
{
	return strcmp(version->kind, kind) == 0 && version->document.length == length &&
		   memcmp(version->document.data, document, length) == 0;
}

/* Not before the newest version that there is, nor at once with it. */
static int64_t
later_time(const FileVersions *versions, int64_t time)
{
	int64_t newest = versions->count > 0 ? versions->items[versions->count - 1].changed_at : -1;

	return time > newest ? time : newest + 1;
}

bool
file_versions_want(const Request *request, int64_t changed_at)
{
	return changed_at > request->known_as_of;
}

void
file_versions_add(FileVersions *versions, const FileRelation *relation, int64_t changed_at)
{
	FileVersion *newest = versions->count > 0 ? &versions->items[versions->count - 1] : NULL;
	FileVersion version = {.changed_at = later_time(versions, changed_at),
						   .kind = file_relation_kind(relation),
						   .columns = relation->column_count};

	file_document_write(&version.document, relation);
	if (version.document.failed)
		give_up_out_of_memory();
	if (newest && is_same(newest, version.kind, version.document.data, version.document.length))
	{
		wire_free(&version.document);
		return;
	}
	versions->bytes += version.document.length + BYTES_BESIDE;
	versions->items[versions->count++] = version;
	while (versions->count > WIRE_MAX_VERSIONS || (versions->count > 0 && versions->bytes > versions->most))
		drop(versions, 0);
}

static void
write_version(WireBuffer *out, const FileVersion *version)
{
	document_literal(out, "{\"changed_at\":");
	wire_append_integer(out, version->changed_at);
	document_literal(out, ",\"kind\":\"");
	wire_append_text(out, version->kind);
	document_literal(out, "\",\"columns\":");
	wire_append_integer(out, version->columns);
	document_literal(out, ",\"document\":");
	wire_append(out, version->document.data, version->document.length);
	document_literal(out, "}");
}

void
file_versions_write(WireBuffer *out, size_t start, const FileRelation *relation)
{
	FileVersions *versions = relation->versions;
	size_t length = out->length - start;
	int64_t changed_at = relation->changed_at;

	if (versions == NULL || changed_at < 0 || out->failed || length + 2 * BYTES_BESIDE > versions->most)
		return;
	changed_at = later_time(versions, changed_at);
	if (versions->count > 0 && is_same(&versions->items[versions->count - 1], file_relation_kind(relation),
									   out->data + start, length))
	{
		changed_at = versions->items[versions->count - 1].changed_at;
		drop(versions, versions->count - 1);
	}
	while (versions->count > 0 && versions->bytes + length + 2 * BYTES_BESIDE > versions->most)
		drop(versions, 0);
	document_literal(out, ",\"changed_at\":");
	wire_append_integer(out, changed_at);
	if (versions->count == 0)
		return;
	document_literal(out, ",\"versions\":[");
	for (int i = 0; i < versions->count; i++)
	{
		if (i > 0)
			wire_append(out, ",", 1);
		write_version(out, &versions->items[i]);
	}
	document_literal(out, "]");
}
