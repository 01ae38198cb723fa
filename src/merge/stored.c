/*
 * stored.c — a document as the table will hold it. Parsing and compressing it takes longer than writing it,
 * so it is done while the connector still reads, and not in the transaction that everybody waits for.
 */
#include "stored.h"

#include "access/heaptoast.h"
#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "document.h"

/* What sql/tables/050_schema.sql asks for. */
#ifdef USE_LZ4
#define COMPRESSION TOAST_LZ4_COMPRESSION
#else
#define COMPRESSION TOAST_PGLZ_COMPRESSION
#endif

/* wire/reader.c saw to it that the text is JSON which jsonb takes. */
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
	/* A row of less is left as it is by the server too. */
	if (VARSIZE(DatumGetPointer(stored)) > TOAST_TUPLE_TARGET)
		compressed = toast_compress_datum(stored, COMPRESSION);
	return (struct varlena *) DatumGetPointer(compressed ? compressed : stored);
}
