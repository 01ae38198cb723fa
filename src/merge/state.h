/* state.h — inside the merge room: what is known of a source, and what differs from it. */
#ifndef RG_MERGE_STATE_H
#define RG_MERGE_STATE_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#include "merge.h"
#include "spool.h"
#include "sql.h"
#include "wire/pattern.h"

#define RG_HASH_BYTES      16
#define RG_SKIPPED_SHOWN   100
#define RG_SIGNATURE_BYTES 128

/* What the indexes over names can hold: a schema's name and a relation's together. */
#define RG_NAMES_BYTES 2500

#define RG_WRONG_COUNT "the member columns of a relation does not count the columns of its document"

/* What an ordinary document takes while it is worked on: kept from one to the next. */
#define RG_SCRATCH_BYTES (128 * 1024)

/* A stored relation, as far as comparing needs it. */
typedef struct KnownRelation
{
	int64 relation_id;
	const char *id;     /* the source's own, or NULL */
	int64 row_estimate; /* -1 = unknown */
	int64 size_bytes;   /* -1 = unknown */
	const char *schema;
	const char *name;
	const char *dialect; /* that it was read in, or NULL */
	unsigned char hash[RG_HASH_BYTES];
	const char *signature;       /* stored, or NULL */
	const char *fresh_signature; /* to be stored; NULL: none was sent, or the stored one again */
	int32 columns;
	bool offered;   /* its signature went to the connector */
	bool confirmed; /* its signature is still right */
	bool current;   /* not deprecated */
	bool seen;      /* this discovery met it */
	bool skipped;   /* it could not be read: kept, unless another relation has its name now */
	bool renamed;
	bool differs; /* its document will be replaced */
} KnownRelation;

typedef struct SourceSchema
{
	char *name;
	char *id; /* or NULL */
	char *comment;
	bool known;      /* stored before */
	bool changed;    /* its comment or id differ from what is stored */
	bool announced;  /* this discovery met it */
	bool shown;      /* it is stored: patterns select it, or something of it */
	bool unlistable; /* its relations could not be listed: those that are not met are kept */
} SourceSchema;

/* One difference in the spool; the texts follow it. */
typedef struct SpoolRecord
{
	int32 known; /* index of the stored relation, or -1 */
	bool statistics_only;
	int64 row_estimate;
	int64 size_bytes;
	int32 columns;
	unsigned char hash[RG_HASH_BYTES];
	uint32 id_length; /* 0 = none */
	uint32 schema_length;
	uint32 name_length;
	uint32 kind_length;
	uint32 document_length;  /* of what rg_merge_stored_form made of it */
	uint32 signature_length; /* of relations that are not known by id */
} SpoolRecord;

/* Of a relation that is not known by id: found by its name once all are written. */
typedef struct NewSignature
{
	text *schema;
	text *name;
	text *signature;
} NewSignature;

/* A name that was another one before. */
typedef struct Rename
{
	const char *old_name;
	const char *new_name;
} Rename;

/* A stored relation that could not be read, and has another name now. */
typedef struct MovedRelation
{
	int32 known;
	char *schema;
	char *name;
} MovedRelation;

struct IdIndex_hash;
struct NameIndex_hash;

struct RgMerge
{
	MemoryContext memory;
	int64 organization_id;
	int64 data_source_id;
	const char *scope;
	const char *patterns; /* JSON text, or NULL */
	WireSelection selection;

	bool connected;
	const char *dialect;        /* that the connector told, or NULL */
	const char *identity;       /* or NULL: it is not told */
	const char *known_identity; /* of the server whose ids are stored, or NULL */
	const char *last_dialect;   /* the last one of rg_dialect_of_known() */
	bool is_other_server;       /* the stored ids are not this server's */

	KnownRelation *known;
	int known_count;
	int known_capacity;
	struct IdIndex_hash *by_id;
	struct NameIndex_hash *by_name;
	List *schemas; /* of SourceSchema */
	SourceSchema *last_schema;

	RgSpool *spool;        /* made when the first difference is found */
	MemoryContext scratch; /* made with it */
	StringInfoData texts;  /* of the frame at hand */
	int64 schemas_received;
	int64 relations_received;
	int64 columns_received;
	int64 unchanged_received;
	int64 unchanged_columns;
	const char *signature;       /* of the source: the stored one, and */
	const char *fresh_signature; /* the one that was sent; either may be NULL */
	List *new_signatures;        /* of NewSignature; made while the spool is written */
	int64 skipped_count;
	StringInfoData skipped; /* JSON array elements */
	List *renames;          /* of Rename: what is not stored by this discovery, but known */
	int64 referenced_count;
	List *moved; /* of MovedRelation; once all is received, only those that leave their name */
};

/*
 * Relations that were not stored before: added one by one, inserted in batches. The values are schema_name,
 * relation_name, kind, native_id ('' = none), columns_count, row_estimate and size_bytes (-1 = unknown), hash
 * and document, and are copied.
 */
#define RG_NEWCOMER_COLUMNS 9

typedef struct RgNewcomers RgNewcomers;

/* An int8[] of ids, a list of int64 *. */
extern Datum rg_merge_id_array(const List *ids);

/* Runs a statement whose parameters are the organization, the source and these ids (a list of int64 *). */
extern void rg_merge_run_for_ids(RgMerge *merge, RgStatement *statement, const List *ids);

extern Datum rg_merge_text_array(Datum *texts, int count);

extern SourceSchema *rg_merge_schema(RgMerge *merge, const char *name);
extern SourceSchema *rg_merge_add_schema(RgMerge *merge, const char *name);

extern bool rg_merge_same_text(const char *a, const char *b);
/* In the memory of the merge; NULL stays NULL. */
extern char *rg_merge_keep(RgMerge *merge, const char *text);

#endif
