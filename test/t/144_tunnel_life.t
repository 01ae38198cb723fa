# What happens to a tunnel in use: it breaks, the job is cancelled, the server stops or crashes, fifty are needed at once,
# another program takes the port. No ssh is left, and no secret is seen meanwhile.
use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use PostgreSQL::Test::Utils;
use Rivergen;
use Sshd;
use Test::More;

my $many = 50;
# Looked for in all processes of the machine, where other tests run, too.
my $password = "cNrybehindthebastion$$";
my $passphrase = "cNrypassphrase of the key $$";
my $server = start_server('server', conf => <<"EOT");
max_worker_processes = 70
max_connections = 120
rivergen.max_workers = $many
rivergen.max_workers_per_organization = $many
rivergen.max_connections_per_host = 100
EOT
my $source = start_source('source', $password, conf => 'max_connections = 120');
sql($source, 'CREATE TABLE first (id int PRIMARY KEY); GRANT SELECT ON first TO reader');
my $key = ssh_key('key', '-t', 'ed25519', '-N', $passphrase);
my $sshd = start_sshd('bastion', keys => [$key]);

sub behind
{
	my ($at, %change) = @_;
	my $definition = tunnel_through($at, $key, source_of($source, $password, connection_timeout => 600), %change);
	$definition->{credentials}{ssh_passphrase} = $passphrase;
	return $definition;
}

my $id = create_source($server, behind($sshd));
is(discover($server, $id)->{data}{total_tables}, 1, 'it is discovered');
my $before = fingerprint($server, $id);

# Between the SSH server and the source: passes on the beginning of what the source says, and stops until it is let go.
my ($gate, $peer);

sub hold
{
	my ($bytes) = @_;
	$gate = PostgreSQL::Test::Utils::tempdir() . '/open';
	$peer = gated_proxy($source->port, $gate, $bytes);
	return $peer->{port} + 0;
}

sub let_go
{
	open my $file, '>', $gate or die $!;
}

# How many connections are stopped.
sub held { return -s "$gate.held" // 0 }

sub start_in_background
{
	my ($source_id) = @_;
	return call($server, "rivergen.discover_schema($source_id, refresh => true, wait => false)")->{data}{job_id};
}

# More than the login, and less than the catalogs.
my $half = 4000;

sub held_job
{
	call($server, "rivergen.data_source_update($id, " . json({ port => hold($half) }) . ')');
	my $job = start_in_background($id);
	wait_for('the connector to be half way', sub { held() > 0 });
	ok( wait_for(
			'it to have connected',
			sub { sql($server, "SELECT phase <> 'connect' FROM rivergen.jobs WHERE job_id = $job") eq 't' }),
		'it has connected');
	return $job;
}

sub no_ssh
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok( eval {
			wait_for('no ssh', sub { !ssh_children($sshd) });
		},
		"$name: no ssh is left");
}

subtest 'the tunnel breaks in the middle of a discovery' => sub {
	my $job = held_job();
	$sshd->drop_connections;
	my $ended = wait_job($server, $job, 'failed');
	is($ended->{error_code}, 'ssh_lost', 'code');
	like($ended->{error_message}, qr/^the SSH tunnel was lost|^the SSH server ended the tunnel/, 'message');
	is(fingerprint($server, $id), $before, 'the cache is as it was');
	is( sql($server, "SELECT step FROM rivergen_catalog.connection_check ORDER BY check_id DESC LIMIT 1"), 'ssh',
		'step');
	clean_server($server);
	no_ssh('broken');
	let_go();
	ok(discover($server, $id, 'refresh => true')->{success}, 'the next discovery works');
};

subtest 'a job is cancelled' => sub {
	my $job = held_job();
	is(scalar(ssh_children($sshd)), 1, 'one ssh runs');
	call($server, "rivergen.job_cancel($job)");
	wait_job($server, $job, 'cancelled');
	clean_server($server);
	no_ssh('cancelled');
	let_go();
};

