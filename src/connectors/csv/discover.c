#include "connectors/csv/discover.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"

/* To be raised when the same file would be described in another way. */
#define DOCUMENTS "1"

static uint64_t
hash(uint64_t so_far, const char *text)
{
	for (; *text; text++)
		so_far = (so_far ^ (unsigned char) *text) * UINT64_C(0x100000001b3);
	return so_far;
}

/* Only the first 256 bytes of an identity count, and a path may be longer. */
const char *
source_identity(const Request *request)
{
	static char identity[32];

	snprintf(identity, sizeof(identity), "%016llx",
			 (unsigned long long) hash(UINT64_C(0xcbf29ce484222325), request->path));
	return identity;
}

/* Of what the description depends on beside the file: this connector, and the source's metadata. */
static const char *
source_signature(const Request *request)
{
	static char signature[64];

	snprintf(
		signature, sizeof(signature), CONNECTOR_VERSION " " DOCUMENTS " %016llx",
		(unsigned long long) hash(UINT64_C(0xcbf29ce484222325), request->options ? request->options : ""));
	return signature;
}

/* The caller knows one relation at most. */
static bool
is_known(const Request *request, const char *source, const char *signature)
{
	char expected[256];

	if (request->known_signature == NULL || strcmp(request->known_signature, source) != 0 ||
		request->known_relations == NULL)
		return false;
	snprintf(expected, sizeof(expected), "\"%s\"", signature);
	return strstr(request->known_relations, expected) != NULL;
}

static void
write_column(WireBuffer *out, const TableColumn *column)
{
	document_literal(out, "{");
	document_text(out, "name", column->name);
	document_text(out, "type", inferred_name(column->type));
	document_text(out, "pg_type", inferred_pg_type(column->type));
	document_literal(out, "}");
}

static const char *
quote_name(const Dialect *dialect)
{
	return dialect->quote == 0 ? "none" : dialect->quote == '"' ? "\"" : "'";
}

/* What a reader of the file needs to know. */
static void
write_options(WireBuffer *out, const Table *table)
{
	char delimiter[2] = {table->layout.dialect.delimiter, '\0'};

	document_member(out, "options");
	document_literal(out, "{");
	document_text(out, "encoding", encoding_name(table->encoding));
	document_text(out, "delimiter", delimiter);
	document_text(out, "quote", quote_name(&table->layout.dialect));
	document_text(out, "header", table->layout.has_header ? "true" : "false");
	document_text(out, "packed",
				  table->packing == PACKED_GZIP   ? "gzip"
				  : table->packing == PACKED_ZSTD ? "zstd"
												  : NULL);
	document_literal(out, "}");
}

static void
tell(const Table *table)
{
	char message[512];

	for (int i = 0; i < table->column_count; i++)
		if (infer_is_ambiguous(&table->columns[i].inference))
		{
			snprintf(message, sizeof(message),
					 "column %.200s: %s (ambiguous: d/m/y or m/d/y); d/m/y is taken", table->columns[i].name,
					 inferred_name(table->columns[i].type));
			emit_log("warning", message);
		}
	if (table->layout.skipped_rows > 0)
	{
		snprintf(message, sizeof(message), "%d rows before the table are passed over",
				 table->layout.skipped_rows);
		emit_log("info", message);
	}
	if (table->long_rows > 0)
	{
		snprintf(message, sizeof(message), "%lld rows have more fields than the first one",
				 (long long) table->long_rows);
		emit_log("warning", message);
	}
}

static int64_t
row_estimate(const Table *table)
{
	return table->is_whole ? table->rows : ABSENT;
}

static void
emit_table(const Request *request, const Table *table, RelationFrame *frame)
{
	WireBuffer *out;
	bool is_open = false;

	frame->columns = table->column_count;
	frame->row_estimate = row_estimate(table);
	tell(table);
	out = emit_relation_begin(frame);
	document_literal(out, "{");
	for (int i = 0; i < table->column_count; i++)
	{
		document_element(out, "columns", is_open);
		write_column(out, &table->columns[i]);
	}
	document_end_elements(out, is_open);
	write_options(out, table);
	document_literal(out, "}");
	emit_relation_end(frame, request->document_bytes);
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

const char *
discover(const Request *request, const StoredFile *file, const TableWishes *wishes)
{
	const char *source = source_signature(request);
	char signature[128];
	Unpacked in;
	Table table;
	RelationFrame frame = {.schema = FILES_SCHEMA,
						   .id = FILE_ID,
						   .kind = "file",
						   .row_estimate = ABSENT,
						   .size_bytes = file->size};

	check_scope(request);
	unpacked_begin(&in, file);
	frame.name = unpacked_name(file, in.packing);
	unpacked_end(&in);
	stored_signature(file, signature, sizeof(signature));
	frame.signature = request->signatures ? signature : NULL;
	emit_progress("read", 1);
	emit_schema(FILES_SCHEMA, NULL, NULL);
	if (!wire_selects(&request->selection, FILES_SCHEMA, frame.name))
		return request->signatures ? source : NULL;
	if (is_known(request, source, signature))
		emit_unchanged(&frame);
	else
	{
		table_survey(&table, file, wishes);
		emit_table(request, &table, &frame);
	}
	return request->signatures ? source : NULL;
}
