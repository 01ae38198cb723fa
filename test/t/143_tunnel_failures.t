# What can be wrong with an SSH tunnel: each cause has its own message, and the caller gets it with step ssh. The servers
# are real ones of OpenSSH; those that do not behave are sockets of the test.
use strict;
use warnings;

use IO::Socket::INET;
use PostgreSQL::Test::Utils;
use Rivergen;
use Sshd;
use Test::More;

my $password = 'behind-the-bastion';
my $passphrase = 'the pass phrase';
my $secret = qr/\Q$password\E|\Q$passphrase\E|PRIVATE KEY/;
my $server = start_server('server');
my $source = start_source('source', $password);
my $key = ssh_key('key', '-t', 'ed25519');
my $sshd = start_sshd('bastion', keys => [$key]);

sub definition
{
	my ($at, %change) = @_;
	my $more = delete $change{credentials} // {};
	my $definition = tunnel_through($at, $key, source_of($source, $password, connection_timeout => 10), %change);
	$definition->{credentials} = { %{ $definition->{credentials} }, %$more };
	return $definition;
}

sub try_source
{
	my (@arguments) = @_;
	return call($server, 'rivergen.data_source_test(' . json(definition(@arguments)) . ')')->{data};
}

# A test: the definition fails at step ssh, with this code (a pattern), and says this, but no secret.
sub tunnel_fails
{
	my ($name, $code, $says, @arguments) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $test = try_source(@arguments);
	subtest $name => sub {
		like("@$test{qw(success failed_step error_code)}", qr/^0 ssh (?:$code)$/, 'step and code');
		my $said = join ' | ', map { $_ // () } @$test{qw(error_message error_detail)};
		like($said, $_, 'says so') for ref $says eq 'ARRAY' ? @$says : $says;
		unlike($said, $secret, 'without a secret');
	} or diag(explain($test));
}

ok(try_source($sshd)->{success}, 'the tunnel works');

# ---- the key ----

my $other = ssh_key('other', '-t', 'ed25519');
my $closed = ssh_key('closed', '-t', 'ed25519', '-N', $passphrase);
tunnel_fails(
	'a key that the server does not know', 'ssh_key_refused',
	[ qr/refused the key/, qr/authorized_keys/ ],
	$sshd, credentials => { ssh_private_key => slurp_file($other) });
tunnel_fails('another user', 'ssh_key_refused', qr/refused the key/, $sshd, ssh_username => 'no-such-user');
tunnel_fails(
	'a wrong passphrase', 'ssh_passphrase', qr/does not open/,
	$sshd, credentials => { ssh_private_key => slurp_file($closed), ssh_passphrase => 'wrong' });
tunnel_fails(
	'no passphrase', 'ssh_passphrase', qr/needs a passphrase/,
	$sshd, credentials => { ssh_private_key => slurp_file($closed) });
tunnel_fails('no key', 'configuration', qr/needs a private key/, $sshd, credentials => { ssh_private_key => undef });
tunnel_fails(
	"$_->[0] for a key", 'ssh_key_invalid', qr/not a private key.*PEM/, $sshd,
	credentials => { ssh_private_key => $_->[1] })
	for [ 'rubbish', "no key at all\n" ], [ 'the public half', slurp_file("$key.pub") ],
	[ 'a cut key', substr(slurp_file($key), 0, 200) ],
	[ 'a certificate', "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" ];

my $passwords = start_sshd('passwords', keys => [$key], conf => 'PubkeyAuthentication no');
tunnel_fails('a server that takes passwords only', 'ssh_key_refused', qr/refused the key/, $passwords);

# ---- the host key ----

my ($host_key, $fingerprint) = host_key($sshd->{host_keys}[0]);
my ($false_key, $false_fingerprint) = host_key($other);
my $pinned = sub { return (metadata => { ssh => { host_key => $_[0] } }) };
ok(try_source($sshd, $pinned->($_->[1]))->{success}, "$_->[0] is accepted")
	for [ 'a line of known_hosts', "[127.0.0.1]:$sshd->{port} $host_key" ], [ 'a public key', "$host_key a comment" ],
	[ 'a fingerprint', $fingerprint ], [ 'what ssh-keygen -l prints', "256 $fingerprint root\@bastion (ED25519)" ],
	[ 'one of several', [ $false_fingerprint, $fingerprint ] ];
tunnel_fails(
	"$_->[0] that is another one", 'ssh_host_key',
	[ qr/another host key/, qr/\Q$fingerprint\E.*\Q$false_fingerprint\E.*metadata\.ssh\.host_key/ ],
	$sshd, $pinned->($_->[1])) for [ 'a pinned key', $false_key ], [ 'a pinned fingerprint', $false_fingerprint ];

my $rsa = ssh_key('rsa-host', '-t', 'rsa', '-b', '2048');
my $both = start_sshd('both', keys => [$key], host_keys => [ $sshd->{host_keys}[0], $rsa ]);
ok(try_source($both, $pinned->((host_key($rsa))[$_]))->{success}, 'a pinned key of the kind that is not preferred')
	for 0, 1;

# ---- what the server allows ----

my ($refused_port, $bound) = refused_port();
tunnel_fails(
	'nothing listens behind the server', 'ssh_target_refused', qr/was reached, but nothing accepts/,
	$sshd, port => $refused_port + 0);
tunnel_fails(
	'a host that the server does not know', 'ssh_target_unknown', qr/does not know the data source's host/,
	$sshd, host => 'no-such-host.invalid');
my $closed_server = start_sshd('strict', keys => [$key], conf => 'AllowTcpForwarding no');
tunnel_fails('a server without forwarding', 'ssh_forwarding', qr/does not allow forwarding/, $closed_server);
my $other_place =
	start_sshd('elsewhere', keys => [$key], authorized => 'restrict,port-forwarding,permitopen="127.0.0.1:1" ');
tunnel_fails('a key for another place', 'ssh_forwarding', qr/does not allow forwarding/, $other_place);

# ---- the way to the server ----

my $at = sub { return { port => $_[0] } };
tunnel_fails('nothing listens', 'refused', qr/nothing accepts SSH connections/, $at->($refused_port));
tunnel_fails(
	'an unknown host', 'unknown_host', qr/no-such-bastion\.invalid/, $sshd,
	ssh_host => 'no-such-bastion.invalid');
tunnel_fails('a metadata address', 'address_refused', qr/169\.254\.169\.254/, $sshd, ssh_host => '169.254.169.254');

# What cannot be the end of a tunnel. A list of hosts may be in rows of before.
install_fake($server, 'mongodb');
my $listed = create_source(
	$server,
	definition($sshd, name => 'several', type => 'mongodb', schema_auto_refresh => JSON::PP::false));
call_fails(
	$server, "rivergen.data_source_update($listed, " . json({ host => 'a:1,b:2', port => undef }) . ')',
	'several hosts',
	sqlstate => 'PT400', detail => qr/host: must be one host when use_ssh_tunnel is true/);
sql($server, "UPDATE rivergen_catalog.data_source SET host = 'a:1,b:2', port = NULL WHERE data_source_id = $listed");
discover_fails(
	$server, $listed, 'several hosts of before', sqlstate => 'PT502', code => 'configuration',
	says => qr/leads to one host/,
	secret => $secret);
tunnel_fails('no port', 'configuration', qr/needs the host and the port/, $sshd, type => 'other', port => undef)
	if install_fake($server);

# ---- servers that do not speak SSH, or not to the end ----

# Serves each connection by the function, in a process of its own.
my @peers;

sub peer
{
	my ($serve) = @_;
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 20)
		or die $!;
	my $pid = fork // die $!;
	if (!$pid)
	{
		$SIG{PIPE} = 'IGNORE';
		$SIG{CHLD} = 'IGNORE';
		while (my $connection = $socket->accept)
		{
			next if fork;
			$serve->($connection);
			POSIX::_exit(0);
		}
		POSIX::_exit(0);
	}
	push @peers, $pid;
	return $at->($socket->sockport);
}
END { kill 'KILL', @peers }

