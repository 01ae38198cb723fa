/*
 * signature_statements.h — the queries that compare signatures.
 */
#ifndef RG_POSTGRESQL_SIGNATURE_STATEMENTS_H
#define RG_POSTGRESQL_SIGNATURE_STATEMENTS_H

/* Of the first two: the patterns of scope.h; what a signature's base is, and the transaction before which
 * everything has ended. */
extern const char base_sql[];

enum
{
	BASE_HASH,
	BASE_TRANSACTION
};

/* To be set before the next two, which read catalogs whole. */
extern const char whole_read_settings_sql[];

/* The parameter is the horizon, an xid: functions that are newer. */
extern const char functions_sql[];

enum
{
	FUNCTION_ID,
	FUNCTION_HASH
};

/*
 * A cursor, and its fetch. The parameters are those of scope.h, then the horizon. The relations that are
 * described, and those others that are newer than the horizon.
 */
extern const char declare_signatures_sql[];
extern const char fetch_signatures_sql[];

#define SIGNATURES_FETCHED 5000

enum
{
	SIGNED_RELATION,
	SIGNED_NAME,
	SIGNED_SCHEMA,
	SIGNED_HASH,
	SIGNED_SELECTED,
	SIGNED_ROW_ESTIMATE,
	SIGNED_SIZE
};

/* The parameters are oids of relations and of functions, the result those of relations that depend on them.
 */
extern const char dependents_sql[];

#endif
