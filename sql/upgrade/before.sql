-- The first part of every upgrade script: saves the rights of all roles, which objects/910_rights.sql compares later.
SET LOCAL search_path = pg_catalog, pg_temp;
SELECT set_config('rivergen_upgrade.rights', (SELECT jsonb_agg(r)::text FROM rivergen_catalog.granted_rights() r), true);
