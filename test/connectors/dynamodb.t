# The connector dynamodb against moto, which checks signatures and rights, and whose tables Amazon's own client fills: what is told
# of a table, attributes of every type, items of many pages, and what the service is asked for.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use JSON::PP;
use lib dirname(__FILE__) . '/lib';
use Connector;
use Peer::Dynamodb;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $peer = Peer::Dynamodb->new;
my $connector = [ installed_connector('dynamodb') ];
my $region = $Peer::Dynamodb::region;

sub ask
{
	my (%change) = @_;
	return @{ ask_connector($connector, request_line($peer->base, %change))->{frames} };
}

sub relation
{
	my ($name, %change) = @_;
	my @frames = ask(operation => 'discover', scope => { include => [qq($region."$name")] }, %change);
	my ($relation) = frames_of('relation', @frames);
	return wantarray ? ($relation, @frames) : $relation;
}

sub columns
{
	my ($relation) = @_;
	return [ map { join ' ', $_->{name}, $_->{type}, $_->{pg_type} // 'text' } @{ $relation->{document}{columns} } ];
}

sub rows
{
	my ($name, $columns, %read) = @_;
	my @frames = ask(operation => 'read', read => read_request([ $region, $name ], $columns, %read));
	return $frames[-1]{frame} eq 'error' ? "$frames[-1]{code}: $frames[-1]{message}" : [ rows_of(@frames) ];
}

subtest 'attributes of every type' => sub {
	my $relation = relation('notes');
	is_deeply(
		columns($relation),
		[   'id string text',
			'address map jsonb',
			'data binary bytea',
			'größe 😀 string text',
			'lines map jsonb',
			'open boolean boolean',
			'price number numeric',
			'tags string set text[]' ],
		'columns: the key, then attributes by name') or diag(explain($relation));
	my ($lines) = grep { $_->{name} eq 'lines' } @{ $relation->{document}{columns} };
	is_deeply(
		[ $lines->{repeated}, map { $_->{name} } @{ $lines->{fields} } ], [ JSON::PP::true, 'n', 'sku' ],
		'a list of maps');
	is_deeply($relation->{document}{primary_key}, { columns => ['id'] }, 'the key');
	is($relation->{row_estimate}, 4, 'a small table is counted');
	my @rows =
		sort { $a->[0] cmp $b->[0] } @{ rows('notes', [ 'id', 'price', 'tags', 'data', 'lines', 'address', 'open' ]) };
	is_deeply(decode_json($rows[2][4]), [ { n => 1, sku => 'x' } ], 'a list as JSON');
	$rows[2][4] = 'a list';
	is_deeply(
		\@rows,
		[   [ 1, '2.5', '{"a","b\"c"}', undef, undef, undef, 't' ],
			[ 2, undef, undef, '\x0001ff', undef, undef, undef ],
			[   3, '-12345678901234567890123456789012345678', undef, undef, 'a list', '{"city":"Köln"}',
				undef ],
			[ 4, '0', undef, undef, undef, undef, undef ] ],
		'values');
};

subtest 'keys and indexes' => sub {
	$peer->call(
		'create_table',
		TableName => 'orders',
		KeySchema => [ { AttributeName => 'name', KeyType => 'HASH' }, { AttributeName => 'a.b', KeyType => 'RANGE' } ],
		AttributeDefinitions => [
			map { { AttributeName => $_->[0], AttributeType => $_->[1] } } [ 'name', 'S' ], [ 'a.b', 'N' ],
			[ 'status', 'S' ],
			[ 'raw', 'B' ] ],
		GlobalSecondaryIndexes => [ {
			IndexName => 'by_status', KeySchema => [ { AttributeName => 'status', KeyType => 'HASH' } ],
			Projection => { ProjectionType => 'INCLUDE', NonKeyAttributes => [ 'total', 'b' ] },
			ProvisionedThroughput => { ReadCapacityUnits => 1, WriteCapacityUnits => 1 }
		} ],
		LocalSecondaryIndexes => [ {
			IndexName => 'by_raw',
			KeySchema =>
				[ { AttributeName => 'name', KeyType => 'HASH' }, { AttributeName => 'raw', KeyType => 'RANGE' } ],
			Projection => { ProjectionType => 'ALL' }
		} ],
		ProvisionedThroughput => { ReadCapacityUnits => 1, WriteCapacityUnits => 1 },
		StreamSpecification => { StreamEnabled => JSON::PP::true, StreamViewType => 'NEW_IMAGE' });
	$peer->call(
		'update_time_to_live',
		TableName => 'orders',
		TimeToLiveSpecification => { Enabled => JSON::PP::true, AttributeName => 'expires' });
	my $document = relation('orders')->{document};
	is_deeply(
		$document->{indexes},
		[   { name => 'by_status', method => 'gsi', columns => ['status'], include => [ 'total', 'b' ] },
			{ name => 'by_raw', method => 'lsi', columns => [ 'name', 'raw' ], include => ['*'] } ],
		'indexes') or diag(explain($document));
	is_deeply($document->{primary_key}, { columns => [ 'name', 'a.b' ] }, 'a key of two attributes');
	is_deeply(
		[ map { $_->{not_null} } @{ $document->{columns} } ], [ JSON::PP::true, JSON::PP::true ],
		'a key is never null');
	is($document->{options}{time_to_live}, 'expires', 'when items expire');
	is($document->{options}{stream}, 'NEW_IMAGE', 'its stream');
	$peer->put('orders', { name => { S => 'size' }, 'a.b' => { N => "$_" }, total => { N => "$_" } }) for 1 .. 3;
	my $equal = { column => 'name', op => '=', type => 'text', value => 'size' };
	is_deeply(
		rows(
			'orders', [ 'a.b', 'name' ],
			conditions => [ $equal, { column => 'a.b', op => '>', type => 'numeric', value => '1.5' } ]),
		[ [ 2, 'size' ], [ 3, 'size' ] ],
		'reserved words and dots in names, sought by the key');
	is_deeply(
		rows(
			'orders', ['a.b'],
			conditions => [
				$equal,
				{ column => 'a.b', op => '>=', type => 'numeric', value => '2' },
				{ column => 'total', op => '<', type => 'numeric', value => '3' } ],
			limit => 1),
		[ ['2'] ],
		'a condition that the key does not answer');
	for my $beyond ([ '<', 'NaN', 3 ], [ '=', 'NaN', 0 ], [ '>', '-Infinity', 3 ])
	{
		my ($op, $value, $count) = @$beyond;
		is( scalar @{
				rows(
					'orders', ['a.b'],
					conditions => [ $equal, { column => 'a.b', op => $op, type => 'numeric', value => $value } ])
			},
			$count,
			"$op $value, which the service cannot compare");
	}
};

subtest 'more than a page' => sub {
	$peer->create('long', 'id:N');
	my $text = 'x' x 60_000;
	$peer->put('long', { id => { N => "$_" }, text => { S => $text } }) for 1 .. 40;
	is(scalar @{ rows('long', ['text']) }, 40, 'items of three pages');
	is(scalar @{ rows('long', ['id'], limit => 7) }, 7, 'a limit');
	is_deeply(
		rows('long', ['id'], conditions => [ { column => 'id', op => '=', type => 'numeric', value => '40.0' } ]),
		[ ['40'] ], 'an item by its key');
	$peer->create("t$_", 'id:S') for 100 .. 220;
	my @frames = ask(operation => 'discover', scope => { include => ["$region.t*"] }, metadata => undef);
	is(scalar frames_of('relation', @frames), 121, 'tables of two pages of names');
};

subtest 'names that are data' => sub {
	$peer->create('days', 'pk:S');
	$peer->put('days', { pk => { S => 'a' }, map { (sprintf('2024-01-%02d', $_) => { N => "$_" }) } 1 .. 31 });
	is_deeply(columns(scalar relation('days')), [ 'pk string text', '* map jsonb' ], 'the key, and whole items');
	my ($row) = @{ rows('days', [ 'pk', '*' ]) };
	is(scalar keys %{ decode_json($row->[1]) }, 32, 'an item');
};

subtest 'what reading costs' => sub {
	my ($relation, @frames) = relation('sold.by-day_2');
	my ($cost) = map { $_->{message} } frames_of('log', @frames);
	like($cost, qr/^5 items of 1 tables were read for [0-9.]+ read units, by 6 requests in all$/, 'it is told')
		or diag(explain(\@frames));
	($relation, @frames) = relation('sold.by-day_2', endpoint => { options => { sample => JSON::PP::false } });
	is_deeply(columns($relation), [ 'shop string text', 'day number numeric' ], 'without a sample: the key');
	is_deeply([ frames_of('log', @frames) ], [], 'and no cost');
	@frames = ask(operation => 'discover', endpoint => { options => { sample => 'no' } });
	is( "$frames[-1]{code}: $frames[-1]{message}", 'configuration: metadata.sample is neither true nor false.',
		'a setting that is none');
};

subtest 'unchanged' => sub {
	my $describe = sub {
		return JSON::PP->new->canonical->encode(
			[ map { $_->{document} } frames_of('relation', ask(operation => 'discover')) ]);
	};
	my $first = $describe->();
	is($describe->(), $first, 'the same items give the same documents') for 1 .. 3;
};

done_testing();
