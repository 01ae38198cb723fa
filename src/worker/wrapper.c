/*
 * wrapper.c — has the wrapper of a foreign server describe the source. It is code of others in the process of
 * a worker, so it is off until the operator names a role for it; that role's rights bound it.
 */
#include "wrapper.h"

#include "miscadmin.h"
#include "postmaster/interrupt.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "driver.h"
#include "import.h"
#include "json.h"
#include "sql.h"
#include "transaction.h"
#include "words.h"

static char *foreign_role = "";
static bool has_run = false;

void
rg_wrapper_init(void)
{
	DefineCustomStringVariable(
		"rivergen.foreign_role", "Role as which foreign data wrappers describe foreign servers.",
		"It needs USAGE on a server and a user mapping of its own. Empty: wrappers are not run.",
		&foreign_role, "", PGC_SUSET, 0, NULL, NULL, NULL);
}

char *
rg_wrapper_server_of(const RgEndpoint *endpoint)
{
	return strcmp(endpoint->type, "other") == 0 ? rg_driver_option_of(endpoint, "foreign_server") : NULL;
}

bool
rg_wrapper_has_run(void)
{
	return has_run;
}

bool
rg_wrapper_cannot_read(RgFailure *failure, const char *server_name)
{
	rg_failed(
		failure, "unsupported",
		psprintf("a source that is the foreign server \"%s\" can only be described", server_name),
		"Its relations are read through foreign tables of that server: IMPORT FOREIGN SCHEMA makes them.");
	failure->elsewhere = true;
	return false;
}

/* ---- the answer, as frames ---- */

typedef struct Answer
{
	RgAttempt *attempt;
	const RgQuestion *question;
	RgImport import;
	StringInfoData frames;
	char *version; /* of the wrapper */
	char *secrets;
	List *schemas;
	HTAB *names; /* of relations of the schema */
	int64 relations;
	int64 columns;
} Answer;

static void
end_frame(Answer *answer)
{
	appendStringInfoString(&answer->frames, "}\n");
}

static void
begin_frame(Answer *answer, const char *kind)
{
	appendStringInfo(&answer->frames, "{\"frame\": \"%s\"", kind);
}

static void
add_schema(Answer *answer, const char *name)
{
	if (answer->schemas != NIL && strcmp(llast(answer->schemas), name) == 0)
		return;
	answer->schemas = lappend(answer->schemas, pstrdup(name));
	begin_frame(answer, "schema");
	rg_json_append_text(&answer->frames, "name", name);
	end_frame(answer);
}

static void
add_relation(Answer *answer, const char *frame, int columns)
{
	appendStringInfo(&answer->frames, "%s\n", frame);
	answer->relations++;
	answer->columns += columns;
}

static void
add_skipped(Answer *answer, const char *name, const char *reason)
{
	begin_frame(answer, "skipped");
	rg_json_append_text(&answer->frames, "schema", answer->import.remote_schema);
	rg_json_append_text(&answer->frames, "name", name);
	rg_json_append_text(&answer->frames, "reason",
						rg_words(reason, strlen(reason), answer->secrets, RG_REASON_BYTES));
	end_frame(answer);
}

static void
add_connected(Answer *answer)
{
	begin_frame(answer, "connected");
	rg_json_append_text(&answer->frames, "server", answer->version);
	rg_json_append_text(&answer->frames, "dialect", psprintf("postgresql %d", PG_VERSION_NUM / 10000));
	end_frame(answer);
}

static void
add_end(Answer *answer)
{
	begin_frame(answer, "end");
	appendStringInfo(&answer->frames,
					 ", \"schemas\": %d, \"relations\": " INT64_FORMAT ", \"columns\": " INT64_FORMAT,
					 list_length(answer->schemas), answer->relations, answer->columns);
	end_frame(answer);
}

/* ---- reading ---- */

/* Names of PostgreSQL are shorter than those of other sources, so two may become one. */
static bool
is_new_name(Answer *answer, const char *name)
{
	char key[NAMEDATALEN] = {0};
	bool found;

	strlcpy(key, name, sizeof(key));
	(void) hash_search(answer->names, key, HASH_ENTER, &found);
	return !found;
}

