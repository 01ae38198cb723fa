# Streams through an SSH tunnel: it rests with its connector, its loss ends the stream, and while one is made the
# reader serves its other streams.
use strict;
use warnings;

use Rivergen;
use Sshd;
use Streams;
use Test::More;

my $password = 'behind the bastion';
my $server = start_server('server');
my $source = start_source('source', $password);
sql($source, 'CREATE TABLE first AS SELECT generate_series(1, 3) AS id; GRANT SELECT ON first TO reader');
my $key = ssh_key('key', '-t', 'ed25519', '-N', '');
my $sshd = start_sshd('bastion', keys => [$key]);
my %few =
	(question =>
		'{"relation": {"schema": "public", "name": "first", "kind": "table"}, "columns": ["id"], "conditions": [], "limit": null, "sample": null}'
	);
my %many = (
	operation => 'query',
	question => '{"text": "SELECT repeat(chr(120), 1000) FROM generate_series(1, 1000000)", "limit": null}');

install_fake($server);
streams_in($server);
my $plain = readable($server, 'plain', { rows => 4 });

sub behind
{
	my ($name, $at, %change) = @_;
	return create_source(
		$server,
		tunnel_through(
			$at, $key,
			source_of($source, $password, name => $name, metadata => { query => { enabled => JSON::PP::true } }),
			%change));
}

my $id = behind('tunnel', $sshd);

subtest 'a tunnel' => sub {
	like(sql($server, 'SELECT ' . stream($server, $id, %few)), qr/^1\n2\n3\nend 3$/m, 'rows come through it');
	# It rests for five seconds, and a machine may stand still for longer.
	my @ssh;
	ok( wait_for(
			'the same tunnel',
			sub {
				my @before = @ssh;
				sql($server, 'SELECT ' . stream($server, $id, %few));
				@ssh = ssh_children($sshd);
				return @ssh == 1 && "@ssh" eq "@before";
			}),
		'it rests with its connector, and the next stream uses it');
	like(
		sql($server, "SELECT ssh_host_key FROM rivergen_catalog.data_source_state WHERE data_source_id = $id"),
		qr/ SHA256:/, 'the host key of the SSH server is kept');
};

subtest 'its loss' => sub {
	my $holder = $server->background_psql('postgres');
	$holder->query('SELECT pg_advisory_lock(1)');
	my $session = session_start($server, 'SELECT ' . stream($server, $id, %many, lock => 1));
	wait_for('rows', sub { sql($server, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") });
	Sshd::drop_connections($sshd);
	$holder->query('SELECT pg_advisory_unlock(1)');
	$holder->quit;
	my (undef, $error) = session_end($session);
	like($error, qr/PT502: /, 'ends the stream');
	ok(wait_for('no ssh', sub { !ssh_children($sshd) }), 'and no ssh is left');
};

subtest 'a tunnel that is not made' => sub {
	my ($port, $socket) = silent_port();
	my $silent = behind('silent', $sshd, ssh_host => '127.0.0.1', ssh_port => $port, connection_timeout => 60);
	my $session = session_start($server, 'SELECT ' . stream($server, $silent, %few));
	wait_for('ssh', sub { ssh_children({ port => $port }) });
	my $running = session_start($server, 'SELECT ' . stream($server, $plain));
	sql($server,
		"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%stream(%, $silent, %' "
			. "AND pid <> pg_backend_pid() AND backend_type = 'client backend'");
	session_end($session);
	like((session_end($running))[0], qr/^end 4$/m, 'a stream behind it is served when its backend has left');
	ok(wait_for('no ssh', sub { !ssh_children({ port => $port }) }), 'and no ssh is left');
};

subtest 'others meanwhile' => sub {
	my ($port, $socket) = silent_port();
	my $silent = behind('silent again', $sshd, ssh_host => '127.0.0.1', ssh_port => $port, connection_timeout => 60);
	my $holder = $server->background_psql('postgres');
	$holder->query('SELECT pg_advisory_lock(1)');
	my $endless = readable($server, 'endless', { behaviour => 'endless_rows' });
	my $running = session_start($server, 'SELECT ' . stream($server, $endless, lock => 1, most => 5000));
	wait_for('rows', sub { sql($server, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") });
	my $session = session_start($server, 'SELECT ' . stream($server, $silent, %few));
	wait_for('ssh', sub { ssh_children({ port => $port }) });
	$holder->query('SELECT pg_advisory_unlock(1)');
	$holder->quit;
	like((session_end($running))[0], qr/^5000 parts/m, 'a stream that has begun goes on while a tunnel is being made');
	is(scalar ssh_children({ port => $port }), 1, 'which still is');
	sql($server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'rivergen reader'");
	my (undef, $error) = session_end($session);
	like($error, qr/PT503: the reader of this stream/, 'a reader that must end does not wait for the tunnel');
	clean_server($server);
};

survives($server);
done_testing;
