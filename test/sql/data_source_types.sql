-- rivergen.data_source_types: the table that validation uses, as rows.
CREATE EXTENSION rivergen;
SELECT type, category, label, required_fields, default_port, database_name_means, connector FROM rivergen.data_source_types;
SELECT credential_keys, string_agg(type, ' ') AS types FROM rivergen.data_source_types GROUP BY 1 ORDER BY 2;
SELECT optional_fields FROM rivergen.data_source_types WHERE type = 'postgresql';
SELECT type FROM rivergen.data_source_types WHERE NOT 'connection_string' = ANY (optional_fields);
SELECT type, tested_against FROM rivergen.data_source_types WHERE tested_against IS NOT NULL;
-- Every type is a type to data_source_create, and what the view calls required is what it misses.
SELECT rivergen.organization_create('Acme') AS acme, rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'admin');
CREATE FUNCTION pg_temp.missing(type text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	faults text;
BEGIN
	PERFORM rivergen.data_source_create(jsonb_build_object('type', type));
EXCEPTION WHEN SQLSTATE 'PT400' THEN
	GET STACKED DIAGNOSTICS faults = PG_EXCEPTION_DETAIL;
	RETURN (SELECT array_agg(split_part(line, ':', 1) ORDER BY split_part(line, ':', 1)) FROM string_to_table(faults, E'\n') line);
END $$;
SELECT type, pg_temp.missing(type), required_fields FROM rivergen.data_source_types
	WHERE pg_temp.missing(type) || '{type}' IS DISTINCT FROM (SELECT array_agg(f ORDER BY f = 'type', f) FROM unnest(required_fields) f);
-- A tenant may read it, a role without grants may not.
CREATE ROLE regress_rivergen_types LOGIN;
SET SESSION AUTHORIZATION regress_rivergen_types;
SELECT count(*) FROM rivergen.data_source_types;
RESET SESSION AUTHORIZATION;
SELECT rivergen.grant_access('regress_rivergen_types');
SET SESSION AUTHORIZATION regress_rivergen_types;
SELECT count(*) FROM rivergen.data_source_types;
RESET SESSION AUTHORIZATION;
DROP OWNED BY regress_rivergen_types;
DROP ROLE regress_rivergen_types;
DROP EXTENSION rivergen;
