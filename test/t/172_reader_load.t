# Many streams at once, slow backends, several databases, and where the secret is while rows come.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Rivergen;
use Sealing;
use Streams;
use Test::More;

my $server = start_server('server', conf => 'max_worker_processes = 12');
install_fake($server);
streams_in($server);
my $plain = readable($server, 'plain', { rows => 3 });

# Memory of its own that a process has, in kB.
sub memory_of
{
	my ($pid) = @_;
	return slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m ? $1 : die "no memory of $pid\n";
}

sub locked
{
	my ($lock) = @_;
	return sql($server, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $lock AND NOT granted");
}

sub backend
{
	return sql(
		$server,
		"SELECT pid FROM pg_stat_activity WHERE query ~ '^SELECT stream' AND state = 'active' AND backend_type = 'client backend'"
	);
}

subtest 'a slow backend' => sub {
	my $id = readable($server, 'endless', { behaviour => 'endless_rows' });
	my $holder = $server->background_psql('postgres');
	$holder->query('SELECT pg_advisory_lock(1)');
	my $session = session_start($server, 'SELECT ' . stream($server, $id, lock => 1, most => 2000));
	wait_for('the backend to sleep', sub { locked(1) });
	my ($reader) = readers($server);
	my $connector = connector_of($server);
	# Its output stands still once the queue, the buffer and the pipe are full.
	wait_for(
		'the connector to be stopped',
		sub { slurp_file("/proc/$connector/wchan") =~ /pipe/ || slurp_file("/proc/$connector/stat") =~ /\) S / });
	my @before = map { memory_of($_) } $reader, $connector, backend();
	like(sql($server, 'SELECT ' . stream($server, $plain)), qr/^end 3$/m, 'other streams of its reader go on');
	my @after = map { memory_of($_) } $reader, $connector, backend();
	cmp_ok($after[$_] - $before[$_], '<', 1024, (qw(reader connector backend))[$_] . ' does not grow meanwhile')
		for 0 .. 2;
	$holder->query('SELECT pg_advisory_unlock(1)');
	$holder->quit;
	my ($told) = session_end($session);
	like($told, qr/^2000 parts, 200000 rows/m, 'no row is lost');
	cmp_ok(memory_of($reader) - $before[0], '<', 2048, 'the reader has not grown after all of it');
	clean_server($server);
};

subtest 'many at once' => sub {
	my @ids = map { readable($server, "many $_", { behaviour => 'endless_rows' }) } 1 .. 40;
	my $holder = $server->background_psql('postgres');
	$holder->query('SELECT pg_advisory_lock(2)');
	my @sessions = map { session_start($server, 'SELECT ' . stream($server, $_, lock => 2, most => 200 + $_)) } @ids;
	wait_for('all of them to have rows', sub { locked(2) == 40 });
	is(scalar readers($server), 2, 'two readers serve forty streams');
	$holder->query('SELECT pg_advisory_unlock(2)');
	$holder->quit;
	my @told = map { (session_end($_))[0] } @sessions;
	is(scalar(grep { $told[ $_ - 1 ] =~ /^${\ (200 + $ids[$_ - 1])} parts, /m } 1 .. 40), 40, 'each gets its own rows');
	my $entries =
		  "SELECT count(DISTINCT data_source_id) FROM rivergen_catalog.audit WHERE action = 'data_source.read' "
		. "AND detail ->> 'outcome' = 'closed' AND data_source_id IN ("
		. join(',', @ids) . ')';
	ok( wait_for('entries of streams that were left', sub { sql($server, $entries) == 40 }),
		'and its entry in the audit trail');
};