static void
take_imported(Answer *answer, const RgImported *imported)
{
	if (imported->name == NULL || !is_new_name(answer, imported->name))
		ereport(LOG, (errmsg("a relation of foreign server \"%s\" is left out: it has no name of its own",
							 answer->import.server_name)));
	else if (imported->frame != NULL)
		add_relation(answer, imported->frame, imported->columns);
	else
		add_skipped(answer, imported->name, imported->error->message);
}

static void
stop_if_unwanted(void)
{
	if (rg_watch_is_cancelled() || ShutdownRequestPending)
		ereport(ERROR, errcode(ERRCODE_QUERY_CANCELED), errmsg("the work was canceled"));
}

static void
import_schema(Answer *answer)
{
	HASHCTL control = {.keysize = NAMEDATALEN, .entrysize = NAMEDATALEN, .hcxt = answer->import.memory};
	List *statements = rg_import_statements(&answer->import, false);
	ListCell *cell;

	answer->names = hash_create("rivergen imported", 256, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	add_schema(answer, answer->import.remote_schema);
	foreach (cell, statements)
	{
		RgImported imported = rg_import_describe(&answer->import, lfirst(cell));

		stop_if_unwanted();
		take_imported(answer, &imported);
	}
}

/* A wrapper that imports nothing has no relations but the foreign tables that were made by hand. */
static void
describe_tables(Answer *answer)
{
	static RgStatement list = {
		.text =
			"SELECT t.schema_name, r.frame, r.columns FROM rivergen_catalog.wrapped_tables($1, $2) t "
			"CROSS JOIN LATERAL rivergen_catalog.wrapped_relation(t.relation, t.schema_name, t.table_name, t.relation) r"};
	uint64 count = rg_spi_execute(&list, rg_oid(answer->import.role), rg_oid(answer->import.server));
	const char *wanted = answer->question->schema;

	for (uint64 i = 0; i < count; i++)
	{
		const char *schema = rg_spi_text(i, 1);

		if (wanted != NULL && strcmp(wanted, schema) != 0)
			continue;
		add_schema(answer, schema);
		add_relation(answer, rg_spi_text(i, 2), rg_spi_int32(i, 3));
	}
}

static bool
no_schema(Answer *answer, const char *schema)
{
	RgFailure *failure = &answer->attempt->failure;

	rg_failed(failure, "schema_not_found", psprintf("there is no schema \"%s\"", schema), NULL);
	failure->step = "query";
	return false;
}

static bool
find_schema(Answer *answer)
{
	const RgEndpoint *endpoint = &answer->attempt->endpoint;
	const char *wanted = answer->question->schema;

	if (endpoint->use_ssh_tunnel)
		return rg_failed(&answer->attempt->failure, "configuration",
						 "a foreign server cannot be reached through the source's SSH tunnel",
						 "Its wrapper connects by the options of the server. Set use_ssh_tunnel to false.");
	answer->import.remote_schema = endpoint->schema_name ? endpoint->schema_name : endpoint->database_name;
	if (answer->import.remote_schema == NULL)
		return rg_failed(
			&answer->attempt->failure, "configuration", "the source has no schema_name",
			"It is the schema of the foreign server that the wrapper imports, such as public or dbo.");
	return wanted == NULL || strcmp(wanted, answer->import.remote_schema) == 0 || no_schema(answer, wanted);
}

/* Part of a transaction that is rolled back. */
static bool
read_server(Answer *answer)
{
	bool is_test = strcmp(answer->question->operation, "test") == 0;

	has_run = true;
	add_connected(answer);
	if (!rg_import_is_offered(answer->import.server))
	{
		if (!is_test)
			describe_tables(answer);
	}
	else
	{
		if (!find_schema(answer))
			return false;
		rg_import_begin(&answer->import);
		if (is_test)
			(void) rg_import_statements(&answer->import, true);
		else
			import_schema(answer);
	}
	if (answer->schemas == NIL && answer->question->schema != NULL)
		return no_schema(answer, answer->question->schema);
	add_end(answer);
	return true;
}

/* ---- may it run? ---- */

static char *
kept_text(uint64 row, int column)
{
	return rg_spi_is_null(row, column) ? NULL : pstrdup(rg_spi_text(row, column));
}

static bool
find_server(Answer *answer)
{
	static RgStatement look = {
		.text =
			"SELECT role, server, version, secrets, code, message, detail FROM rivergen_catalog.wrapped_server($1, $2)"};
	RgFailure *failure = &answer->attempt->failure;
	bool is_null;

	rg_spi_execute(&look, rg_text(foreign_role), rg_text(answer->import.server_name));
	if (!rg_spi_is_null(0, 5))
	{
		rg_failed(failure, kept_text(0, 5), kept_text(0, 6), kept_text(0, 7));
		failure->elsewhere = strncmp(failure->code, "un", 2) == 0; /* unsupported, unavailable */
		return false;
	}
	answer->import.role = DatumGetObjectId(rg_spi_datum(0, 1, &is_null));
	answer->import.server = DatumGetObjectId(rg_spi_datum(0, 2, &is_null));
	answer->version = kept_text(0, 3);
	answer->secrets = kept_text(0, 4);
	return true;
}

/* ---- failures ---- */

static const char *
code_of(int sqlstate, const char **step)
{
	*step = "query";
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_CONNECTION_EXCEPTION:
			*step = "connect";
			return "unreachable";
		case ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION:
			*step = "authenticate";
			return "authentication";
	}
	if (sqlstate == ERRCODE_QUERY_CANCELED)
		return "timeout";
	if (sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE)
		return "permission";
	if (sqlstate == ERRCODE_FDW_SCHEMA_NOT_FOUND || sqlstate == ERRCODE_INVALID_SCHEMA_NAME)
		return "schema_not_found";
	*step = sqlstate == ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION ? "connect" : "query";
	return sqlstate == ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION ? "unreachable" : "query";
}

