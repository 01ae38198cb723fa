# The canary sweep while sources are read: where secrets could lie while scans and queries run, rest, and fail in every way.
# t/112_canary.t is the sweep of all else.
use strict;
use warnings;

use Canary;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Sealing;
use Streams;
use Test::More;

my $server = start_server('server', conf => <<'EOT');
shared_preload_libraries = 'rivergen, pg_stat_statements'
pg_stat_statements.track = all
dynamic_shared_memory_type = mmap
log_min_messages = debug2
log_error_verbosity = verbose
log_statement = all
wal_level = replica
max_wal_senders = 4
EOT
my $source = start_source('source', canary('of the source'));
sql($source, <<'EOT');
	CREATE SCHEMA shop;
	CREATE TABLE shop.many AS SELECT i AS id, repeat('x', 100) AS filler FROM generate_series(1, 100000) i;
	CREATE VIEW shop.slow AS SELECT i AS id FROM generate_series(1, 10) i WHERE i < 3 OR pg_sleep(600) IS NOT NULL;
	GRANT USAGE ON SCHEMA shop TO reader;
	GRANT SELECT ON ALL TABLES IN SCHEMA shop TO reader;
EOT
sql($server, 'CREATE EXTENSION pg_stat_statements');
install_fake($server);
streams_in($server, undef, spares => 1);

sub sealed
{
	my ($way) = @_;
	return sealed_credentials($server, { username => 'reader', password => canary($way) });
}

my $reading = { query => { enabled => JSON::PP::true } };
my ($id, $wrong) = map {
	create_source(
		$server,
		source_of($source, '', name => $_->[0], credentials => sealed($_->[1]), metadata => $reading))
} [ shop => 'of the source' ], [ wrong => 'of no source' ];
discover($server, $id);
call($server, "rivergen.attach($id, 'shop', ARRAY['shop'])");

is_deeply([ finds('x' . canary('of the source')) ], ['of the source'], 'the sweep finds what is there');

