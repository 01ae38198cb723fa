# Who is taken for whom, who may what, and what others left in the database before the extension came.
use strict;
use warnings;

use Rivergen;
use PostgreSQL::Test::Utils;
use Test::More;

my $server = start_server('server', conf => "rivergen.gateway_roles = 'gateway'");
sql($server, <<'EOT');
CREATE ROLE gateway LOGIN;
CREATE ROLE direct LOGIN;
CREATE ROLE stranger LOGIN;
SELECT rivergen.grant_access(r) FROM unnest('{gateway,direct,stranger}'::regrole[]) r;
SELECT rivergen.membership_add(1, rivergen.user_create('vic'), 'viewer');
SELECT rivergen.membership_add(1, rivergen.user_create('boss'), 'admin');
SELECT rivergen.membership_add(rivergen.organization_create('Direct'), rivergen.user_create('dan', 'direct'), 'editor');
EOT
my $id = create_source($server, fake_source('one', {}));

# As a login role, with the claims given; the answer or the error.
sub as
{
	my ($role, $claims, $text) = @_;
	my $set = $claims ? "SET request.jwt.claims = " . literal($claims) . ";\n" : '';
	my ($status, $out, $err) =
		$server->psql('postgres', $set . $text, extra_params => [ '-U', $role, '-v', 'VERBOSITY=verbose' ]);
	return $status == 0 ? $out : $err;
}
my $who = 'SELECT rivergen.current_organization_id()';

subtest 'who is who' => sub {
	is(as('direct', undef, $who), 2, 'a login role is its user');
	is(as('direct', '{"sub": "boss"}', $who), 2, 'whatever claims it sets');
	is( as('direct', '{"sub": "boss", "organization_id": 1}', $who), 2,
		'the claims of a direct session choose no organization');
	like(as('stranger', '{"sub": "boss"}', $who), qr/PT401/, 'a role that is no user stays none');
	like(
		as('direct', undef, "SET rivergen.gateway_roles = 'direct'"), qr/42501/,
		'a role cannot make itself a gateway');
	is(as('gateway', '{"sub": "boss"}', $who), 1, 'the gateway is believed');
	is(as('gateway', '{"sub": "dan"}', $who), 2, 'for every subject');
	like(as('gateway', undef, $who), qr/PT401/, 'a gateway session without claims gets 401');
	like(
		as('gateway', '{"sub": "boss"}', 'SET SESSION AUTHORIZATION direct'), qr/42501/,
		'the gateway cannot become another session');
	like(as('direct', undef, 'SELECT * FROM rivergen_catalog.credential'), qr/42501/, 'the tables are closed');
	like(as('direct', undef, 'SELECT rivergen.user_list()'), qr/42501/, 'functions for operators are closed');
};

# Every function that is granted and may write; those that a viewer may use are named.
my %viewers =
	map { $_ => 1 } qw(http discover_schema rows job_progress invitation_accept invitation_decline member_remove);

subtest 'viewers write nothing' => sub {
	my @writing = split /\n/, sql($server, <<'EOT');
		SELECT proname || '(' || array_to_string(ARRAY(SELECT 'NULL::' || format_type(t, NULL) FROM unnest(proargtypes) t), ', ') || ')'
		FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace AND provolatile = 'v'
			AND has_function_privilege('gateway', oid, 'EXECUTE') ORDER BY 1
EOT
	cmp_ok(scalar(@writing), '>=', 12, 'functions that write');
	for my $function (@writing)
	{
		my ($name) = $function =~ /^(\w+)/;
		like(as('gateway', '{"sub": "vic"}', "SELECT rivergen.$function"), qr/PT403/, $name) if !$viewers{$name};
	}
	like(
		as('gateway', '{"sub": "vic"}', "SELECT rivergen.discover_schema($id)"), qr/PT403/,
		'discovering what is not cached');
	like(as('gateway', '{"sub": "vic"}', 'SELECT rivergen.member_remove(1)'), qr/PT403/, 'removing another member');
	like(
		as('gateway', '{"sub": "vic"}', 'SELECT count(*) FROM rivergen.audit'), qr/PT403/,
		'a viewer does not read the audit trail');
	is(as('gateway', '{"sub": "vic"}', 'SELECT count(*) FROM rivergen.data_sources'), 1, 'a viewer reads data sources');
};

