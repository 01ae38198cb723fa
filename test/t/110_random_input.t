# Random arguments for every function of schema rivergen: calls by tenants and operators, in several sessions
# at once. A call answers, or fails with an error of ours; nothing crashes, tells a secret or leaves the catalog
# inconsistent. SEED repeats a run, RANDOM_CALLS changes its length.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $seed = $ENV{SEED} // time % 1_000_000;
my $calls = $ENV{RANDOM_CALLS} // 20_000;    # make check-random: 100,000
my ($sessions, $rounds) = (4, 10);

note("SEED=$seed RANDOM_CALLS=$calls");
diag("SEED=$seed");

# Workers are switched off: what needs one answers 503 at once, and no host that a random request names is dialed.
my $server = start_server('server', conf => "rivergen.gateway_roles = 'random_gateway'\nlog_statement = none\n"
		. "log_min_messages = fatal\nlog_min_error_statement = panic");
change_settings($server, 'rivergen.enabled' => 'off');
sql($server, $_) for split /;\n/, <<'EOT';
CREATE ROLE random_gateway LOGIN;
SELECT rivergen.grant_access('random_gateway');
SELECT rivergen.organization_create('Other');
SELECT rivergen.membership_add(o, rivergen.user_create(s), r) FROM (VALUES (1, 'editor', 'editor'), (1, 'admin', 'admin'),
	(1, 'viewer', 'viewer'), (2, 'stranger', 'admin')) v (o, s, r);
SELECT rivergen.workspace_create(2, 'main');
SELECT rivergen.user_create('outsider')
EOT
$server->safe_psql('postgres', slurp("$FindBin::Bin/../lib/random_calls.sql"));

sub slurp
{
	my ($path) = @_;
	open my $file, '<', $path or die "$path: $!";
	local $/;
	return scalar <$file>;
}

