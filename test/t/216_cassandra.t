# A source of type cassandra from its registration to its rows, in the connector's confinement, against a real Cassandra: what the
# connector says is what the server takes.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use CassandraServer;
use Rivergen;
use Test::More;

my $cassandra = CassandraServer->new;
$cassandra->run(
	q{CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}},
	'CREATE TYPE shop.place (city text, "Zip" int)',
	q{CREATE TABLE shop.bills ("Customer" int, at timestamp, n smallint, total decimal, large varint, day date, hour time, span duration,
		tags set<text>, home frozen<place>, parts list<frozen<place>>, numbers map<text, double>, v vector<float, 2>, data blob,
		address inet, id uuid, open boolean, PRIMARY KEY (("Customer"), at, n)) WITH CLUSTERING ORDER BY (at DESC)},
	q{INSERT INTO shop.bills ("Customer", at, n, total, large, day, hour, span, tags, home, parts, numbers, v, data, address, id, open)
		VALUES (1, '2024-02-29 12:30:00.5+0000', 1, 12.50, 123456789012345678901234567890, '2024-02-29', '12:30:00.123456789',
		1mo2d3h, {'a', 'b"'}, {city: 'Bonn', "Zip": 5}, [{city: 'x'}], {'pi': 3.25, 'nan': NaN}, [1, 2.5], 0x00ff, '10.0.0.1',
		cfd66ccc-d857-4e90-b1e5-df98a3d40cd6, true)},
	[   'INSERT INTO shop.bills ("Customer", at, n) VALUES (?, ?, ?)',
		map { [ 2, $_ * 1000, $_ ] } 1 .. 2000 ],
	'CREATE TABLE shop.far (id int PRIMARY KEY, day date, amount varint)',
	'INSERT INTO shop.far (id, day) VALUES (1, 0)',
	'INSERT INTO shop.far (id, amount) VALUES (2, ' . '9' x 140_000 . ')',
	q{CREATE ROLE reader WITH PASSWORD = 'horse-battery-7' AND LOGIN = true},
	'GRANT SELECT ON KEYSPACE shop TO reader');

my $server = start_server('server');
my $id = create_quiet_source(
	$server,
	{   name => 'Bills', type => 'cassandra', host => "localhost:1,localhost:$cassandra->{port}",
		database_name => 'shop', credentials => { username => 'reader', password => 'horse-battery-7' },
		metadata => { tls => { mode => 'require' }, query => { enabled => JSON::PP::true } }
	});
ok(call($server, "rivergen.data_source_test($id)")->{success}, 'it is tested, by the node that is up');
discover($server, $id);
is( sql($server, q{SELECT string_agg(table_name, ' ' ORDER BY table_name COLLATE "C") FROM rivergen.tables}),
	'bills far', 'it is discovered');
is( sql($server,
		q{SELECT string_agg(field_path, ' ' ORDER BY field_path COLLATE "C") FROM rivergen.column_field_paths WHERE field_path LIKE '%.%'}
	),
	'home.Zip home.city parts[].Zip parts[].city',
	'members of user-defined types have paths');
call($server, "rivergen.attach($id, 'bills', ARRAY['shop'])");
is( sql($server,
		q{SELECT at AT TIME ZONE 'UTC', total, large, day, hour, span, tags, home ->> 'city', parts -> 0 ->> 'city',
		numbers ->> 'nan', v, data, address, id, open FROM bills.bills WHERE "Customer" = 1}),
	'2024-02-29 12:30:00.5|12.50|123456789012345678901234567890|2024-02-29|12:30:00.123456|1 mon 2 days 03:00:00|{a,"b\""}|Bonn|x|NaN|'
		. '{1,2.5}|\x00ff|10.0.0.1|cfd66ccc-d857-4e90-b1e5-df98a3d40cd6|t',
	'every type is one of PostgreSQL');
is(sql($server, q{SELECT count(*), sum(n) FROM bills.bills}), '2001|2001001', 'all pages are read');
is( sql($server, q{SELECT count(*) FROM bills.bills WHERE "Customer" = 2 AND at > to_timestamp(1990)}),
	'10', 'a stretch of a partition');
is(sql($server, q{SELECT n FROM bills.bills WHERE "Customer" = 2 LIMIT 1}), '2000', 'the first row of the order');
for my $value ([ day => 1 ], [ amount => 2 ])
{
	my ($status, $out, $err) = $server->psql('postgres', "SELECT $value->[0] FROM bills.far WHERE id = $value->[1]");
	like($err, qr/$value->[0]/, "what PostgreSQL cannot hold is told: $value->[0]");
}
done_testing();
