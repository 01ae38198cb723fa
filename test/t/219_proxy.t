# Services over HTTP behind the operator's proxy (rivergen.https_proxy), from the settings to the rows: by tinyproxy, at the only
# address that may be dialed here. The services are moto's; the other
# types ask for hosts that are not allowed.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use EgressProxy;
use List::Util qw(uniq);
use Peer::Dynamodb;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

# Where the services are may not be dialed, nor this machine's own addresses: only a proxy reaches them.
my $server = start_server('server', loopback => 0, conf => "rivergen.allowed_networks = '$EgressProxy::address/32'");
my $peer = Peer::Dynamodb->new;
my $base = $peer->base;
my $port = $base->{endpoint}{port};
my $login = 'river:dP9-secret-of-the-proxy';
my $proxy = EgressProxy->new(login => [ split /:/, $login ]);
my $secrets = PostgreSQL::Test::Utils::tempdir();
my %right = (
	https_proxy => "http://$EgressProxy::address:$proxy->{port}",
	https_proxy_credentials_file => write_login('login', "$login\n"),
	allowed_hosts => "*.example.com, localhost:$port");

sub write_login
{
	my ($name, $content, $mode) = @_;
	open(my $file, '>', "$secrets/$name") or die $!;
	print $file $content;
	close $file;
	chmod $mode // 0600, "$secrets/$name";
	return "$secrets/$name";
}

sub set
{
	my (%settings) = @_;
	change_settings($server, map { ("rivergen.$_" => $settings{$_}) } keys %settings);
	return;
}

sub source
{
	my ($type, $host, %more) = @_;
	return create_quiet_source(
		$server,
		{   name => "$type $host", type => $type, host => $host, port => $port, credentials => $base->{credentials},
			metadata => { query => { enabled => JSON::PP::true }, tls => { mode => 'disable' } },
			%more
		});
}

sub check_row { return sql($server, q{SELECT level || ': ' || detail FROM rivergen.check() WHERE name = 'proxy'}) }

