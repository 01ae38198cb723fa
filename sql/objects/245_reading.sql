-- Reading in place: what a stream from a source may do.

-- What stands against a reading, or no status. The order of the checks is that of the API: who, what, state.
CREATE OR REPLACE FUNCTION rivergen_catalog.reading_refusal(organization_id bigint, data_source_id bigint, user_id bigint,
	by_viewers boolean, OUT status integer, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	member record;
	source record;
BEGIN
	SELECT m.role, u.disabled_at IS NOT NULL AS disabled INTO member
	FROM rivergen_catalog.membership m
	JOIN rivergen_catalog.app_user u USING (user_id)
	WHERE m.organization_id = $1 AND m.user_id = $3;
	SELECT d.metadata -> 'query' AS reading, d.maintenance INTO source
	FROM rivergen_catalog.data_source d
	WHERE d.organization_id = $1 AND d.data_source_id = $2 AND d.deleted_at IS NULL;
	IF member IS NULL OR member.disabled THEN
		status := 403;
		message := 'the data source can no longer be read';
		detail := format('User %s %s.', user_id, CASE WHEN member.disabled THEN 'is disabled'
			ELSE 'is no member of the organization any more' END);
		hint := 'An editor of the organization attaches the data source again.';
	ELSIF source IS NULL THEN
		status := 404;
		message := format('data source %s not found', data_source_id);
	ELSIF member.role = 'viewer' AND NOT (by_viewers AND coalesce(source.reading @> '{"viewers": true}', false)) THEN
		status := 403;
		message := 'This needs the role editor';
		detail := format('The role of user %s in the organization is viewer.', user_id);
	ELSIF NOT coalesce(source.reading @> '{"enabled": true}', false) THEN
		status := 403;
		message := format('reading is not switched on for data source %s', data_source_id);
		hint := 'An admin of the organization switches it on with rivergen.data_source_update: metadata.query = {"enabled": true}.';
	ELSIF source.maintenance THEN
		status := 409;
		message := format('data source %s is in maintenance', data_source_id);
		hint := 'Use rivergen.data_source_set_status to end it.';
	ELSIF rivergen_catalog.is_copy() THEN
		status := 409;
		message := 'this database is a copy of another one, and connects to no data source';
		hint := 'If it may: an operator calls rivergen.acknowledge_copy().';
	END IF;
END;
$$;

-- The organization, source and user of a foreign server of ours. A server that another role owns, or that another role has
-- made under a name that was free again, is none of ours.
CREATE OR REPLACE FUNCTION rivergen_catalog.attached_server(server name, OUT organization_id bigint, OUT data_source_id bigint,
	OUT user_id bigint)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT a.organization_id, a.data_source_id, a.user_id INTO organization_id, data_source_id, user_id
	FROM rivergen_catalog.attachment a
	JOIN pg_foreign_server s ON s.srvname = a.server_name
	JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw AND w.fdwname = 'rivergen'
	JOIN pg_extension e ON e.extname = 'rivergen' AND e.extowner = s.srvowner
	WHERE a.server_name = server;
END;
$$;

CREATE OR REPLACE FUNCTION rivergen_catalog.reading_target(server name, organization_id bigint, data_source_id bigint, user_id bigint,
	operation text DEFAULT 'read', OUT organization bigint, OUT source bigint, OUT reader bigint, OUT max_rows bigint,
	OUT timeout integer, OUT masking boolean, OUT status integer, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	reading jsonb;
BEGIN
	organization := organization_id;
	source := data_source_id;
	reader := user_id;
	IF server IS NOT NULL THEN
		SELECT s.organization_id, s.data_source_id, s.user_id INTO organization, source, reader
		FROM rivergen_catalog.attached_server(server) s;
		IF organization IS NULL THEN
			status := 404;
			message := format('foreign server "%s" belongs to no data source', server);
			detail := 'Its data source was removed, or the server was made by hand.';
			hint := 'rivergen.detach removes its foreign tables, rivergen.attach makes new ones.';
			RETURN;
		END IF;
	END IF;
	SELECT r.status, r.message, r.detail, r.hint INTO status, message, detail, hint
	FROM rivergen_catalog.reading_refusal(organization, source, reader, server IS NULL AND operation = 'read') r;
	IF status = 404 AND server IS NOT NULL THEN
		hint := 'rivergen.detach removes its foreign tables; rivergen.data_source_restore brings a deleted data source back.';
	END IF;
	IF status IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT d.metadata -> 'query' INTO STRICT reading
	FROM rivergen_catalog.data_source d WHERE d.organization_id = organization AND d.data_source_id = source;
	max_rows := (reading ->> 'max_rows')::bigint;
	timeout := coalesce((reading ->> 'timeout')::integer, 0);
	masking := coalesce((reading ->> 'masking')::boolean, false);
END;
$$;
COMMENT ON FUNCTION rivergen_catalog.reading_target(name, bigint, bigint, bigint, text) IS
'What a stream reads: the organization, source and user of a foreign server of rivergen.attach, or with server null the three that are given, when these may read.
status null: it may be read, with max_rows (rows of one stream, null: no limit), timeout (seconds of one stream, 0: none) and masking of metadata.query. Else it is refused: status (403, 404, 409), message, detail and hint. operation is read or query; viewers read without a server, where metadata.query.viewers is on.';
