/*
 * state.h — inside the merge room: the stored relations of a source, and the differences from them.
 */
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
#define RG_MAX_COLUMNS     1000000
#define RG_SKIPPED_SHOWN   100
#define RG_SIGNATURE_BYTES 128

/* Bytes that the indexes over names can hold, of a schema's and a relation's name together. */
#define RG_NAMES_BYTES 2500

#define RG_WRONG_COUNT "the member columns of a relation does not count the columns of its document"

/* Memory that an ordinary document takes while it is checked; kept from one document to the next. */
#define RG_SCRATCH_BYTES (128 * 1024)

/* A stored relation without its document. */
typedef struct KnownRelation
{
	int64 relation_id;
	const char *id;     /* the source's own, or NULL */
	int64 row_estimate; /* -1 = unknown */
	int64 size_bytes;   /* -1 = unknown */
	const char *schema;
	const char *name;
	const char *dialect; /* in which its document was read, or NULL */
	unsigned char hash[RG_HASH_BYTES];
	const char *signature;       /* stored, or NULL */
	const char *fresh_signature; /* to be stored; NULL: none was sent, or it is the stored one */
	int32 columns;
	bool offered;   /* its signature went to the connector */
	bool confirmed; /* its stored signature is still valid */
	bool current;   /* not deprecated */
	bool seen;      /* this discovery met it */
	bool skipped;   /* it could not be read; kept unless another relation has its name now */
	bool renamed;
	bool differs; /* its document will be replaced */
} KnownRelation;

typedef struct SourceSchema
{
	char *name;
	char *id; /* or NULL */
	char *comment;
	bool known;      /* stored before */
	bool changed;    /* its comment or id differs from the stored one */
	bool announced;  /* this discovery met it */
	bool shown;      /* it is stored: patterns select it or one of its relations */
	bool unlistable; /* its relations could not be listed: stored ones that were not sent are kept */
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
	int64 changed_at; /* milliseconds since 1970, or WIRE_ABSENT */
	uint32 id_length; /* 0 = none */
	uint32 schema_length;
	uint32 name_length;
	uint32 kind_length;
	uint32 document_length;  /* of the result of rg_merge_stored_form() */
	uint32 signature_length; /* of relations that are not known by id */
	uint32 versions_length;  /* of the bytes of rg_versions_pack() */
} SpoolRecord;

/* The signature of a relation that is not known by id: found by its name once all are written. */
typedef struct NewSignature
{
	text *schema;
	text *name;
	text *signature;
} NewSignature;

/* An old and a new name, of a schema or a relation. */
typedef struct Rename
{
	const char *old_name;
	const char *new_name;
} Rename;

/* A stored relation that could not be read, and its new name. */
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
	const char *dialect;        /* from `connected`, or NULL */
	const char *identity;       /* from `connected`, or NULL */
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
	bool has_times;        /* a relation in the spool has a time of the source's own */
	StringInfoData texts;  /* of the present frame */
	int64 schemas_received;
	int64 relations_received;
	int64 columns_received;
	int64 unchanged_received;
	int64 unchanged_columns;
	const char *signature; /* of the source, as stored, or NULL */
	/* An hour before the last whole discovery, in milliseconds since 1970; 0: there was none. */
	int64 known_at;
	const char *fresh_signature; /* of the source, as sent, or NULL */
	List *new_signatures;        /* of NewSignature; made while the spool is written */
	int64 skipped_count;
	StringInfoData skipped; /* JSON array elements */
	List *renames;          /* of Rename: names that this discovery does not store */
	int64 referenced_count;
	List *moved; /* of MovedRelation; after the last frame only those that get a new name */
};

/* An int8[] of ids, a list of int64 *. */
extern Datum rg_merge_id_array(const List *ids);

/* Runs a statement whose parameters are the organization, the source and these ids (a list of int64 *). */
extern void rg_merge_run_for_ids(RgMerge *merge, RgStatement *statement, const List *ids);

extern Datum rg_merge_text_array(Datum *texts, int count);

extern SourceSchema *rg_merge_schema(RgMerge *merge, const char *name);
extern SourceSchema *rg_merge_add_schema(RgMerge *merge, const char *name);

extern bool rg_merge_same_text(const char *a, const char *b);
/* Copies the text into the memory of the merge; NULL stays NULL. */
extern char *rg_merge_keep(RgMerge *merge, const char *text);

#endif
