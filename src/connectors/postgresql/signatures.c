/*
 * signatures.c — reads signatures and compares them with the known ones.
 *
 * Why they can be trusted: xmin is the transaction that made a row version, and only a change makes a new
 * version. Freezing leaves xmin readable (since 9.4), and VACUUM, ANALYZE and CREATE INDEX update their
 * counters in pg_class in place.
 *
 * The horizon is the oldest transaction that had not ended when everything was read. Every later change is
 * newer than the horizon, those of subtransactions too. Few rows are newer, so the large catalogs are only
 * filtered for them. Hashes of (catalog, object, xmin) of these rows are added up: the order does not matter,
 * and a row that comes, goes or changes moves the sum by a 64-bit number that no user can choose. Older rows
 * cannot come, only go; if that leaves no newer row, they are counted.
 *
 * Transaction ids repeat after 2^32. A horizon that is 2^30 transactions old is given up and everything is
 * read, so newer and older are never confused.
 *
 * Equal ids mean equal versions only within one history of one cluster. So the source's signature names the
 * cluster, the database, the timeline (promotion, recovery to a point in time) and the start of the server (a
 * copy of the files may run beside or instead of the original).
 *
 * The source's signature is version/format/base/horizon/functions/others. The last two are sums over newer
 * functions, and over newer relations that are not described (patterns, composite types): if one of them
 * moves, everything that depends on these objects is read. They may move while relations are sent as
 * unchanged; the other parts may not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/postgresql/signature_statements.h"
#include "connectors/postgresql/signatures.h"
#include "connectors/postgresql/statements.h"

/* Raise it if the same catalogs make another document within one version of the connector. */
#define DOCUMENT_FORMAT "5"

/* hash_array_extended, hashtextextended and hash_numeric_extended. */
#define LEAST_VERSION 110000

#define OLDEST_HORIZON (INT64_C(1) << 30)

typedef char SourceText[128];

/* The parts of the source's signature, the known or the present one. */
typedef struct SourceSignature
{
	char base[64]; /* with the version and the format, up to the horizon */
	int64_t horizon;
	uint64_t functions;
	uint64_t others;
} SourceSignature;

/* The state while signatures are read. */
typedef struct Comparison
{
	Signatures *signatures;
	Session *session;
	const Scope *scope;
	const Vocabulary *vocabulary;
	SourceSignature before;
	SourceSignature now;
	SignatureList known;
	SignatureList functions; /* newer than the horizon */
	SignatureList others;    /* likewise */
	SignatureList dependents;
	PGresult **quiet; /* if trusted: all fetched results, since the last row decides whether a relation is
						 unchanged */
	size_t quiet_count;
} Comparison;

/* ---- lists ---- */

static void
add(SignatureList *list, Signature signature)
{
	if (list->count == list->capacity)
	{
		list->capacity = list->capacity ? list->capacity * 2 : 1024;
		list->items = reallocate(list->items, list->capacity * sizeof(Signature));
	}
	list->items[list->count++] = signature;
}

static int
compare(const void *a, const void *b)
{
	ObjectId left = ((const Signature *) a)->relation;
	ObjectId right = ((const Signature *) b)->relation;

	return (left > right) - (left < right);
}

static void
order(SignatureList *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(Signature), compare);
}

static const Signature *
find(const SignatureList *list, ObjectId relation)
{
	Signature key = {.relation = relation};

	return list->count > 0 ? bsearch(&key, list->items, list->count, sizeof(Signature), compare) : NULL;
}

/* ---- what is known ---- */

/* Returns false for a text that this connector cannot have written. */
static bool
parse_known(WireSpan pair, Signature *signature)
{
	WireSpan element;
	SignatureText text;
	IdText id;
	char *end;

	if (!wire_array_next(&pair, &element) || wire_string(element, id, sizeof(id)) < 0)
		return false;
	if (!wire_array_next(&pair, &element) ||
		wire_string(element, text, sizeof(text)) != sizeof(SignatureText) - 1)
		return false;
	*signature = (Signature){.relation = id_of_text(id), .hash = strtoull(text, &end, 16)};
	return signature->relation != 0 && *end == '\0';
}

