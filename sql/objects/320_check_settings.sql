-- Part of check(): settings that the configuration files have and that are not in force.

-- The last entry of each setting counts. A unit ('1h') is only compared where the file gives a bare number.
CREATE OR REPLACE FUNCTION rivergen_catalog.settings_not_in_force() RETURNS TABLE (name text, fault text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT f.name, CASE
			WHEN p.context = 'postmaster' THEN format('%s stands in the file, and the server was not restarted since', f.setting)
			WHEN f.error IS NOT NULL THEN format('line %s of %s: %s', f.sourceline, f.sourcefile, f.error)
			ELSE format('%s stands in the file, and the server was not told to reload', f.setting) END
	FROM (SELECT DISTINCT ON (c.name) c.* FROM pg_file_settings c ORDER BY c.name, c.seqno DESC) f
	LEFT JOIN pg_settings p ON p.name = f.name
	WHERE f.error IS NOT NULL OR p.pending_restart
		OR (f.name LIKE 'rivergen.%' AND p.source IN ('default', 'configuration file')
			AND CASE p.vartype WHEN 'bool' THEN f.setting::boolean <> p.setting::boolean
				WHEN 'string' THEN f.setting <> p.setting
				WHEN 'integer' THEN f.setting ~ '^\d+$' AND f.setting <> p.setting ELSE false END);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_settings() RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT 'settings', CASE WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END,
		CASE WHEN count(*) > 0 THEN string_agg(concat_ws(': ', f.name, f.fault), '; ' ORDER BY f.name)
			ELSE 'What stands in the configuration files is in force.' END,
		CASE WHEN count(*) > 0 THEN 'Reload (SELECT pg_reload_conf()) or restart the server, as each says; mend what is wrong in the file first.' END
	FROM rivergen_catalog.settings_not_in_force() f;
END;

REVOKE ALL ON FUNCTION rivergen_catalog.settings_not_in_force() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_settings() FROM PUBLIC;
