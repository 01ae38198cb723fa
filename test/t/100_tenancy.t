# Several tenants call everything they are granted, many times, with ids and names of their own, of others and of
# no organization: no foreign row, id or name in any answer, and what is another's answers exactly like what is not there.
# SEED repeats the calls, RANDOM_CALLS changes their number.
use strict;
use warnings;

use File::Basename qw(dirname);
use IPC::Run;
use Rivergen;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{SEED} // time;
diag("SEED=$seed");
my $calls = $ENV{RANDOM_CALLS} // 20_000;    # make check-random: 100,000
my ($tenants, $sessions, $batch) = (4, 2, 2_500);
my $server = start_server('server', conf => "rivergen.gateway_roles = 'gateway'\nrivergen.max_workers = 1");
sql($server, "CREATE ROLE gateway LOGIN; SELECT rivergen.grant_access('gateway')");
sql($server, slurp_file(dirname(__FILE__) . '/../lib/tenancy.sql'));
sql($server,
	"SELECT probe.add_tenant(k) FROM generate_series(1, $tenants) k; GRANT SELECT ON probe.callable TO gateway");
my $organizations = sql($server, 'SELECT array_agg(organization_id ORDER BY k) FROM probe.tenant');

# n calls as some tenants, of one function or view when it is named. SEED and the number choose them.
sub run
{
	my ($number, $n, $tenants, @called) = @_;
	my $arguments = join ', ', $n, map { "'$_'" } "{$tenants}", $organizations, @called;
	my $part = ($seed * 1000 + $number) % 1_000_003 / 1_000_003;
	return "probe.run($arguments) FROM setseed($part)";
}

# A session of the gateway's role that calls as every $sessions-th tenant, so that none waits for another's locks.
sub start_calls
{
	my ($number) = @_;
	my $as = join ',', grep { $_ % $sessions == $number } 1 .. $tenants;
	my $runs = $calls / $sessions / $batch;
	my $script = join '', map { 'SELECT ' . run($number * $runs + $_, $batch, $as) . ";\n" } 1 .. $runs;
	my $session = { err => '' };
	$session->{run} = IPC::Run::start(
		[ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-U', 'gateway', '-d', $server->connstr('postgres') ],
		'<', \$script, '>', \my $out, '2>', \$session->{err}, IPC::Run::timeout(3600));
	return $session;
}

# One call as a member of a tenant, through the gateway; the answer, or what psql says.
sub as
{
	my ($k, $role, $expression) = @_;
	my ($status, $out, $err) = $server->psql(
		'postgres', "SELECT probe.claims($k, '$role', NULL) \\g /dev/null\nSELECT $expression",
		extra_params => [ '-U', 'gateway' ]);
	return $status == 0 ? $out : $err;
}

# The functions that never succeeded yet.
sub without_success
{
	return sql(
		$server,
		"SELECT coalesce(string_agg(name, ' '), '') FROM (SELECT name FROM probe.tally GROUP BY name
			HAVING count(*) FILTER (WHERE outcome LIKE 'OK%') = 0
			EXCEPT VALUES ('invitation_accept'), ('invitation_decline'), ('attach'), ('detach'), ('rows'), ('query'), ('query_rows')) n"
	);
}

subtest 'the probe notices a leak' => sub {
	sql($server,
		'CREATE VIEW rivergen.leak AS SELECT data_source_id, name FROM rivergen_catalog.data_source; GRANT SELECT ON rivergen.leak TO gateway'
	);
	as(1, 'admin', run(0, 200, 1, 'leak'));
	cmp_ok(sql($server, "SELECT count(*) FROM probe.fault WHERE what LIKE 'foreign %'"), '>', 0, 'foreign rows');
	cmp_ok(
		sql($server, "SELECT count(*) FROM probe.fault WHERE what = 'not the same'"), '>', 0,
		'what is another\'s is not what is missing');
	sql($server, 'DROP VIEW rivergen.leak; TRUNCATE probe.fault, probe.tally');
};

subtest 'random calls' => sub {
	my @running = map { start_calls($_) } 0 .. $sessions - 1;
	for my $session (@running)
	{
		$session->{run}->finish;
		is($session->{err}, '', 'the session was not interrupted');
	}
	is( sql($server, 'SELECT what, call, answer, other_answer FROM probe.fault LIMIT 5'), '',
		'nothing foreign, nothing told apart, no internal error');
	cmp_ok(
		sql($server, 'SELECT count(DISTINCT name) FROM probe.tally'), '>=', 25,
		'functions and views that were called');
	# Which arguments meet is chance: a call that rarely succeeds gets up to forty more rounds.
	for my $round (1 .. 40)
	{
		last if without_success() eq '';
		as(1, 'admin', run($calls + $round, $batch, 1));
	}
	is(without_success(), '', 'each of them did something, too');
	note(sql($server, 'SELECT name, outcome, sum(calls) FROM probe.tally GROUP BY 1, 2 ORDER BY 1, 2'));
};

subtest 'counts are the tenant\'s own' => sub {
	for my $k (1 .. $tenants)
	{
		my $own = "WHERE organization_id = (SELECT organization_id FROM probe.tenant WHERE k = $k)";
		my $undeleted = "$own AND deleted_at IS NULL";
		is( as($k, 'viewer', "rivergen.data_source_list() #> '{data,pagination,total_items}'"),
			sql($server, "SELECT count(*) FROM rivergen_catalog.data_source $undeleted"), "sources of $k");
		is( as($k, 'viewer', '(SELECT count(*) FROM rivergen.data_sources)'),
			sql($server, "SELECT count(*) FROM rivergen_catalog.data_source $undeleted"), "sources in the view of $k");
		is( as($k, 'viewer', '(SELECT count(*) FROM rivergen.jobs)'),
			sql($server, "SELECT count(*) FROM rivergen_catalog.job $own"), "jobs of $k");
		is( as($k, 'admin', "rivergen.member_list() #> '{data,pagination,total_items}'"), 4,
			"members of $k, one of them invited");
		is( as($k, 'admin', '(SELECT count(*) FROM rivergen.audit)'),
			sql($server, "SELECT count(*) FROM rivergen_catalog.audit $own"), "trail of $k");
	}
};

subtest 'a name that is taken elsewhere is free here' => sub {
	my $source = sub {
		"rivergen.data_source_create('{\"name\": \"$_[0]\", \"type\": \"http_api\", \"credentials\": {}}') ->> 'success'";
	};
	is( as(1, 'editor', $source->('tenant2mark source 2')), 'true',
		'the name of a source of another organization is free');
	like(
		as(1, 'editor', $source->('tenant1mark source 2')), qr/Data source with this name already exists/,
		'but not one\'s own');
	is( as(1, 'admin', "rivergen.workspace_add('tenant2mark workspace') ->> 'success'"), 'true',
		'the name of a workspace of another organization is free');
	is( as(1, 'admin', "rivergen.member_add('tenant2mark admin') ->> 'success'"), 'true',
		'another organization\'s admin can be invited');
	is( as(2, 'admin', 'rivergen.current_organization_id()'),
		sql($server, 'SELECT organization_id FROM probe.tenant WHERE k = 2'),
		'the invited admin works in the own organization as before');
};
survives($server);
done_testing();
