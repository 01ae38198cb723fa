-- The keys that credentials are sealed for, and the facts about credentials that may be shown.

CREATE OR REPLACE FUNCTION rivergen.sealing_key() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_sealing_key'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.sealing_key() IS
'The public key that clients may seal credentials for.
This server then never sees them in the clear. data: {"organization_id", "key_id", "algorithm", "public_key" (base64)}. The client sends the sealed credentials as credentials: {"sealed": base64, "key_id", "keys": names of the credentials inside, may be absent}. The format: src/secret/README.md. Errors: 401, 403, 503 (no sealing key).';

CREATE OR REPLACE FUNCTION rivergen.key_rotate() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_key_rotate'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.key_rotate() IS
'Has a worker make a new sealing key and seal every credential for it.
With rivergen.key_command the command prints the new key. The old key is retired. Answers {"key_id", "resealed", "unreadable", "left"}. The worker commits, even if this transaction is rolled back. Locks are held for a batch of 200 credentials at most; credentials of both keys can be read meanwhile. left: credentials that are not sealed for the new key yet, because a transaction held them (workers seal those within a minute, also when this call was interrupted) or because no key opens them (unreadable: give them again). Errors: 409 (no key yet; the command prints no new key: the hint says what to add), 503.';

CREATE OR REPLACE FUNCTION rivergen.key_forget(key_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_key_forget'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.key_forget(bigint) IS
'Has a worker remove a retired key, here and in rivergen.key_file.
Answers {"private_key"}: removed, kept (another database of this cluster has the key too, or could not be checked; or the keys come from rivergen.key_command: remove the line there) or absent. Backups older than the rotation cannot be opened without it. Errors: 400, 404, 409 (not retired; credentials still need it), 503.';

-- {"preloaded", "served", "launcher", "keys": {"fault", "key_ids"}, "worker": {…}}; a part that no worker could
-- answer is {"unavailable": reason}.
CREATE OR REPLACE FUNCTION rivergen_catalog.installation() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_installation'
	LANGUAGE C VOLATILE;

CREATE OR REPLACE FUNCTION rivergen.key_status(
	OUT key_id bigint,
	OUT created_at timestamptz,
	OUT retired_at timestamptz,
	OUT credentials bigint,
	OUT private_key boolean) RETURNS SETOF record
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH asked AS MATERIALIZED (
		SELECT rivergen_catalog.installation() -> 'keys' AS answer
	), ring AS (
		SELECT e.value::bigint AS key_id
		FROM asked, jsonb_array_elements_text(coalesce(asked.answer -> 'key_ids', '[]')) e
	)
	SELECT coalesce(k.key_id, r.key_id),
		k.created_at,
		k.retired_at,
		(SELECT count(*) FROM rivergen_catalog.credential c WHERE c.key_id = coalesce(k.key_id, r.key_id)),
		CASE WHEN NOT a.answer ? 'unavailable' THEN r.key_id IS NOT NULL END
	FROM rivergen_catalog.sealing_key k
	FULL JOIN ring r ON r.key_id = k.key_id
	CROSS JOIN asked a
	ORDER BY 1;
END;
COMMENT ON FUNCTION rivergen.key_status() IS
'The sealing keys of this database, one a row.
retired_at: when a rotation replaced it; credentials: how many are sealed for it now; private_key: whether a worker can read its private half (null: no worker could be asked). A key without created_at is in the keyring only: it belongs to another database, or an interrupted key_create, key_rotate or key_forget left it.';

CREATE OR REPLACE VIEW rivergen.credentials WITH (security_barrier) AS
	SELECT c.data_source_id,
		c.version,
		c.key_id,
		c.key_names,
		c.given_by_user_id,
		c.created_at
	FROM rivergen_catalog.credential c
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	WHERE c.organization_id = (SELECT rivergen.current_organization_id()) AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.credentials IS
'The stored credentials, without their values.
version grows with every replacement and is unique in the database; key_id: the sealing key; key_names: the names of the credentials (empty: a client sealed them and sent no names); given_by_user_id and created_at: which user gave them, and when. Errors: 401, 403.';

REVOKE ALL ON FUNCTION rivergen.sealing_key() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.key_rotate() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.key_forget(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.installation() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.key_status() FROM PUBLIC;
