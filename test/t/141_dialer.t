# Real client libraries connect through the dialer as they do without it, and whatever they ask for, nothing that the network
# rules deny is dialed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
BEGIN { exec "$FindBin::Bin/../probes/net.sh", $^X, $0 unless $ENV{RG_NET}; }
use Dialed;
use IO::Socket::IP;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $password = 'reader-password';
my $bin = build_probes();
my $source = start_source('source', $password, conf => "listen_addresses = '127.0.0.1, 198.51.100.1, 2001:db8::1'");
$source->append_conf('pg_hba.conf', 'host all all all scram-sha-256');
reload_settings($source);

# Of what is on this machine, only this must ever be reached by address.
my @sinks = map {
	IO::Socket::IP->new(LocalHost => $_, LocalPort => 8088, Listen => 100, V6Only => 1, Blocking => 0)
		or die "$_: $@"
} '127.0.0.1', '::1';

serve_names(
	'four.test' => sub { '198.51.100.1' },
	'six.test' => sub { '2001:db8::1' },
	'fallback.test' => sub { ('2001:db8:dead::9', '198.51.100.1') },
	'local.test' => sub { ('127.0.0.1', '::1') },
	'mapped.test' => sub { '::ffff:127.0.0.1' },
	'metadata.test' => sub { '169.254.169.254' },
	'rebind.test' => sub { $_[0] == 1 ? '198.51.100.1' : '127.0.0.1' });
my $port = { http => 8088, tds => 1433, postgresql => $source->port, mariadb => start_mariadb(), refusing => 9 };
serve_http($port->{http}, '198.51.100.1', '2001:db8::1');
serve_tds($port->{tds}, '198.51.100.1', '2001:db8::1');

# Without grant tables, it starts at once, and lets root in.
sub start_mariadb
{
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		open STDOUT, '>', "$directory/log";
		open STDERR, '>&', \*STDOUT;
		exec 'mariadbd', '--no-defaults', "--datadir=$directory", '--skip-grant-tables', '--bind-address=*',
			'--port=3306',
			"--socket=$directory/socket", '--innodb=OFF', '--default-storage-engine=MyISAM', "--pid-file=$directory/pid"
			or POSIX::_exit(127);
	}
	wait_for('MariaDB', sub { IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => 3306) });
	return { pid => $pid, port => 3306 };
}
my $mariadb = $port->{mariadb}{pid};
$port->{mariadb} = $port->{mariadb}{port};

my $driver = (glob '/usr/lib/*/odbc/psqlodbcw.so')[0];
my %address = (    # how each client names a host and a port, and which server it wants
	libpq => [
		'postgresql', sub { "host=$_[0] port=$_[1] user=reader password=$password dbname=postgres connect_timeout=5" }
	],
	odbc => [
		'postgresql',
		sub {
			"Driver=$driver;Server=$_[0];Port=$_[1];Uid=reader;Pwd=$password;Database=postgres;pqopt={connect_timeout=5}";
		}
	],
	curl_easy => [ 'http', sub { 'http://' . ($_[0] =~ /:/ ? "[$_[0]]" : $_[0]) . ":$_[1]/" } ],
	curl_multi => [ 'http', sub { 'http://' . ($_[0] =~ /:/ ? "[$_[0]]" : $_[0]) . ":$_[1]/" } ],
	mariadb => [ 'mariadb', sub { "$_[0] $_[1]" } ],
	freetds => [ 'tds', sub { "$_[0]:$_[1]" } ]);
my $works = qr/^(?:connected|200)$/;
my @hosts = (    # what, host, port if another, what the client says, what is reported
	[ 'an address', '198.51.100.1', undef, $works, qr/^dial 198\.51\.100\.1 \d+ connected$/m ],
	[   'a name', 'four.test', undef, $works,
		qr/^dial 127\.0\.0\.53 53 connected\n(?:.*\n)*dial 198\.51\.100\.1 \d+ connected$/m ],
	[ 'a name with IPv6 only', 'six.test', undef, $works, qr/^dial 2001:db8::1 \d+ connected$/m ],
	# libcurl 8.23 asks for each kind of address by itself, and may have reached the one before it knows the other.
	[   'IPv6 first, which is dead', 'fallback.test', undef, undef,
		qr/^dial (?:2001:db8:dead::9 \d+ |198\.51\.100\.1 \d+ connected$)/m ],
	[ 'a host that refuses', '198.51.100.1', 9, qr/./, qr/^dial 198\.51\.100\.1 9 failed:ECONNREFUSED$/m ],
	[ 'a host that does not answer', '203.0.113.9', undef, qr/./, qr/^dial 203\.0\.113\.9 \d+ (?:pending|timeout)$/m ],
	[ 'a slow host', 'slow', undef, $works, qr/^dial 198\.51\.100\.1 \d+ connected$/m ],
	[ 'a name that is not there', 'none.test', undef, qr/./, qr/^dial 127\.0\.0\.53 53 connected$/m ]);

