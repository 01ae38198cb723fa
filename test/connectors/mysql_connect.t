# How the connector mysql logs in: the modes of TLS and client certificates at a real server; at simulated servers, which lie,
# what it sends and what it refuses.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use IO::Select;
use IO::Socket::INET;
use MariadbServer;
use POSIX qw(_exit);
use Test::More;

my $connector = installed_connector('mysql');
plan(skip_all => "$connector is not built") unless -x $connector;
start_mariadb();
sql(<<'EOT');
CREATE DATABASE source;
CREATE USER reader;
SET PASSWORD FOR reader = PASSWORD('correct "horse" \\battery');
CREATE USER secured REQUIRE SSL;
SET PASSWORD FOR secured = PASSWORD('correct "horse" \\battery');
CREATE USER certified REQUIRE X509;
SET PASSWORD FOR certified = PASSWORD('correct "horse" \\battery');
CREATE USER locked ACCOUNT LOCK;
SET PASSWORD FOR locked = PASSWORD('correct "horse" \\battery');
CREATE USER open;
GRANT SELECT ON source.* TO reader, secured, certified, locked, open;
EOT
make_certificate('other', 'other authority');

sub connect_with
{
	my (%change) = @_;
	my $base = {
		type => 'mysql', credentials => { username => 'reader', password => $password },
		endpoint => { host => 'source.test', port => $port + 0, addresses => ['127.0.0.1'], database => 'source' }
	};
	my $answer = ask_connector($change{command} // [$connector], request_line($base, operation => 'test', %change));
	my @frames = @{ $answer->{frames} };
	is(join("\n", faults_of_frames(@frames)), '', 'the frames are as they must be');
	is(scalar(tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), $password)), 0, 'no secret is told');
	return @frames;
}

sub tls { my ($mode, $ca) = @_; return (endpoint => { tls => { mode => $mode, ca => $ca } }) }

sub works
{
	my ($name, %change) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @frames = connect_with(%change);
	is($frames[-1]{frame}, 'end', $name) or diag(explain($frames[-1]));
}

subtest 'modes of TLS' => sub {
	my ($authority, $other) = map { content("$home/$_.crt") } qw(server other);
	works('disable', tls('disable'));
	works($_, tls($_), credentials => { username => 'secured' }) for qw(prefer require);
	works($_, tls($_, $authority), credentials => { username => 'secured' }) for qw(require verify-ca verify-full);
	works(
		'verify-ca takes another name',
		endpoint => { host => 'another.test', tls => { mode => 'verify-ca', ca => $authority } });
	works('prefer goes on without TLS where an authority is missing', tls('prefer', $other));
	fails_with(
		'an account that demands TLS', 'authenticate', 'authentication', 0,
		connect_with(tls('disable'), credentials => { username => 'secured' }));
	my $error = fails_with('an authority that is not known', 'tls', 'tls', 0, connect_with(tls('require', $other)));
	like("$error->{message} $error->{hint}", qr/could not be verified.*metadata\.tls\.ca/, 'says what is missing');
	fails_with('the authorities of the system', 'tls', 'tls', 0, connect_with(tls('verify-full')));
	$error = fails_with(
		'another name', 'tls', 'tls', 0,
		connect_with(endpoint => { host => 'another.test', tls => { mode => 'verify-full', ca => $authority } }));
	like($error->{message}, qr/for another host name/, 'says so');
};

subtest 'client certificates' => sub {
	my %pair = (tls_client_certificate => content("$home/server.crt"), tls_client_key => content("$home/server.key"));
	works('beside a password', tls('require'), credentials => { username => 'certified', %pair });
	fails_with(
		'an account that demands one', 'authenticate', 'authentication', 0,
		connect_with(tls('require'), credentials => { username => 'certified' }));
	fails_with(
		'a certificate without its key', 'configure', 'configuration', 0,
		connect_with(credentials => { tls_client_certificate => $pair{tls_client_certificate} }));
	fails_with(
		'a key that is none', 'tls', 'tls', 0,
		connect_with(tls('require'), credentials => { %pair, tls_client_key => 'x' }));
};

