# A source of type elasticsearch from its registration to its rows, in the connector's confinement, against a real OpenSearch
# behind a proxy that knows users: what the connector says is what the server takes.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use Rivergen;
use SearchServer;
use Test::More;

my $server = start_server('server');
my $search = SearchServer->new;
$search->start_fronts;
$search->ask(
	PUT => '/articles',
	{
		mappings => {
			properties => {
				name => { type => 'text', fields => { raw => { type => 'keyword' } } }, kind => { type => 'keyword' },
				price => { type => 'double' }, made => { type => 'date' },
				size => { properties => { cm => { type => 'integer' } } }
			}
		}
	});
$search->store(
	'articles',
	[ a => { name => 'Chair', kind => 'wood', price => 2.5, made => '2024-02-28', size => { cm => 7 } } ],
	[ b => { name => 'Table', kind => [ 'wood', 'glass' ], price => 80, made => 1709078400000 } ],
	map { [ "n$_" => { name => "Nail $_", kind => 'iron', price => 0.01 } ] } 1 .. 150);
$search->ask(
	POST => '/_aliases',
	{ actions => [ { add => { index => 'articles', alias => 'nails', filter => { term => { kind => 'iron' } } } } ] });
my %source = (
	type => 'elasticsearch', host => 'localhost', port => $search->{front}{ports}{front},
	credentials => { username => 'reader', password => $search->{front}{password} });
my $id = create_quiet_source(
	$server,
	{   %source, name => 'Search',
		metadata => { tls => { mode => 'disable' }, query => { enabled => JSON::PP::true } }
	});
ok(call($server, "rivergen.data_source_test($id)")->{success}, 'it is tested');
discover($server, $id);
is( sql($server,
		q{SELECT string_agg(format('%s %s', table_name, kind), ', ' ORDER BY table_name) FROM rivergen.tables}),
	'articles collection, nails view',
	'it is discovered');
is( sql($server,
		q{SELECT string_agg(field_path || ' ' || data_type, ', ' ORDER BY field_path) FROM rivergen.column_field_paths
			WHERE table_name = 'articles' AND field_path LIKE '%.%'}
	),
	'name.raw keyword, size.cm integer',
	'its fields have paths');
call($server, "rivergen.attach($id, 'search')");
is( sql($server,
		q{SELECT _id, price, made AT TIME ZONE 'UTC', size->>'cm' FROM search.articles WHERE price > 1 ORDER BY price}),
	"a|2.5|2024-02-28 00:00:00|7\nb|80|2024-02-28 00:00:00|",
	'an index is read in place');
is( sql($server, q{SELECT _id, kind FROM search.articles WHERE kind = '["wood","glass"]'}),
	'b|["wood","glass"]', 'several values of a text are JSON');
is(sql($server, q{SELECT count(*) FROM search.nails}), '150', 'an alias has what its filter leaves');
is( call($server, "rivergen.query($id, 'SELECT _id, price FROM articles WHERE price > 1 ORDER BY price')")
		->{data}{rows}[1][0],
	'b', 'a query in the own words of the service (simulated)');
is(sql($server, q{SELECT name FROM search.articles WHERE kind = 'iron' AND _id = 'n77'}), 'Nail 77', 'conditions hold');
is(sql($server, q{SELECT count(*) FROM (SELECT * FROM search.articles LIMIT 120) AS first_ones}), '120', 'and limits');
done_testing();
