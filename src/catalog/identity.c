/*
 * identity.c — session_user is the only thing about a session that its user cannot change. A gateway's login
 * role is trusted to have verified the token, so its claims name the user; in any other session the login
 * role is the user, and request.jwt.claims is ignored, since every session can SET it.
 */
#include "catalog/identity.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "settings.h"
#include "error.h"
#include "json.h"
#include "sql.h"
#include "wordlist.h"

static const char no_token[] = "Invalid or missing authentication token";

/* The identity that a session claims, not yet checked. */
typedef struct Claim
{
	const char *subject;   /* of a gateway's token, else NULL */
	const char *role_name; /* the login role, else NULL */
	bool chooses;
	int64 organization_id; /* when it chooses */
} Claim;

static bool
is_gateway(const char *role_name)
{
	char *copy = pstrdup(rg_gateway_roles);
	List *names = NIL;
	ListCell *cell;

	if (!SplitIdentifierString(copy, ',', &names))
		return false;
	foreach (cell, names)
	{
		if (strcmp(lfirst(cell), role_name) == 0)
			return true;
	}
	return false;
}

bool
rg_session_is_gateway(void)
{
	if (MyBackendType != B_BACKEND || !IsTransactionState() || rg_gateway_roles[0] == '\0')
		return false;
	return is_gateway(GetUserNameFromId(GetSessionUserId(), false));
}

/* PostgREST sets request.method for each request and to an empty text afterwards. */
bool
rg_session_is_postgrest(void)
{
	const char *method = GetConfigOption("request.method", true, false);

	return method != NULL && method[0] != '\0' && rg_session_is_gateway();
}

static Jsonb *
parse_claims(const char *text)
{
	const char *fault;
	Jsonb *claims = rg_json_parse(text, strlen(text), &fault);

	if (claims == NULL)
		rg_fail(RG_UNAUTHORIZED, no_token, "request.jwt.claims is not JSON.", NULL);
	return claims;
}

static int64
claimed_organization(const JsonbValue *value)
{
	char *text;
	char *end;
	int64 id;

	if (value->type == jbvNumeric)
		text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
	else if (value->type == jbvString)
		text = pnstrdup(value->val.string.val, value->val.string.len);
	else
		text = "";
	errno = 0;
	id = strtoi64(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0)
		rg_fail(RG_UNAUTHORIZED, no_token, "The claim organization_id is not an integer.", NULL);
	return id;
}

static void
read_claims(Claim *claim)
{
	const char *text = GetConfigOption("request.jwt.claims", true, false);
	Jsonb *claims;
	JsonbValue *value;

	if (text == NULL || text[0] == '\0')
		rg_fail(RG_UNAUTHORIZED, no_token, "The request carries no claims.", NULL);
	claims = parse_claims(text);
	if (!JB_ROOT_IS_OBJECT(claims))
		rg_fail(RG_UNAUTHORIZED, no_token, "request.jwt.claims is not an object.", NULL);
	value = getKeyJsonValueFromContainer(&claims->root, "sub", 3, NULL);
	if (value == NULL || value->type != jbvString || value->val.string.len == 0)
		rg_fail(RG_UNAUTHORIZED, no_token, "The claims name no subject (sub).", NULL);
	claim->subject = pnstrdup(value->val.string.val, value->val.string.len);
	value = getKeyJsonValueFromContainer(&claims->root, "organization_id", strlen("organization_id"), NULL);
	claim->chooses = value != NULL && value->type != jbvNull;
	if (claim->chooses)
		claim->organization_id = claimed_organization(value);
}

/* A non-numeric organization id matches no membership: 403. */
static void
read_setting(Claim *claim)
{
	char *end;

	if (rg_organization_setting[0] == '\0')
		return;
	errno = 0;
	claim->chooses = true;
	claim->organization_id = strtoi64(rg_organization_setting, &end, 10);
	if (*end != '\0' || errno != 0)
		rg_fail(RG_FORBIDDEN, "User is not a member of this organization",
				"The setting rivergen.organization_id is not an integer.", NULL);
}

static Claim
read_session(void)
{
	Claim claim = {0};

	claim.role_name = GetUserNameFromId(GetSessionUserId(), false);
	if (is_gateway(claim.role_name))
	{
		claim.role_name = NULL;
		read_claims(&claim);
	}
	if (!claim.chooses)
		read_setting(&claim);
	return claim;
}

/*
 * The client gets a 401 like any other, and rivergen.http answers it without an error, so this message is for
 * the operator. At most once a minute in a session, since the claims may be set by an SQL client.
 */
static void
report_unnamed_gateway(const char *role_name)
{
	static TimestampTz reported = 0;
	const char *claims = GetConfigOption("request.jwt.claims", true, false);

	if (claims == NULL || claims[0] == '\0' ||
		!TimestampDifferenceExceeds(reported, GetCurrentTimestamp(), 60 * 1000))
		return;
	reported = GetCurrentTimestamp();
	ereport(
		LOG,
		errmsg(
			"request.jwt.claims of role \"%s\" mean nothing, since rivergen.gateway_roles does not name it",
			role_name),
		errhint(
			"If a gateway logs in with this role, add it to rivergen.gateway_roles and reload: until then "
			"every token is refused (401)."),
		errhidestmt(true), errhidecontext(true));
}

