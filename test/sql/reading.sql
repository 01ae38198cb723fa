-- Reading what was discovered: pages, answers that would be too large, and the plans of the views.
CREATE EXTENSION rivergen;
SET client_min_messages = warning;
SELECT rivergen.quick_start('Acme') #> '{data,organization_id}' AS organization;
INSERT INTO rivergen_catalog.data_source (organization_id, data_source_id, name, type, use_ssh_tunnel, connection_pool_size,
	connection_timeout, query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags, created_by_user_id, deleted_at)
	SELECT 1, n, 'source ' || n, 'postgresql', false, 5, 30, 300, 3, false, 3600, '{}', '{}', 1, CASE n WHEN 2 THEN now() END
	FROM generate_series(1, 2) n;
INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, full_discovered_at, full_discovery_ms) VALUES (1, 1, now(), 1), (1, 2, now(), 1);
INSERT INTO rivergen_catalog.schema_history (organization_id, data_source_id) VALUES (1, 1), (1, 2);
INSERT INTO rivergen_catalog.source_schema (organization_id, data_source_id, schema_name)
	SELECT 1, d, s FROM generate_series(1, 2) d, unnest('{a,b,empty}'::text[]) s;
INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, columns_count, hash, document, deprecated_at)
	SELECT 1, d, s, 't' || n, CASE n WHEN 1 THEN 'view' WHEN 2 THEN 'sequence' ELSE 'table' END, CASE n WHEN 2 THEN 0 ELSE 1 END, '',
		jsonb_build_object('comment', 'Size ' || n, 'columns', CASE n WHEN 2 THEN '[]' ELSE jsonb_build_array(jsonb_build_object('name', 'c', 'type', 'text', 'comment', repeat('x', 1000))) END,
			'indexes', '[{"name": "i", "columns": ["c"]}]'::jsonb, 'unique', '[{"name": "u", "columns": ["c"]}]'::jsonb),
		CASE n WHEN 5 THEN now() END
	FROM generate_series(1, 2) d, unnest('{a,b}'::text[]) s, generate_series(1, 5) n;
SELECT rivergen_catalog.count_schemas(1, d) FROM generate_series(1, 2) d;

-- What is counted is stored, and written only where it has changed.
SELECT rivergen.discover_schema(1) #- '{data,discovered_at}';
SELECT * FROM rivergen.schemas ORDER BY 1, 2;
CREATE TEMP TABLE before AS SELECT ctid AS place FROM rivergen_catalog.schema_content;
UPDATE rivergen_catalog.relation SET deprecated_at = now() WHERE data_source_id = 1 AND schema_name = 'b';
SELECT rivergen_catalog.count_schemas(1, 1);
SELECT schema_name, relations_count FROM rivergen_catalog.schema_content WHERE data_source_id = 1;
SELECT count(*) FROM before JOIN rivergen_catalog.schema_content c ON c.ctid = place;
UPDATE rivergen_catalog.relation SET deprecated_at = NULL WHERE data_source_id = 1 AND schema_name = 'b' AND relation_name <> 't5';
SELECT rivergen_catalog.count_schemas(1, 1);

