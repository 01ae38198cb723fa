# A source of type sqlserver from its registration to its discovery: confined and dialing as the server has it, with TLS.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use Rivergen;
use TdsServer;
use Test::More;

my $server = start_server('server');
start_tds(
	databases => [ 'zoo', 'Größe, [x]', 'shut' ], closed => ['shut'],
	relations => [ {
		schema => 'dbo', name => 'things', columns => [ [ 'id', 'int' ], [ 'name', 'nvarchar(40)' ] ],
		indexes => [ { name => 'key', primary => 1, columns => ['id'] } ], rows => [ [ 1, 'größe 😀' ], [ 2, undef ] ]
	} ]);
make_certificate('here', 'localhost');
order_tds(certificate => "$home/here.crt", key => "$home/here.key");
my $id = create_source(
	$server,
	{   name => 'shop', type => 'sqlserver', host => 'localhost', port => $port + 0, database_name => 'shop',
		schema_auto_refresh => \0, max_retries => 0, credentials => { username => 'reader', password => $password },
		metadata => {
			query => { enabled => \1 },
			tls => { mode => 'verify-full', ca => content("$home/here.crt") }
		}
	});
discover($server, $id);
is( sql($server, "SELECT string_agg(format('%s.%s %s', table_schema, table_name, kind), ' ') FROM rivergen.tables"),
	'dbo.things table', 'it is discovered');
ok(order_tds()->{logins}[-1]{encrypted}, 'with TLS');
is(order_tds()->{sessions}, 0, 'and left');

call($server, "rivergen.attach($id, 'dbo', ARRAY['dbo'])");
is( sql($server, "SELECT id, name IS NULL FROM dbo.things WHERE id > 0 AND name IS DISTINCT FROM 'x' ORDER BY id"),
	"1|f\n2|t", 'it is read in place');
call_fails(
	$server, "rivergen.query($id, 'SELECT 1')", 'queries are not offered', sqlstate => 'PT501',
	says => qr/queried in their own words/);

my $databases = sub { return call($server, "rivergen.data_source_databases($_[0])")->{data}{databases} };
my @visible = ('Größe, [x]', 'shop', 'zoo');
is_deeply($databases->($id), \@visible, 'the databases of its server that the user may use');
is_deeply(
	$databases->(json({
		type => 'sqlserver', host => 'localhost', port => $port + 0,
		credentials => { username => 'reader', password => $password },
		metadata => { tls => { mode => 'verify-full', ca => content("$home/here.crt") } }
	})),
	\@visible,
	'of a server that is no source');
done_testing();
