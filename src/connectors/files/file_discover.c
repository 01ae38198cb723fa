#include "connectors/files/file_discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/known.h"
#include "connectors/files/file_document.h"
#include "connectors/files/versions.h"

/* Only the first 256 bytes of an identity count, and a path may be longer. */
const char *
file_identity(const Request *request)
{
	static char identity[32];

	snprintf(identity, sizeof(identity), "%016llx", (unsigned long long) hash_text(request->path));
	return identity;
}

/* Of what the description depends on beside the file: this connector, and the source's metadata. */
static const char *
source_signature(const Format *format, const Request *request)
{
	static char signature[64];

	snprintf(signature, sizeof(signature), CONNECTOR_VERSION " %s %016llx", format->documents,
			 (unsigned long long) hash_text(request->options ? request->options : ""));
	return signature;
}

void
emit_file_relation(const Request *request, const char *schema, const FileRelation *relation,
				   int64_t size_bytes, const char *signature)
{
	RelationFrame frame = {.schema = schema,
						   .name = relation->name,
						   .id = relation->id,
						   .kind = file_relation_kind(relation),
						   .columns = relation->column_count,
						   .row_estimate = relation->rows,
						   .size_bytes = relation->size ? relation->size : size_bytes,
						   .signature = signature};
	WireBuffer *out = emit_relation_begin(&frame);
	size_t start = out->length;

	file_document_write(out, relation);
	file_versions_write(out, start, relation);
	emit_relation_end(&frame, request->document_bytes);
}

static void
check_scope(const Request *request)
{
	char message[512];

	if (request->schema == NULL || strcmp(request->schema, FILES_SCHEMA) == 0)
		return;
	snprintf(message, sizeof(message),
			 "There is no schema \"%.300s\": that of files is \"" FILES_SCHEMA "\".", request->schema);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

/*
 * Is the only relation of the file out of the selection, or known? Then nothing of the file need be read. A
 * file of a format that has several has one alone if that is known by FILE_ID.
 */
static bool
is_settled(const Format *format, const Request *request, const StoredFile *file, const Known *known)
{
	RelationFrame frame = {
		.schema = FILES_SCHEMA, .id = FILE_ID, .row_estimate = ABSENT, .size_bytes = file->size};
	bool is_known_here = known_has(known, FILE_ID, file->state);
	bool is_selected;
	bool is_settled;
	char *name;

	if (!format->has_one_relation && !is_known_here)
		return false;
	name = file_relation_name(file);
	is_selected = wire_selects(&request->selection, FILES_SCHEMA, name);
	is_settled = !is_selected || is_known_here;
	frame.name = name;
	if (is_selected && is_settled)
		emit_unchanged(&frame);
	free(name);
	return is_settled;
}

/* Emits what the caller knows, if that is every relation that the file may have. */
static bool
are_known(const Format *format, const Request *request, const StoredFile *file, const Known *known)
{
	FileRelations listed = {.items = NULL};
	bool are_known = true;

	if (format->list == NULL || known->count == 0)
		return false;
	format->list(request, file, &listed);
	for (int i = 0; i < listed.count && are_known; i++)
		are_known = !wire_selects(&request->selection, FILES_SCHEMA, listed.items[i].name) ||
					known_has(known, listed.items[i].id, file->state);
	for (int i = 0; i < listed.count && are_known; i++)
		if (wire_selects(&request->selection, FILES_SCHEMA, listed.items[i].name))
			emit_unchanged(&(RelationFrame){.schema = FILES_SCHEMA,
											.name = listed.items[i].name,
											.id = listed.items[i].id,
											.row_estimate = ABSENT,
											.size_bytes = file->size});
	relations_free(&listed);
	return are_known;
}

/* A file of several relations has changed for all of them or for none. */
static void
emit_relations(const Request *request, const StoredFile *file, const FileRelations *relations)
{
	for (int i = 0; i < relations->count; i++)
		if (wire_selects(&request->selection, FILES_SCHEMA, relations->items[i].name))
			emit_file_relation(request, FILES_SCHEMA, &relations->items[i], file->size,
							   request->signatures ? file->state : NULL);
}

const char *
file_discover(const Format *format, const Request *request, const StoredFile *file)
{
	const char *source = source_signature(format, request);
	FileRelations relations = {.items = NULL};
	Known known;

	check_scope(request);
	known_read(&known, request, source);
	emit_progress("read", format->has_one_relation ? 1 : ABSENT);
	emit_schema(FILES_SCHEMA, NULL, NULL);
	if (!is_settled(format, request, file, &known) && !are_known(format, request, file, &known))
	{
		format->survey(request, file, &relations);
		stored_check(file);
		emit_relations(request, file, &relations);
		relations_free(&relations);
	}
	known_free(&known);
	return request->signatures ? source : NULL;
}