my @runs;
for my $client (sort keys %address)
{
	my ($server, $argument) = @{ $address{$client} };
	for my $case (@hosts)
	{
		my ($what, $host, $other_port) = @$case;
		my @started;
		for my $start (\&start_native, \&start_run)
		{
			my $at = $other_port // $port->{$server};
			my ($name, $to) = $host eq 'slow' ? ('198.51.100.1', serve_slowly('198.51.100.1', $at)) : ($host, $at);
			push @started, $start->($client, $argument->($name, $to));
		}
		push @runs, [ "$client: $what", $case, @started ];
	}
}
for my $run (@runs)
{
	my ($what, $case, $native, $dialed) = @$run;
	my ($without) = finish_run($native);
	my ($with, $report) = finish_run($dialed);
	my (undef, undef, undef, $says, $reported) = @$case;
	is($with, $without, "$what: as without the dialer");
	like($with, $says, "$what: what the client says") if $says;
	like($report, $reported, "$what: is reported") or diag($with, $report);
}

# A denied address is never dialed, however a client library spells it.
sub denied
{
	my ($client, @arguments) = @_;
	my @started = map { start_run($client, $_) } @arguments;
	for my $argument (@arguments)
	{
		my ($said, $report) = finish_run(shift @started);
		unlike(
			$report, qr/^dial (?!127\.0\.0\.53 53 |198\.51\.100\.1 |2001:db8:).* (?!denied:)\S+$/m,
			"$client $argument") or diag($said, $report);
	}
}

my @spellings = qw(127.0.0.1 127.1 2130706433 0x7f000001 0177.0.0.1 0x7f.1 127.0.0.1. localhost 0.0.0.0 0 [::1] [::]
	[::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::127.0.0.1] [2002:7f00:1::] [fe80::1] local.test mapped.test
	metadata.test a@127.0.0.1 x:y@[::1] 198.51.100.1@127.0.0.1 169.254.169.254 100.100.100.200 168.63.129.16
	[fd00:ec2::254] [::ffff:169.254.169.254] [64:ff9b::a9fe:a9fe]);
denied('curl_easy', map { "http://$_:8088/" } @spellings);
denied('libpq', map { "host=$_ port=8088 connect_timeout=2" } map { s/^.*@//r =~ s/[\[\]]//gr } @spellings);
denied('libpq', 'host=198.51.100.1,127.0.0.1 port=8088,8088 connect_timeout=5');
denied(
	'libpq', map { "$_ port=8088 connect_timeout=2" } 'hostaddr=127.0.0.1', 'hostaddr=::1 host=four.test', 'host=/tmp',
	'host=@rivergen');
denied('mariadb', map { "$_ 8088" } qw(127.0.0.1 localhost 127.1 0 ::1 ::ffff:127.0.0.1 local.test));
denied('freetds', map { "$_:8088" } qw(127.0.0.1 localhost 127.1 local.test));

# Redirections, and a name whose address changes.
for my $target (
	qw(http://169.254.169.254/latest http://[::ffff:127.0.0.1]:8088/ http://local.test:8088/ http://127.1:8088/))
{
	my ($said, $report) = finish_run(start_run('curl_easy', "http://four.test:8088/to/$target"));
	like(
		$report, qr/^dial 198\.51\.100\.1 8088 connected\n(?:.*\n)*dial .* denied:reserved$/m,
		"a redirection to $target");
	unlike($said, $works, 'is not followed');
}
my ($said, $report) = finish_run(start_run('curl_easy', 'http://rebind.test:8088/ http://rebind.test:8088/'));
# libcurl's words for these failures change with its version.
my $refused = qr/(?:Couldn't|Could not) connect to server/;
like($said, qr/^200\n$refused\n\z/, 'a name that is another address the second time');
like($report, qr/^dial 127\.0\.0\.1 8088 denied:reserved$/m, 'is judged by the address that is dialed');

# The resolver, at its port only.
($said, $report) = finish_run(start_run('curl_easy', 'http://127.0.0.53:80/ http://127.0.0.53:53/'));
like(
	$report, qr/^dial 127\.0\.0\.53 80 denied:reserved\ndial 127\.0\.0\.53 53 connected$/m,
	'the resolver at port 53 only');

# Behind a tunnel, one port of 127.0.0.1.
serve_http(8089, '127.0.0.1');
($said, $report) = finish_run(start_run(
	'curl_easy', 'http://127.0.0.1:8089/ http://127.0.0.1:8088/ http://198.51.100.1:8088/ http://four.test:8088/',
	rules => [ 'network:local', 'port:8089' ]));
like(
	$said, qr/^200\n$refused\n$refused\n(?:Couldn't resolve host name|Could not resolve hostname)\n\z/,
	'behind a tunnel, only its port');
# A resolver may be asked for each kind of address by itself.
my %denied = map { $_ => 1 } $report =~ /^dial (\S+ \d+) denied:tunnel$/mg;
is_deeply(
	[ sort keys %denied ],
	[ '127.0.0.1 8088', '127.0.0.53 53', '198.51.100.1 8088' ],
	'all else is denied, the resolver too');

ok(!$_->accept, 'the sink saw no connection') for @sinks;
kill 'TERM', $mariadb;
waitpid $mariadb, 0;

done_testing();