sub stay { sysread $_[0], my $bytes, 65536 or return while 1 }
my $hello = "SSH-2.0-OpenSSH_9.2\r\n";

# What a client sends after the server's first line: enough to be sure that it has read it.
sub after_hello
{
	my ($connection) = @_;
	syswrite $connection, $hello;
	sysread $connection, my $bytes, 65536;
}

tunnel_fails(
	'a web server', 'protocol', qr/does not speak SSH/,
	peer(sub { syswrite $_[0], "HTTP/1.1 400 Bad Request\r\n\r\n"; stay($_[0]) }),
	connection_timeout => 6);
tunnel_fails(
	'bytes', 'protocol', qr/does not speak SSH/,
	peer(sub {
		syswrite $_[0], join('', map { chr(255 - $_ % 256) } 0 .. 9999) . "\n" x 10;
		stay($_[0]);
	}));
tunnel_fails(
	'a first line without end', 'protocol', qr/does not speak SSH/,
	peer(sub { 1 while defined syswrite $_[0], 'x' x 65536 }));
tunnel_fails(
	'first lines without end', 'protocol|timeout', qr/does not speak SSH|in time/,
	peer(sub { 1 while defined syswrite $_[0], "debug1: Authenticated to you using \"publickey\".\r\n" x 1000 }));
