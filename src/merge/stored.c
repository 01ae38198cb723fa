/*
 * stored.c — turns a document into the form that the table stores. Parsing and compressing take longer than
 * writing, so both are done while the connector still reads, before the transaction that callers wait for.
 */
#include "stored.h"

#include "access/heaptoast.h"
#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "document.h"

/* The compression that sql/tables/050_schema.sql declares. */
#ifdef USE_LZ4
#define COMPRESSION TOAST_LZ4_COMPRESSION
#else
#define COMPRESSION TOAST_PGLZ_COMPRESSION
#endif

/* wire/reader.c accepts only JSON that jsonb accepts. */
struct varlena *
rg_merge_stored_form(WireSpan document, int32 columns, const char **fault)
{
	char *text = pnstrdup(document.start, document.length);
	Datum stored = DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
	Datum compressed = (Datum) 0;
	bool has_nulls = false;

	*fault = rg_document_check(DatumGetJsonbP(stored), columns, &has_nulls);
	if (*fault != NULL)
		return NULL;
	if (has_nulls)
		stored = DirectFunctionCall1(jsonb_strip_nulls, stored);
	/* The server does not compress shorter rows either. */
	if (VARSIZE(DatumGetPointer(stored)) > TOAST_TUPLE_TARGET)
		compressed = toast_compress_datum(stored, COMPRESSION);
	return (struct varlena *) DatumGetPointer(compressed ? compressed : stored);
}
