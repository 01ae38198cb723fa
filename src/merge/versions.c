#include "versions.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "stored.h"

/* One version among the packed bytes; kind and document follow it. */
typedef struct PackedVersion
{
	int64 changed_at;
	uint32 kind_length;
	uint32 document_length;
} PackedVersion;

/* ---- packing ---- */

static const char *
pack(const WireVersion *version, const char *kind, size_t kind_length, StringInfo packed)
{
	const char *fault;
	struct varlena *document = rg_merge_stored_form(version->document, version->columns, &fault);
	PackedVersion head = {.changed_at = version->changed_at, .kind_length = kind_length};

	if (fault != NULL)
		return fault;
	head.document_length = VARSIZE(document);
	appendBinaryStringInfo(packed, (const char *) &head, sizeof(head));
	appendBinaryStringInfo(packed, kind, (int) kind_length);
	appendBinaryStringInfo(packed, (const char *) document, (int) head.document_length);
	pfree(document);
	return NULL;
}

const char *
rg_versions_pack(const WireRelation *sent, StringInfo packed)
{
	WireSpan rest = sent->versions;
	WireVersion version;
	const char *fault = NULL;

	initStringInfo(packed);
	while (fault == NULL && wire_version_next(&rest, &version))
	{
		if (version.columns > RG_MAX_COLUMNS)
			return "a relation has too many columns";
		if (version.kind.start != NULL)
			fault = pack(&version, version.kind.start, version.kind.length, packed);
		else
			fault = pack(&version, sent->kind, strlen(sent->kind), packed);
	}
	return fault;
}

/* ---- unpacking ---- */

typedef struct Versions
{
	Datum changed_at[WIRE_MAX_VERSIONS];
	Datum kinds[WIRE_MAX_VERSIONS];
	Datum documents[WIRE_MAX_VERSIONS];
	int count;
} Versions;

/* The bytes of a document are copied to where a varlena may begin. */
static void
unpack(const char *packed, uint32 length, Versions *versions)
{
	const char *end = packed + length;

	for (versions->count = 0; packed < end; versions->count++)
	{
		PackedVersion head;
		char *document;

		memcpy(&head, packed, sizeof(head));
		packed += sizeof(head);
		document = palloc(head.document_length);
		memcpy(document, packed + head.kind_length, head.document_length);
		versions->changed_at[versions->count] = Int64GetDatum(head.changed_at);
		versions->kinds[versions->count] =
			PointerGetDatum(cstring_to_text_with_len(packed, (int) head.kind_length));
		versions->documents[versions->count] = PointerGetDatum(document);
		packed += head.kind_length + head.document_length;
	}
}

/* ---- telling ---- */

static char *
read_text(RgSpool *spool, uint32 length)
{
	char *text = palloc(length + 1);

	rg_spool_read(spool, text, length);
	text[length] = '\0';
	return text;
}

static void
tell(RgMerge *merge, int64 job_id, const SpoolRecord *record, const char *schema, const char *name,
	 const Versions *versions)
{
	static RgStatement tell = {
		.text = "SELECT rivergen_catalog.tell_versions($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	};
	int count = versions->count;
	ArrayType *times = construct_array((Datum *) versions->changed_at, count, INT8OID, sizeof(int64),
									   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
	ArrayType *documents =
		construct_array((Datum *) versions->documents, count, JSONBOID, -1, false, TYPALIGN_INT);

	rg_spi_execute(&tell, rg_int8(merge->organization_id), rg_int8(merge->data_source_id), rg_int8(job_id),
				   rg_text(schema), rg_text(name), rg_int8(record->changed_at),
				   rg_int8_array(PointerGetDatum(times)),
				   rg_text_array(rg_merge_text_array((Datum *) versions->kinds, count)),
				   rg_pointer(documents, JSONBARRAYOID));
}

static void
tell_record(RgMerge *merge, int64 job_id)
{
	SpoolRecord record;
	Versions versions;

	rg_spool_read(merge->spool, &record, sizeof(record));
	rg_spool_skip(merge->spool, record.id_length);

	char *schema = read_text(merge->spool, record.schema_length);
	char *name = read_text(merge->spool, record.name_length);

	rg_spool_skip(merge->spool, record.kind_length);
	rg_spool_skip(merge->spool, record.document_length);
	rg_spool_skip(merge->spool, record.signature_length);
	unpack(read_text(merge->spool, record.versions_length), record.versions_length, &versions);
	if (record.changed_at != WIRE_ABSENT)
		tell(merge, job_id, &record, schema, name, &versions);
}

static void
reach_back(RgMerge *merge)
{
	static RgStatement reach = {
		.text = "SELECT rivergen_catalog.reach_back($1, $2)",
	};

	rg_spi_execute(&reach, rg_int8(merge->organization_id), rg_int8(merge->data_source_id));
}

void
rg_versions_tell(RgMerge *merge, int64 job_id, bool first)
{
	MemoryContext scratch;
	MemoryContext previous;

	if (!merge->has_times)
		return;
	scratch = AllocSetContextCreate(CurrentMemoryContext, "rivergen merge versions", ALLOCSET_DEFAULT_SIZES);
	previous = MemoryContextSwitchTo(scratch);
	rg_spool_rewind(merge->spool);
	while (rg_spool_has_more(merge->spool))
	{
		tell_record(merge, job_id);
		MemoryContextReset(scratch);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(scratch);
	if (first)
		reach_back(merge);
}
