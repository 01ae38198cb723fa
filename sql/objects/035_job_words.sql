-- The words of jobs: the table of jobs checks them, and the OpenAPI document lists them. Every statement that writes a job
-- evaluates both, and a function in SQL would be planned each time.

CREATE OR REPLACE FUNCTION rivergen_catalog.job_kinds() RETURNS text[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
	RETURN '{discover,test,scan}'::text[];
END $$;

CREATE OR REPLACE FUNCTION rivergen_catalog.job_statuses() RETURNS text[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
	RETURN '{queued,running,succeeded,failed,cancelled}'::text[];
END $$;
