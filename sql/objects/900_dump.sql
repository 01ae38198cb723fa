-- Makes pg_dump save the rows of every table and the positions of the sequences. One command for each, because each
-- changes the same row of pg_extension.
DO $$
DECLARE
	member pg_catalog.oid;
BEGIN
	FOR member IN
		SELECT c.oid FROM pg_catalog.pg_class c
		WHERE c.relnamespace = 'rivergen_catalog'::pg_catalog.regnamespace AND c.relkind IN ('r', 'S')
		ORDER BY c.oid
	LOOP
		PERFORM pg_catalog.pg_extension_config_dump(member, '');
	END LOOP;
END
$$;
