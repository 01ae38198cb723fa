# A source of type snowflake from its registration to its rows, in the connector's confinement, against a simulated service: what the
# connector says is what the server takes.
use strict;
use warnings;
use utf8;

use FindBin;
use HttpCall;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use Peer::Snowflake;
use Rivergen;
use Test::More;

my $server = start_server('server', conf => "rivergen.gateway_roles = 'gateway'");
prepare_gateway($server);
my $peer = Peer::Snowflake->new;
my $base = $peer->base;
my $id = create_quiet_source(
	$server,
	{   name => 'Warehouse', type => 'snowflake', host => 'localhost', port => $base->{endpoint}{port},
		database_name => 'SHOP', credentials => $base->{credentials},
		metadata => { account => 'acme-shop', tls => { mode => 'disable' }, query => { enabled => JSON::PP::true } }
	});
discover($server, $id);
is( sql($server,
		q{SELECT string_agg(table_name || ' ' || kind, ', ' ORDER BY table_name COLLATE "C") FROM rivergen.tables}),
	'ORDERS table, TOTALS view, wide table',
	'it is discovered, with a key pair');
is_deeply(
	call($server, "rivergen.data_source_databases($id)")->{data}{databases},
	[qw(OTHER SHOP other)], 'the databases of its account are listed');
call($server, "rivergen.attach($id, 'warehouse')");
is( sql($server, q{SELECT "ID", "PRICE", "DAY", "AT" FROM warehouse."ORDERS" WHERE "ID" <> 2 ORDER BY 1}),
	"1|2.50|2024-12-31|2024-12-31 23:59:59.999999\n3|-1.00|1999-12-31|1999-12-31 00:00:00.5", 'rows are read in place');
is(sql($server, q{SELECT "TOTAL" FROM warehouse."TOTALS"}), '1.50', 'and those of a view');
is(sql($server, q{SELECT count(*) FROM warehouse."ORDERS"}), '3', 'they are counted');

# Nothing at the service makes a statement one that only reads.
my $refused = qr/sources of type snowflake cannot be queried in their own words.*attached as foreign tables/s;
for my $call (
	"rivergen.query($id, 'SELECT 1')", "rivergen.query($id, 'SELECT 1', check_only => true)",
	"count(*) FROM rivergen.query_rows($id, 'SELECT 1') AS t (one integer)")
{
	call_fails($server, $call, 'a query is not sent', sqlstate => 'PT501', says => $refused);
}
http_is(
	$server, 501, POST => "/data-sources/$id/query", body => { query => 'SELECT 1' }, code => 'NOT_IMPLEMENTED',
	says => $refused);
is(scalar(grep { ref $_ && ($_->[1] // '') eq 'SELECT 1' } $peer->control), 0, 'the service was not asked');

$peer->control(rule => { slow => 'SELECT' }, forget => JSON::PP::true);
my $session = $server->background_psql('postgres', on_error_stop => 0);
$session->query_until(qr/begun/, qq{\\echo begun\nSELECT "ID" FROM warehouse."ORDERS";\n});
wait_for(
	'the statement at the service',
	sub {
		grep { ($_->[1] // '') eq 'poll' } $peer->control;
	});
sql($server,
	q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT "ID"%' AND pid <> pg_backend_pid()});
wait_for(
	'its end there',
	sub {
		grep { ($_->[1] // '') eq 'cancel' } $peer->control;
	});
pass('a query that its user cancels is cancelled at the service');
$session->quit;
done_testing();
