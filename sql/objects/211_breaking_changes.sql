-- A change is breaking if a query or a write that worked before may fail or mean something else. Changes of members that
-- are not named here are compatible.

CREATE OR REPLACE FUNCTION rivergen_catalog.differ(one jsonb, other jsonb, members text[]) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(bool_or(one -> m IS DISTINCT FROM other -> m), false) FROM unnest(members) m;
END;

-- Whether a column's enumeration was only renamed: its labels are the same. Other types have nothing to compare.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_renamed_enumeration(before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN before ? 'enum' AND before -> 'enum' = after -> 'enum'
		AND before ? 'domain_base' = after ? 'domain_base'
		AND (before ->> 'type' LIKE '%[]') = (after ->> 'type' LIKE '%[]');

CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking_column(change text, before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE change
		WHEN 'removed' THEN true
		WHEN 'renamed' THEN true
		WHEN 'added' THEN after ? 'not_null' AND NOT after ?| '{default,identity,generated}'
		ELSE rivergen_catalog.differ(before, after, '{collation,repeated}')
			OR rivergen_catalog.differ(before, after, '{type,domain_base}')
				AND NOT rivergen_catalog.is_renamed_enumeration(before, after)
			OR (after ? 'not_null' AND NOT before ? 'not_null')
			OR (after ? 'not_null' AND before ?| '{default,identity,generated}'
				AND NOT after ?| '{default,identity,generated}')
			OR (after @> '{"identity": "always"}' AND NOT before @> '{"identity": "always"}')
			OR (after ? 'generated' AND NOT before ? 'generated')
			OR (before ? 'enum' AND NOT coalesce(after -> 'enum' @> (before -> 'enum'), false))
	END;

-- Options of a view: the check of rows written through it, and the rights with which its query runs.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking_option(before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (after ? 'check_option' AND before -> 'check_option' IS DISTINCT FROM after -> 'check_option') IS TRUE
		OR before -> 'security_invoker' IS DISTINCT FROM after -> 'security_invoker';

CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking_relation(change text, before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE change
		WHEN 'removed' THEN true
		WHEN 'added' THEN false
		WHEN 'renamed' THEN true
		ELSE (before -> 'kind' <> after -> 'kind'
				AND NOT (before ->> 'kind' IN ('table', 'partition') AND after ->> 'kind' IN ('table', 'partition')))
			OR before #> '{sequence,type}' IS DISTINCT FROM after #> '{sequence,type}'
			OR rivergen_catalog.is_breaking_option(before -> 'options', after -> 'options')
	END;

CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking(object_type text, change text, before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN object_type = 'relation' THEN rivergen_catalog.is_breaking_relation(change, before, after)
		WHEN object_type = 'column' THEN rivergen_catalog.is_breaking_column(change, before, after)
		WHEN change = 'renamed' THEN false
		WHEN object_type = 'index' THEN (coalesce(before, '{}') ? 'unique' OR coalesce(after, '{}') ? 'unique')
			AND (change <> 'changed' OR rivergen_catalog.differ(before, after, '{unique,columns,predicate}'))
		WHEN coalesce(after, before) ? 'not_enforced' THEN false
		WHEN change = 'removed' THEN object_type IN ('primary_key', 'unique')
		WHEN change = 'added' THEN true
		ELSE rivergen_catalog.differ(before, after,
				'{columns,nulls_not_distinct,schema,table,referenced_columns,on_update,on_delete,on_delete_columns,match,temporal,definition}')
			-- A check that could be deferred no longer can be; or it was not enforced and is now.
			OR before ? 'not_enforced'
			OR (before ? 'deferrable' AND NOT after ? 'deferrable')
			OR (before ? 'deferred' AND NOT after ? 'deferred')
	END;