static void
fail_unknown(const Claim *claim)
{
	if (claim->subject != NULL)
		rg_fail(RG_UNAUTHORIZED, no_token, "The subject of the claims is not a user.",
				"An operator makes users with rivergen.user_create(subject).");
	report_unnamed_gateway(claim->role_name);
	rg_fail(
		RG_UNAUTHORIZED, psprintf("role \"%s\" is not a user", claim->role_name), NULL,
		"An operator makes users with rivergen.user_create(subject, role_name), or sets up everything with "
		"rivergen.quick_start(organization_name).");
}

static void
fail_disabled(const Claim *claim)
{
	if (claim->subject != NULL)
		rg_fail(RG_UNAUTHORIZED, no_token, "The user is disabled.", NULL);
	rg_fail(RG_UNAUTHORIZED, psprintf("the user of role \"%s\" is disabled", claim->role_name), NULL, NULL);
}

static void
fail_outside(const Claim *claim)
{
	if (claim->chooses)
		rg_fail(RG_FORBIDDEN, "User is not a member of this organization",
				psprintf("Chosen was organization " INT64_FORMAT ".", claim->organization_id), NULL);
	rg_fail(RG_FORBIDDEN, "User is not a member of any organization", NULL,
			"An operator adds members with rivergen.membership_add(organization_id, user_id, role).");
}

typedef enum Standing
{
	UNKNOWN, /* no user */
	DISABLED,
	OUTSIDE, /* no member */
	MEMBER
} Standing;

static Standing
look_up(const Claim *claim, RgIdentity *identity)
{
#define MEMBERSHIP                                                                                           \
	"SELECT u.user_id, m.organization_id, m.role, u.disabled_at IS NOT NULL "                                \
	"FROM rivergen_catalog.app_user u "                                                                      \
	"LEFT JOIN rivergen_catalog.membership m ON m.user_id = u.user_id "                                      \
	"AND ($2::bigint IS NULL OR m.organization_id = $2) "
#define FIRST " ORDER BY m.created_at, m.organization_id LIMIT 1"
	static RgStatement by_subject = {.text = MEMBERSHIP "WHERE u.subject = $1" FIRST};
	static RgStatement by_role = {.text = MEMBERSHIP "WHERE u.role_name = $1::name" FIRST};
	const char *name = claim->subject ? claim->subject : claim->role_name;

	*identity = (RgIdentity){0};
	if (rg_spi_read(claim->subject ? &by_subject : &by_role, rg_text(name),
					claim->chooses ? rg_int8(claim->organization_id) : rg_null(INT8OID)) == 0)
		return UNKNOWN;
	identity->user_id = rg_spi_int64(0, 1);
	if (rg_spi_bool(0, 4))
		return DISABLED;
	if (rg_spi_is_null(0, 2))
		return OUTSIDE;
	identity->organization_id = rg_spi_int64(0, 2);
	identity->role = (RgRole) rg_wordlist_index(rg_wordlist_roles, rg_spi_text(0, 3));
	return MEMBER;
}

static RgIdentity
require_member(const Claim *claim)
{
	RgIdentity identity;

	switch (look_up(claim, &identity))
	{
		case UNKNOWN:
			fail_unknown(claim);
			break;
		case DISABLED:
			fail_disabled(claim);
			break;
		case OUTSIDE:
			fail_outside(claim);
			break;
		case MEMBER:
			break;
	}
	return identity;
}

RgCaller
rg_caller(void)
{
	static RgStatement look = {
		.text = "SELECT user_id, subject, disabled_at IS NOT NULL FROM rivergen_catalog.app_user "
				"WHERE subject = $1 OR role_name = $2::name",
	};
	Claim claim = read_session();
	RgCaller caller = {.subject = claim.subject};

	if (rg_spi_read(&look, rg_text_or_null(claim.subject), rg_text_or_null(claim.role_name)) > 0)
	{
		if (rg_spi_bool(0, 3))
			fail_disabled(&claim);
		caller.user_id = rg_spi_int64(0, 1);
		caller.subject = rg_spi_text(0, 2);
	}
	else if (claim.subject == NULL)
		fail_unknown(&claim);
	return caller;
}

void
rg_identity_require_own_call(void)
{
	if (InSecurityRestrictedOperation())
		rg_fail(RG_FORBIDDEN, "the role of the session does not count here",
				"The call is part of the maintenance of a table, such as an index.", NULL);
}

RgIdentity
rg_identify(RgRole least)
{
	Claim claim = read_session();
	RgIdentity identity = require_member(&claim);

	if (least > RG_VIEWER)
		rg_identity_require_own_call();
	if (identity.role < least)
		rg_fail(RG_FORBIDDEN, psprintf("This needs the role %s", rg_wordlist_roles[least]),
				psprintf("The user's role in organization " INT64_FORMAT " is %s.", identity.organization_id,
						 rg_wordlist_roles[identity.role]),
				NULL);
	return identity;
}

bool
rg_identify_quietly(RgRole least, RgIdentity *identity)
{
	Claim claim = read_session();

	return look_up(&claim, identity) == MEMBER && identity->role >= least;
}