subtest 'who is not let in' => sub {
	fails_with(
		'no password', 'configure', 'configuration', 0,
		connect_with(credentials => { username => 'open', password => '' }));
	my $error = fails_with(
		'a locked account', 'authenticate', 'authentication', 0,
		connect_with(credentials => { username => 'locked' }));
	is($error->{message}, 'The account is locked.', 'says so');
	fails_with('a missing database', 'connect', 'permission', 0, connect_with(endpoint => { database => 'gone' }));
	sql('GRANT ALL ON *.* TO reader');
	fails_with(
		'a missing database, for a user that may see all', 'connect', 'database_not_found', 0,
		connect_with(endpoint => { database => 'gone' }));
	for my $host ('a,127.0.0.1', '/tmp/socket', 'aurora://x', 'a=b', "(x)")
	{
		fails_with("host $host", 'configure', 'configuration', 0, connect_with(endpoint => { host => $host }));
	}
	works('localhost is an address', endpoint => { host => 'localhost', addresses => undef });
	works('another address is tried', endpoint => { addresses => [ '127.9.9.9', '127.0.0.1' ] });
};

# ---- simulated servers ----

my ($log_in, $with_tls, $auth_switch) = (0x1 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x80000, 0x800, 0xfe);

sub packet
{
	my ($number, $payload) = @_;
	return substr(pack('V', length $payload), 0, 3) . chr($number) . $payload;
}

sub greeting
{
	my ($plugin, $capabilities) = @_;
	return packet(
		0,
		"\x0a10.11.1-MariaDB\0"
			. pack('V', 7)
			. 'abcdefgh' . "\0"
			. pack('v', $capabilities & 0xffff)
			. chr(45)
			. pack('v', 2)
			. pack('v', $capabilities >> 16)
			. chr(21)
			. ("\0" x 10)
			. "ijklmnopqrst\0$plugin\0");
}

# The next packet's payload; nothing at the end.
sub receive
{
	my ($client) = @_;
	my ($head, $payload) = ('', '');
	while (length $head < 4) { sysread($client, $head, 4 - length $head, length $head) or return }
	my $length = unpack 'V', substr($head, 0, 3) . "\0";
	while (length $payload < $length)
	{
		sysread($client, $payload, $length - length $payload, length $payload) or return;
	}
	return $payload;
}

