-- The first part of every upgrade script: remembers who has which right now, for objects/910_rights.sql to compare with.
SET LOCAL search_path = pg_catalog, pg_temp;
SELECT set_config('rivergen_upgrade.rights', (SELECT jsonb_agg(r)::text FROM rivergen_catalog.granted_rights() r), true);