# A function that does what none may: the net must catch it.
sql($server, <<'EOT');
CREATE FUNCTION rivergen.planted(credentials jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF random() < 0.3 THEN
		RAISE SQLSTATE 'XX000' USING MESSAGE = 'planted';
	ELSIF random() < 0.5 THEN
		RAISE SQLSTATE 'PT400' USING MESSAGE = 'planted', DETAIL = coalesce(credentials::text, '');
	END IF;
	RETURN credentials;
END
$$
EOT
sql($server, 'CALL random_calls.storm(0.5, 1500, false)');
is( sql($server,
		"SELECT string_agg(DISTINCT sqlstate, ' ' ORDER BY sqlstate) FROM random_calls.surprise WHERE call LIKE '%planted%'"
	),
	'00000 PT400 XX000',
	'the net catches internal errors, and secrets in errors and answers');
sql($server, 'DROP FUNCTION rivergen.planted(jsonb); TRUNCATE random_calls.surprise, random_calls.outcome');

my $each = int($calls / $sessions / $rounds);
my $began = time;
my $troubles = '';
for my $round (1 .. $rounds)
{
	my @running = map {
		my $part = ($seed * 1000 + $round * $sessions + $_) % 1_000_003 / 1_000_003;
		session_start($server, "CALL random_calls.storm($part, $each, " . ($_ == 1 ? 'true' : 'false') . ')');
	} 1 .. $sessions;
	$troubles .= (session_end($_))[1] for @running;
}
diag(sprintf '%d calls in %d s', $each * $sessions * $rounds, time - $began);

is($troubles, '', 'every session came to its end');
is(sql($server, 'SELECT sum(calls) FROM random_calls.outcome'), $each * $sessions * $rounds, 'every call was made');
is( sql($server,
		"SELECT string_agg(oid::regprocedure::text, ', ') FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace
	AND prokind = 'f' AND oid::regproc::text NOT IN (SELECT function_name FROM random_calls.outcome)"),
	'',
	'of every function');
is( sql($server, "SELECT string_agg(format('%s %s (as %s, seed %s): %s', sqlstate, call, who, seed, message), E'\\n')
	FROM (SELECT DISTINCT ON (sqlstate, left(message, 40)) * FROM random_calls.surprise LIMIT 20) s"),
	'',
	'no internal error, no deadlock, and no secret in an answer or an error');
for my $state (qw(00000 PT400 PT401 PT403 PT404 PT409 PT503))
{
	cmp_ok(
		sql($server, "SELECT coalesce(sum(calls), 0) FROM random_calls.outcome WHERE sqlstate = '$state'"), '>', 0,
		"$state was among the outcomes");
}
note(sql(
	$server, "SELECT string_agg(format('%-45s %s %s', function_name, sqlstate, calls), E'\\n' ORDER BY 1, 2)
	FROM (SELECT function_name, sqlstate, sum(calls) AS calls FROM random_calls.outcome GROUP BY 1, 2 ORDER BY 1, 2) o"));

# Each of these finds what must not be there.
my %wrong = (
	'a source without a state' => 'SELECT 1 FROM rivergen_catalog.data_source d WHERE NOT EXISTS (SELECT FROM
		rivergen_catalog.data_source_state s WHERE s.organization_id = d.organization_id AND s.data_source_id = d.data_source_id)',
	'a state without its source' =>
		'SELECT 1 FROM rivergen_catalog.data_source_state LEFT JOIN rivergen_catalog.data_source d
		USING (organization_id, data_source_id) WHERE d.name IS NULL',
	'two sources of one name' => 'SELECT 1 FROM rivergen_catalog.data_source WHERE deleted_at IS NULL
		GROUP BY organization_id, name HAVING count(*) > 1',
	'a name that is empty, untrimmed or too long' => q(SELECT 1 FROM rivergen_catalog.data_source
		WHERE name = '' OR name <> btrim(name, E' \t\n\r') OR length(name) > 255),
	'a number out of its bounds' => 'SELECT 1 FROM rivergen_catalog.data_source WHERE port NOT BETWEEN 1 AND 65535
		OR ssh_port NOT BETWEEN 1 AND 65535 OR ssh_local_port NOT BETWEEN 1 AND 65535
		OR connection_pool_size NOT BETWEEN 1 AND 100 OR connection_timeout NOT BETWEEN 1 AND 3600
		OR query_timeout NOT BETWEEN 1 AND 86400 OR max_retries NOT BETWEEN 0 AND 100 OR schema_refresh_interval < 60',
	'a file of another organization' => q(SELECT 1 FROM rivergen_catalog.data_source
		WHERE NOT starts_with(file_path, 'organizations/' || organization_id || '/')),
	'metadata or tags of another type' =>
		q(SELECT 1 FROM rivergen_catalog.data_source WHERE jsonb_typeof(metadata) <> 'object'
		OR cardinality(tags) > 100 OR array_position(tags, NULL) IS NOT NULL),
	'a tunnel to nowhere' => 'SELECT 1 FROM rivergen_catalog.data_source WHERE use_ssh_tunnel
		AND (ssh_host IS NULL OR ssh_port IS NULL OR ssh_username IS NULL)',
	'credentials of nothing' => 'SELECT 1 FROM rivergen_catalog.credential LEFT JOIN rivergen_catalog.data_source d
		USING (organization_id, data_source_id) WHERE d.name IS NULL OR cardinality(key_names) = 0',
	'a workspace of another organization' =>
		'SELECT 1 FROM rivergen_catalog.data_source d WHERE workspace_id IS NOT NULL AND NOT EXISTS
		(SELECT FROM rivergen_catalog.workspace w WHERE w.organization_id = d.organization_id AND w.workspace_id = d.workspace_id)',
	'a user of another organization' =>
		'SELECT 1 FROM rivergen_catalog.data_source d LEFT JOIN rivergen_catalog.membership m
		ON m.organization_id = d.organization_id AND m.user_id = d.created_by_user_id WHERE m.user_id IS NULL',
	'an update before the creation' => 'SELECT 1 FROM rivergen_catalog.data_source WHERE updated_at < created_at',
);
for my $what (sort keys %wrong)
{
	is( sql($server,
			"SET enable_indexscan = off; SET enable_indexonlyscan = off; SELECT count(*) FROM ($wrong{$what}) w"),
		0,
		"no row is $what" =~ s/is (a|an|two|credentials|metadata)/has $1/r);
}
for my $table (
	split /\n/,
	sql($server,
		"SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace = 'rivergen_catalog'::regnamespace"))
{
	is(sql($server, "SELECT count(*) FROM $table t WHERE t::text ~ 'canary|63616e617279'"), 0, "no secret in $table");
}
cmp_ok(sql($server, 'SELECT count(*) FROM rivergen_catalog.data_source'), '>', 20, 'sources are left to look at');
is( sql($server,
		'SELECT count(*) FROM rivergen.data_sources, LATERAL rivergen.data_source_get(id) g WHERE g #>> \'{data,name}\' <> name'
	),
	0,
	'what is left can be read');
is( call($server, 'rivergen.data_source_list()')->{data}{pagination}{total_items},
	sql($server, 'SELECT count(*) FROM rivergen.data_sources'),
	'every source is listed');

survives($server);
done_testing();
