/*
 * source_type.h — the table of DataSourceTypeEnum: what each type needs and takes.
 */
#ifndef RG_SOURCE_TYPE_H
#define RG_SOURCE_TYPE_H

#include "postgres.h"

#include "check/driver_option.h"
#include "check/fault.h"

#define RG_NEEDS_HOST     0x01
#define RG_NEEDS_PORT     0x02
#define RG_NEEDS_DATABASE 0x04
#define RG_NEEDS_FILE     0x08

/* The members that a credentials object may have; those before RG_COMMON_KEYS are taken by every type. */
typedef enum RgCredentialKey
{
	RG_KEY_USERNAME,
	RG_KEY_PASSWORD,
	RG_KEY_API_KEY,
	RG_KEY_OAUTH_TOKEN,
	RG_KEY_SSH_PRIVATE_KEY,
	RG_KEY_SSH_PASSPHRASE,
	RG_KEY_WAREHOUSE,
	RG_KEY_ROLE,
	RG_COMMON_KEYS,
	RG_KEY_TLS_CLIENT_CERTIFICATE = RG_COMMON_KEYS,
	RG_KEY_TLS_CLIENT_KEY,
	RG_KEY_TLS_CLIENT_KEY_PASSPHRASE,
	RG_KEY_ACCESS_KEY_ID,
	RG_KEY_SECRET_ACCESS_KEY,
	RG_KEY_SESSION_TOKEN,
	RG_KEY_SERVICE_ACCOUNT,
	RG_KEY_PRIVATE_KEY,
	RG_KEY_PRIVATE_KEY_PASSPHRASE,
	RG_KEY_CLIENT_ID,
	RG_KEY_CLIENT_SECRET,
	RG_KEY_COUNT
} RgCredentialKey;

extern const char *const rg_credential_key_names[RG_KEY_COUNT];

/* The parts after the host in a connection string of this type. */
typedef enum RgUrlStyle
{
	RG_URL_NONE,     /* the type has no connection strings */
	RG_URL_KEYWORDS, /* /database, and libpq's keyword form */
	RG_URL_DATABASE, /* /database */
	RG_URL_SCHEMA,   /* /database/schema */
	RG_URL_PROJECT,  /* the host's place holds the project, and /dataset follows */
	RG_URL_BARE      /* nothing */
} RgUrlStyle;

typedef enum RgCredentialNeed
{
	RG_CREDENTIALS_REQUIRED,
	RG_CREDENTIALS_OPTIONAL,
	RG_CREDENTIALS_NONE
} RgCredentialNeed;

/*
 * What a connector's process may have beyond the usual limits (process/limits.h), because its client library
 * needs it. 0: as usual.
 */
typedef struct RgConnectorNeeds
{
	int memory_mb;              /* address space, where rivergen.connector_memory_limit allows less */
	int file_mb;                /* size of a file that it writes */
	int descriptors;            /* open at once */
	const char *environment[4]; /* NAME=value, ends with NULL */
	const char *files[4]; /* that it reads beside the usual ones (src/process/README.md); ends with NULL */
	bool is_offline;      /* it needs no network, and gets none */
	bool is_over_http;    /* it goes by rivergen.https_proxy, if that is set */
	bool is_stored;       /* it gets file_path, which lies below rivergen.storage_root, as a descriptor */
} RgConnectorNeeds;

/* Lists of words are separated by spaces; NULL: empty. */
typedef struct RgSourceType
{
	const char *name;
	const char *category;
	const char *label;

	/* The definition. */
	int needs;                  /* RG_NEEDS_… */
	int default_port;           /* for hints and connection strings that give none; 0: none */
	bool several_hosts;         /* host may be a list */
	const char *database_means; /* what database_name is called there, or NULL */
	const char *any_database;   /* one that every server has, from where the others are listed, or NULL */
	RgCredentialNeed credentials;
	bool keys[RG_KEY_COUNT]; /* of credentials, beside the common ones */

	/* Connection strings. */
	RgUrlStyle url_style;
	const char *schemes;           /* words; NULL: any */
	const RgDriverOption *options; /* NULL: none is taken */

	/*
	 * Fields, and members of metadata, that decide beside host, port, TLS and tunnel where the credentials
	 * go. Words; "*": any member without a meaning here.
	 */
	const char *destination_fields;
	const char *destination_members;

	/* The connector. */
	const char *executable;       /* NULL: it is named after the type */
	const char *with_driver;      /* the executable that connects by an ODBC driver, which metadata.driver
									 names (process/odbc_drivers.h); NULL: the type takes none */
	const char *tested_against;   /* by the tests: real, emulator or simulated */
	const char *decisive_members; /* words: members of metadata that can change a result; NULL: any */
	RgConnectorNeeds connector;
} RgSourceType;

#define RG_SOURCE_TYPES 24

extern const RgSourceType rg_source_types[RG_SOURCE_TYPES];

/* Returns NULL if there is no such type. */
extern const RgSourceType *rg_source_type_find(const char *name, int length);

/* Returns the type's name that was probably meant, or NULL. */
extern const char *rg_source_type_nearest(const RgFaults *faults, const char *name, int length);

/* Returns the file name of the executable that serves the type. */
extern const char *rg_source_type_executable(const RgSourceType *type);

/* Returns all names, separated by commas. */
extern char *rg_source_type_names(void);

/* Returns required, optional or none. */
extern const char *rg_source_type_credentials_name(RgCredentialNeed need);

/* Does the type take this key? type may be NULL (not known): then true if any type takes it. */
extern bool rg_source_type_takes_key(const RgSourceType *type, RgCredentialKey key);

#endif