static void
take_known(SignatureList *known, const char *relations)
{
	WireSpan rest = {relations, relations ? strlen(relations) : 0};
	WireSpan pair;
	Signature signature;

	while (wire_array_next(&rest, &pair))
		if (parse_known(pair, &signature))
			add(known, signature);
	order(known);
}

/* ---- the source's signature ---- */

static int64_t
take_integer(const char **text)
{
	char *end;
	int64_t value = strtoll(*text, &end, 10);

	*text = *end == '/' ? end + 1 : end;
	return value;
}

static uint64_t
take_hash(const char **text)
{
	char *end;
	uint64_t value = strtoull(*text, &end, 16);

	*text = *end == '/' ? end + 1 : end;
	return value;
}

/* May signatures that were made under the known one be compared? Then *before is set. */
static bool
parse_before(SourceSignature *before, const SourceSignature *now, const char *known)
{
	size_t length = strlen(now->base);
	int64_t age;

	if (known == NULL || strncmp(known, now->base, length) != 0)
		return false;
	known += length;
	before->horizon = take_integer(&known);
	before->functions = take_hash(&known);
	before->others = take_hash(&known);
	age = now->horizon - before->horizon;
	return *known == '\0' && before->horizon > 0 && age >= 0 && age < OLDEST_HORIZON;
}

static char *
source_text(const SourceSignature *now)
{
	SourceText text;

	snprintf(text, sizeof(text), "%s%" PRId64 "/%" PRIx64 "/%" PRIx64, now->base, now->horizon,
			 now->functions, now->others);
	return copy_text(text);
}

/* In a savepoint: a server may withhold a part of this. Then there are no signatures, which is no failure. */
static bool
read_base(SourceSignature *now, Session *session, const Scope *scope)
{
	PGresult *failure = NULL;
	PGresult *result;
	bool found;

	session_begin_apart(session);
	session_ask_all(session, base_sql, scope->parameters + 1, SCOPE_PARAMETERS - 1);
	session_end_apart(session);
	session_receive_begin_apart(session);
	result = session_receive(session, &failure);
	session_receive_end_apart(session);
	found = result && PQntuples(result) == 1;
	if (found)
	{
		snprintf(now->base, sizeof(now->base), "%.20s/" DOCUMENT_FORMAT "/%.32s/", CONNECTOR_VERSION,
				 row_name(result, 0, BASE_HASH));
		now->horizon = row_int8(result, 0, BASE_TRANSACTION);
	}
	PQclear(result);
	PQclear(failure);
	return found;
}

/* ---- relations ---- */

static void
ask_rows(Comparison *comparison)
{
	Session *session = comparison->session;
	Parameter parameters[SCOPE_PARAMETERS + 1];
	WireBuffer sql = {0};
	char horizon[16];

	snprintf(horizon, sizeof(horizon), "%" PRIu32, (uint32_t) comparison->now.horizon);
	memcpy(parameters, comparison->scope->parameters, sizeof(comparison->scope->parameters));
	parameters[SCOPE_PARAMETERS] = (Parameter){.value = horizon};
	statement_for_version(&sql, declare_signatures_sql, session->version);
	session_ask(session, "SAVEPOINT signatures", NULL);
	session_ask(session, whole_read_settings_sql, NULL);
	session_ask(session, functions_sql, &parameters[SCOPE_PARAMETERS]);
	session_ask_all(session, sql.data, parameters, SCOPE_PARAMETERS + 1);
	session_ask(session, fetch_signatures_sql, NULL);
	session_end_batch(session);
	wire_free(&sql);
}

static void
take_functions(Comparison *comparison, PGresult *result)
{
	for (int row = 0; row < PQntuples(result); row++)
	{
		add(&comparison->functions, (Signature){.relation = row_oid(result, row, FUNCTION_ID)});
		comparison->now.functions += (uint64_t) row_int8(result, row, FUNCTION_HASH);
	}
	PQclear(result);
}