# Runs the connector against a server that does as the function says with each connection. Returns the frames, and the
# packets that the server received.
sub at_simulated
{
	my ($act, %change) = @_;
	my $peer = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	pipe(my $out, my $in) or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		local $SIG{PIPE} = 'IGNORE';
		while (my $client = $peer->accept)
		{
			syswrite $in, unpack('H*', $_) . "\n" for $act->($client);
			while (defined(my $more = receive($client))) { syswrite $in, unpack('H*', $more) . "\n" }
			close $client;
		}
		_exit(0);
	}
	close $in;
	my %endpoint = (%{ delete $change{endpoint} // {} }, port => $peer->sockport);
	my @frames = connect_with(%change, endpoint => \%endpoint);
	kill 'KILL', $pid;
	waitpid($pid, 0);
	my @received = map { pack 'H*', $_ =~ s/\n//r } <$out>;
	return (\@frames, @received);
}

# A server that asks for this way to log in; then says what else is given.
sub asks_for
{
	my ($plugin, $capabilities, @then) = @_;
	return sub {
		my ($client) = @_;
		syswrite $client, greeting('mysql_native_password', $capabilities);
		my @received = receive($client);
		my $challenge = $plugin eq 'client_ed25519' ? 'x' x 32 : "abcdefghijklmnopqrst\0";
		syswrite $client, packet(2, chr($auth_switch) . "$plugin\0$challenge");
		push @received, receive($client) // return @received;
		my $number = 4;
		syswrite $client, packet($number++, $_) for @then;
		return @received;
	};
}

sub has_password
{
	return grep { index($_, $password) >= 0 } @_;
}

subtest 'simulated: a server without TLS' => sub {
	my $act = sub { my ($client) = @_; syswrite $client, greeting('mysql_native_password', $log_in); return () };
	for my $mode (qw(require verify-ca verify-full))
	{
		my ($frames, @received) =
			at_simulated($act, endpoint => { tls => { mode => $mode, ca => content("$home/server.crt") } });
		my $error = fails_with($mode, 'tls', 'tls', 0, @$frames);
		is($error->{message}, 'The server does not offer TLS.', 'says so');
		is(scalar @received, 0, 'and nothing was sent, not even the name of the user');
	}
	my ($frames, @received) =
		at_simulated($act, endpoint => { tls => { mode => 'prefer' } }, limits => { connection_timeout => 3 });
	is(scalar(grep { /reader\0/ } @received), 1, 'prefer sends the name and a proof');
	is(scalar(has_password(@received)), 0, 'but not the password');
};

subtest 'simulated: ways to log in' => sub {
	for my $plugin (
		qw(mysql_clear_password dialog mysql_old_password auth_gssapi_client authentication_webauthn_client))
	{
		my ($frames, @received) =
			at_simulated(asks_for($plugin, $log_in), endpoint => { tls => { mode => 'disable' } });
		fails_with("$plugin is refused", 'authenticate', 'unsupported', 0, @$frames);
		is(scalar(has_password(@received)), 0, 'the password is not sent');
	}
	for my $plugin (qw(caching_sha2_password sha256_password))
	{
		my ($frames, @received) = at_simulated(
			asks_for($plugin, $log_in, "\x01\x04"),
			endpoint => { tls => { mode => 'prefer' } },
			limits => { connection_timeout => 3 });
		my $error = fails_with("$plugin without TLS wants a key", 'authenticate', 'authentication', 0, @$frames);
		like("$error->{message} $error->{hint}", qr/Without TLS.*metadata\.tls to disable/, 'says what would mend it');
		is(scalar(grep { /^[\x01\x02]\z/ } @received), 0, 'the key is not asked for');
		is(scalar(has_password(@received)), 0, 'the password is not sent');
	}
	my ($frames, @received) =
		at_simulated(asks_for('client_ed25519', $log_in), limits => { connection_timeout => 3 });
	is(length($received[1] // ''), 64, 'client_ed25519 sends a signature');
};

# The level and files of the sandbox that the type's connector runs in.
subtest 'simulated: the library finds its plugins in the sandbox' => sub {
	my ($frames, @received) = at_simulated(
		asks_for('client_ed25519', $log_in),
		limits => { connection_timeout => 3 },
		command => [
			'/bin/sh', '-c', '"$0" $$ --rule=network:plain 0 1048576 256 -- "$1" 3>/dev/null',
			dirname($connector) . '/rivergen-run', $connector ]);
	is(length($received[1] // ''), 64, 'client_ed25519 sends a signature');
	}
	if !$ENV{SANITIZED};

subtest 'simulated: servers that never end' => sub {
	my %acts = (
		'says nothing' => sub { return () },
		'trickles a greeting' => sub {
			my ($client) = @_;
			for my $byte (split //, greeting('x' x 4000, $log_in))
			{
				syswrite $client, $byte or last;
				IO::Select->new($client)->can_read(0.01) and last;
			}
			return ();
		},
		'asks again and again' => sub {
			my ($client) = @_;
			syswrite $client, greeting('mysql_native_password', $log_in);
			my $number = 2;
			while (defined receive($client))
			{
				syswrite $client, packet($number, chr($auth_switch) . "mysql_native_password\0" . ('a' x 20) . "\0");
				$number = ($number + 2) % 256;
			}
			return ();
		});
	for my $name (sort keys %acts)
	{
		my ($frames) = at_simulated($acts{$name}, limits => { connection_timeout => 1 });
		is($frames->[-1]{frame}, 'error', "$name: ends");
		like($frames->[-1]{code}, qr/^(?:timeout|refused|unreachable)$/, 'with an error')
			or diag(explain($frames->[-1]));
	}
};

subtest 'simulated: a server that asks for a file' => sub {
	my $act = sub {
		my ($client) = @_;
		syswrite $client, greeting('mysql_native_password', $log_in | 0x80);
		my @received = receive($client);
		syswrite $client, packet(2, "\0\0\0\2\0\0\0");
		push @received, receive($client);
		syswrite $client, packet(1, "\xfb/etc/passwd");
		return @received;
	};
	my ($frames, @received) = at_simulated($act, limits => { query_timeout => 2 });
	is($frames->[-1]{frame}, 'error', 'fails');
	is(scalar(grep { /root:/ } @received), 0, 'and gets none');
};

subtest 'simulated: greetings that are none' => sub {
	my %greetings = (
		'another protocol' => "SSH-2.0-OpenSSH_9.2\r\n", 'an error' => packet(0, "\xff\x10\x04Too many connections"),
		'an old protocol' => packet(0, "\x095.0\0"),
		'a cut one' => substr(greeting('mysql_native_password', $log_in), 0, 30),
		'zeros' => "\0" x 100, 'a long packet' => "\xff\xff\xff\0" . ('x' x 1000));
	for my $name (sort keys %greetings)
	{
		my $act = sub { my ($client) = @_; syswrite $client, $greetings{$name}; shutdown $client, 1; return () };
		my ($frames, @received) = at_simulated($act, limits => { connection_timeout => 2 });
		is($frames->[-1]{frame}, 'error', $name);
	}
};

done_testing();
