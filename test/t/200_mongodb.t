# A source of type mongodb from its registration to its queries, against FerretDB: what the connector says is what the server
# takes. Documents that come after the discovery are of other types than it told.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use MongoServer;
use Rivergen;
use Test::More;

my $server = start_server('server');
my $peer = MongoServer->new('ferretdb');
my $id_text = '5f0000000000000000000001';
$peer->insert(
	'shop', 'bills',
	"{\"_id\": {\"\$oid\": \"$id_text\"}, \"name\": \"chair\", \"price\": 12.5, \"lines\": [{\"sku\": \"a\", \"n\": 1}], "
		. '"tags": ["x", "y"], "at": {"$date": "2024-02-29T12:30:00Z"}, "size": {"cm": 7}}',
	'{"_id": {"$oid": "5f0000000000000000000002"}, "name": "table", "price": 99}');
my $id = create_quiet_source(
	$server,
	{   name => 'Documents', type => 'mongodb', host => '127.0.0.1', port => $peer->{port} + 0, database_name => 'shop',
		credentials => { username => $peer->{username}, password => $peer->{password} },
		metadata => { tls => { mode => 'disable' }, query => { enabled => JSON::PP::true } }
	});
ok(call($server, "rivergen.data_source_test($id)")->{success}, 'it is tested');
my %listing = (
	type => 'mongodb', host => '127.0.0.1', port => $peer->{port} + 0,
	credentials => { username => $peer->{username}, password => $peer->{password} },
	metadata => { tls => { mode => 'disable' } });
like(
	JSON::PP->new->canonical->encode(call(
		$server,
		'rivergen.data_source_databases(' . literal(JSON::PP->new->canonical->encode(\%listing)) . '::jsonb)')),
	qr/\["shop"\]/,
	'the databases of its server are listed');
discover($server, $id);
is( sql($server, q{SELECT string_agg(format('%s %s', table_name, kind), ', ' ORDER BY table_name) FROM rivergen.tables}
	),
	'bills collection',
	'it is discovered');
is( sql($server, "SELECT string_agg(field_path, ' ' ORDER BY field_path COLLATE \"C\") FROM rivergen.column_field_paths"
	),
	'_id at lines lines[].n lines[].sku name price size size.cm tags',
	'with all paths') or diag(sql($server, 'SELECT * FROM rivergen.column_field_paths'));
call($server, "rivergen.attach($id, 'shop')");
is( sql($server,
		"SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = 'shop.bills'::regclass AND attnum > 0"
	),
	'_id text, name text, price numeric, lines jsonb, tags text[], at timestamp with time zone, size jsonb',
	'attached, its columns have types');
is( sql($server,
		"SELECT name, price, lines -> 0 ->> 'sku', tags[2], at AT TIME ZONE 'UTC', size ->> 'cm' FROM shop.bills WHERE _id = '$id_text'"
	),
	'chair|12.5|a|y|2024-02-29 12:30:00|7',
	'it is read in place');
$peer->insert(
	'shop', 'bills', '{"_id": 3, "name": 7, "size": "wide", "lines": "none"}',
	'{"_id": "12", "name": {"first": "x"}, "price": 12.5}');
is( sql($server, "SELECT _id, name FROM shop.bills WHERE name IN ('7', 'table') ORDER BY 1"),
	"3|7\n5f0000000000000000000002|table", 'values of another type are texts');
is(sql($server, "SELECT size, lines FROM shop.bills WHERE _id = '3'"), '"wide"|"none"', 'or JSON, as the column is');
is( sql($server, "SELECT string_agg(_id, ' ' ORDER BY _id) FROM shop.bills WHERE price = 12.5"),
	"12 $id_text", 'conditions see all of them');
is(sql($server, "SELECT count(*) FROM shop.bills WHERE at IS NULL"), '3', 'also where there is nothing');
is_deeply(
	call($server, "rivergen.rows($id, NULL, 'bills', ARRAY['size', '_id'], 1000)")->{data}{rows}[2],
	[ 'wide', '3' ], 'rows have the types of the discovery, too');
my $query = sub {
	my ($text, @more) = @_;
	return 'rivergen.query(' . join(', ', $id, literal($text), @more) . ')';
};
my $answer = call(
	$server,
	$query->('{"aggregate": "bills", "pipeline": [{"$sort": {"_id": 1}}, {"$project": {"name": 1}}]}', 1));
is_deeply(
	$answer->{data},
	{   columns => [ { name => 'document', type => 'jsonb' } ], rows => [ [ { _id => 3, name => 7 } ] ],
		truncated => JSON::PP::true
	},
	'a query in its own words') or diag(explain($answer));
call_fails(
	$server, $query->('{"aggregate": "bills", "pipeline": [{"$out": "x"}]}'),
	'a query that writes', sqlstate => 'PT400', says => qr/would write/);

subtest 'simulated: members of a replica set are dialed where the network rules allow it' => sub {
	my $set = MongoServer->new('simulated', 2);
	$set->insert('shop', 'members', '{"_id": 1}');
	my $cluster = create_quiet_source(
		$server,
		{   name => 'Set', type => 'mongodb', database_name => 'shop',
			host => join(',', map { "127.0.0.1:$_" } @{ $set->{ports} }),
			credentials => { username => $set->{username}, password => $set->{password} },
			metadata => { tls => { mode => 'disable' } }
		});
	ok(discover($server, $cluster)->{success}, 'several hosts are discovered');
	$set->command('admin', '{"behave": 1, "hosts": ["169.254.169.254:27017"]}');
	discover_fails(
		$server, $cluster, 'a member at an address that is refused', sqlstate => 'PT502', code => 'address_refused',
		says => qr/169\.254\.169\.254/);
};
done_testing();