sub dialed
{
	my ($id) = @_;
	return sql(
		$server, "SELECT string_agg(DISTINCT (d ->> 'address') || ' ' || (d ->> 'port'), ', ')
			FROM (SELECT dialed FROM rivergen.jobs WHERE data_source_id = $id ORDER BY job_id DESC LIMIT 1) j,
				jsonb_array_elements(j.dialed) d");
}

my $tables = source('dynamodb', 'localhost', database_name => $Peer::Dynamodb::region);
is(check_row(), '', 'without a proxy check() says nothing of it');
discover_fails(
	$server, $tables, 'without a proxy the service may not be dialed',
	sqlstate => 'PT502', code => 'address_refused', says => qr/127\.0\.0\.1|::1/);
is_deeply([ $proxy->asked ], [], 'and nothing else is asked');

subtest 'what is set wrongly' => sub {
	my @cases = (
		[ 'no URL', { https_proxy => '127.0.0.2:3128' }, qr/https_proxy must be http:/ ],
		[ 'TLS to the proxy', { https_proxy => 'https://proxy.example.com:3128' }, qr/https_proxy must be http:/ ],
		[ 'no port', { https_proxy => 'http://proxy.example.com' }, qr/https_proxy must be http:/ ],
		[ 'a path', { https_proxy => 'http://proxy.example.com:3128/a' }, qr/https_proxy must be http:/ ],
		[   'a login in the URL', { https_proxy => 'http://river:x@127.0.0.2:3128' },
			qr/https_proxy has credentials in it/ ],
		[ 'no hosts', { allowed_hosts => ' , ' }, qr/allowed_hosts is empty/ ],
		[ 'a host that is none', { allowed_hosts => 'a.example.com, http://b.example.com' }, qr/no host.*http:\/\/b/ ],
		[ 'a pattern that is none', { allowed_hosts => 'a*.example.com' }, qr/no host.*"a\*/ ],
		[ 'no file', { https_proxy_credentials_file => "$secrets/none" }, qr/it does not exist/ ],
		[   'a file for others to read', { https_proxy_credentials_file => write_login('open', $login, 0644) },
			qr/its mode must be 0600/ ],
		[   'no login in it', { https_proxy_credentials_file => write_login('empty', "river\n") },
			qr/not one line of the form name:password/ ],
		[   'several logins', { https_proxy_credentials_file => write_login('two', "$login\n$login\n") },
			qr/not one line of the form name:password/ ],
		[ 'a proxy that may not be dialed', { https_proxy => 'http://127.0.0.1:3128' }, qr/127\.0\.0\.1 is refused/ ],
		[ 'an unknown proxy', { https_proxy => 'http://proxy.invalid:3128' }, qr/"proxy\.invalid" is not known/ ]);
	for my $case (@cases)
	{
		my ($name, $wrong, $fault) = @$case;
		set(%right, %$wrong);
		like(check_row(), qr/^error: .*$fault/, "check() says it: $name");
		discover_fails(
			$server, $tables, $name, sqlstate => 'PT503', code => 'unavailable',
			says => qr/the HTTPS proxy of this server cannot be used/, secret => qr/dP9|$secrets/);
		like(slurp_file($server->logfile), $fault, 'the log says it, too');
	}
	is_deeply([ $proxy->asked ], [], 'the proxy is not asked');
};

set(%right);
is(check_row(), "ok: Services over HTTP are reached by $right{https_proxy}.", 'nothing is wrong');
discover($server, $tables, 'refresh => true');
is( sql($server, q{SELECT string_agg(table_name, ' ' ORDER BY table_name COLLATE "C") FROM rivergen.tables}),
	'empty notes sold.by-day_2 wide', 'dynamodb is discovered by the proxy');
is_deeply([ uniq $proxy->asked ], ["localhost:$port"], 'which is asked for the host by its name');
is(dialed($tables), "$EgressProxy::address $proxy->{port}", 'nothing else is dialed, not even a resolver');
call($server, "rivergen.attach($tables, 'tables')");
is(sql($server, 'SELECT count(price) FROM tables.notes'), '3', 'rows are read by it');
is_deeply([ uniq $proxy->asked ], ["localhost:$port"], 'too');

my $s3 = $peer->{server};
$s3->call('create_bucket', Bucket => 'store');
$s3->put('store', 'a.csv', "id,day\n1,2024-12-31\n");
my $bucket = source('s3', 'localhost', database_name => 'store', file_path => '/');
discover($server, $bucket, 'refresh => true');
is(sql($server, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $bucket"), '1', 's3 is discovered by it');
is(dialed($bucket), "$EgressProxy::address $proxy->{port}", 'and nothing else is dialed');

# A file of a source in a bucket: the broker goes by it, with the operator's keys.
set(storage_root => 's3://store/', storage_endpoint => "http://localhost:$port",
	storage_credentials_file =>
		write_login('keys', qq({"access_key_id": "$s3->{reader}[0]", "secret_access_key": "$s3->{reader}[1]"})));
$s3->put('store', 'organizations/1/b.csv', "n\n1\n");
my $file = create_quiet_source(
	$server,
	{ name => 'file', type => 'csv', file_path => 'organizations/1/b.csv', credentials => {} });
$proxy->asked;
discover($server, $file, 'refresh => true');
is( sql($server, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $file"), '1',
	'a file in a bucket is found');
is_deeply([ uniq $proxy->asked ], ["localhost:$port"], 'by the proxy');
set(storage_endpoint => "http://127.0.0.1:$port");
discover_fails(
	$server, $file, 'the storage, too, has to be allowed',
	sqlstate => 'PT502', code => 'refused', says => qr/may not be asked for "127\.0\.0\.1"/);

my @others = (
	[ 'dynamodb', '127.0.0.1', database_name => 'us-east-1' ],
	[ 's3', '169.254.169.254', database_name => 'store', file_path => '/' ],
	[ 'elasticsearch', 'search.internal', credentials => {} ],
	[ 'snowflake', 'acme.snowflakecomputing.com', database_name => 'SHOP', credentials => { oauth_token => 'x' } ],
	[ 'bigquery', 'localhost.example.org', database_name => 'shop', credentials => { oauth_token => 'x' } ]);
$proxy->asked;
for my $case (@others)
{
	my ($type, $host, %more) = @$case;
	my $id = source($type, $host, %more);
	discover_fails(
		$server, $id, "$type at a host that is not allowed",
		sqlstate => 'PT502', code => 'refused', says => qr/may not be asked for "\Q$host\E" at port $port/);
	is(dialed($id), '', 'nothing is dialed');
}
is_deeply([ $proxy->asked ], [], 'the proxy is not asked for them');

# The proxy's own failure.
set(https_proxy_credentials_file => write_login('wrong', 'river:dP9-wrong'));
discover_fails(
	$server, $tables, 'a wrong login', sqlstate => 'PT503', code => 'unavailable',
	says => qr/does not accept this server's login/, secret => qr/dP9/);
unlike(slurp_file($server->logfile), qr/dP9/, 'no login is in the log');
undef $proxy;
set(%right);
discover_fails(
	$server, $tables, 'a proxy that is down', sqlstate => 'PT503', code => 'unavailable',
	says => qr/proxy of this server does not accept connections/, secret => qr/dP9/);

done_testing();