# How many of the reads run. Each of them calls pg_sleep() at the source; the cursor, whose statement may be active, too, does not.
sub running
{
	return sql($source, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND wait_event = 'PgSleep'");
}

sub shown
{
	return map { sql($server, "SELECT to_jsonb(t) FROM $_ t") } 'pg_stat_activity', 'pg_stat_statements',
		'rivergen.jobs', 'rivergen.data_sources',
		'rivergen.credentials', 'rivergen.attachments', 'rivergen_catalog.audit', 'pg_foreign_server',
		'pg_foreign_table', 'pg_prepared_statements', 'pg_cursors', 'pg_settings';
}

# The processes of the server, and the programs that they have started.
sub everyone
{
	return (
		$server->{_pid}, (map { /^(\d+)/ } children($server)), split /\n/,
		sql($server, 'SELECT pid FROM pg_stat_activity'));
}

sub sweep
{
	my ($state) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @texts = processes(everyone());
	cmp_ok(scalar(grep { length } @texts), '>', 5, "$state: processes are looked at");
	nothing_in("arguments and environments, $state", @texts);
	nothing_in("what the server shows, $state", shown());
	nothing_in("shared segments, $state", map { content($_) } files_below($server->data_dir . '/pg_dynshmem'));
	nothing_in("the log, $state", content($server->logfile));
	return;
}

my $cursor = $server->background_psql('postgres', on_error_stop => 0);
my %reads = (
	'a scan' => 'SELECT * FROM shop.slow',
	'a query' => "SELECT rivergen.query($id, 'SELECT pg_sleep(600)')",
	'a query as rows' => "SELECT * FROM rivergen.query_rows($id, 'SELECT id FROM shop.slow') t (id int)",
	'rows' => "SELECT rivergen.rows($id, 'shop', 'slow')",
	'a sample' => 'ANALYZE shop.slow');
my %sessions;

# Those whose connectors were killed sleep at the source until it sees that their clients are gone.
sub start_reads
{
	wait_for('earlier reads to end', sub { running() == 0 });
	$sessions{$_} = session_start($server, $reads{$_}) for sort keys %reads;
	wait_for('all to read', sub { running() >= keys %reads });
	return;
}

# All reads must have ended in an error, which says nothing.
sub all_fail
{
	my ($way) = @_;
	for my $name (sort keys %sessions)
	{
		my ($out, $error) = session_end($sessions{$name});
		like($error, qr/ERROR:/, "$name, $way: fails");
		nothing_in("the error of $name, $way", $out, $error);
	}
	return;
}

subtest 'while rows come' => sub {
	$cursor->query_safe('BEGIN; DECLARE c CURSOR FOR SELECT * FROM shop.many; FETCH 1 FROM c');
	start_reads();
	cmp_ok(scalar(connectors($server)), '>=', 6, 'connectors run');
	sweep('while rows come');
	# A backend with a stream of its own looks through its memory, and through all that it shares.
	my $module = sql($server, "SELECT probin FROM pg_proc WHERE proname = 'stream'");
	sql($server, 'CREATE FUNCTION searched(text, text, bigint, bigint, bigint, int, bigint, int, text) RETURNS text '
			. "LANGUAGE c STRICT AS '$module', 'stream'");
	my $fake = readable(
		$server, 'fake', {},
		credentials => sealed_credentials($server, { api_key => canary('of a fake source') }));
	for my $way ('of the source', 'of a fake source')
	{
		my $call = stream($server, $fake) =~ s/^stream\((.*)\)$/"searched($1, '" . reverse(canary($way)) . "')"/er;
		my $told = sql($server, "SELECT $call");
		like($told, qr/^end 5$/m, 'a stream');
		unlike($told, qr/^found in/m, "the secret $way is in no memory that a backend has");
	}
};

subtest 'while connectors die' => sub {
	for my $connector (map { /^(\d+)/ } connectors($server))
	{
		kill 'KILL', $connector;
	}
	sweep('while connectors die');
	all_fail('killed');
	nothing_in(
		'the error of a cursor', $cursor->query('FETCH 1 FROM c'), $cursor->query('MOVE ALL c'),
		$cursor->{stderr});
	$cursor->query('ROLLBACK');
};

subtest 'while the source ends sessions' => sub {
	start_reads();
	sql($source, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'");
	sweep('while the source ends sessions');
	all_fail('ended by the source');
};

subtest 'while statements are cancelled' => sub {
	start_reads();
	sql($server,
		"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid()"
	);
	sweep('while statements are cancelled');
	all_fail('cancelled');
};

subtest 'when the source lets no one in' => sub {
	sql($source, 'ALTER ROLE reader PASSWORD ' . literal(canary('of later')));
	reload_settings($server);    # ends what rests
	for my $query (values %reads, "SELECT rivergen.query($wrong, 'SELECT 1')")
	{
		my (undef, $out, $error) = $server->psql('postgres', "\\set VERBOSITY verbose\n$query");
		like($error, qr/password authentication failed/, 'a password that is wrong');
		nothing_in('the error', $out, $error);
	}
	sweep('when the source lets no one in');
	call($server, "rivergen.data_source_update_credentials($id, " . json(sealed('of later')) . ')');
	is(sql($server, 'SELECT count(id) FROM shop.many'), 100000, 'the new password');
	sweep('while a connector rests');
};

subtest 'when a connector breaks' => sub {
	for my $behaviour (qw(crash late_garbage stderr_flood))
	{
		my $breaking = readable(
			$server, $behaviour,
			{ behaviour => $behaviour },
			credentials => sealed_credentials($server, { api_key => canary('of a fake source') }));
		my (undef, $out, $error) = $server->psql('postgres', 'SELECT ' . stream($server, $breaking));
		nothing_in("what is said of $behaviour", $out, $error);
	}
};

$cursor->quit;
survives($server);
without_spares($server);
clean_server($server);
sql($server, 'CHECKPOINT');
my $dumped = IPC::Run::run([ 'pg_dumpall', '-h', $server->host, '-p', $server->port ], '>', \my $dump);
ok($dumped && $dump =~ /rivergen_catalog\.attachment/, 'a dump');
nothing_in('pg_dumpall', $dump);
$server->stop;
nothing_in('the log', content($server->logfile));
nothing_in('heap, WAL, temporary and all other files', map { content($_) } files_below($server->data_dir));
note(searched_for());

done_testing;
