# How a stream ends before its time: the backend leaves, the connector or the reader ends, the database goes.
use strict;
use warnings;

use Rivergen;
use Streams;
use Test::More;

my $server = start_server('server');
install_fake($server);
streams_in($server);
my $endless = readable($server, 'endless', { behaviour => 'endless_rows' });
my $slow = readable($server, 'slow', { behaviour => 'until_eof' });
my $hanging = readable($server, 'hanging', { behaviour => 'hang' });
my $plain = readable($server, 'plain', {});

# A session that reads until it is stopped, perhaps in a transaction; with its connector, which none that rests of an
# earlier stream must be taken for.
sub begin
{
	my ($id, %option) = @_;
	my $before = delete $option{before} // '';
	reload_settings($server);
	wait_for('no connector', sub { !connectors($server) });
	my $session = session_start($server, "${before}SELECT " . stream($server, $id, %option));
	my $connector = connector_of($server);
	wait_for(
		'the stream to be seen',
		sub {
			sql($server,
				"SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'rivergen reader' AND query LIKE '%data sources $id'"
			);
		});
	return ($session, $connector);
}

sub backend
{
	return sql(
		$server,
		"SELECT pid FROM pg_stat_activity WHERE query ~ '^SELECT stream' AND state = 'active' AND backend_type = 'client backend'"
	);
}

subtest 'the backend leaves' => sub {
	for my $id ($endless, $slow)
	{
		sql($server, 'SELECT ' . stream($server, $id, most => 2));
		closes($server, $id, 'closed', 'a stream that is closed early');
	}
	call_fails(
		$server, stream($server, $slow, most => -2), 'a statement that fails in the middle',
		message => 'failed on purpose');
	closes($server, $slow, 'closed', 'leaves nothing');
	for my $way (qw(pg_cancel_backend pg_terminate_backend))
	{
		for my $id ($endless, $slow, $hanging)
		{
			my ($session) = begin($id);
			sql($server, "SELECT $way(" . backend() . ')');
			session_end($session);
			closes($server, $id, 'closed', $way);
		}
	}
};

subtest 'errors that are caught' => sub {
	sql($server,
		'CREATE FUNCTION caught(n int) RETURNS int LANGUAGE plpgsql AS $$ DECLARE failed int := 0; BEGIN FOR i IN 1 .. n LOOP '
			. 'BEGIN PERFORM '
			. stream($server, $plain, most => -1)
			. '; EXCEPTION WHEN internal_error THEN failed := failed + 1; END; '
			. 'END LOOP; RETURN failed; END $$');
	is(sql($server, 'SELECT caught(20)'), 20, 'twenty streams are left in one transaction');
	is(sql($server, 'SELECT count(*) FROM pg_ls_dir(\'pg_dynshmem\')'), 0, 'no segment stays as a file');
	clean_server($server);
};

subtest 'the connector ends' => sub {
	my ($session, $connector) = begin($slow);
	kill 'KILL', $connector;
	my (undef, $error) = session_end($session);
	like($error, qr/PT502: the connector ended before it had finished/, 'it was killed: the stream fails');
	closes($server, $slow, 'failed', 'and leaves nothing');
};

subtest 'the reader ends' => sub {
	my ($session) = begin($slow);
	my ($reader) = readers($server);
	sql($server, "SELECT pg_cancel_backend($reader)");
	my (undef, $error) = session_end($session);
	like($error, qr/PT503: an operator cancelled/, 'pg_cancel_backend ends its streams');
	is((readers($server))[0], $reader, 'and not the reader');
	($session) = begin($slow);
	sql($server, "SELECT pg_terminate_backend($reader)");
	(undef, $error) = session_end($session);
	like($error, qr/PT503: the reader of this stream/, 'SIGTERM: the stream fails');
	clean_server($server, 'no connector outlives its reader');
	like(sql($server, 'SELECT ' . stream($server, $plain)), qr/^end 5$/m, 'the next stream gets another reader');
};

subtest 'locks' => sub {
	sql($server, 'CREATE TABLE held (i int)');
	my ($session) = begin($hanging, before => 'BEGIN; SELECT count(*) FROM held; ');
	sql($server, 'BEGIN; LOCK held IN ACCESS EXCLUSIVE MODE; COMMIT');
	my (undef, $error) = session_end($session);
	like(
		$error, qr/PT503: another session waits for a lock/,
		'a session that blocks another does not wait for a source');
	closes($server, $hanging, 'closed', 'and its stream ends');
	my $holder = $server->background_psql('postgres');
	$holder->query('BEGIN; LOCK rivergen_catalog.data_source IN ACCESS EXCLUSIVE MODE');
	call_fails(
		$server, stream($server, $plain), 'a locked catalog', sqlstate => 'PT503',
		says => qr/another transaction/);
	$holder->query('ROLLBACK');
	$holder->quit;
};

subtest 'the database goes' => sub {
	sql($server, 'CREATE DATABASE other');
	$server->safe_psql('other', "CREATE EXTENSION rivergen; SELECT rivergen.quick_start('Acme')");
	streams_in($server, 'other');
	$server->safe_psql(
		'other',
		'SELECT rivergen.data_source_create('
			. json(fake_source('x', { query => { enabled => JSON::PP::true } })) . ')');
	like($server->safe_psql('other', 'SELECT ' . stream($server, 1)), qr/^end 5$/m, 'another database is read');
	is(scalar readers($server, 'other'), 1, 'by a reader of its own');
	sql($server, 'CREATE DATABASE copied TEMPLATE other');
	is(scalar readers($server, 'other'), 0, 'which leaves for CREATE DATABASE … TEMPLATE');
	my ($status, undef, $error) = $server->psql('copied', 'SELECT ' . stream($server, 1));
	like($error, qr/is a copy of another one/, 'a copy reads nothing');
	like($server->safe_psql('other', 'SELECT ' . stream($server, 1)), qr/^end 5$/m, 'the database is read again');
	sql($server, 'DROP DATABASE copied');
	sql($server, 'DROP DATABASE other');
	is(scalar readers($server, 'other'), 0, 'readers leave for DROP DATABASE');
};

subtest 'no process for a reader' => sub {
	$server->append_conf('postgresql.conf', 'max_worker_processes = 1');
	$server->restart;
	call_fails($server, stream($server, $plain), 'a stream', sqlstate => 'PT503', hint => qr/max_worker_processes/);
	$server->append_conf('postgresql.conf', 'max_worker_processes = 8');
	$server->restart;
};

subtest 'the extension goes' => sub {
	my ($session) = begin($slow);
	sql($server, 'DROP EXTENSION rivergen CASCADE');
	my (undef, $error) = session_end($session);
	like($error, qr/PT503: the extension rivergen was dropped/, 'the stream ends');
	ok(wait_for('no child', sub { !children($server) }), 'nothing is left behind');
};

subtest 'the postmaster dies' => sub {
	sql($server, 'CREATE EXTENSION rivergen');
	call($server, "rivergen.quick_start('Acme')");
	$slow = readable($server, 'slow', { behaviour => 'until_eof' });
	sql($server, 'DROP FUNCTION stream');
	streams_in($server);
	my ($session, $connector) = begin($slow);
	my ($reader) = readers($server);
	kill 'KILL', $server->{_pid};
	ok(wait_for('the end', sub { !is_running($connector) && !is_running($reader) }), 'reader and connector end');
	session_end($session);
	delete $server->{_pid};
};

survives($server);
done_testing;
