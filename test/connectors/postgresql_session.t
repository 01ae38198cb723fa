# A session at a source is ours alone: nothing that others put in the way is found, no setting of the user's counts, and
# nothing stays behind in a session that a pooler lends.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use IO::Socket::INET;
use Reading;
use Source;
use Test::More;
use Time::HiRes qw(sleep);

start_server();
sql('CREATE DATABASE source', database => 'postgres');
sql(<<~"EOT");
	CREATE ROLE reader LOGIN PASSWORD '$password';
	CREATE ROLE odd LOGIN PASSWORD '$password';
	CREATE ROLE mallory;
	GRANT CREATE ON SCHEMA public TO PUBLIC;
	GRANT CREATE ON DATABASE source TO mallory;
	CREATE SCHEMA shop;
	GRANT USAGE, CREATE ON SCHEMA shop TO mallory;
	CREATE TYPE shop.mood AS ENUM ('sad', 'happy');
	CREATE TABLE shop.guarded (k text CHECK (k <> ''), on_day date DEFAULT '2020-03-04', at timestamptz DEFAULT '2020-03-04 05:06:07+00',
		span interval DEFAULT '1 day 2 hours', ratio float8 DEFAULT 0.1, price money DEFAULT 1.5, raw bytea DEFAULT '\\x00ff',
		mood shop.mood, "select" integer, note text);
	INSERT INTO shop.guarded VALUES ('a', '2020-03-04', '2020-03-04 05:06:07+00', '1 day 2 hours', 0.1, 1.5, '\\x00ff', 'sad', 1, 'back\\slash');
	ALTER TABLE shop.guarded ENABLE ROW LEVEL SECURITY;
	CREATE POLICY everything ON shop.guarded USING (true);
	CREATE VIEW shop.looks AS SELECT k, "select", on_day + span AS later FROM shop.guarded WHERE at > '2020-01-01 00:00:00+00';
	CREATE INDEX expressed ON shop.guarded (lower(k)) WHERE ratio > 0.5;
	CREATE SEQUENCE shop.counter;
	CREATE TABLE shop.parts (k text) PARTITION BY LIST (k);
	CREATE TABLE shop.part PARTITION OF shop.parts FOR VALUES IN ('a');
	CREATE FUNCTION shop.lost() RETURNS int LANGUAGE sql AS 'SELECT 1';
	CREATE TABLE shop.broken (id int DEFAULT shop.lost());
	DELETE FROM pg_proc WHERE proname = 'lost';
	ANALYZE;
	GRANT USAGE ON SCHEMA shop TO PUBLIC;
	GRANT SELECT ON ALL TABLES IN SCHEMA shop TO PUBLIC;
	EOT