static void
take_row(Comparison *comparison, const PGresult *result, int row)
{
	Signature signature = {.relation = row_oid(result, row, SIGNED_RELATION),
						   .hash = (uint64_t) row_int8(result, row, SIGNED_HASH)};
	const Signature *before = find(&comparison->known, signature.relation);

	if (!row_bool(result, row, SIGNED_SELECTED))
	{
		add(&comparison->others, signature);
		comparison->now.others += signature.hash;
	}
	else if (before == NULL || before->hash != signature.hash)
		add(&comparison->signatures->present, signature);
}

static void
keep_quiet(Comparison *comparison, PGresult *result)
{
	if (!comparison->signatures->trusted)
	{
		PQclear(result);
		return;
	}
	comparison->quiet =
		reallocate(comparison->quiet, (comparison->quiet_count + 1) * sizeof(comparison->quiet[0]));
	comparison->quiet[comparison->quiet_count++] = result;
}

/* After a failure: lets the transaction go on. */
static void
give_up_rows(Session *session, PGresult *failure)
{
	session_ask(session, "ROLLBACK TO SAVEPOINT signatures", NULL);
	session_end_batch(session);
	PQclear(session_receive(session, NULL));
	session_receive_end(session);
	PQclear(failure);
}

/* Returns false if a part of the signatures may not be read, or is not UTF-8. */
static bool
read_rows(Comparison *comparison)
{
	Session *session = comparison->session;
	PGresult *failure = NULL;
	bool more = true;

	ask_rows(comparison);
	PQclear(session_receive(session, NULL));
	PQclear(session_receive(session, &failure));
	take_functions(comparison, session_receive(session, &failure));
	PQclear(session_receive(session, &failure));
	while (more)
	{
		PGresult *result = session_receive(session, &failure);

		session_receive_end(session);
		if (result == NULL)
		{
			give_up_rows(session, failure);
			return false;
		}
		more = PQntuples(result) == SIGNATURES_FETCHED;
		if (more)
		{
			/* The server continues while these are compared. */
			session_ask(session, fetch_signatures_sql, NULL);
			session_end_batch(session);
		}
		for (int row = 0; row < PQntuples(result); row++)
			take_row(comparison, result, row);
		keep_quiet(comparison, result);
	}
	order(&comparison->signatures->present);
	return true;
}

/* ---- what depends on them ---- */

static void
append_ids(WireBuffer *array, const SignatureList *list)
{
	for (size_t i = 0; i < list->count; i++)
	{
		wire_append_text(array, array->length == 0 ? "{" : ",");
		wire_append_integer(array, list->items[i].relation);
	}
}

static const char *
end_ids(WireBuffer *array)
{
	wire_append_text(array, array->length == 0 ? "{}" : "}");
	wire_append(array, "", 1);
	if (array->failed)
		give_up_out_of_memory();
	return array->data;
}

/* Returns false if they may not be read. */
static bool
read_dependents(Comparison *comparison)
{
	Session *session = comparison->session;
	WireBuffer relations = {0};
	WireBuffer functions = {0};
	Parameter parameters[2];
	PGresult *failure = NULL;
	PGresult *result;
	bool readable;

	append_ids(&relations, &comparison->signatures->present);
	if (comparison->now.others != comparison->before.others)
		append_ids(&relations, &comparison->others);
	if (comparison->now.functions != comparison->before.functions)
		append_ids(&functions, &comparison->functions);
	if (relations.length + functions.length > 0)
	{
		parameters[0] = (Parameter){.value = end_ids(&relations)};
		parameters[1] = (Parameter){.value = end_ids(&functions)};
		session_begin_apart(session);
		session_ask(session, planner_settings_sql, NULL);
		session_ask_all(session, dependents_sql, parameters, 2);
		session_end_apart(session);
		session_receive_begin_apart(session);
		PQclear(session_receive(session, &failure));
		result = session_receive(session, &failure);
		session_receive_end_apart(session);
		for (int row = 0; row < PQntuples(result); row++)
			add(&comparison->dependents, (Signature){.relation = row_oid(result, row, 0)});
		PQclear(result);
		order(&comparison->dependents);
	}
	wire_free(&relations);
	wire_free(&functions);
	readable = failure == NULL;
	PQclear(failure);
	return readable;
}

