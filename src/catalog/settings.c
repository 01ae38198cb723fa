#include "settings.h"

#include "utils/guc.h"
#include "utils/varlena.h"

#include "catalog/bounded.h"
#include "catalog/connection.h"
#include "catalog/event.h"
#include "catalog/identity.h"
#include "catalog/quarantine.h"
#include "error.h"
#include "sql.h"

char *rg_gateway_roles = NULL;
char *rg_organization_setting = NULL;
char *rg_storage_root = NULL;
char *rg_storage_endpoint = NULL;
char *rg_storage_credentials_file = NULL;
char *rg_https_proxy = NULL;
char *rg_https_proxy_credentials_file = NULL;
char *rg_allowed_hosts = NULL;
bool rg_storage_one_filesystem = false;

static bool
check_role_list(char **value, void **extra pg_attribute_unused(), GucSource source pg_attribute_unused())
{
	char *copy = pstrdup(*value);
	List *names = NIL;
	bool good = SplitIdentifierString(copy, ',', &names);

	if (!good)
		GUC_check_errdetail("The value must be a list of role names, separated by commas.");
	list_free(names);
	pfree(copy);
	return good;
}

static void
define_proxy(void)
{
	DefineCustomStringVariable(
		"rivergen.https_proxy", "The proxy by which services over HTTP are reached, as http://host:port.",
		"Empty: they are dialed themselves. With it, only hosts of rivergen.allowed_hosts are reached.",
		&rg_https_proxy, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable("rivergen.https_proxy_credentials_file",
							   "The file with name:password for rivergen.https_proxy.",
							   "Empty: the proxy is asked without a name.", &rg_https_proxy_credentials_file,
							   "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"rivergen.allowed_hosts", "The hosts that rivergen.https_proxy is asked for.",
		"A comma-separated list of names such as bigquery.googleapis.com, *.amazonaws.com or "
		"search.example.com:9200. Without a port it is 443.",
		&rg_allowed_hosts, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
}

void
rg_catalog_init(void)
{
	rg_event_init();
	rg_error_ask_postgrest(rg_session_is_postgrest);
	DefineCustomStringVariable("rivergen.gateway_roles",
							   "Login roles whose request.jwt.claims say who is asking.",
							   "A list, separated by commas: the roles that an HTTP gateway logs in with.",
							   &rg_gateway_roles, "", PGC_SUSET, GUC_LIST_INPUT, check_role_list, NULL, NULL);
	DefineCustomStringVariable("rivergen.organization_id",
							   "The organization to work in, for members of several.",
							   "Empty: the organization that the user joined first.",
							   &rg_organization_setting, "", PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"rivergen.storage_root",
		"The directory below which the files of file sources lie, or s3://bucket/prefix.",
		"Empty: there is no storage, and file sources cannot be discovered.", &rg_storage_root, "",
		PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"rivergen.storage_endpoint",
		"The service that has the bucket of rivergen.storage_root, as https://host:port.",
		"Empty: Amazon's, in the region us-east-1.", &rg_storage_endpoint, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY,
		NULL, NULL, NULL);
	DefineCustomStringVariable("rivergen.storage_credentials_file",
							   "The file with the keys to the bucket of rivergen.storage_root.",
							   "Empty: the bucket is read without keys.", &rg_storage_credentials_file, "",
							   PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomBoolVariable(
		"rivergen.storage_one_filesystem",
		"Refuses files that lie on a file system that is mounted below rivergen.storage_root.", NULL,
		&rg_storage_one_filesystem, false, PGC_SIGHUP, 0, NULL, NULL, NULL);
	define_proxy();
	rg_bounded_init();
	rg_connection_init();
	rg_quarantine_init();
}

Jsonb *
rg_catalog_jsonb(uint64 row, int column)
{
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);

	return is_null ? NULL : DatumGetJsonbPCopy(value);
}