-- Pages of tables, across schemas; those without any are on the first.
CREATE FUNCTION pg_temp.shown(answer jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg((s ->> 'schema_name') || ': ' || coalesce((SELECT string_agg(t ->> 'table_name', ' ') FROM jsonb_array_elements(s -> 'tables') t), '-'), ', ')
		|| coalesce('   ' || ($1 #>> '{data,pagination}'), '')
	FROM jsonb_array_elements($1 #> '{data,schemas}') s $$;
SELECT pg_temp.shown(rivergen.data_source_schemas(1));
SELECT page, pg_temp.shown(rivergen.data_source_schemas(1, page => page, page_size => 3)) FROM generate_series(1, 4) page;
SELECT pg_temp.shown(rivergen.data_source_schemas(1, 'b', page_size => 2));
SELECT pg_temp.shown(rivergen.data_source_schemas(1, table_name => 't3', page => 2, page_size => 1));
SELECT pg_temp.shown(rivergen.data_source_schemas(1, table_name => 't3'));
SELECT pg_temp.shown(rivergen.data_source_schemas(1, 'empty'));
SELECT pg_temp.shown(rivergen.data_source_schemas(1, 'empty', page => 1));
SELECT rivergen.data_source_schemas(1, 'nowhere', page => 1);
SELECT rivergen.data_source_schemas(1, 'a', 't9');
SELECT rivergen.data_source_schemas(1, 'a', 't5');
SELECT rivergen.data_source_schemas(1, page => 0, page_size => 1001);

-- A page of descriptions has those that have gone in their place; the total counts them, and no sequence.
CREATE FUNCTION pg_temp.listed(answer jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(concat(d ->> 'table_schema', '.', d ->> 'table_name', CASE d ->> 'status' WHEN 'NOT_SCANNED' THEN '' ELSE ' ' || lower((d ->> 'status') COLLATE "C") END), ', '), '-')
		|| '   ' || ($1 #>> '{data,pagination,total_items}')
	FROM jsonb_array_elements($1 #> '{data,items}') d $$;
SELECT page, pg_temp.listed(rivergen.table_description_list(1, page => page, page_size => 3)) FROM generate_series(1, 4) page;
SELECT pg_temp.listed(rivergen.table_description_list());
SELECT pg_temp.listed(rivergen.table_description_list(table_schema => 'b'));
SELECT pg_temp.listed(rivergen.table_description_list(1, search => 'sIZE 3'));
SELECT rivergen.table_description_update(1, '{"description": "What is OLDER"}') #> '{data,description}';
SELECT pg_temp.listed(rivergen.table_description_list(search => 'older'));
SELECT pg_temp.listed(rivergen.table_description_list(status => 'DEPRECATED'));
INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, schema_name, status) VALUES (1, 1, 'discover', 'b', 'running');
INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, relation_ids, status) VALUES (1, 1, 'scan', '{1}', 'running');
SELECT pg_temp.listed(rivergen.table_description_list(status => 'SYNCHRONIZING')), pg_temp.listed(rivergen.table_description_list());
DELETE FROM rivergen_catalog.job;

-- What would be too large is refused before it is made, and the hint says how it is had.
UPDATE rivergen_catalog.relation SET document = document || jsonb_build_object('definition', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) i))
	WHERE data_source_id = 1 AND deprecated_at IS NULL;
SET rivergen.max_answer_bytes = '16kB';
SELECT rivergen.data_source_schemas(1);
SELECT rivergen.data_source_schemas(1, include_columns => false);
SELECT rivergen.data_source_schemas(1, page => 1, page_size => 3);
SELECT pg_temp.shown(rivergen.data_source_schemas(1, page => 1, page_size => 1)), pg_temp.shown(rivergen.data_source_schemas(1, 'a', 't3'));
SELECT rivergen.table_description_refresh(1);
SELECT rivergen.table_description_list(1, page_size => 3);
SELECT pg_temp.listed(rivergen.table_description_list(1, page_size => 1));
UPDATE rivergen_catalog.data_source SET description = repeat('x', 20000);
SELECT rivergen.catalog_export();
INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, status, result)
	SELECT 1, 1, 'discover', 'succeeded', jsonb_build_object('skipped', repeat('x', 10000)) FROM generate_series(1, 3);
SELECT rivergen.job_list();
SELECT jsonb_array_length(rivergen.job_list(page_size => 1) #> '{data,items}');
-- All faults at once.
SELECT rivergen.job_list(status => 'waiting', page => 0, page_size => 1001);
UPDATE rivergen_catalog.relation SET document = jsonb_build_object('columns', repeat('x', 20000)) WHERE relation_id = 1;
SELECT rivergen.table_description_get(1);
SELECT rivergen.table_description_update(1, '{"description": "x"}');
SELECT count(*) FROM rivergen.schema_as_of(1, now());
INSERT INTO rivergen_catalog.audit (organization_id, login_role, action, detail)
	SELECT 1, 'postgres', 'source.updated', jsonb_build_object('changes', repeat('x', 10000)) FROM generate_series(1, 3);
SELECT rivergen.audit_list(1);
SELECT jsonb_array_length(rivergen.audit_list(1, page_size => 1) #> '{data,items}');
RESET rivergen.max_answer_bytes;

-- What a kind is, known or not: what is done with it hangs on its group.
SELECT kind, rivergen_catalog.kind_group(kind), rivergen_catalog.table_type(kind) FROM unnest('{table,partitioned_table,partition,foreign_table,collection,file,endpoint,time_series,view,materialized_view,synonym,alias,sequence,stage}'::text[]) kind;
INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, relation_id, schema_name, relation_name, kind, columns_count, hash, document) VALUES
	(1, 1, 101, 'kinds', 'series', 'time_series', 1, '', '{"columns": [{"name": "at"}]}'), (1, 1, 102, 'kinds', 'other name', 'synonym', 1, '', '{"columns": [{"name": "at"}], "definition": "series"}'),
	(1, 1, 103, 'kinds', 'files', 'stage', 0, '', '{}');
INSERT INTO rivergen_catalog.source_schema (organization_id, data_source_id, schema_name) VALUES (1, 1, 'kinds');
SELECT rivergen_catalog.count_schemas(1, 1);
SELECT table_name, table_type, kind FROM rivergen.tables WHERE table_schema = 'kinds' ORDER BY 1;
SELECT table_name, is_materialized, view_definition FROM rivergen.views WHERE table_schema = 'kinds';
SELECT tables_count, views_count FROM rivergen.schemas WHERE schema_name = 'kinds';
SELECT t ->> 'table_name' AS name, t ->> 'table_type' AS type FROM jsonb_array_elements(rivergen.data_source_schemas(1, 'kinds') #> '{data,schemas,0,tables}') t;
SELECT pg_temp.listed(rivergen.table_description_list(table_schema => 'kinds')), pg_temp.listed(rivergen.table_description_list(table_schema => 'kinds', status => 'NOT_SCANNED'));
SELECT rivergen.table_description_get(103);
SELECT rivergen.table_description_update(103, '{"description": "x"}');
SELECT rivergen.table_description_scan(ids => '{103}');
INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, relation_ids, status) VALUES (1, 1, 'scan', '{101,102,103}', 'queued') RETURNING job_id AS scan \gset
SELECT relation_ids, rivergen_catalog.scan_total(1, :scan) FROM rivergen_catalog.scan_batch(1, :scan, 0, 10);

-- Nested columns, and what a column is in PostgreSQL.
UPDATE rivergen_catalog.relation SET document = '{"columns": [{"name": "id", "type": "INT64", "pg_type": "bigint", "not_null": true},
	{"name": "lines", "type": "ARRAY<STRUCT<sku STRING, tags ARRAY<STRING>>>", "repeated": true, "fields": [{"name": "sku", "type": "STRING", "pg_type": "text", "not_null": true},
		{"name": "t.ags", "type": "STRING", "pg_type": "text[]", "repeated": true, "comment": "of it", "fields": [{"name": "deep"}]}]},
	{"name": "x.y", "fields": [{"name": "a\"b"}, {"name": ""}]}], "primary_key": {"columns": ["id"], "not_enforced": true}, "unique": [{"name": "u", "columns": ["x"], "not_enforced": true}, {"name": "v", "columns": ["id"]}]}'
	WHERE relation_id = 101;
