/*
 * signatures.h — knowing that a relation is what it was without reading it.
 *
 * A row of a catalog that is changed gets a new version, whose xmin tells it from the old one. A relation's
 * signature is a hash of the versions of its own rows in the catalogs. Relations whose signature moved are
 * read, and so are those whose documents name them: pg_depend tells which. What all documents depend on
 * (types, schemas …) and what the numbers themselves depend on (the cluster, its timeline …) is in the
 * signature of the source, without which everything is read.
 */
#ifndef RG_POSTGRESQL_SIGNATURES_H
#define RG_POSTGRESQL_SIGNATURES_H

#include "connectors/common/request.h"
#include "connectors/postgresql/rows.h"
#include "connectors/postgresql/scope.h"
#include "connectors/postgresql/session.h"
#include "connectors/postgresql/vocabulary.h"

typedef struct Signature
{
	ObjectId relation;
	uint64_t hash;
} Signature;

/* Ordered by relation when complete. */
typedef struct SignatureList
{
	Signature *items;
	size_t count;
	size_t capacity;
} SignatureList;

typedef struct Signatures
{
	char *source;          /* NULL: there are no signatures, and everything is read */
	bool trusted;          /* the known ones may be compared with these */
	SignatureList present; /* of the relations to read */
	WireBuffer changed;    /* if trusted: the same relations, an array literal */
	int64_t unchanged;
} Signatures;

/*
 * Reads the signatures, if they are wanted, and emits `unchanged` for relations whose signatures are the
 * known ones. No answer may be outstanding in the session.
 */
extern void signatures_read(Signatures *signatures, Session *session, const Request *request,
							const Scope *scope, const Vocabulary *vocabulary);

/* Returns the parameter of the list of relations: the relations to read; NULL means all. */
extern const char *signatures_changed(const Signatures *signatures);

/* Is there no relation to read? */
static inline bool
signatures_all_unchanged(const Signatures *signatures)
{
	return signatures->trusted && signatures->present.count == 0;
}

typedef char SignatureText[17];

/* Returns the signature that goes with a relation's document, written into text; NULL if there is none. */
extern const char *signature_of(const Signatures *signatures, ObjectId relation, SignatureText *text);

#endif
