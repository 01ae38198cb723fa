-- Who was asked to join an organization, and what was done in it by whom.

CREATE SEQUENCE rivergen_catalog.audit_id_seq;

-- By subject, not by user: an admin neither learns nor decides whether there is such a user.
CREATE TABLE rivergen_catalog.invitation (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	subject text NOT NULL,
	role text NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
	invited_by_user_id bigint NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization_id, subject)
);
CREATE INDEX invitation_subject ON rivergen_catalog.invitation (subject, organization_id);

-- organization_id 0 is the installation: what operators did to no organization, or to one that is gone. So there is
-- no foreign key, nor one to data_source, which a purge would take the trail away with.
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
