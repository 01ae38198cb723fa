-- Partitions and the tables that they belong to, for search and for contexts, where a table stands for its partitions.

-- The table that a partition belongs to, the topmost one of several levels, where it is current and in one of the schemas (null
-- for all); null when there is none.
CREATE OR REPLACE FUNCTION rivergen_catalog.partitioned_root(organization_id bigint, data_source_id bigint, partition_of jsonb,
	schemas text[]) RETURNS bigint
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH RECURSIVE up (depth, relation_id, partition_of) AS (
		SELECT 1, r.relation_id, r.partition_of FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
			AND r.schema_name = ($3 ->> 'schema') COLLATE "C" AND r.relation_name = ($3 ->> 'table') COLLATE "C"
			AND ($4 IS NULL OR r.schema_name = ANY ($4))
		UNION ALL
		SELECT u.depth + 1, r.relation_id, r.partition_of FROM up u
		JOIN rivergen_catalog.relation r ON r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
			AND r.schema_name = (u.partition_of ->> 'schema') COLLATE "C" AND r.relation_name = (u.partition_of ->> 'table') COLLATE "C"
		WHERE ($4 IS NULL OR r.schema_name = ANY ($4)) AND u.depth < 10
	)
	SELECT u.relation_id FROM up u ORDER BY u.depth DESC LIMIT 1;
END;

-- How many partitions a table has, those of partitions with them.
CREATE OR REPLACE FUNCTION rivergen_catalog.partitions_count(organization_id bigint, data_source_id bigint, schema_name text,
	relation_name text, schemas text[]) RETURNS bigint
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH RECURSIVE down (depth, schema_name, relation_name) AS (
		SELECT 0, $3 COLLATE "C", $4 COLLATE "C"
		UNION ALL
		SELECT o.depth + 1, r.schema_name, r.relation_name FROM down o
		JOIN rivergen_catalog.relation r ON r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
			AND r.partition_of IS NOT NULL
			AND r.partition_of = jsonb_build_object('schema', o.schema_name, 'table', o.relation_name)
		WHERE ($5 IS NULL OR r.schema_name = ANY ($5)) AND o.depth < 10
	)
	SELECT count(*) - 1 FROM down;
END;
