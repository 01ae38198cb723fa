# mongodb+srv: the hosts of a source are those of a DNS record, which dnsmasq serves in a network of the test's own. What a record
# may not say is refused, and every host that it names is judged by the address that is dialed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
BEGIN { exec "$FindBin::Bin/../probes/net.sh", $^X, $0 unless $ENV{RG_NET}; }
use IO::Socket::IP;
use MongoServer;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $set = MongoServer->new('simulated', 3);
my $ferret = MongoServer->new('ferretdb');
my $sink = IO::Socket::IP->new(LocalHost => '198.51.100.1', Listen => 10, Blocking => 0) or die "sink: $@";
$_->insert('shop', 'bills', '{"_id": 1}') for $set, $ferret;

my @members = map { [ 'one.mongo.test', $_ ] } @{ $set->{ports} };
my $dns = serve_records(
	set => { srv => [@members], txt => ['authSource=admin&replicaSet=rs'] },
	plain => { srv => [@members] },
	tls => { srv => [ [ 'one.mongo.test', $ferret->{tls_port} ] ] },
	bare => { srv => [ [ 'one.mongo.test', $ferret->{port} ] ] },
	elsewhere => { srv => [ [ 'one.other.test', $sink->sockport ] ] },
	beside => { srv => [ [ 'one.evilmongo.test', $sink->sockport ] ] },
	inside => { srv => [ [ 'metadata.mongo.test', 80 ] ] },
	unnamed => { srv => [ [ 'none.mongo.test', 27017 ] ] },
	renamed => { srv => [@members], txt => ['replicaSet=other'] },
	weakened => { srv => [@members], txt => ['tls=false'] },
	twice => { srv => [@members], txt => [ 'replicaSet=rs', 'replicaSet=other' ] });

# The records of names below mongo.test; returns the server's process.
sub serve_records
{
	my (%names) = @_;
	my @lines = (
		'no-resolv', 'no-hosts', 'keep-in-foreground', 'port=53', 'listen-address=127.0.0.53', 'bind-interfaces',
		'local=/test/', 'address=/one.mongo.test/127.0.0.1', 'address=/other.test/198.51.100.1',
		'address=/evilmongo.test/198.51.100.1', 'address=/metadata.mongo.test/169.254.169.254', 'user=', 'pid-file=');
	for my $name (sort keys %names)
	{
		push @lines, map { "srv-host=_mongodb._tcp.$name.mongo.test,$_->[0],$_->[1]" } @{ $names{$name}{srv} };
		push @lines, map { "txt-record=$name.mongo.test,\"$_\"" } @{ $names{$name}{txt} // [] };
	}
	my $file = PostgreSQL::Test::Utils::tempdir() . '/dnsmasq.conf';
	PostgreSQL::Test::Utils::append_to_file($file, join "\n", @lines, '');
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		exec '/usr/sbin/dnsmasq', "--conf-file=$file" or POSIX::_exit(127);
	}
	wait_for('dnsmasq', sub { IO::Socket::IP->new(PeerHost => '127.0.0.53', PeerPort => 53) });
	return $pid;
}

my $server = start_server('server');

# A source whose connection string names this record.
sub source
{
	my ($name, $peer, $options, $metadata, $credentials) = @_;
	my ($user, $password) = map { s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger } @$peer{qw(username password)};
	return create_quiet_source(
		$server,
		{   name => join(' ', $name, $options, sort keys %{ $metadata // {} }), type => 'mongodb',
			connection_timeout => 8,
			credentials => $credentials // {},
			connection_string => "mongodb+srv://$user:$password\@$name.mongo.test/shop$options",
			metadata => $metadata // {}
		});
}

my $cluster = source('set', $set, '?tls=false&retryWrites=true&w=majority');
is( sql($server, "SELECT host, port, metadata FROM rivergen.data_sources WHERE id = $cluster"),
	'set.mongo.test|27017|{"srv": true, "tls": {"mode": "disable"}}',
	'the name of the record is the host');
ok(discover($server, $cluster)->{success}, 'the members of a replica set are found by their record');
is(sql($server, 'SELECT string_agg(table_name, \' \') FROM rivergen.tables'), 'bills', 'and read');
ok(discover($server, source('plain', $set, '?tls=false'))->{success}, 'a record without options is enough');

# FerretDB asks for a certificate of the client.
my %certificate =
	map { ("tls_client_$_->[0]" => slurp_file("$ferret->{home}/client.$_->[1]")) } [ certificate => 'pem' ],
	[ key => 'key' ];
my %authority = (tls => { ca => slurp_file("$ferret->{home}/authority.pem") });
my $tls = source('tls', $ferret, '', {%authority}, {%certificate});
is( sql($server, "SELECT metadata #>> '{tls,mode}' FROM rivergen.data_sources WHERE id = $tls"),
	'verify-full', 'TLS is on by default');
ok(discover($server, $tls)->{success}, 'and verified for the host that the record names');
# Newer drivers see at once that what answers is no TLS; older ones wait for it.
my %refused_tls =
	(sqlstate => qr/PT50[24]/, code => qr/^(tls|timeout)$/, says => qr/did not begin TLS|No TLS connection/);
discover_fails(
	$server, source('bare', $ferret, '', {%authority}, {%certificate}), 'a server without TLS',
	%refused_tls);
discover_fails(
	$server,
	create_quiet_source(
		$server,
		{   name => 'prefers', type => 'mongodb', connection_timeout => 8, host => 'bare.mongo.test', port => 27017,
			database_name => 'shop',
			credentials => { username => $ferret->{username}, password => $ferret->{password} },
			metadata => { srv => JSON::PP::true }
		}),
	'nor is it done without where the mode is left open',
	%refused_tls);

my @refused = (
	[ elsewhere => 'a host of another domain', 'protocol', qr/below the domain/ ],
	[ beside => 'a host whose domain only ends alike', 'protocol', qr/below the domain/ ],
	[ weakened => 'an option that a record may not have', 'protocol', qr/authSource/ ],
	[ twice => 'two records of options', 'protocol', qr/is the only one/ ],
	[ none => 'no record', 'unknown_host', qr/_mongodb\._tcp/ ],
	[ unnamed => 'a host that has no address', 'unknown_host', qr/not known/ ],
	[ inside => 'a host at an address that is refused', 'address_refused', qr/169\.254\.169\.254/ ],
	[ renamed => 'a set of another name than the record says', 'unreachable', qr/No member/ ]);
for my $case (@refused)
{
	my ($name, $what, $code, $says) = @$case;
	discover_fails(
		$server, source($name, $set, '?tls=false'), $what,
		sqlstate => 'PT502', code => $code, says => $says);
}
ok(!defined $sink->accept, 'hosts of other domains are not dialed');
ok( discover($server, source('renamed', $set, '?tls=false', { replica_set => 'rs' }))->{success},
	'what the source says counts more than the record');
done_testing();

END
{
	my $status = $?;
	kill 'TERM', $dns if $dns;
	$? = $status;
}
