# A source of type bigquery from its registration to its rows, in the connector's confinement, against an emulator: what the connector
# says is what the server takes.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use Peer::Bigquery;
use Rivergen;
use Test::More;

my $server = start_server('server');
my $peer = Peer::Bigquery->new;
my $base = $peer->base;
my $id = create_quiet_source(
	$server,
	{   name => 'Warehouse', type => 'bigquery', host => 'localhost', port => $base->{endpoint}{port},
		database_name => 'shop',
		credentials => { service_account => $peer->{account} },
		metadata => { tls => { mode => 'disable' }, query => { enabled => JSON::PP::true } }
	});
discover($server, $id);
is( sql($server,
		q{SELECT string_agg(table_name || ' ' || kind, ', ' ORDER BY table_name COLLATE "C") FROM rivergen.tables}),
	'events_* partitioned_table, orders table, wide table',
	'it is discovered, with the key of a service account');
call($server, "rivergen.attach($id, 'warehouse')");
is( sql($server, q{SELECT id, price, day FROM warehouse.orders WHERE id <> 2 ORDER BY id}),
	"1|2.500000000|2024-12-31\n3|-1.000000000|1999-12-31", 'rows are read in place');
is(sql($server, q{SELECT count(*) FROM warehouse."events_*"}), '0', 'and shards together');
is( call($server, "rivergen.query($id, 'SELECT count(*) AS n FROM `shop.sales.orders`')")->{data}{rows}[0][0], 3,
	'a query in its own words');
my $plan = call($server, "rivergen.query($id, 'SELECT id FROM `shop.sales.orders`', check_only => true)")->{data};
is_deeply($plan->{columns}, [ { name => 'id', type => 'bigint' } ], 'that is checked only');
call_fails($server, "rivergen.query($id, 'DELETE FROM `shop.sales.orders` WHERE true')", 'nothing is changed');
done_testing();
