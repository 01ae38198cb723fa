/*
 * settings.h — what a transaction at the source begins with.
 */
#ifndef RG_POSTGRESQL_SETTINGS_H
#define RG_POSTGRESQL_SETTINGS_H

#define BEGIN_SQL "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"

/*
 * Of one statement with rows. A table that is rewritten (ALTER TABLE … TYPE) while that statement waits for
 * it is empty for older snapshots, so the snapshot must not be older than the wait.
 */
#define BEGIN_ROWS_SQL "BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY"

/*
 * Settings that answers, or their safety, depend on, without those that the server's version does not have or
 * that have the value. The statement itself names the schema of everything it uses.
 */
#define SETTINGS_SQL(more) SETTINGS_SQL_UNTIL_END_OF("true", more)

/* "true": of the transaction; "false": of the session. */
#define SETTINGS_SQL_UNTIL_END_OF(transaction, more)                                                         \
	"SELECT pg_catalog.set_config(v.name, v.value, " transaction ") FROM (VALUES "                           \
	"('transaction_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), "                           \
	"('row_security', 'on'), ('exit_on_error', 'off'), ('client_min_messages', 'error'), "                   \
	"('DateStyle', 'ISO, YMD'), ('IntervalStyle', 'postgres'), ('TimeZone', 'UTC'), "                        \
	"('bytea_output', 'hex'), ('extra_float_digits', '3'), ('lc_monetary', 'C'), ('lc_numeric', 'C'), "      \
	"('lc_time', 'C'), ('xmlbinary', 'base64'), ('standard_conforming_strings', 'on'), "                     \
	"('quote_all_identifiers', 'off'), ('transform_null_equals', 'off'), ('array_nulls', 'on'), "            \
	"('jit', 'off'), " more ") v (name, value) "                                                             \
	"WHERE pg_catalog.current_setting(v.name, true) OPERATOR(pg_catalog.<>) v.value"

/* pg_temp is named so that it comes last. */
#define OWN_NAMES "('search_path', 'pg_catalog, pg_temp')"

/*
 * Statements may take as long as they send something. A server that sends nothing notices in time that the
 * connector has gone; only some systems can, and on the others the setting is an error.
 */
#define OF_ROWS                                                                                              \
	"('statement_timeout', '0'), ('xmloption', 'content'), ('client_connection_check_interval', "            \
	"CASE WHEN pg_catalog.strpos(pg_catalog.version(), 'linux') OPERATOR(pg_catalog.>) 0 "                   \
	"THEN '500ms' ELSE '0' END)"

/* The server ends a wait for a lock after the time that is the statement's only parameter. */
#define OF_LOCKS ", ('lock_timeout', $1::pg_catalog.text)"

#endif
