-- The catalog. No role but the owner has rights here: the functions and views of schema rivergen are the only way in.
-- organization_id leads every primary key, unique key and foreign key of a tenant table, so that the catalog
-- can be distributed by organization, and no constraint's error shows one tenant the rows of another.

-- Functions in the schema in which the extension is created must not be bound into ours.
SET LOCAL search_path = pg_catalog, pg_temp;

DO $$
BEGIN
	IF pg_catalog.current_setting('server_encoding') <> 'UTF8' THEN
		RAISE EXCEPTION 'rivergen needs a database whose encoding is UTF8'
			USING HINT = 'Names of tables and columns come from many systems; no other encoding holds them all.';
	END IF;
END
$$;

CREATE SCHEMA rivergen;
CREATE SCHEMA rivergen_catalog;

CREATE SEQUENCE rivergen_catalog.organization_id_seq;
CREATE SEQUENCE rivergen_catalog.workspace_id_seq;
CREATE SEQUENCE rivergen_catalog.user_id_seq;

CREATE TABLE rivergen_catalog.organization (
	organization_id bigint PRIMARY KEY DEFAULT nextval('rivergen_catalog.organization_id_seq'),
	name text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	attachment_role name
);
COMMENT ON COLUMN rivergen_catalog.organization.attachment_role IS
'The role that owns the foreign tables which the organization attaches through a gateway; null: it attaches none in this way.';

CREATE TABLE rivergen_catalog.workspace (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	workspace_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.workspace_id_seq'),
	name text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization_id, workspace_id),
	UNIQUE (organization_id, name)
);

CREATE TABLE rivergen_catalog.app_user (
	user_id bigint PRIMARY KEY DEFAULT nextval('rivergen_catalog.user_id_seq'),
	subject text UNIQUE,
	role_name name UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now(),
	disabled_at timestamptz,
	CHECK (subject IS NOT NULL OR role_name IS NOT NULL)
);

CREATE DOMAIN rivergen_catalog.member_role AS text CHECK (VALUE IN ('viewer', 'editor', 'admin'));

CREATE TABLE rivergen_catalog.membership (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	user_id bigint NOT NULL REFERENCES rivergen_catalog.app_user,
	role rivergen_catalog.member_role NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX membership_user ON rivergen_catalog.membership (user_id, created_at, organization_id);

CREATE SEQUENCE rivergen_catalog.audit_id_seq;

-- An invitation names a subject, not a user: an admin must not learn whether such a user exists.
CREATE TABLE rivergen_catalog.invitation (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	subject text NOT NULL,
	role rivergen_catalog.member_role NOT NULL,
	invited_by_user_id bigint NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization_id, subject)
);
CREATE INDEX invitation_subject ON rivergen_catalog.invitation (subject, organization_id);

-- organization_id 0 is the installation: it has the acts of operators that concern no organization, or a closed one. So
-- there is no foreign key to organization. There is none to data_source either: a purge would delete the trail.
CREATE TABLE rivergen_catalog.audit (
	organization_id bigint NOT NULL,
	audit_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.audit_id_seq'),
	occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	user_id bigint,
	login_role name NOT NULL DEFAULT session_user,
	action text NOT NULL,
	data_source_id bigint,
	detail jsonb NOT NULL,
	PRIMARY KEY (organization_id, audit_id)
);
CREATE INDEX audit_source ON rivergen_catalog.audit (organization_id, data_source_id, audit_id)
	WHERE data_source_id IS NOT NULL;

-- The server and database of this catalog. A database that was restored, copied or upgraded elsewhere must not connect to
-- the sources of its original: its workers wait until an operator allows it.

-- The first worker writes the one row; a restore adds the row of the dump. There is no key, because a restore must not
-- fail where a worker has already written its row.
CREATE TABLE rivergen_catalog.home (
	system_identifier bigint NOT NULL,
	database_id oid NOT NULL,
	recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE rivergen_catalog.home IS 'The server and database in which this catalog lives; any other row says that it is a copy.';
