/*
 * import.h — inside the worker room: foreign tables as a wrapper would import them. The wrapper runs in this
 * process, as an unprivileged role, and what it makes is rolled back.
 */
#ifndef RG_WORKER_IMPORT_H
#define RG_WORKER_IMPORT_H

#include "postgres.h"

#include "nodes/pg_list.h"

typedef struct RgImport
{
	Oid role;
	Oid server;
	const char *server_name;
	const char *remote_schema;
	int timeout;          /* seconds, of the wrapper's answer */
	MemoryContext memory; /* of results */
	Oid scratch;          /* the schema for its foreign tables; of rg_import_begin */
} RgImport;

/* Can the wrapper import schemas? */
extern bool rg_import_is_offered(Oid server);

/* Makes the schema, in the caller's transaction, which must be rolled back. */
extern void rg_import_begin(RgImport *import);

/*
 * The statements of the wrapper, a list of texts. only_try: it connects, and is asked for nothing. What it
 * raises is raised.
 */
extern List *rg_import_statements(const RgImport *import, bool only_try);

/* What became of a statement. Texts are in the memory of results. */
typedef struct RgImported
{
	char *name;       /* of the relation; NULL: the statement has none */
	char *frame;      /* JSON text, or NULL: then */
	ErrorData *error; /* is why it cannot be described */
	int columns;
} RgImported;

/* Runs the statement, describes what it has made, and rolls it back. */
extern RgImported rg_import_describe(const RgImport *import, const char *statement);

#endif