SELECT column_name, data_type, pg_type, is_repeated, is_primary_key FROM rivergen.columns WHERE table_name = 'series' ORDER BY ordinal_position;
SELECT column_name, field_path, ordinal_position, data_type, pg_type, is_repeated, is_nullable, comment FROM rivergen.column_field_paths WHERE table_name = 'series' ORDER BY ordinal_position;
SELECT count(*) FROM rivergen.column_field_paths WHERE data_source_id = 1 AND table_schema = 'a' AND table_name = 't3';
SELECT constraint_name, constraint_type, is_enforced FROM rivergen.constraints WHERE table_name = 'series' ORDER BY 1;

-- Whatever is asked, and whatever the planner knows: who asks is found out once, in an InitPlan, and never in a condition
-- of a row; whether the source is deleted is known before a document is unfolded.
CREATE FUNCTION pg_temp.faults_of_plans() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	plan text;
	view text;
	condition text;
BEGIN
	FOR view, condition IN
		SELECT c.relname::text, f.condition FROM pg_class c
		CROSS JOIN LATERAL (VALUES ('true'), ('data_source_id = 1'), ('table_name = ''t1'''), ('column_name = ''c'''),
			('data_source_id = 1 AND table_schema = ''a'' AND table_name = ''t1''')) f (condition)
		WHERE c.relkind = 'v' AND c.relnamespace = 'rivergen'::regnamespace
			AND pg_get_viewdef(c.oid) LIKE '%organization_id%'
			AND NOT EXISTS (SELECT FROM regexp_matches(f.condition, '(\w+) =', 'g') m
				WHERE m[1] NOT IN (SELECT attname FROM pg_attribute a WHERE a.attrelid = c.oid))
	LOOP
		plan := '';
		FOR line IN EXECUTE format('EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM rivergen.%I WHERE %s', view, condition) LOOP
			plan := plan || line || chr(10);
			IF line ~ '(Filter|Cond|Key):.*(current|administered)_organization_id' THEN
				RETURN NEXT format('%s WHERE %s: %s', view, condition, line);
			END IF;
		END LOOP;
		IF view IN ('column_field_paths', 'columns', 'constraints', 'indexes', 'tables') AND plan !~ 'SubPlan.*rivergen_catalog\.data_source ' THEN
			RETURN NEXT format('%s WHERE %s joins the sources: %s', view, condition, plan);
		END IF;
	END LOOP;
END $$;
SELECT pg_temp.faults_of_plans();
ANALYZE;
SELECT pg_temp.faults_of_plans();
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SELECT pg_temp.faults_of_plans();
SET enable_nestloop = off;
SET plan_cache_mode = force_generic_plan;
SELECT pg_temp.faults_of_plans();

-- The functions that make a page of descriptions are planned once for it: the outer one is a part of its statement.
CREATE TEMP TABLE line (plan text);
DO $$ DECLARE line text; BEGIN
	FOR line IN EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM rivergen_catalog.described(1, '{1,2}') LOOP INSERT INTO line VALUES (line); END LOOP;
END $$;
SELECT count(*) FILTER (WHERE plan LIKE '%described_columns%') > 0 AS has_columns, count(*) FILTER (WHERE plan LIKE '%description_body%') AS bodies FROM line;
-- No view can be written through, not even by the owner.
SELECT table_name FROM information_schema.views
	WHERE table_schema = 'rivergen' AND (is_updatable = 'YES' OR is_insertable_into = 'YES') ORDER BY 1;
DROP EXTENSION rivergen CASCADE;
