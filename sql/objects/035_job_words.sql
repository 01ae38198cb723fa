-- The words of jobs: the table of jobs checks them, and the OpenAPI document lists them.

CREATE OR REPLACE FUNCTION rivergen_catalog.job_kinds() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{discover,test,scan}'::text[];

CREATE OR REPLACE FUNCTION rivergen_catalog.job_statuses() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{queued,running,succeeded,failed,cancelled}'::text[];