subtest 'one organization leaves places to others' => sub {
	change_settings($server, 'rivergen.max_readers' => 1);
	my @ids = map { readable($server, "share $_", { behaviour => 'endless_rows' }) } 1 .. 25;
	my $organization = sql($server, "SELECT rivergen.organization_create('Other')");
	sql($server,
		"SELECT rivergen.membership_add($organization, user_id, 'admin') FROM rivergen_catalog.app_user WHERE role_name = 'postgres'"
	);
	my $other = sql(
		$server,
		"SET rivergen.organization_id = $organization; SELECT rivergen.data_source_create("
			. json(fake_source('other', { query => { enabled => JSON::PP::true }, rows => 3 }))
			. ") #>> '{data,id}'");
	my $holder = $server->background_psql('postgres');
	$holder->query('SELECT pg_advisory_lock(4)');
	my @sessions = map { session_start($server, 'SELECT ' . stream($server, $ids[$_], lock => 4, most => 2)) } 0 .. 23;
	wait_for('all of them to have rows', sub { locked(4) == 24 });
	call_fails(
		$server, stream($server, $ids[24], most => 2), 'one stream more than three quarters of the places',
		sqlstate => 'PT503',
		message => 'too many streams of the organization are open',
		detail => qr/^It may have 24 at once/);
	my $stream = stream($server, $other) =~ s/, \d+, $other, /, $organization, $other, /r;
	like(sql($server, "SELECT $stream"), qr/^end 3$/m, 'another organization is served');
	$holder->query('SELECT pg_advisory_unlock(4)');
	$holder->quit;
	session_end($_) for @sessions;
	like(sql($server, 'SELECT ' . stream($server, $plain)), qr/^end 3$/m, 'and then the first one, too');
	change_settings($server, 'rivergen.max_readers' => 2);
};

subtest 'several databases' => sub {
	for my $name (qw(one two three))
	{
		sql($server, "CREATE DATABASE $name");
		$server->safe_psql(
			$name,
			"CREATE EXTENSION rivergen; SELECT rivergen.quick_start('Acme'); SELECT rivergen.data_source_create("
				. json(fake_source('x', { query => { enabled => JSON::PP::true } })) . ')');
		streams_in($server, $name);
	}
	for my $name (qw(one two three one postgres))
	{
		my $id = $name eq 'postgres' ? $plain : 1;
		like($server->safe_psql($name, 'SELECT ' . stream($server, $id)), qr/^end \d+$/m, "database $name is read");
		cmp_ok(scalar readers($server), '<=', 2, 'readers that idle make way');
	}
};

subtest 'the secret' => sub {
	my $secret = join '', 'cNry', map { ('a' .. 'z', 0 .. 9)[ rand 36 ] } 1 .. 24;
	my $source = readable($server, 'canary', {}, credentials => sealed_credentials($server, { api_key => $secret }));
	my $module = sql($server, "SELECT probin FROM pg_proc WHERE proname = 'stream'");
	sql($server, 'CREATE FUNCTION searched(text, text, bigint, bigint, bigint, int, bigint, int, text) RETURNS text '
			. "LANGUAGE c STRICT AS '$module', 'stream'");
	my $search = sub {
		my ($text) = @_;
		stream($server, $source) =~ s/^stream\((.*)\)$/"searched($1, '" . reverse($text) . "')"/er;
	};
	like(
		sql($server, 'SELECT ' . $search->('"columns": ["c1", "c2"]')), qr/^found in/m,
		'the search finds what is there');
	my $told = sql($server, 'SELECT ' . $search->($secret));
	like($told, qr/^end 5$/m, 'the source is read');
	unlike($told, qr/^found in/m, 'a backend has the secret nowhere, nor has memory that it shares');
	unlike(slurp_file($server->logfile), qr/$secret/, 'it is not in the log');
	unlike(sql($server, 'SELECT jsonb_agg(a) FROM rivergen_catalog.audit a'), qr/$secret/, 'nor in the audit trail');
	unlike(sql($server, 'SELECT jsonb_agg(a) FROM pg_stat_activity a'), qr/$secret/, 'nor in pg_stat_activity');
	my $telling = readable(
		$server, 'telling', { behaviour => 'mutter', pieces => [$secret] },
		credentials => sealed_credentials($server, { api_key => $secret }));
	my $error = call_fails(
		$server, stream($server, $telling), 'a connector that tells it', sqlstate => 'PT502',
		detail => qr/it said/);
	unlike($error->{says}, qr/$secret/, 'is not repeated');
};

survives($server);
done_testing;
