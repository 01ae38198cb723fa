# A source of type dynamodb from its registration to its rows, in the connector's confinement, against moto: what the connector says
# is what the server takes.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use Peer::Dynamodb;
use Rivergen;
use Test::More;

my $server = start_server('server');
my $peer = Peer::Dynamodb->new;
my $base = $peer->base;
my $id = create_quiet_source(
	$server,
	{   name => 'Tables', type => 'dynamodb', host => 'localhost', port => $base->{endpoint}{port},
		database_name => $Peer::Dynamodb::region, credentials => $base->{credentials},
		metadata => { query => { enabled => JSON::PP::true } }
	});
discover($server, $id);
is( sql($server, q{SELECT string_agg(table_name, ' ' ORDER BY table_name COLLATE "C") FROM rivergen.tables}),
	'empty notes sold.by-day_2 wide', 'it is discovered');
call($server, "rivergen.attach($id, 'tables')");
is( sql($server, q{SELECT id, price, tags, data, length(address ->> 'city') FROM tables.notes ORDER BY id}),
	"1|2.5|{a,\"b\\\"c\"}||\n2|||\\x0001ff|\n3|-12345678901234567890123456789012345678|||4\n4|0|||",
	'attributes are columns');
is( sql($server, q{SELECT sum(n) FROM tables."sold.by-day_2" WHERE shop = 'a' AND day BETWEEN 2 AND 4}), '90',
	'a key is looked up');
like(
	sql($server, q{EXPLAIN (VERBOSE, COSTS OFF) SELECT n FROM tables."sold.by-day_2" WHERE shop = 'a' AND day > 3}),
	qr/shop.*day/s, 'the plan names the conditions');
done_testing();
