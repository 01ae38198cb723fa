# The connector bigquery against an independent emulator: fields of every type, nested and repeated ones, shards, views, tokens that
# the key of a service account signs, and conditions that the service applies.
use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use File::Basename qw(dirname);
use JSON::PP;
use lib dirname(__FILE__) . '/lib';
use Connector;
use Peer::Bigquery;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $peer = Peer::Bigquery->new;
my $connector = [ installed_connector('bigquery') ];

sub ask
{
	my (%change) = @_;
	return @{ ask_connector($connector, request_line($peer->base, %change))->{frames} };
}

sub relation
{
	my ($name, %change) = @_;
	my ($relation) =
		frames_of('relation', ask(operation => 'discover', scope => { include => [qq(sales."$name")] }, %change));
	return $relation;
}

sub rows
{
	my ($name, $columns, %read) = @_;
	my @frames = ask(operation => 'read', read => read_request([ 'sales', $name ], $columns, %read));
	return $frames[-1]{frame} eq 'error' ? "$frames[-1]{code}: $frames[-1]{message}" : [ rows_of(@frames) ];
}

subtest 'fields of every type' => sub {
	my @types = qw(STRING BYTES INTEGER FLOAT NUMERIC BOOLEAN TIMESTAMP DATE TIME DATETIME JSON);
	$peer->table(
		'sales', 'types',
		schema => {
			fields => [
				(map { { name => lc, type => $_ } } @types), { name => 'list', type => 'INTEGER', mode => 'REPEATED' } ]
		});
	$peer->insert(
		'sales', 'types',
		{   string => 'x', bytes => 'AAH/', integer => -5, float => 1.5, numeric => '123456789.123456789',
			boolean => JSON::PP::true, timestamp => '2024-02-29 12:34:56.789012+00', date => '0001-01-01',
			time => '12:34:56.5',
			datetime => '2024-02-29 12:34:56', json => '{"a":1}', list => [ 1, 2 ]
		});
	my $columns = relation('types')->{document}{columns};
	is_deeply(
		[ map { [ $_->{type}, $_->{pg_type} // 'text' ] } @$columns ],
		[   [qw(STRING text)],
			[qw(BYTES bytea)],
			[qw(INT64 bigint)],
			[ 'FLOAT64', 'double precision' ],
			[qw(NUMERIC numeric)],
			[qw(BOOL boolean)],
			[ 'TIMESTAMP', 'timestamp with time zone' ],
			[qw(DATE date)],
			[ 'TIME', 'time without time zone' ],
			[ 'DATETIME', 'timestamp without time zone' ],
			[qw(JSON jsonb)],
			[qw(INT64 bigint[])] ],
		'types') or diag(explain($columns));
	my ($row) = @{ rows('types', [ (map { lc } @types), 'list' ]) };
	like($row->[4], qr/^123456789\.123456789$/, 'a decimal keeps its digits');
	is_deeply(
		[ @$row[ 0 .. 2, 5 .. 8, 11 ] ],
		[   'x', '\x0001ff', '-5', 'true', '2024-02-29 12:34:56.789012+00', '0001-01-01', '12:34:56.500000',
			'{"1","2"}' ],
		'values') or diag(explain($row));
};

subtest 'records' => sub {
	my @lines = (
		{ name => 'sku', type => 'STRING', mode => 'REQUIRED' },
		{ name => 'n', type => 'INTEGER', description => 'pieces' });
	$peer->table(
		'sales', 'nested',
		schema => {
			fields => [
				{ name => 'id', type => 'INTEGER' },
				{ name => 'lines', type => 'RECORD', mode => 'REPEATED', fields => \@lines },
				{ name => 'to', type => 'RECORD', fields => [ { name => 'city', type => 'STRING' } ] } ]
		});
	$peer->insert(
		'sales', 'nested',
		{ id => 1, lines => [ { sku => 'a', n => 1 }, { sku => 'b' } ], to => { city => 'Köln' } });
	my $columns = relation('nested')->{document}{columns};
	is_deeply(
		[ map { "$_->{type} $_->{pg_type}" } @$columns ],
		[ 'INT64 bigint', 'STRUCT<sku STRING, n INT64> jsonb', 'STRUCT<city STRING> jsonb' ], 'types');
	is_deeply(
		[ $columns->[1]{repeated}, map { [ @$_{qw(name type not_null comment)} ] } @{ $columns->[1]{fields} } ],
		[ JSON::PP::true, [ 'sku', 'STRING', JSON::PP::true, undef ], [ 'n', 'INT64', undef, 'pieces' ] ],
		'children of a nested parent');
	my ($row) = @{ rows('nested', [ 'to', 'lines' ]) };
	is_deeply(
		[ map { decode_json(Encode::encode_utf8($_)) } @$row ],
		[ { city => 'Köln' }, [ { sku => 'a', n => 1 }, { sku => 'b', n => undef } ] ], 'values, in another order');
};

subtest 'shards, partitions, views' => sub {
	my $events = relation('events_*');
	is_deeply(
		$events->{document}{shards}, { count => 3, first => '20240101', last => '20240103' },
		'shards are one relation');
	my @frames = ask(operation => 'discover', endpoint => { options => { shards => 'each' } });
	is(scalar(grep { $_->{name} =~ /^events_\d/ } frames_of('relation', @frames)), 3, 'or each is one');
	$peer->table(
		'sales', 'days',
		schema => { fields => [ { name => 'day', type => 'DATE' }, { name => 'n', type => 'INTEGER' } ] },
		timePartitioning => { type => 'DAY', field => 'day' },
		clustering => { fields => [ 'n', 'day' ] },
		description => 'by day');
	my $days = relation('days');
	is_deeply(
		[ @{ $days->{document} }{qw(comment partition_key)}, $days->{document}{options}{clustering}, $days->{kind} ],
		[ 'by day', 'DAY(day)', 'n, day', 'partitioned_table' ], 'a partitioned table');
	$peer->call(
		'POST', 'queries',
		{ query => 'CREATE VIEW `shop.sales.dear` AS SELECT id, word FROM `shop.sales.orders` WHERE price > 1' });
	is(relation('dear')->{kind}, 'view', 'a view');
	is_deeply(rows('dear', ['id']), [ ['1'] ], 'is read by a query');
};

subtest 'a service account' => sub {
	my @frames = ask(operation => 'test', credentials => { oauth_token => undef, service_account => $peer->{account} });
	is($frames[-1]{frame}, 'end', 'its key signs a token that the service verifies') or diag(explain($frames[-1]));
	my $account = decode_json($peer->{account});
	my %broken = (
		'another type' => { type => 'authorized_user' }, 'no key' => { private_key => undef },
		'a key that is none' => { private_key => "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" });
	for my $name (sort keys %broken)
	{
		@frames = ask(
			operation => 'test',
			credentials => { oauth_token => undef, service_account => encode_json({ %$account, %{ $broken{$name} } }) }
		);
		is("$frames[-1]{step} $frames[-1]{code}", 'configure configuration', $name);
		unlike(encode_json($frames[-1]), qr/AAAA|BEGIN/, 'and nothing of it is told');
	}
};

subtest 'conditions' => sub {
	$peer->table(
		'sales', 'many',
		schema => {
			fields => [
				{ name => 'n', type => 'INTEGER' }, { name => 'word', type => 'STRING' },
				{ name => 'at', type => 'TIMESTAMP' } ]
		});
	$peer->insert(
		'sales', 'many',
		map { { n => $_, word => $_ % 3 ? "w$_" : undef, at => "2024-01-0$_ 00:00:00+00" } } 1 .. 9);
	my %condition = (
		'a number' => [ { column => 'n', op => '=', type => 'bigint', value => '4' }, [4] ],
		'a list' => [ { column => 'n', op => 'in', type => 'bigint', values => [ '2', '7', '20' ] }, [ 2, 7 ] ],
		'a text with quotes' =>
			[ { column => 'word', op => '<>', type => 'text', value => q(w1' OR "1"="1`) }, [ 1, 2, 4, 5, 7, 8 ] ],
		'null' => [ { column => 'word', op => 'is null' }, [ 3, 6, 9 ] ],
		'a time' => [
			{ column => 'at', op => '>=', type => 'timestamp with time zone', value => '2024-01-08 01:00:00+01' },
			[ 8, 9 ] ]);
	for my $name (sort keys %condition)
	{
		my ($condition, $found) = @{ $condition{$name} };
		my $rows = rows('many', ['n'], conditions => [$condition]);
		is_deeply(ref $rows ? [ sort map { $_->[0] } @$rows ] : $rows, $found, $name);
	}
	is(scalar @{ rows('many', ['n'], limit => 4) }, 4, 'a limit');
	my @frames = ask(operation => 'query', query => { text => "SELECT 1 AS a,\n  nothing FROM `shop.sales.many`" });
	is("$frames[-1]{step} $frames[-1]{code}", 'query query', 'a query with a fault');
};

done_testing();