static void
emit_as_unchanged(const PGresult *result, int row, const Vocabulary *vocabulary)
{
	IdText id;
	RelationFrame frame = {
		.schema = schema_name(vocabulary, row_oid(result, row, SIGNED_SCHEMA)),
		.name = row_name(result, row, SIGNED_NAME),
		.id = id_text(row_oid(result, row, SIGNED_RELATION), id),
		.row_estimate = row_is_null(result, row, SIGNED_ROW_ESTIMATE)
							? ABSENT
							: row_int8(result, row, SIGNED_ROW_ESTIMATE),
		.size_bytes = row_is_null(result, row, SIGNED_SIZE) ? ABSENT : row_int8(result, row, SIGNED_SIZE),
	};

	emit_unchanged(&frame);
}

/*
 * Adds dependents to the relations to read. Relations whose own signature moved are there already; a
 * dependent keeps its signature.
 */
static void
settle(Comparison *comparison, const SignatureList *moved, const PGresult *result, int row)
{
	ObjectId relation = row_oid(result, row, SIGNED_RELATION);

	if (!row_bool(result, row, SIGNED_SELECTED) || find(moved, relation))
		return;
	if (find(&comparison->dependents, relation))
		add(&comparison->signatures->present, *find(&comparison->known, relation));
	else
	{
		emit_as_unchanged(result, row, comparison->vocabulary);
		comparison->signatures->unchanged++;
	}
}

static void
settle_all(Comparison *comparison)
{
	Signatures *signatures = comparison->signatures;
	SignatureList moved = signatures->present;

	/* A new list: the other one grows, and is in order again at the end. */
	signatures->present = (SignatureList){0};
	for (size_t i = 0; i < moved.count; i++)
		add(&signatures->present, moved.items[i]);
	for (size_t i = 0; i < comparison->quiet_count; i++)
	{
		for (int row = 0; row < PQntuples(comparison->quiet[i]); row++)
			settle(comparison, &moved, comparison->quiet[i], row);
		PQclear(comparison->quiet[i]);
	}
	order(&signatures->present);
	append_ids(&signatures->changed, &signatures->present);
	(void) end_ids(&signatures->changed);
	free(moved.items);
	free(comparison->quiet);
}

/* Reads everything, as if no signature were known. */
static void
do_without(Comparison *comparison)
{
	free(comparison->signatures->present.items);
	*comparison->signatures = (Signatures){0};
	for (size_t i = 0; i < comparison->quiet_count; i++)
		PQclear(comparison->quiet[i]);
	free(comparison->quiet);
}

void
signatures_read(Signatures *signatures, Session *session, const Request *request, const Scope *scope,
				const Vocabulary *vocabulary)
{
	Comparison comparison = {
		.signatures = signatures, .session = session, .scope = scope, .vocabulary = vocabulary};

	*signatures = (Signatures){0};
	/* With the signatures of one schema, changes elsewhere that its documents name would be missed. */
	if (!request->signatures || request->schema || session->version < LEAST_VERSION)
		return;
	emit_progress("compare", ABSENT);
	if (!read_base(&comparison.now, session, scope))
		return;
	signatures->trusted = parse_before(&comparison.before, &comparison.now, request->known_signature);
	if (signatures->trusted)
	{
		comparison.now.horizon = comparison.before.horizon;
		take_known(&comparison.known, request->known_relations);
	}
	if (read_rows(&comparison) && (!signatures->trusted || read_dependents(&comparison)))
	{
		if (signatures->trusted)
			settle_all(&comparison);
		signatures->source = source_text(&comparison.now);
	}
	else
		do_without(&comparison);
	free(comparison.known.items);
	free(comparison.functions.items);
	free(comparison.others.items);
	free(comparison.dependents.items);
}

const char *
signatures_changed(const Signatures *signatures)
{
	return signatures->trusted ? signatures->changed.data : NULL;
}

const char *
signature_of(const Signatures *signatures, ObjectId relation, SignatureText *text)
{
	const Signature *signature = find(&signatures->present, relation);

	if (signature == NULL)
		return NULL;
	snprintf(*text, sizeof(*text), "%016" PRIx64, signature->hash);
	return *text;
}