subtest 'no secret is seen while a tunnel is there' => sub {
	my $job = held_job();
	my $body = (split /\n/, slurp_file($key))[2];
	my $secret = qr/\Q$password\E|\Q$passphrase\E|\Q$body\E/;
	my @arguments = grep { (Rivergen::read_file($_) // '') =~ /HostKeyAlias/ } glob '/proc/[0-9]*/cmdline';
	isnt(scalar(@arguments), 0, 'arguments of ssh are seen');
	is_deeply(
		[ grep { (Rivergen::read_file($_) // '') =~ $secret } glob '/proc/[0-9]*/{cmdline,environ}' ],
		[], 'none in arguments or environment of any process');
	my @files = split /\n/, `find ${\ $server->data_dir } /dev/shm -type f -size -64M 2>/dev/null`;
	is_deeply([ grep { (Rivergen::read_file($_) // '') =~ /$secret|PRIVATE KEY/ } @files ], [], 'none in a file');
	let_go();
	wait_job($server, $job, 'succeeded');
};

subtest 'another program takes the local port' => sub {
	$gate = PostgreSQL::Test::Utils::tempdir() . '/open';
	my $proxy = gated_proxy($sshd->{port}, $gate, 0);
	my ($host_key) = host_key($sshd->{host_keys}[0]);
	my $definition = behind($proxy, metadata => { ssh => { host_key => $host_key } });
	my $session = session_start($server, 'SELECT rivergen.data_source_test(' . json($definition) . ')');
	my $port = wait_for(
		'ssh',
		sub {
			my ($pid) = ssh_children($proxy) or return;
			return (Rivergen::read_file("/proc/$pid/cmdline") // '') =~ /127\.0\.0\.1:(\d+):/ ? $1 : undef;
		});
	my $taken = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1, Listen => 1);
	ok($taken, 'it listens there');
	let_go();
	my ($out, $err) = session_end($session);
	like($out, qr/"success": true/, 'another port is used') or diag($out, $err);
	is(IO::Select->new($taken)->can_read(0), undef, 'nothing was dialed there');
};

subtest "$many at once" => sub {
	my $port = hold(0);
	my @sources = map { create_quiet_source($server, behind($sshd, name => "source $_", port => $port)) } 1 .. $many;
	my @sessions = map { session_start($server, "SELECT rivergen.data_source_test($_)") } @sources;
	ok( eval {
			wait_for("$many tunnels", sub { held() >= $many });
		},
		'all are there') or diag(held());
	is(scalar(ssh_children($sshd)), $many, 'each has its ssh');
	let_go();
	my @answers = map { (session_end($_))[0] } @sessions;
	is(scalar(grep { /"success": true/ } @answers), $many, 'all succeed') or diag(@answers[ 0 .. 2 ]);
	clean_server($server);
	no_ssh('many');
};

subtest 'a fast shutdown' => sub {
	held_job();
	$server->stop('fast');
	no_ssh('stopped');
	let_go();
	$server->start;
	clean_server($server);
};

subtest 'a worker is killed' => sub {
	held_job();
	my $worker = sql($server, "SELECT min(pid) FROM pg_stat_activity WHERE query LIKE 'rivergen: discovering%'");
	is(scalar(ssh_children($sshd)), 1, 'one ssh runs');
	crash_restart($server, $worker);
	no_ssh('killed');
	let_go();
	clean_server($server);
};

# Passes on what comes, and `bytes` of the answer, until the gate is there.
my @peers;

sub gated_proxy
{
	my ($port, $gate, $bytes) = @_;
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 100)
		or die $!;
	my $pid = fork // die $!;
	if (!$pid)
	{
		$SIG{CHLD} = 'IGNORE';
		while (my $connection = $socket->accept)
		{
			next if fork;
			pass_on($connection, $port, $gate, $bytes);
			POSIX::_exit(0);
		}
		POSIX::_exit(0);
	}
	push @peers, $pid;
	return { port => $socket->sockport };
}

sub wait_at
{
	my ($gate) = @_;
	open my $note, '>>', "$gate.held" or die $!;
	syswrite $note, '.';
	my $parent = getppid;
	select undef, undef, undef, 0.05 until -e $gate || getppid != $parent;
}

sub pass_on
{
	my ($connection, $port, $gate, $free) = @_;
	my $onward = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return;
	my %other = ($connection => $onward, $onward => $connection);
	my $both = IO::Select->new($connection, $onward);
	wait_at($gate) if !$free;
	while (1)
	{
		for my $ready ($both->can_read)
		{
			sysread $ready, my $bytes, 65536 or return;
			if ($free && $ready == $onward && ($free -= length $bytes) <= 0)
			{
				$free = 0;
				wait_at($gate);
			}
			syswrite $other{$ready}, $bytes;
		}
	}
}
END { kill 'KILL', @peers }

done_testing();