static char *
without_secrets(const Answer *answer, const char *text)
{
	return text != NULL ? rg_words(text, strlen(text), answer->secrets, WIRE_MAX_WORDS) : NULL;
}

static void
explain(Answer *answer, const ErrorData *error)
{
	RgAttempt *attempt = answer->attempt;
	const char *step;
	const char *code = code_of(error->sqlerrcode, &step);
	char *said = without_secrets(answer, error->message);
	char *more = without_secrets(answer, error->detail ? error->detail : error->hint);

	if (error->sqlerrcode == ERRCODE_QUERY_CANCELED && ShutdownRequestPending)
		attempt->interruption = RG_SHUTTING_DOWN;
	else if (error->sqlerrcode == ERRCODE_QUERY_CANCELED && rg_watch_is_cancelled())
		attempt->interruption = RG_STOPPED;
	rg_failed(&attempt->failure, code,
			  psprintf("the wrapper of foreign server \"%s\" failed: %s", answer->import.server_name, said),
			  more);
	attempt->failure.step = step;
	attempt->failure.transient = strcmp(code, "unreachable") == 0 || strcmp(code, "timeout") == 0;
}

/* What the wrapper has made is rolled back whether it failed or not. */
static bool
read_and_roll_back(Answer *answer)
{
	MemoryContext memory = CurrentMemoryContext;
	volatile bool complete = false;

	PG_TRY();
	{
		rg_transaction_begin();
		MemoryContextSwitchTo(memory);
		complete = find_server(answer) && read_server(answer);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(memory);
		error = CopyErrorData();
		FlushErrorState();
		explain(answer, error);
	}
	PG_END_TRY();
	rg_transaction_abort();
	MemoryContextSwitchTo(memory);
	return complete;
}

bool
rg_wrapper_attempt(RgAttempt *attempt, const char *server_name, const RgQuestion *question, RgLoad load,
				   void *argument)
{
	RgConversation *conversation = &attempt->conversation;
	char *known = NULL;
	Answer answer = {.attempt = attempt,
					 .question = question,
					 .import = {.server_name = server_name,
								.timeout = attempt->endpoint.query_timeout,
								.memory = CurrentMemoryContext}};

	if (strcmp(question->operation, "test") != 0 && strcmp(question->operation, "discover") != 0)
		return rg_wrapper_cannot_read(&attempt->failure, server_name);
	initStringInfo(&answer.frames);
	conversation->asked_at = GetCurrentTimestamp();
	conversation->capabilities = RG_OFFERS_TEST | RG_OFFERS_DISCOVER;
	if (!read_and_roll_back(&answer))
		return false;
	if (load != NULL)
		attempt->merge = load(argument, &known);
	conversation->merge = attempt->merge;
	attempt->interruption = attempt->check(attempt->argument);
	return attempt->interruption == RG_UNDISTURBED &&
		   rg_conversation_take(conversation, answer.frames.data, answer.frames.len, &attempt->failure);
}
