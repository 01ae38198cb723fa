# The connector cassandra at a real Cassandra: what it describes, every type that is read, how it logs in, and what a role may not
# read.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use CassandraServer;
use Connector;
use IO::Socket::INET;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = [ installed_connector('cassandra') ];
plan(skip_all => "$connector->[0] is not built") unless -x $connector->[0];
my $server = CassandraServer->new;
my $base = $server->base;
my $simple = q{WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}};
(my $quoted = $CassandraServer::password) =~ s/'/''/g;
my $class = 'org.apache.cassandra.db.marshal';

# Each type, its PostgreSQL type, and literals with what PostgreSQL is to read.
my @types = (
	[ 'ascii', 'text', [ q{'a"\\b'} => 'a"\\b' ], [ q{''} => '' ] ],
	[ 'bigint', 'bigint', [ '-9223372036854775808' => '-9223372036854775808' ] ],
	[ 'blob', 'bytea', [ '0x00ff5c' => '\x00ff5c' ], [ '0x' => '\x' ] ],
	[ 'boolean', 'boolean', [ 'true' => 'true' ], [ 'false' => 'false' ] ],
	[   'date', 'date', [ q{'1970-01-01'} => '1970-01-01' ], [ q{'0001-02-03'} => '0001-02-03' ],
		[ '0' => '5877642-06-23 BC' ], [ '4294967295' => '5881580-07-11' ] ],
	[   'decimal', 'numeric', [ '-12.50' => '-12.50' ], [ '0.0001' => '0.0001' ], [ '123E+2' => '12300' ],
		[ '1E+100' => '1e100' ], [ '5E-200' => '5e-200' ], [ '0' => '0' ], [ '-0.5' => '-0.5' ] ],
	[ 'double', 'double precision', [ '0.1' => '0.1' ], [ 'NaN' => 'NaN' ], [ '-Infinity' => '-Infinity' ] ],
	[   'duration', 'interval', [ '1y2mo3d4h5m6s7ms8us9ns' => '14 mons 3 days 04:05:06.007008' ],
		[ '-1mo2d3h500ms' => '-1 mons -2 days -03:00:00.500000' ] ],
	[ 'float', 'real', [ '0.1' => '0.1' ], [ '3.4028235e38' => '3.4028235e+38' ] ],
	[ 'inet', 'inet', [ q{'127.0.0.1'} => '127.0.0.1' ], [ q{'2001:db8::1'} => '2001:db8::1' ] ],
	[ 'int', 'integer', [ '-1' => '-1' ] ],
	[ 'smallint', 'smallint', [ '-32768' => '-32768' ] ],
	[ 'text', 'text', [ q{'größe 😀'} => 'größe 😀' ], [ q{'it''s'} => q{it's} ] ],
	[   'time', 'time without time zone', [ q{'23:59:59.123456789'} => '23:59:59.123456' ],
		[ q{'00:00:00'} => '00:00:00' ] ],
	[   'timestamp', 'timestamp with time zone', [ q{'2024-02-29 12:34:56.789+0000'} => '2024-02-29 12:34:56.789+00' ],
		[ '-62167219200001' => '0002-12-31 23:59:59.999+00 BC' ] ],
	[ 'timeuuid', 'uuid', [ '50554d6e-29bb-11e5-b345-feff819cdc9f' => '50554d6e-29bb-11e5-b345-feff819cdc9f' ] ],
	[ 'tinyint', 'smallint', [ '-128' => '-128' ] ],
	[ 'uuid', 'uuid', [ 'cfd66ccc-d857-4e90-b1e5-df98a3d40cd6' => 'cfd66ccc-d857-4e90-b1e5-df98a3d40cd6' ] ],
	[   'varint', 'numeric', [ '-1' => '-1' ], [ '-128' => '-128' ], [ '9' x 60 => '9' x 60 ],
		[ '-' . '1' . '0' x 40 => '-1' . '0' x 40 ] ],
	[ 'list<int>', 'integer[]', [ '[1, -2, 1]' => '{"1","-2","1"}' ] ],
	[ 'set<text>', 'text[]', [ q({'b"', 'a\\', 'NULL', ''}) => '{"","NULL","a\\\\","b\\""}' ] ],
	[ 'list<frozen<list<int>>>', 'jsonb', [ '[[1], []]' => '[[1],[]]' ] ],
	[ 'map<text, frozen<list<int>>>', 'jsonb', [ q({'a"': [1, 2], 'b': []}) => '{"a\"":[1,2],"b":[]}' ] ],
	[ 'map<int, timestamp>', 'jsonb', [ q({1: '2024-01-01 00:00:00+0000'}) => '{"1":"2024-01-01 00:00:00+00"}' ] ],
	[ 'map<frozen<list<int>>, boolean>', 'jsonb', [ '{[1]: true}' => '{"[1]":true}' ] ],
	[   'frozen<tuple<int, text, frozen<set<double>>>>', 'jsonb', [ q{(1, null, {0.5, NaN})} => '[1,null,[0.5,"NaN"]]' ]
	],
	[ 'vector<float, 3>', 'real[]', [ '[1, 2.5, -3]' => '{"1","2.5","-3"}' ] ],
	[ 'vector<frozen<set<int>>, 3>', 'jsonb', [ '[{1}, {2, 3}, {}]' => '[[1],[2,3],[]]' ] ],
	[ 'vector<vector<int, 2>, 2>', 'jsonb', [ '[[1, 2], [3, 4]]' => '[[1,2],[3,4]]' ] ],
	[ 'vector<smallint, 2>', 'smallint[]', [ '[1, 2]' => '{"1","2"}' ] ],
	[ 'frozen<map<text, blob>>', 'jsonb', [ q({'a': 0x00ff}) => '{"a":"\\\\x00ff"}' ] ],
	[   'frozen<list<frozen<tuple<varint, decimal>>>>', 'jsonb',
		[ '[(12345678901234567890, 1.50)]' => '[[12345678901234567890,1.50]]' ] ],
	[   'map<text, frozen<list<frozen<tuple<int, text>>>>>', 'jsonb',
		[ q({'a': [(1, 'b'), (null, 'c')]}) => '{"a":[[1,"b"],[null,"c"]]}' ] ],
	[   qq{list<'$class.LexicalUUIDType'>}, 'bytea[]',
		[ '[0x00112233445566778899aabbccddeeff]' => '{"\\\\x00112233445566778899aabbccddeeff"}' ] ],
	[ qq{'$class.BytesType'}, 'bytea', [ '0xff' => '\xff' ] ],
	[   qq{'$class.LexicalUUIDType'}, 'bytea',
		[ '0x00112233445566778899aabbccddeeff' => '\x00112233445566778899aabbccddeeff' ] ],
);
my %stored = (qq{'$class.BytesType'} => 'blob');

my @made;
for my $number (0 .. $#types)
{
	my ($type, undef, @values) = @{ $types[$number] };
	push @made, "CREATE TABLE shop.t$number (id int PRIMARY KEY, v $type)",
		map { "INSERT INTO shop.t$number (id, v) VALUES ($_, $values[$_][0])" } 0 .. $#values;
	push @made, "INSERT INTO shop.t$number (id) VALUES (100)";
}
$server->run(
	"CREATE KEYSPACE shop $simple",
	qq{CREATE KEYSPACE "CamelCase" $simple},
	"CREATE KEYSPACE empty $simple",
	q{CREATE TYPE shop."Mixe>dCase>Type" (a int, "b.c" text)},
	'CREATE TYPE shop.address (street text, zip frozen<tuple<int, text>>, geo frozen<"Mixe>dCase>Type">)',
	q{CREATE TABLE shop.people ("Id" int, since timestamp, n int, shared text static, home frozen<address>, open address,
		others list<frozen<address>>, odd list<frozen<"Mixe>dCase>Type">>, by_name map<text, frozen<address>>,
		"a.b" text, tags set<text>, PRIMARY KEY (("Id"), since, n))
		WITH CLUSTERING ORDER BY (since DESC, n ASC) AND comment = 'who''s who' AND default_time_to_live = 86400},
	'CREATE INDEX people_tags ON shop.people (tags)',
	q{CREATE INDEX people_n ON shop.people (n) USING 'sai'},
	'CREATE TABLE shop.pairs (a text, b int, c uuid, v text, PRIMARY KEY ((a, b), c))',
	'CREATE TABLE shop.old (a int PRIMARY KEY, b int, c text) WITH COMPACT STORAGE',
	'CREATE TABLE shop.dense (a int, k text, PRIMARY KEY (a, k)) WITH COMPACT STORAGE',
	"INSERT INTO shop.old (a, b, c) VALUES (1, 2, 'x')",
	'CREATE TABLE shop.visits (page text PRIMARY KEY, visits counter)',
	'CREATE MATERIALIZED VIEW shop.pairs_by_c AS SELECT a, b, c FROM shop.pairs
		WHERE a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, a, b)',
	'CREATE MATERIALIZED VIEW shop.pairs_all AS SELECT * FROM shop.pairs
		WHERE a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, b, a)',
	"UPDATE shop.visits SET visits = visits + 3 WHERE page = 'home'",
	q{INSERT INTO shop.people ("Id", shared) VALUES (7, 'alone')},
	q{INSERT INTO shop.people ("Id", since, n, odd, home, others, by_name) VALUES (1, '2024-01-01', 1, [{a: 1, "b.c": 'q'}],
		{street: 'x', zip: (1, 'a'), geo: {a: 1, "b.c": 'q'}}, [{street: 'y'}], {'me': {street: null, zip: (null, 'b')}})},
	'CREATE TABLE "CamelCase"."Table" ("Select" int PRIMARY KEY, "quote""d" text)',
	q{INSERT INTO "CamelCase"."Table" ("Select", "quote""d") VALUES (1, 'x')},
	'CREATE TABLE shop.series (k int, n int, at timestamp, d date, PRIMARY KEY (k, n))',
	[ 'INSERT INTO shop.series (k, n, at, d) VALUES (?, ?, 1000, 5)', map { [ $_ % 3, $_ ] } 1 .. 2500 ],
	'CREATE TABLE shop.moments (k text, at timestamp, v int, PRIMARY KEY (k, at))',
	[ 'INSERT INTO shop.moments (k, at, v) VALUES (?, ?, ?)', map { [ 'a', $_, $_ ] } -3 .. 3 ],
	@made,
	"CREATE ROLE reader WITH PASSWORD = '$quoted' AND LOGIN = true",
	"CREATE ROLE guest WITH PASSWORD = '$quoted' AND LOGIN = true",
	'GRANT SELECT ON ALL KEYSPACES TO reader',
	'GRANT SELECT ON shop.pairs TO guest');

sub ask
{
	my (%change) = @_;
	my $answer = ask_connector($connector, request_line($base, %change), open => ($change{operation} // '') eq 'read');
	is( scalar(tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), $CassandraServer::password)), 0,
		'no secret is told');
	return @{ $answer->{frames} };
}

my @frames = ask();
my %found = map { ("$_->{schema}.$_->{name}" => $_) } frames_of('relation', @frames);

sub document { return $found{ $_[0] }{document} }

sub column
{
	my ($relation, $name) = @_;
	return (grep { $_->{name} eq $name } @{ document($relation)->{columns} })[0];
}

subtest 'keyspaces' => sub {
	is_deeply(
		[ map { $_->{name} } frames_of('schema', @frames) ], [qw(CamelCase empty shop)],
		'all are described, an empty one too, but those of the server');
	my @listed = map { $_->{name} } frames_of('database', ask(operation => 'databases'));
	is_deeply(\@listed, [qw(CamelCase empty shop)], 'and listed');
	my @own = frames_of('relation', ask(schema => 'system_schema'));
	ok((grep { $_->{name} eq 'columns' } @own), 'one of the server is described if it is asked for');
	my ($settings) = grep { $_->{name} eq 'settings' } frames_of('relation', ask(schema => 'system_views'));
	is_deeply(
		$settings->{document}{primary_key},
		{ columns => ['name'] },
		'also one whose rows are made when they are asked for');
	my @read = ask(
		operation => 'read',
		endpoint => { database => 'system_views' }, credentials => { username => 'cassandra', password => 'cassandra' },
		read => read_request(
			[ 'system_views', 'settings' ], ['value'],
			conditions => [ { column => 'name', op => '=', type => 'text', value => 'cluster_name' } ]));
	is_deeply([ rows_of(@read) ], [ ['test'] ], 'it is read');
};

subtest 'a table' => sub {
	my $people = document('shop.people');
	is($found{'shop.people'}{kind}, 'table', 'it is one');
	is($people->{comment}, "who's who", 'its comment');
	is_deeply(
		[ map { $_->{name} } @{ $people->{columns} } ],
		[ qw(Id since n shared), 'a.b', qw(by_name home odd open others tags) ],
		'the columns of the key come first, then static ones, then all others by name');
	is_deeply($people->{primary_key}, { columns => [qw(Id since n)] }, 'its key');
	is($people->{partition_key}, '("Id")', 'how it is distributed');
	is_deeply(
		$people->{indexes},
		[   { name => 'primary', primary => JSON::PP::true, columns => [ 'Id', 'since DESC', 'n' ] },
			{ name => 'people_n', method => 'sai', columns => ['n'] },
			{ name => 'people_tags', method => 'COMPOSITES', columns => ['values(tags)'] } ],
		'the order of its rows, and its indexes');
	is_deeply(
		$people->{options}, { compaction => 'SizeTieredCompactionStrategy', default_time_to_live => '86400' },
		'its options');
	is_deeply(
		[ map { $_->{name} } grep { $_->{not_null} } @{ $people->{columns} } ],
		['Id'], 'clustering columns may be null beside static values');
	is_deeply([ map { $_->{name} } grep { $_->{static} } @{ $people->{columns} } ], ['shared'], 'which is static');
	is(document('shop.pairs')->{partition_key}, '(a, b)', 'several columns may distribute it');
	is(document('shop.visits')->{options}{counter}, 'true', 'a table of counters');
	is(column('shop.visits', 'visits')->{pg_type}, 'bigint', 'whose values are numbers');
};

sub rows
{
	my ($relation, $columns, %more) = @_;
	my @answer = ask(operation => 'read', read => read_request($relation, $columns, %more));
	is($answer[-1]{frame}, 'end', 'it is read') or diag(explain($answer[-1]));
	return [ rows_of(@answer) ];
}

subtest 'compact tables' => sub {
	is_deeply(
		[ map { join ' ', @$_{qw(name type)}, $_->{static} // () } @{ document('shop.old')->{columns} } ],
		[ 'a int', 'b int', 'c text' ], 'what no statement may name is left out');
	is_deeply(document('shop.old')->{primary_key}, { columns => ['a'] }, 'and is not in the key');
	is_deeply([ map { $_->{name} } @{ document('shop.dense')->{columns} } ], [qw(a k)], 'a value without a type, too');
	is(document("shop.$_")->{options}{compact_storage}, 'true', 'they are called so') for qw(old dense);
	is_deeply(rows([ 'shop', 'old' ], [qw(a b c)]), [ [qw(1 2 x)] ], 'they are read');
};

subtest 'user-defined types' => sub {
	my @fields = (
		{ name => 'street', type => 'text', pg_type => 'text' },
		{ name => 'zip', type => 'frozen<tuple<int, text>>', pg_type => 'jsonb' },
		{   name => 'geo', type => 'frozen<"Mixe>dCase>Type">', pg_type => 'jsonb',
			fields => [
				{ name => 'a', type => 'int', pg_type => 'integer' },
				{ name => 'b.c', type => 'text', pg_type => 'text' } ]
		});
	is_deeply(
		column('shop.people', 'home'),
		{ name => 'home', type => 'frozen<address>', pg_type => 'jsonb', fields => \@fields },
		'each member has its path');
	is_deeply(
		column('shop.people', 'open'), { name => 'open', type => 'address', pg_type => 'jsonb', fields => \@fields },
		'of a type that is not frozen, too');
	is_deeply(
		column('shop.people', 'others'),
		{   name => 'others', type => 'frozen<address>', pg_type => 'jsonb', repeated => JSON::PP::true,
			declared => 'list<frozen<address>>', fields => \@fields
		},
		'a list is its element, repeated');
	is_deeply(
		column('shop.people', 'odd'),
		{   name => 'odd', type => 'frozen<"Mixe>dCase>Type">', pg_type => 'jsonb', repeated => JSON::PP::true,
			declared => 'list<frozen<"Mixe>dCase>Type">>', fields => $fields[2]{fields}
		},
		'a > between quotes ends no type');
	is_deeply(
		column('shop.people', 'by_name'),
		{   name => 'by_name', type => 'map<text, frozen<address>>', pg_type => 'jsonb', map => JSON::PP::true,
			fields => [ { name => '{}', type => 'frozen<address>', pg_type => 'jsonb', fields => \@fields } ]
		},
		'a map has a path for its values');
	is_deeply(
		column('shop.people', 'tags'), { name => 'tags', type => 'set<text>', pg_type => 'text[]' },
		'a set of texts is an array');
};

subtest 'materialized views' => sub {
	is($found{'shop.pairs_by_c'}{kind}, 'materialized_view', 'it is one');
	is( document('shop.pairs_by_c')->{definition},
		'SELECT c, a, b FROM shop.pairs WHERE a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL', 'its query');
	like(document('shop.pairs_all')->{definition}, qr/^SELECT \* FROM shop\.pairs WHERE /, 'of all columns');
	is(document('shop.pairs_by_c')->{options}{base_table}, 'pairs', 'its table');
	is(document('shop.pairs_by_c')->{partition_key}, '(c)', 'how it is distributed');
};

subtest 'types' => sub {
	for my $number (0 .. $#types)
	{
		my ($type, $pg_type, @values) = @{ $types[$number] };
		my $column = column("shop.t$number", 'v');
		is_deeply([ @$column{qw(type pg_type)} ], [ $stored{$type} // $type, $pg_type ], "$type is $pg_type");
		my %read = map { @$_ } @{ rows([ 'shop', "t$number" ], [qw(id v)]) };
		is_deeply(\%read, { (map { ($_ => $values[$_][1]) } 0 .. $#values), 100 => undef }, "$type is read");
	}
};

subtest 'rows' => sub {
	is_deeply(
		[ sort { $a->[0] <=> $b->[0] } @{ rows([ 'shop', 'people' ], [qw(Id since shared home others by_name)]) } ],
		[   [   1, '2024-01-01 00:00:00+00', undef, '{"street":"x","zip":[1,"a"],"geo":{"a":1,"b.c":"q"}}',
				'[{"street":"y","zip":null,"geo":null}]', '{"me":{"street":null,"zip":[null,"b"],"geo":null}}' ],
			[ 7, undef, 'alone', undef, undef, undef ] ],
		'user-defined types are objects; a partition may have static values alone');
	is_deeply(rows([ 'CamelCase', 'Table' ], [ 'quote"d', 'Select' ]), [ [ 'x', '1' ] ], 'names in quotes');
	is_deeply(rows([ 'shop', 'visits' ], ['visits']), [ ['3'] ], 'counters');
	is(scalar @{ rows([ 'shop', 'series' ], [qw(k n)]) }, 2500, 'all pages are read');
	is(scalar @{ rows([ 'shop', 'pairs_by_c' ], ['a']) }, 0, 'a view is read');
};

subtest 'conditions' => sub {
	my $count = sub {
		my ($relation, @conditions) = @_;
		my @read = @{
			rows(
				[ 'shop', $relation ],
				[ $relation eq 'series' ? 'n' : 'v' ],
				conditions => [
					map { {
						column => $_->[0], op => $_->[1], type => $_->[2],
						ref $_->[3] ? 'values' : 'value' => $_->[3]
					} } @conditions ])
		};
		return scalar @read;
	};
	my $one = [ k => '=', 'integer', '1' ];
	is($count->('series', $one), 834, 'a partition');
	is($count->('series', [ k => 'in', 'integer', [qw(1 2 1)] ]), 1667, 'several');
	is( $count->('series', $one, [ n => '<=', 'integer', '100' ], [ n => '>', 'integer', '10' ]), 30,
		'a stretch of one');
	is($count->('series', [ n => '<=', 'integer', '100' ]), 100, 'a stretch of all');
	is($count->('series', $one, [ n => '=', 'integer', '4' ], [ n => '=', 'integer', '7' ]), 0, 'contradictions');
	is( $count->('series', $one, [ at => '=', 'timestamp with time zone', '1970-01-01 00:00:01+00' ]), 834,
		'a column that is no key');
	my $a = [ k => '=', 'text', 'a' ];
	for my $bound ([ '<', 3 ], [ '<=', 3 ], [ '>', 3 ], [ '>=', 3 ])
	{
		my ($op, $expected) = @$bound;
		my %of = ('<' => 3, '<=' => 4, '>' => 3, '>=' => 4);
		is( $count->('moments', $a, [ at => $op, 'timestamp with time zone', '1970-01-01 00:00:00+00' ]), $of{$op},
			"moments $op one that is there");
	}
	is( $count->('moments', $a, [ at => '<', 'timestamp with time zone', '1969-12-31 23:59:59.9995+00' ]), 3,
		'a moment between two, before 1970');
	is( $count->('moments', $a, [ at => '>', 'timestamp with time zone', '1969-12-31 23:59:59.9995+00' ]), 4,
		'from the other side');
	is($count->('moments', [ k => '=', 'text', '' ]), 0, 'a key that cannot be');
	is($count->('moments', [ k => '=', 'text', 'x' x 70_000 ]), 0, 'a key that is too long');
};

subtest 'samples' => sub {
	my @relations = map { { schema => 'shop', name => $_ } } qw(people pairs t19 gone);
	my @samples = frames_of(
		'sample',
		ask(operation => 'sample',
			sample => {
				relations => \@relations, categories => 60, category_length => 50, examples => 3, example_length => 200,
				masking => JSON::PP::true, relation_timeout => 60
			}));
	my ($people, $pairs, $list, $gone) = sort { $a->{relation} <=> $b->{relation} } @samples;
	is(scalar @{ $people->{examples} }, 2, 'examples of a table');
	is_deeply($people->{categories}{shared}, ['alone'], 'and categories');
	my ($one) = grep { ($_->{Id} // '') eq '1' } @{ $people->{examples} };
	is($one->{odd}, '[{"a":1,"b.c":"q"}]', 'also of user-defined types');
	ok(!exists $one->{home}, 'but of those with a member whose name looks private');
	is_deeply($pairs->{examples} // [], [], 'an empty one has none');
	like($gone->{error}, qr/no longer/, 'one that has gone is told');
	my @denied = frames_of(
		'sample',
		ask(operation => 'sample', credentials => { username => 'guest' },
			sample => {
				relations => \@relations, categories => 60, category_length => 50, examples => 3, example_length => 200,
				masking => JSON::PP::true, relation_timeout => 60
			}));
	is((grep { ($_->{error} // '') =~ /may not read/ } @denied), 2, 'what a role may not read is told');
};

subtest 'what a role may not read' => sub {
	my @guest = (credentials => { username => 'guest' });
	fails_with(
		'a table', 'query', 'permission', 0,
		ask(@guest, operation => 'read', read => read_request([ 'shop', 'series' ], ['n'])));
	is( (ask(@guest, operation => 'read', read => read_request([ 'shop', 'pairs' ], ['a'])))[-1]{frame}, 'end',
		'another it may');
	is(scalar(grep { $_->{name} eq 'series' } frames_of('relation', ask(@guest))), 1, 'all are described');
};

subtest 'TLS' => sub {
	my $tls =
		sub { return (endpoint => { host => $_[0], tls => { mode => $_[1], ca => $_[2] } }, operation => 'test') };
	for my $way (
		[ 'source.test', 'verify-full', $server->certificate ],
		[ 'other.test', 'verify-ca', $server->certificate ],
		[ 'other.test', 'require', undef ],
		[ 'other.test', 'prefer', undef ])
	{
		my @answer = ask($tls->(@$way));
		is($answer[-1]{frame}, 'end', "$way->[1] to $way->[0]") or diag(explain($answer[-1]));
		is(scalar(grep { $_->{phase} eq 'tls' } frames_of('progress', @answer)), 1, 'it is encrypted');
	}
	my @read = ask(
		$tls->('source.test', 'verify-full', $server->certificate), operation => 'read',
		read => read_request([ 'shop', 'series' ], [qw(k n at d)]));
	is($read[-1]{rows}, 2500, 'many rows are read over TLS');
};

subtest 'several hosts' => sub {
	my $closed = CassandraServer::free_port();
	my $host = sub { my ($name, $port) = @_; return { host => $name, port => $port + 0, addresses => ['127.0.0.1'] } };
	my $hosts = sub { return (operation => 'test', endpoint => { %{ $_[0] }, hosts => [@_] }) };
	my @answer = ask($hosts->($host->('down.test', $closed), $host->('up.test', $server->{port})));
	is($answer[-1]{frame}, 'end', 'a node that is down costs a try');
	my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	@answer = ask(
		$hosts->($host->('silent.test', $silent->sockport), $host->('up.test', $server->{port})),
		limits => { connection_timeout => 10 });
	is($answer[-1]{frame}, 'end', 'one that is silent, its share of the time');
	@answer = ask(
		$hosts->({ host => 'unknown.invalid', port => 9042 }, $host->('up.test', $server->{port})),
		endpoint => {
			host => 'unknown.invalid', port => 9042, addresses => undef,
			hosts => [ { host => 'unknown.invalid', port => 9042 }, $host->('up.test', $server->{port}) ]
		});
	is($answer[-1]{frame}, 'end', 'one whose name is not known, a try');
	fails_with(
		'all of them are down', 'connect', 'refused', 1,
		ask($hosts->($host->('down.test', $closed), $host->('down2.test', $closed))));
	fails_with(
		'a wrong password is wrong everywhere', 'authenticate', 'authentication', 0,
		ask($hosts->($host->('up.test', $server->{port}), $host->('silent.test', $silent->sockport)),
			credentials => { password => 'wrong' }));
	my @addresses = ask(operation => 'test', endpoint => { addresses => [ '127.0.0.2', '127.0.0.1' ] });
	is($addresses[-1]{frame}, 'end', 'one of several addresses') or diag(explain($addresses[-1]));
};

subtest 'a server that asks for no user' => sub {
	my $open = CassandraServer->new(authenticator => 'AllowAllAuthenticator');
	my @answer = ask(operation => 'test', endpoint => { port => $open->{port} + 0, database => 'system' });
	is($answer[-1]{frame}, 'end', 'it is tested') or diag(explain($answer[-1]));
	is(scalar(grep { $_->{phase} eq 'authenticate' } frames_of('progress', @answer)), 0, 'it gets no password');
};

done_testing();
