# How the connector sqlserver logs in: the modes of TLS at a simulated server (sqlserver_server.t), which also lies, and what it
# sends and refuses to send.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use IO::Socket::INET;
use POSIX qw(_exit);
use TdsServer;
use Test::More;

my $connector = installed_connector('sqlserver');
plan(skip_all => "$connector is not built") unless -x $connector;
start_tds();
make_certificate('other', 'other authority');

sub connect_with
{
	my ($environment, %change) = @_;
	my $endpoint = delete $change{endpoint} // {};
	my $answer = ask_connector(
		[$connector],
		request_line(tds_base(), operation => 'test', endpoint => { host => 'source.test', %$endpoint }, %change),
		environment => $environment);
	my @frames = @{ $answer->{frames} };
	is(join("\n", faults_of_frames(@frames)), '', 'the frames are as they must be');
	is(scalar(tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), $password)), 0, 'no secret is told');
	return @frames;
}

sub tls { my ($mode, $ca, %more) = @_; return (endpoint => { tls => { mode => $mode, ca => $ca }, %more }) }

sub works
{
	my ($name, %change) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @frames = connect_with({}, %change);
	is($frames[-1]{frame}, 'end', $name) or diag(explain($frames[-1]));
	return order_tds()->{logins}[-1];
}

my ($authority, $other) = map { content("$home/$_.crt") } qw(server other);

subtest 'modes of TLS' => sub {
	ok(!works('disable', tls('disable'))->{encrypted}, 'is without TLS');
	ok(works($_, tls($_))->{encrypted}, 'is with TLS') for qw(prefer require);
	ok(works($_, tls($_, $authority))->{encrypted}, 'is with TLS') for qw(require verify-ca verify-full);
	works('verify-ca takes another name', tls('verify-ca', $authority, host => 'another.test'));
	for my $fault (
		[ 'another authority', tls('require', $other) ],
		[ 'the authorities of the system', tls('verify-full') ],
		[ 'another name', tls('verify-full', $authority, host => 'another.test') ])
	{
		my ($name, @change) = @$fault;
		my $before = @{ order_tds()->{logins} };
		my $error = fails_with($name, 'tls', 'tls', 0, connect_with({}, @change));
		like("$error->{message} $error->{hint}", qr/certificate.*metadata\.tls\.ca/, 'says what may help');
		is(scalar @{ order_tds()->{logins} }, $before, 'nothing was sent');
	}
};

# "login" encrypts the login alone; the first answer, which says so, may also come from a machine on the way.
subtest 'servers without TLS, or with less of it' => sub {
	for my $encryption (qw(off login))
	{
		order_tds(encryption => $encryption);
		my $batches = @{ order_tds()->{batches} };
		for my $mode (qw(prefer require verify-ca verify-full))
		{
			my $error = fails_with("$encryption, $mode", 'tls', 'tls', 0, connect_with({}, tls($mode, $authority)));
			like($error->{message}, qr/does not offer TLS for the whole connection/, 'says why');
		}
		is(scalar @{ order_tds()->{batches} }, $batches, 'nothing was asked without TLS');
	}
	order_tds(encryption => 'off');
	works('a tunnel is encrypted: prefer goes on', tls('prefer', undef, tunnel => $JSON::PP::true));
	fails_with(
		'require does not, in a tunnel', 'tls', 'tls', 0,
		connect_with({}, tls('require', undef, tunnel => $JSON::PP::true)));
	order_tds(encryption => 'required');
	fails_with('a server that demands TLS', 'tls', 'tls', 0, connect_with({}, tls('disable')));
	order_tds(encryption => 'on');
};

# Neither files nor variables of the machine say where to go, or write down what is sent.
subtest 'settings from elsewhere' => sub {
	my $port = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')->sockport;
	open(my $file, '>', "$home/.freetds.conf") or die $!;
	print $file "[global]\nhost = 127.0.0.1\nport = $port\ndump file = $home/dump\n[source]\nport = $port\n";
	close $file;
	my %environment = (
		HOME => $home, FREETDS => $home, FREETDSCONF => "$home/.freetds.conf", TDSPORT => $port, TDSHOST => '127.0.0.2',
		TDSDUMP => "$home/dump", TDSDUMPCONFIG => "$home/dump", TDSVER => '4.2', DSQUERY => 'nowhere');
	my @frames = connect_with(\%environment, tls('require', $authority));
	is($frames[-1]{frame}, 'end', 'have no effect') or diag(explain($frames[-1]));
	ok(!-e "$home/dump", 'nothing is written down');
};

subtest 'what the server is told' => sub {
	my $login = works('a login', tls('disable'));
	is_deeply([ @$login{qw(username database application)} ], [qw(reader shop rivergen)], 'who asks, and for what');
	fails_with(
		'a password that is too long', 'configure', 'configuration', 0,
		connect_with({}, tls('disable'), credentials => { password => 'x' x 129 }));
	fails_with(
		'no password', 'configure', 'configuration', 0,
		connect_with({}, tls('disable'), credentials => { password => '' }));
};

# A server that answers with these bytes, one after another connection, and what the connector makes of each.
subtest 'rogues' => sub {
	srand 4711;
	my @answers = (
		'', "HTTP/1.1 400 Bad Request\r\n\r\n", "\x04\x01\x00\x08\0\0\1\0", "\x04\x01\xff\xff\0\0\1\0" . "\xff" x 3000,
		"\x04\x01\x00\x00\0\0\1\0", "\x12\x01\x00\x0e\0\0\1\0\x01\xff\xff\x00\x01\xff",
		map {
			join '', "\x04\x01", pack('n', 8 + 200), "\0\0\1\0",
				map { chr int rand 256 } 1 .. 200
		} 1 .. 20);
	my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		for my $answer (@answers, @answers)
		{
			my $client = $listener->accept;
			sysread $client, my $asked, 4096;
			syswrite $client, $answer;
			close $client;
		}
		_exit(0);
	}
	for my $mode (qw(disable require))
	{
		for my $answer (@answers)
		{
			my @frames = connect_with({}, tls($mode, undef, port => $listener->sockport));
			is_deeply(
				[ $frames[-1]{frame}, $frames[-1]{step} =~ /^(?:connect|tls|authenticate)$/ ? 1 : 0 ], [ 'error', 1 ],
				"$mode: an error") or diag(explain(\@frames), unpack('H*', $answer));
		}
	}
	kill 'KILL', $pid;
	waitpid $pid, 0;
};
done_testing();
