-- The big database: :tables tables of 50 columns and a view for every twenty, with the proportions of a real one:
-- 8.4 defaults, 1.6 constraints and 5.2 comments per table, one foreign key for every other table.
\set QUIET on
SET client_min_messages = warning;
SET synchronous_commit = off;

CREATE FUNCTION pg_temp.make_table(t int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	schema text = 'big_' || t % 20;
	types text[] = '{integer,text,"numeric(12,2)",timestamptz,boolean,uuid,varchar(64),date,double precision,jsonb}';
	defaults text[] = ARRAY['0', '''none''', '1.5', 'now()', 'false', 'gen_random_uuid()', '''x''', 'current_date', '0.25', '''{}'''];
	columns text;
BEGIN
	SELECT string_agg(format('c%s %s %s%s', c, types[1 + c % 10], CASE WHEN c % 4 = 0 THEN 'NOT NULL ' END,
			CASE WHEN c % 6 = 0 THEN 'DEFAULT ' || defaults[1 + c % 10] END), ', ' ORDER BY c)
		INTO columns FROM generate_series(2, 50) c;
	EXECUTE format('CREATE TABLE %I.table_%s (c1 bigint PRIMARY KEY%s, %s)', schema, t,
		CASE WHEN t % 5 < 2 THEN ' DEFAULT ' || t ELSE '' END, columns);
	IF t % 10 = 0 THEN
		EXECUTE format('ALTER TABLE %I.table_%s ADD CHECK (c10 <> 77)', schema, t);
	END IF;
	IF t % 2 = 0 AND t > 20 THEN
		EXECUTE format('ALTER TABLE %I.table_%s ADD FOREIGN KEY (c1) REFERENCES big_%s.table_%s', schema, t, (t - 1) % 20, t - 1);
	END IF;
	EXECUTE format('COMMENT ON TABLE %I.table_%s IS %L', schema, t, 'What table number ' || t || ' is about');
	FOR c IN 1 .. 4 LOOP
		EXECUTE format('COMMENT ON COLUMN %I.table_%s.c%s IS %L', schema, t, c * 9, 'What column ' || c * 9 || ' means');
	END LOOP;
	IF t % 5 = 0 THEN
		EXECUTE format('COMMENT ON COLUMN %I.table_%s.c50 IS %L', schema, t, 'The last one');
	END IF;
	IF t % 20 = 0 THEN
		EXECUTE format('CREATE VIEW %I.view_%s AS SELECT * FROM %I.table_%s WHERE c1 > 0', schema, t, schema, t);
	END IF;
END
$$;

SELECT format('CREATE SCHEMA big_%s', s) FROM generate_series(0, 19) s \gexec
-- A hundred tables in each transaction: each keeps its locks to the end.
SELECT format('SELECT count(pg_temp.make_table(t)) FROM generate_series(%s, %s) t', b, least(b + 99, :tables))
	FROM generate_series(1, :tables, 100) b \gexec
VACUUM ANALYZE;
CHECKPOINT;