# Everything that the connector does, by one user, over one port; what it said of the source.
sub everything
{
	my ($user, $over) = @_;
	my %as = (credentials => { username => $user }, endpoint => { port => ($over // $port) + 0 });
	my @said = map { { %$_, frame => "test $_->{frame}" } } connect_with(%as, operation => 'test');
	push @said, my @discovered = connect_with(%as, known => {});
	push @said, connect_with(%as);
	push @said, connect_with(%as, scope => { include => ['shop.*'], exclude => ['shop.part?'] });
	push @said, connect_with(%as, schema => 'shop');
	my $known = {
		signature => $discovered[-1]{signature},
		relations => [ map { [ $_->{id}, $_->{signature} ] } grep { $_->{frame} eq 'relation' } @discovered ]
	};
	sql("COMMENT ON TABLE shop.guarded IS 'by $user'; CREATE OR REPLACE FUNCTION shop.moved() RETURNS int LANGUAGE sql AS 'SELECT 1'"
	);
	push @said, connect_with(%as, known => $known);
	push @said, connect_with(
		%as,
		operation => 'sample',
		sample => {
			relations => [ map { { schema => 'shop', name => $_ } } qw(guarded looks parts cast counter gone) ],
			categories => 60,
			category_length => 50, examples => 3, example_length => 200, masking => JSON::PP::false,
			relation_timeout => 60
		});
	is(scalar(grep { $_->{frame} =~ /error/ } @said), 0, "$user: no operation fails")
		or diag(explain([ grep { $_->{frame} =~ /error/ } @said ]));
	return grep { $_->{frame} ne 'progress' } @said;
}

# ---- what others put in the way ----

# For every function and operator of pg_catalog one of the same name and arguments in public, for every table and view a
# view, for every type a domain, and a cast to text: all of them report when they run, and their author has made sure
# that they are found first.
sql(<<~'EOT');
	SET search_path = pg_catalog;
	CREATE FUNCTION public.alarm(what text) RETURNS bool LANGUAGE plpgsql COST 1 AS
		$$BEGIN RAISE LOG 'mallory''s % runs as %', what, current_user; RETURN true; END$$;
	CREATE FUNCTION public.trap(statement text) RETURNS void LANGUAGE plpgsql AS
		$$BEGIN EXECUTE statement; EXCEPTION WHEN OTHERS THEN NULL; END$$;
	CREATE TYPE shop.evil AS ENUM ('one', 'two');
	CREATE FUNCTION shop.evil_text(shop.evil) RETURNS text LANGUAGE plpgsql AS $$BEGIN PERFORM public.alarm('cast'); RETURN 'cast'; END$$;
	CREATE CAST (shop.evil AS text) WITH FUNCTION shop.evil_text(shop.evil) AS IMPLICIT;
	CREATE TYPE shop.pair AS (a int, b text);
	CREATE FUNCTION shop.pair_text(shop.pair) RETURNS text LANGUAGE plpgsql AS $$BEGIN PERFORM public.alarm('cast'); RETURN 'cast'; END$$;
	CREATE CAST (shop.pair AS text) WITH FUNCTION shop.pair_text(shop.pair) AS IMPLICIT;
	CREATE DOMAIN shop.worse AS shop.evil;
	CREATE TABLE shop.cast (e shop.evil, p shop.pair, w shop.worse, many shop.evil[]);
	INSERT INTO shop.cast VALUES ('one', (1, 'x'), 'two', '{one,two}'), (NULL, NULL, NULL, NULL), ('one', (NULL, NULL), 'two', '{one,two}');
	GRANT SELECT ON shop.cast TO PUBLIC;
	SELECT count(public.trap(format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', proname,
		pg_get_function_identity_arguments(oid), pg_get_function_result(oid),
		format('BEGIN PERFORM public.alarm(%L); RETURN NULL; END', 'function ' || proname))))
	FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND provariadic <> '"any"'::regtype;
	SELECT count(public.trap(format('CREATE FUNCTION public.%I(%s) RETURNS text LANGUAGE plpgsql AS %L', name, arguments,
		format('BEGIN PERFORM public.alarm(%L); RETURN NULL; END', 'function ' || name))))
	FROM unnest(ARRAY['format', 'concat', 'concat_ws', 'num_nulls', 'quote_ident']) name,
		unnest(ARRAY['text', 'text, text', 'text, text, text', 'name', 'text, oid', 'text, VARIADIC anyarray']) arguments;
	SELECT count(public.trap(format('CREATE FUNCTION public.operate_%s(%s) RETURNS %s LANGUAGE plpgsql AS %L', oid,
			concat_ws(', ', nullif(oprleft, 0)::regtype, oprright::regtype), oprresult::regtype,
			format('BEGIN PERFORM public.alarm(%L); RETURN NULL; END', 'operator ' || oid::regoperator)))),
		count(public.trap(format('CREATE OPERATOR public.%s (%sRIGHTARG = %s, PROCEDURE = public.operate_%s)', oprname,
			CASE WHEN oprleft <> 0 THEN 'LEFTARG = ' || oprleft::regtype || ', ' END, oprright::regtype, oid)))
	FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace;
	SELECT count(public.trap(format('CREATE VIEW public.%I AS SELECT * FROM pg_catalog.%I WHERE public.alarm(%L)', relname, relname,
		'relation ' || relname))) FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v');
	SELECT count(public.trap(format('CREATE DOMAIN public.%I AS pg_catalog.%I CHECK (public.alarm(%L))', typname, typname,
		'type ' || typname))) FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typname <> 'bool';
	GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;
	ALTER ROLE reader SET search_path = public, pg_catalog;
	EOT

# What mallory's code told, and since when.
my $read = 0;
sub alarms
{
	my $log = content("$home/log");
	my @alarms = substr($log, $read) =~ /mallory's (.*?) runs as reader/g;
	$read = length $log;
	my %seen;
	return grep { !$seen{$_}++ } @alarms;
}

subtest 'what others wrote is not run' => sub {
	my @traps = split /\|/, sql(
		"SELECT (SELECT count(*) FROM pg_catalog.pg_proc WHERE pronamespace = 'public'::regnamespace),
		(SELECT count(*) FROM pg_catalog.pg_operator WHERE oprnamespace = 'public'::regnamespace),
		(SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = 'public'::regnamespace),
		(SELECT count(*) FROM pg_catalog.pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'd')");
	cmp_ok($traps[$_], '>', (1000, 500, 100, 50)[$_], "there are $traps[$_] traps") for 0 .. 3;
	sql("SET ROLE reader; SET search_path = public, pg_catalog; SELECT quote_ident('x'), 'x' = 'y', 'x'::text; SELECT oid FROM pg_class LIMIT 1;
		SELECT e::pg_catalog.text FROM shop.cast");
	my %kinds = map { /^(\w+)/ => 1 } alarms();
	is_deeply(
		[ sort keys %kinds ], [qw(cast function operator relation type)],
		'a careless session runs an object of each kind');
	my @said = everything('reader');
	is_deeply([ alarms() ], [], 'no operation steps into any');
	my ($cast) = grep { $_->{frame} eq 'sample' && $_->{relation} == 3 } @said;
	is_deeply(
		$cast,
		{   frame => 'sample', relation => 3, categories => { e => [ 'one', 'two' ], w => [ 'one', 'two' ] },
			examples => [
				{ e => 'one', p => '(1,x)', w => 'two', many => '{one,two}' }, { map { $_ => undef } qw(e p w many) },
				{ e => 'one', p => '(,)', w => 'two', many => '{one,two}' } ]
		},
		'values are told as their types spell them') or diag(explain($cast));
	isnt(
		scalar(grep { ($_->{name} // '') eq 'guarded' && $_->{frame} eq 'relation' } @said), 0,
		'what was to be read is read');
	isnt(
		scalar(grep { ($_->{name} // '') eq 'broken' && $_->{frame} eq 'skipped' } @said), 0,
		'also after a statement has failed');
};

# ---- the settings of the user ----

# What does not depend on the user.
sub common
{
	return [ map { s/by (?:reader|odd)\b/by the user/gr } sort map { $json->encode({ %$_, signature => undef }) } @_ ];
}

subtest 'no setting of the user counts' => sub {
	# Each setting that a user has, at another value than the usual.
	my $changed = sql(<<~'EOT');
		SET search_path = pg_catalog;
		SELECT count(public.trap(format('ALTER ROLE odd SET %I = %L', name, value))) FROM (
			SELECT name, CASE setting WHEN 'on' THEN 'off' ELSE 'on' END AS value FROM pg_settings
			WHERE context = 'user' AND vartype = 'bool'
			UNION ALL SELECT name, (SELECT max(v) FROM unnest(enumvals) v WHERE v <> setting) FROM pg_settings
			WHERE context = 'user' AND vartype = 'enum' AND name <> 'session_replication_role') s;
		SELECT count(public.trap(format('ALTER ROLE odd SET %I = %L', name, value))) FROM (VALUES ('DateStyle', 'German, DMY'),
			('TimeZone', 'Asia/Kathmandu'), ('extra_float_digits', '-5'), ('search_path', ''), ('lc_numeric', 'de_DE.UTF-8'),
			('statement_timeout', '20s'), ('lock_timeout', '1ms'), ('idle_in_transaction_session_timeout', '1ms'),
			('client_encoding', 'LATIN1'), ('work_mem', '64kB'), ('cursor_tuple_fraction', '0.01'), ('application_name', 'odd')) s (name, value);
		SELECT count(*) > 60 FROM (SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = 'odd'::regrole) s;
		EOT
	like($changed, qr/t$/, 'more than 60 settings are other than usual');
	my ($reader, $odd) = map { common(everything($_)) } qw(reader odd);
	is_deeply($odd, $reader, 'the same is said as to a user without any');
	like("@$odd", qr/"on_day":"2020-03-04"/, 'dates are as they are everywhere');
};

# ---- a pooler ----

my $pooler_port = free_port();
my $pooler;

sub start_pooler
{
	my $directory = "$home/pooler";
	mkdir $directory or die $!;
	my %files = ('pgbouncer.ini' =>
			<<~"EOT", 'users' => join '', map { my $said = $password =~ s/"/""/gr; qq("$_" "$said"\n) } qw(owner reader odd));
		[databases]
		* = host=127.0.0.1 port=$port
		[pgbouncer]
		listen_addr = 127.0.0.1
		listen_port = $pooler_port
		unix_socket_dir =
		auth_type = scram-sha-256
		auth_file = $directory/users
		pool_mode = transaction
		default_pool_size = 1
		EOT
	for my $name (keys %files)
	{
		open(my $file, '>', "$directory/$name") or die $!;
		print $file $files{$name};
		close $file;
	}
	my @as = $> == 0 ? ('runuser', '-u', 'postgres', '--') : ();
	run('chown', '-R', 'postgres', $directory) if @as;
	$pooler = fork // die $!;
	if ($pooler == 0)
	{
		open(STDOUT, '>', "$home/pooler.log") and open(STDERR, '>&', \*STDOUT);
		exec @as, '/usr/sbin/pgbouncer', "$directory/pgbouncer.ini";
	}
	for (1 .. 600)
	{
		return if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $pooler_port);
		sleep 0.05;
	}
	die 'the pooler does not start: ' . content("$home/pooler.log");
}

END { my $status = $?; kill 'TERM', $pooler and waitpid $pooler, 0 if $pooler; $? = $status }

# What a query of another client of the pool says.
sub pooled
{
	my ($query) = @_;
	local $ENV{PGPASSWORD} = $password;
	return run(
		(map { $_ eq $home ? '127.0.0.1' : $_ eq $port ? $pooler_port : $_ eq 'owner' ? 'reader' : $_ } @psql),
		'source', '-c', $query);
}

SKIP:
{
	skip 'pgbouncer is not installed', 1 unless -x '/usr/sbin/pgbouncer';
	subtest 'a pooler in transaction mode' => sub {
		start_pooler();
		# What another client left behind, and what there is of ours afterwards.
		pooled('CREATE TEMP TABLE pg_class (oid oid); CREATE TEMP TABLE pg_settings (name text)');
		# Newer poolers prepare statements of their own.
		my $left =
			"SELECT pg_catalog.pg_backend_pid(), (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements
			WHERE name OPERATOR(pg_catalog.!~~) 'PGBOUNCER%'),
			(SELECT pg_catalog.count(*) FROM pg_catalog.pg_cursors), (SELECT pg_catalog.md5(pg_catalog.string_agg(s.name OPERATOR(pg_catalog.||)
			s.setting, ',' ORDER BY s.name)) FROM pg_catalog.pg_settings s WHERE s.name OPERATOR(pg_catalog.<>) 'application_name')";
		my $before = pooled($left);
		my $direct = common(everything('reader'));
		for my $time (1, 2)
		{
			is_deeply(common(everything('reader', $pooler_port)), $direct, "time $time: the same as without it");
			is(pooled($left), $before, "time $time: the session is open, and nothing is left behind in it");
		}
		for my $time (1 .. 3)
		{
			my @frames = next_answer(
				operation => 'read', endpoint => { port => $pooler_port },
				read => read_request([ 'shop', 'parts' ], ['k']));
			is($frames[-1]{frame}, 'end', "time $time: a connector that keeps its connection reads")
				or diag(message_of(@frames));
			is(pooled($left), $before, "time $time: it leaves nothing behind either");
		}
		end_reader();
		is_deeply([ alarms() ], [], 'no function of other users has run');
	};
}

done_testing();
