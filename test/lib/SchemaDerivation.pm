# What a discovery has to say about a PostgreSQL database: derived from the catalogs in one query that has nothing in
# common with the connector's statements.
package SchemaDerivation;

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use Exporter 'import';
use IPC::Run;

our @EXPORT = qw(derivation load_statements);

# Runs the statements with psql's arguments given; those that fail change nothing. Returns how many failed, and how.
sub load_statements
{
	my ($psql, @statements) = @_;
	my $script = encode_utf8(join '', map { "$_;\n" } @statements);
	IPC::Run::run([ @$psql, '-b', '-v', 'ON_ERROR_STOP=0' ], '<', \$script, '>', \my $out, '2>', \my $err);
	my @failed = $err =~ /^.*?((?:ERROR|FATAL): .*(?:\n(?:STATEMENT|DETAIL): .*)*)$/mg;
	return wantarray ? @failed : scalar @failed;
}

# Settings as a discovery has them, before the query.
my $settings =
	"SET search_path = pg_catalog; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';
	SET extra_float_digits = 3; SET lc_monetary = 'C'; SET bytea_output = 'hex'; SET xmlbinary = 'base64'; ";

# A query with the relation frames that a discovery has to give, one jsonb in each row.
sub derivation
{
	return $settings . <<~'END';
	WITH relation AS MATERIALIZED (
		SELECT c.*, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
	), standard AS MATERIALIZED (
		SELECT table_schema, table_name, column_name, is_nullable, column_default, identity_generation, is_generated, generation_expression
		FROM information_schema.columns WHERE table_schema !~ '^pg_' AND table_schema <> 'information_schema'
	), col AS MATERIALIZED (
		SELECT a.attrelid, count(*) AS count, jsonb_agg(jsonb_build_object(
			'name', a.attname, 'id', a.attnum::text, 'type', format_type(a.atttypid, a.atttypmod),
			'not_null', CASE WHEN coalesce(s.is_nullable = 'NO', a.attnotnull OR t.typtype = 'd' AND t.typnotnull) THEN true END,
			'default', CASE WHEN s.is_generated = 'NEVER' THEN s.column_default END,
			'identity', lower(s.identity_generation),
			'generated', CASE WHEN s.is_generated = 'ALWAYS' THEN CASE to_jsonb(a) ->> 'attgenerated' WHEN 'v' THEN 'virtual' ELSE 'stored' END END,
			'expression', s.generation_expression,
			'collation', (SELECT CASE WHEN l.collnamespace = 'pg_catalog'::regnamespace THEN l.collname::text
				ELSE format('%I.%I', l.collnamespace::regnamespace::name, l.collname) END FROM pg_collation l
				WHERE l.oid = a.attcollation AND a.attcollation <> t.typcollation),
			'comment', col_description(a.attrelid, a.attnum),
			'enum', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid IN (base.oid, base.typelem)),
			'domain_base', CASE WHEN t.typtype = 'd' THEN base.type END,
			'pg_type', nullif(held.type, 'text')) ORDER BY a.attnum) AS body
		FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid AND r.relkind <> 'S'
		LEFT JOIN standard s ON (s.table_schema, s.table_name, s.column_name) = (r.nspname, r.relname, a.attname)
		JOIN pg_type t ON t.oid = a.atttypid
		CROSS JOIN LATERAL (
			WITH RECURSIVE below AS (
				SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, t.typelem, NULL::integer AS modifier
				UNION ALL
				SELECT b.oid, b.typtype, b.typbasetype, b.typtypmod, b.typelem, below.typtypmod
				FROM below JOIN pg_type b ON b.oid = below.typbasetype WHERE below.typtype = 'd')
			SELECT oid, typelem, format_type(oid, modifier) AS type FROM below WHERE typtype <> 'd') base
		CROSS JOIN LATERAL (
			WITH RECURSIVE whole AS (
				SELECT format_type(base.oid, NULL) LIKE '%[]' AS is_array
			), below AS (
				SELECT b.oid, b.typtype, b.typbasetype FROM pg_type b, whole
				WHERE b.oid = CASE WHEN is_array THEN base.typelem ELSE base.oid END
				UNION ALL
				SELECT b.oid, b.typtype, b.typbasetype FROM below JOIN pg_type b ON b.oid = below.typbasetype WHERE below.typtype = 'd')
			SELECT CASE WHEN oid = 'bpchar'::regtype THEN 'bpchar'
				WHEN oid IN (SELECT to_regtype(t) FROM unnest('{bool,int2,int4,int8,numeric,float4,float8,bytea,date,time,timetz,timestamp,
				timestamptz,interval,uuid,json,jsonb,xml,inet,cidr,macaddr,macaddr8,bit,varbit,oid,point,line,lseg,box,path,polygon,circle,int4range,
				int8range,numrange,tsrange,tstzrange,daterange,int4multirange,int8multirange,nummultirange,tsmultirange,tstzmultirange,datemultirange,
				tsvector,tsquery}'::text[]) t) THEN format_type(oid, NULL) ELSE 'text' END || CASE WHEN is_array THEN '[]' ELSE '' END AS type
			FROM below, whole WHERE typtype <> 'd') held
		WHERE a.attnum > 0 AND NOT a.attisdropped
		GROUP BY a.attrelid
	), key AS MATERIALIZED (
		SELECT k.conrelid, k.contype, jsonb_agg(jsonb_build_object(
			'name', k.conname,
			'columns', CASE WHEN k.contype IN ('p', 'u', 'f') THEN (SELECT jsonb_agg(a.attname ORDER BY o.n)
				FROM unnest(k.conkey) WITH ORDINALITY o (number, n) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.number) END,
			'definition', CASE WHEN k.contype IN ('c', 'x') THEN pg_get_constraintdef(k.oid) END,
			'schema', f.nspname, 'table', f.relname,
			'referenced_columns', (SELECT jsonb_agg(a.attname ORDER BY o.n)
				FROM unnest(k.confkey) WITH ORDINALITY o (number, n) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = o.number),
			'on_update', CASE k.confupdtype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' WHEN 'r' THEN 'restrict' END,
			'on_delete', CASE k.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' WHEN 'r' THEN 'restrict' END,
			'on_delete_columns', (SELECT jsonb_agg(a.attname ORDER BY o.n)
				FROM jsonb_array_elements_text(nullif(to_jsonb(k) -> 'confdelsetcols', 'null')) WITH ORDINALITY o (number, n)
				JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.number::int),
			'match', CASE k.confmatchtype WHEN 'f' THEN 'full' END,
			'temporal', CASE WHEN to_jsonb(k) ->> 'conperiod' = 'true' THEN true END,
			'deferrable', nullif(k.condeferrable, false), 'deferred', nullif(k.condeferred, false),
			'not_valid', nullif(NOT k.convalidated, false),
			'not_enforced', CASE WHEN to_jsonb(k) ->> 'conenforced' = 'false' THEN true END,
			'nulls_not_distinct', CASE WHEN k.contype = 'u' AND pg_get_constraintdef(k.oid) LIKE 'UNIQUE NULLS NOT DISTINCT%' THEN true END)
			ORDER BY k.conname COLLATE "C") AS bodies
		FROM pg_constraint k LEFT JOIN relation f ON f.oid = k.confrelid
		WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
			AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)
		GROUP BY k.conrelid, k.contype
	), indexes AS MATERIALIZED (
		SELECT i.indrelid, jsonb_agg(jsonb_build_object(
			'name', c.relname, 'method', am.amname,
			'unique', nullif(i.indisunique, false), 'primary', nullif(i.indisprimary, false), 'invalid', nullif(NOT i.indisvalid, false),
			'columns', e.keys, 'include', e.included,
			'predicate', pg_get_expr(i.indpred, i.indrelid),
			'definition', pg_get_indexdef(i.indexrelid)) ORDER BY c.relname COLLATE "C") AS bodies
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
		CROSS JOIN LATERAL (
			SELECT jsonb_agg(x.text ORDER BY x.n) FILTER (WHERE x.n <= i.indnkeyatts) AS keys,
				jsonb_agg(x.text ORDER BY x.n) FILTER (WHERE x.n > i.indnkeyatts) AS included
			FROM (SELECT o.n, coalesce((SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid
				AND a.attnum = o.number AND o.number <> 0),
				pg_get_indexdef(i.indexrelid, o.n::integer, false)) AS text FROM unnest(i.indkey::smallint[]) WITH ORDINALITY o (number, n)) x) e
		GROUP BY i.indrelid
	)
	SELECT jsonb_build_object('frame', 'relation', 'schema', r.nspname, 'name', r.relname, 'id', r.oid::text,
		'kind', CASE r.relkind WHEN 'r' THEN CASE WHEN r.relispartition THEN 'partition' ELSE 'table' END WHEN 'p' THEN 'partitioned_table'
			WHEN 'f' THEN 'foreign_table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view' ELSE 'sequence' END,
		'columns', coalesce(c.count, 0))
	|| jsonb_strip_nulls(jsonb_build_object(
		'row_estimate', CASE WHEN r.relkind IN ('r', 'm', 'p', 'f') AND r.reltuples >= 0 THEN r.reltuples::bigint END,
		'size_bytes', CASE WHEN r.relkind IN ('r', 'm') AND r.reltuples >= 0 THEN r.relpages::bigint * current_setting('block_size')::int END,
		'document', jsonb_build_object(
			'comment', obj_description(r.oid, 'pg_class'), 'owner', pg_get_userbyid(r.relowner), 'columns', c.body,
			'primary_key', (SELECT k.bodies -> 0 FROM key k WHERE k.conrelid = r.oid AND k.contype = 'p'),
			'unique', (SELECT k.bodies FROM key k WHERE k.conrelid = r.oid AND k.contype = 'u'),
			'foreign_keys', (SELECT k.bodies FROM key k WHERE k.conrelid = r.oid AND k.contype = 'f'),
			'checks', (SELECT k.bodies FROM key k WHERE k.conrelid = r.oid AND k.contype = 'c'),
			'exclusions', (SELECT k.bodies FROM key k WHERE k.conrelid = r.oid AND k.contype = 'x'),
			'indexes', (SELECT i.bodies FROM indexes i WHERE i.indrelid = r.oid),
			'definition', CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END,
			'partition_key', pg_get_partkeydef(r.oid),
			'partition_of', (SELECT jsonb_build_object('schema', p.nspname, 'table', p.relname)
				FROM pg_inherits i JOIN relation p ON p.oid = i.inhparent WHERE i.inhrelid = r.oid AND r.relispartition),
			'partition_bound', CASE WHEN r.relispartition THEN pg_get_expr(r.relpartbound, r.oid) END,
			'inherits', (SELECT jsonb_agg(jsonb_build_object('schema', p.nspname, 'table', p.relname) ORDER BY i.inhseqno)
				FROM pg_inherits i JOIN relation p ON p.oid = i.inhparent WHERE i.inhrelid = r.oid AND NOT r.relispartition),
			'server', f.foreign_server_name,
			'options', CASE WHEN r.relkind IN ('v', 'm') THEN (SELECT jsonb_object_agg(o.option_name, o.option_value)
				FROM pg_options_to_table(r.reloptions) o) ELSE (SELECT jsonb_object_agg(o.option_name, o.option_value)
				FROM information_schema.foreign_table_options o
				WHERE (o.foreign_table_schema, o.foreign_table_name) = (r.nspname, r.relname)
					AND o.option_name !~* '(pass|pwd|secret|token|credential|auth|private|api_?key|access_?key|sslkey)') END,
			'sequence', (SELECT jsonb_build_object('type', s.data_type::text, 'start', s.start_value, 'increment', s.increment_by,
				'minimum', s.min_value, 'maximum', s.max_value, 'cache', s.cache_size, 'cycle', nullif(s.cycle, false),
				'owned_by', (SELECT jsonb_build_object('schema', p.nspname, 'table', p.relname, 'column', a.attname)
					FROM pg_depend d JOIN relation p ON p.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = p.oid AND a.attnum = d.refobjsubid
					WHERE d.objid = r.oid AND d.deptype IN ('a', 'i') AND d.classid = 'pg_class'::regclass))
				FROM pg_sequences s WHERE (s.schemaname, s.sequencename) = (r.nspname, r.relname)))))
	FROM relation r
	LEFT JOIN col c ON c.attrelid = r.oid
	LEFT JOIN information_schema.foreign_tables f ON (f.foreign_table_schema, f.foreign_table_name) = (r.nspname, r.relname)
	ORDER BY r.nspname COLLATE "C", r.relname COLLATE "C"
	END
}

1;