subtest 'disabled users' => sub {
	sql($server,
		"SELECT rivergen.user_disable(user_id) FROM rivergen_catalog.app_user WHERE subject IN ('vic', 'dan')");
	my @granted = split /\n/, sql($server, <<'EOT');
		SELECT 'SELECT rivergen.' || proname || '(' || array_to_string(ARRAY(SELECT CASE format_type(t, NULL)
			WHEN 'jsonb' THEN '''{}''::jsonb' WHEN 'text' THEN '''x''::text' WHEN 'boolean' THEN 'false'
			WHEN 'timestamp with time zone' THEN 'now()' WHEN 'text[]' THEN '''{}''::text[]'
			WHEN 'bigint[]' THEN '''{1}''::bigint[]' ELSE '1::' || format_type(t, NULL) END FROM unnest(proargtypes) t), ', ') || ')'
		FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace AND has_function_privilege('gateway', oid, 'EXECUTE')
		UNION ALL SELECT 'SELECT * FROM ' || oid::regclass FROM pg_class WHERE relnamespace = 'rivergen'::regnamespace AND relkind = 'v'
			AND has_table_privilege('gateway', oid, 'SELECT')
EOT
	my @not =
		grep { as('gateway', '{"sub": "vic"}', $_) !~ /PT401/ && !/sealing_key|data_source_types|\.http\(/ } @granted;
	is("@not", '', 'everything that is granted answers 401: ' . @granted . ' functions and views');
	like(as('direct', undef, $who), qr/PT401/, 'a disabled user who logs in directly, too');
	sql($server, "SELECT rivergen.user_enable(user_id) FROM rivergen_catalog.app_user WHERE subject = 'vic'");
	is(as('gateway', '{"sub": "vic"}', $who), 1, 'an enabled user works again');
};

subtest 'the last admin, when two leave at once' => sub {
	sql($server,
		"SELECT rivergen.membership_add(o, rivergen.user_create('left')), rivergen.membership_add(o, rivergen.user_create('right'))
		FROM rivergen.organization_create('Two') o; UPDATE rivergen_catalog.membership SET role = 'admin' WHERE organization_id = 3"
	);
	my $leave = sub {
		"SET SESSION AUTHORIZATION gateway; SELECT set_config('request.jwt.claims', '{\"sub\": \"$_[0]\"}', false)";
	};
	my $remove = "SELECT rivergen.member_remove((m -> 'user_id')::bigint)
			FROM jsonb_array_elements(rivergen.member_list() #> '{data,items}') m WHERE m ->> 'name' = ";
	my $first = $server->background_psql('postgres');
	$first->query_safe('BEGIN; ' . $leave->('left') . "; $remove 'left'");
	my $second =
		session_start($server, 'BEGIN ISOLATION LEVEL REPEATABLE READ; ' . $leave->('right') . "; $remove 'right'");
	wait_for(
		'the second to wait',
		sub { sessions_at_locks($server) == 1 });
	$first->query_safe('COMMIT');
	$first->quit;
	my (undef, $err) = session_end($second);
	like($err, qr/PT409|40001/, 'the second is refused');
	cmp_ok(
		sql($server, "SELECT count(*) FROM rivergen_catalog.membership WHERE organization_id = 3 AND role = 'admin'"),
		'>=', 1, 'an admin is left');
};

# What a role that may create in public could have prepared. Each would tell as whom it ran.
my $trojans = <<'EOT';
GRANT CREATE ON SCHEMA public TO stranger;
SET SESSION AUTHORIZATION stranger;
CREATE TABLE public.ran (what text, who text);
GRANT ALL ON public.ran TO PUBLIC;
CREATE FUNCTION public.ran(text) RETURNS void LANGUAGE sql AS $$ INSERT INTO public.ran VALUES ($1, current_user) $$;
CREATE FUNCTION public.nextval(text) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM public.ran('nextval'); RETURN 666; END $$;
CREATE FUNCTION public.to_char(timestamp, varchar) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM public.ran('to_char'); RETURN ''; END $$;
CREATE FUNCTION public.format(text, bigint) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM public.ran('format'); RETURN ''; END $$;
CREATE FUNCTION public.jsonb_build_object(text, bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN PERFORM public.ran('jsonb_build_object'); RETURN '{}'; END $$;
CREATE FUNCTION public.upper(varchar) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM public.ran('upper'); RETURN ''; END $$;
CREATE FUNCTION public.equal(bigint, integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM public.ran('='); RETURN true; END $$;
CREATE OPERATOR public.= (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = public.equal);
CREATE FUNCTION public.any_equal(text, varchar) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM public.ran('= text'); RETURN true; END $$;
CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = varchar, FUNCTION = public.any_equal);
CREATE FUNCTION public.pick(jsonb, varchar) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM public.ran('->>'); RETURN ''; END $$;
CREATE OPERATOR public.->> (LEFTARG = jsonb, RIGHTARG = varchar, FUNCTION = public.pick);
CREATE TYPE public.regclass AS ENUM ('x');
CREATE TABLE public.data_source (organization_id bigint, data_source_id bigint);
CREATE TABLE public.app_user (user_id bigint, subject text);
RESET SESSION AUTHORIZATION;
EOT

# In a database of its own, as its superuser.
sub fresh_database
{
	my ($name, $text) = @_;
	sql($server, "CREATE DATABASE $name");
	$server->safe_psql($name, $text);
}

subtest 'trojans that were there before' => sub {
	fresh_database('trojans', "$trojans SET search_path = public, pg_catalog; CREATE EXTENSION rivergen;");
	is($server->safe_psql('trojans', <<'EOT'), '', 'no default, view or function of ours refers to anything in public');
		SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid), pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
		FROM pg_depend d, pg_identify_object(d.classid, d.objid, d.objsubid) o, pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) r
		WHERE (o.schema LIKE 'rivergen%' OR o.identity LIKE '%rivergen%') AND r.schema = 'public'
EOT
	my $temporary = <<'EOT';
		CREATE TEMP TABLE data_source (organization_id bigint);
		CREATE TEMP TABLE app_user (user_id bigint, subject text, role_name name, disabled_at timestamptz);
		CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM public.ran('now'); RETURN pg_catalog.now(); END $$;
		CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM public.ran('lower'); RETURN $1; END $$;
		SET search_path = pg_temp, public, pg_catalog;
EOT
	$server->safe_psql('trojans', <<"EOT");
		SELECT rivergen.key_create();
		SELECT rivergen.membership_add(rivergen.organization_create('o'), rivergen.user_create('s', 'direct'), 'admin');
		SELECT rivergen.grant_access('direct');
EOT
	my ($status, $out, $err) = $server->psql('trojans', <<"EOT", extra_params => [ '-U', 'direct' ], on_error_die => 0);
		$temporary
		SELECT rivergen.data_source_create('{"name": "a", "type": "postgresql", "host": "127.0.0.1", "port": 1,
			"database_name": "d", "schema_auto_refresh": false, "credentials": {"password": "k"}}') -> 'success';
		SELECT rivergen.data_source_update(1, '{"description": "b", "port": 2}') -> 'success';
		SELECT rivergen.data_source_list(search => 'a', type => 'postgresql', sort_by => 'name') -> 'success';
		SELECT rivergen.discover_schema(1, wait => false) -> 'success', rivergen.job_list() -> 'success';
		SELECT rivergen.data_source_schemas(1) -> 'success', rivergen.member_list() -> 'success', rivergen.workspace_add('w') -> 'success';
		SELECT count(*) FROM rivergen.data_sources; SELECT count(*) FROM rivergen.jobs; SELECT count(*) FROM rivergen.tables;
		SELECT count(*) FROM rivergen.columns; SELECT count(*) FROM rivergen.constraints; SELECT count(*) > 0 FROM rivergen.audit;
		SELECT rivergen.data_source_delete(1, true) -> 'success';
EOT
	is($err, '', 'everything works');
	is( $server->safe_psql('trojans', "SELECT what, who FROM public.ran"), '',
		'no function that others created has run');
	is( $server->safe_psql(
			'trojans', "SELECT bool_and(proconfig::text LIKE '%search_path=pg_catalog, pg_temp%') FROM pg_proc
		WHERE pronamespace = 'rivergen'::regnamespace AND prosecdef"),
		't',
		'what runs as the owner has its own search_path');
};

subtest 'install-script traps' => sub {
	for my $trap ('SCHEMA rivergen', 'SCHEMA rivergen_catalog')
	{
		(my $name = "trap_$trap") =~ s/\W/_/g;
		fresh_database(
			lc $name,
			"GRANT CREATE ON DATABASE \L$name\E TO stranger; SET SESSION AUTHORIZATION stranger; CREATE $trap");
		my ($status, undef, $err) = $server->psql(lc $name, 'CREATE EXTENSION rivergen');
		isnt($status, 0, "with a $trap of another role it is not created");
		like($err, qr/schema "\w+" already exists/, 'the error names the schema that exists');
		is( $server->safe_psql(
				lc $name,
				"SELECT count(*) FROM pg_class WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 'rivergen%')"
			),
			0,
			'nothing of it is left');
	}
	my ($status, undef, $err) = $server->psql('template1', 'CREATE EXTENSION rivergen SCHEMA public');
	like($err, qr/must be installed in schema "pg_catalog"/, 'the extension cannot be created in another schema');
	($status, undef, $err) =
		$server->psql('template1', 'CREATE EXTENSION rivergen', extra_params => [ '-U', 'stranger' ]);
	like($err, qr/permission denied/, 'a plain user cannot create the extension');
};
survives($server);
done_testing();
