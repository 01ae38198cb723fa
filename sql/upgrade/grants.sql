-- The functions are new ones, so what roles were granted on the old ones is gone: whoever may use the schema gets
-- what grant_access gives.
DO $$
DECLARE
	grantee regrole;
BEGIN
	FOR grantee IN
		SELECT DISTINCT a.grantee FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a
		WHERE n.nspname = 'rivergen' AND a.privilege_type = 'USAGE' AND a.grantee <> 0 AND a.grantee <> n.nspowner
	LOOP
		PERFORM rivergen.grant_access(grantee);
	END LOOP;
END
$$;
