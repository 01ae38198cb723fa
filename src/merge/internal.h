/* internal.h — inside the merge room: what is known of a source, and the spool of what differs. */
#ifndef RG_MERGE_INTERNAL_H
#define RG_MERGE_INTERNAL_H

#include "merge.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "storage/buffile.h"

#include "sql.h"
#include "wire/pattern.h"

#define RG_HASH_BYTES      16
#define RG_SKIPPED_SHOWN   100
#define RG_SIGNATURE_BYTES 128

/* What an ordinary document takes while it is worked on: kept from one to the next. */
#define RG_SCRATCH_BYTES (128 * 1024)

/* A stored relation, as far as comparing needs it. */
typedef struct KnownRelation
{
	int64 relation_id;
	int64 native_id;    /* 0 = none */
	int64 row_estimate; /* -1 = unknown */
	int64 size_bytes;   /* -1 = unknown */
	const char *schema;
	const char *name;
	const char *server; /* name and major version that it was read with, or NULL */
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
	int64 native_id;
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
	int64 native_id;
	int64 row_estimate;
	int64 size_bytes;
	int32 columns;
	unsigned char hash[RG_HASH_BYTES];
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

	const char *server;         /* name and major version, once connected */
	const char *identity;       /* or NULL: it is not told */
	const char *known_identity; /* of the server whose native ids are stored, or NULL */
	const char *last_server;
	bool is_other_server; /* the stored native ids are not this server's */

	KnownRelation *known;
	int known_count;
	int known_capacity;
	struct IdIndex_hash *by_id;
	struct NameIndex_hash *by_name;
	List *schemas; /* of SourceSchema */
	SourceSchema *last_schema;

	BufFile *spool;        /* made when the first difference is found */
	MemoryContext scratch; /* made with it */
	StringInfoData record;
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
};

extern void rg_index_create(RgMerge *merge);
/* Index of the stored relation, or -1. */
extern int rg_index_find_id(RgMerge *merge, int64 native_id);
extern int rg_index_find_name(RgMerge *merge, const char *schema, const char *name);
extern void rg_index_add_known(RgMerge *merge, int index);
/*
 * Notes that the discovery sent this name; false when it did so before. newcomer: without a match by native
 * id, so that it takes over the stored relation of that name, should that one not be met under another name.
 */
extern bool rg_index_claim_name(RgMerge *merge, const char *schema, const char *name, bool newcomer);
extern bool rg_index_name_is_taken_over(RgMerge *merge, const char *schema, const char *name);
/* By a newcomer or by another stored relation. */
extern bool rg_index_name_is_claimed(RgMerge *merge, const char *schema, const char *name);

/* The jsonb of a document, compressed if it is long: in the caller's memory context, and outside any
 * transaction. */
extern struct varlena *rg_merge_stored_form(WireSpan document);

/*
 * Relations that were not stored before: added one by one, inserted in batches. The values are schema_name,
 * relation_name, kind, native_id (0 = none), columns_count, row_estimate and size_bytes (-1 = unknown), hash
 * and document, and are copied.
 */
#define RG_NEWCOMER_COLUMNS 9

typedef struct RgNewcomers RgNewcomers;

extern RgNewcomers *rg_newcomers_begin(RgMerge *merge);
extern void rg_newcomers_add(RgNewcomers *newcomers, Datum *values);
extern void rg_newcomers_end(RgNewcomers *newcomers);

/* An int8[] of ids, a list of int64 *. */
extern Datum rg_merge_id_array(const List *ids);

/* Runs a statement whose parameters are the organization, the source and these ids (a list of int64 *). */
extern void rg_merge_run_for_ids(RgMerge *merge, RgStatement *statement, const List *ids);

extern void rg_signatures_load(RgMerge *merge);
/* signature: what the end frame says of the source, or NULL. Returns NULL or the fault. */
extern const char *rg_signatures_check_end(RgMerge *merge, const char *signature);
extern void rg_signatures_apply(RgMerge *merge);

/* server.c: what is known of the server; the stored text of one as the merge keeps it. */
extern void rg_server_load(RgMerge *merge);
extern const char *rg_server_of_known(RgMerge *merge, const char *server);
/* Before anything is written: what no other server's relation may be found by. */
extern void rg_server_forget_ids(RgMerge *merge);
/* After everything is written. */
extern void rg_server_note(RgMerge *merge);

extern SourceSchema *rg_merge_schema(RgMerge *merge, const char *name);

#endif
