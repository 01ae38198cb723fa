# Hosts are found by their names, which are asked for over TCP, whatever of its environment a connector clears.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
BEGIN { exec "$FindBin::Bin/../probes/net.sh", $^X, $0 unless $ENV{RG_NET}; }
use Dialed;
use JSON::PP;
use Rivergen;
use Test::More;

serve_names('one.source.test' => sub { '127.0.0.1' });
my $server = start_server('server');
my ($port, $held) = refused_port();
for my $type (qw(postgresql mysql sqlserver redshift mongodb cassandra redis))
{
	discover_fails(
		$server,
		create_quiet_source(
			$server,
			{   name => $type, type => $type, host => 'one.source.test', port => $port,
				database_name => $type eq 'redis' ? '0' : 'shop', credentials => { username => 'u', password => 'p' },
				metadata => { tls => { mode => 'disable' } }, connection_timeout => 5
			}),
		$type,
		sqlstate => 'PT502',
		code => 'refused',
		says => qr/./);
}
done_testing();