tunnel_fails(
	'an old version', 'unsupported', qr/old version of the protocol/,
	peer(sub { syswrite $_[0], "SSH-1.5-old\n"; stay($_[0]) }));
tunnel_fails('a server that closes', 'unreachable', qr/closed the connection/, peer(sub { }));
tunnel_fails('silence', 'timeout', qr/in time/, peer(sub { stay($_[0]) }), connection_timeout => 1);
tunnel_fails(
	'silence after the first line', 'timeout', qr/in time/, peer(sub { after_hello($_[0]); stay($_[0]) }),
	connection_timeout => 1);
tunnel_fails(
	'a huge packet', 'protocol', qr/./,
	peer(sub { after_hello($_[0]); 1 while defined syswrite $_[0], "\x7f" x 65536 }));
tunnel_fails(
	'packets of rubbish', 'protocol', qr/./,
	peer(sub { after_hello($_[0]); 1 while defined syswrite $_[0], pack('NCa*', 12, 4, "\x63aaaabbb") x 1000 }));
# A message SSH_MSG_DEBUG, whose text ssh logs, before the keys are exchanged.
tunnel_fails(
	'a forged log', 'timeout', qr/in time/,
	peer(sub {
		after_hello($_[0]);
		my $text = "x\nAuthenticated to 127.0.0.1 using \"publickey\".\nServer host key: ssh-ed25519 $fingerprint\n";
		my $payload = pack('CCN/a*N/a*', 4, 1, $text, '');
		my $padding = 8 - (5 + length $payload) % 8;
		$padding += 8 if $padding < 4;
		syswrite $_[0], pack('NC', 1 + length($payload) + $padding, $padding) . $payload . "\0" x $padding
			for 1 .. 10000;
		stay($_[0]);
	}),
	connection_timeout => 2);

clean_server($server);
is_deeply([ ssh_children($sshd, $both, $closed_server, $other_place, $passwords) ], [], 'no ssh is left');
survives($server);
unlike(slurp_file($server->logfile) =~ s/^.*statement: .*$//mgr, $secret, 'no secret in the log');

# ---- this server ----

{
	local $ENV{PATH} = $server->config_data('--bindir');
	$server->restart;
}
my (undef, undef, $refused) = $server->psql(
	'postgres', '\\set VERBOSITY verbose
SELECT rivergen.data_source_test(' . json(definition($sshd)) . ')');
is( sql($server, "SELECT level, detail FROM rivergen.check() WHERE name = 'tunnels'"),
	'warning|ssh is not installed. Data sources with an SSH tunnel: 1.',
	'check() says so');
like(
	$refused, qr/PT503: .*need the program ssh.*openssh-client/s,
	'without ssh no tunnel is opened: the package is named');

done_testing();
