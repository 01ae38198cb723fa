# A source of type http_api from its registration to its rows, in the connector's confinement: PostgREST over another database.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors", "$FindBin::Bin/../connectors/lib";
use Peer::HttpApi;
use Rivergen ();
use Test::More;

my $server = Rivergen::start_server('server');
my $peer = Peer::HttpApi->new;
my $base = $peer->base;
my $id = Rivergen::create_quiet_source(
	$server,
	{   name => 'Shop', type => 'http_api', host => 'localhost', port => $base->{endpoint}{port},
		credentials => $base->{credentials},
		metadata => { openapi_path => '/', tls => { mode => 'disable' }, query => { enabled => JSON::PP::true } }
	});

sub said { return Rivergen::sql($server, @_) }

is(Rivergen::call($server, "rivergen.data_source_test($id)")->{success}, JSON::PP::true, 'it is tested');
Rivergen::discover($server, $id);
is( said(
		q{SELECT string_agg(table_schema || table_name || ' ' || kind, ', ' ORDER BY table_name COLLATE "C") FROM rivergen.tables}
	),
	'Introspection/ endpoint, numbers/numbers endpoint, orders/orders endpoint, paid/paid endpoint, wide/wide endpoint',
	'it is discovered');
Rivergen::call($server, "rivergen.attach($id, 'shop')");
my ($schema) =
	said(q{SELECT foreign_table_schema FROM information_schema.foreign_tables WHERE foreign_table_name = '/orders'});
is( said(qq{SELECT id, price, day FROM "$schema"."/orders" WHERE state = 'paid' ORDER BY 1}),
	"2|-12345678901234567890.125|1999-01-01\n3||", 'rows are read in place');
is( said(qq{SELECT count(*), sum(n) FROM "${\($schema =~ s/orders/numbers/r)}"."/numbers"}), '2500|3126250',
	'page by page');
Rivergen::call_fails($server, "rivergen.query($id, 'SELECT 1')", 'queries are not offered', sqlstate => 'PT501');
done_testing();
