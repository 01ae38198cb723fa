# The connector snowflake against a simulated service, which an independent client of Snowflake's SQL API meets first: values of every
# type, keys, SHOW beyond its limits, tokens, statements that take their time, and conditions.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use IPC::Open2;
use JSON::PP;
use lib dirname(__FILE__) . '/lib';
use Connector;
use Peer::Snowflake;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $peer = Peer::Snowflake->new;
my $connector = [ installed_connector('snowflake') ];
my $json = JSON::PP->new->utf8->allow_nonref;
my ($yes, $no) = (JSON::PP::true, JSON::PP::false);
my @secrets = ($peer->{key}, $peer->{encrypted_key}, $peer->{passphrase}, values %{ $peer->{tokens} });

# The frames of an answer; what the service was asked is in @asked.
my @asked;

sub ask
{
	my (%change) = @_;
	$peer->control(forget => $yes);
	my $run = ask_connector(
		$connector, request_line($peer->base, %change),
		open => ($change{operation} // '') eq 'read');
	@asked = $peer->control;
	is((grep { $_->[0] eq 'CHANGED' } @asked), 0, 'nothing is changed');
	my @told = tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), map { split /\n/ } @secrets);
	is(scalar(@told), 0, 'no secret is told');
	return @{ $run->{frames} };
}

sub statements
{
	return map { $_->[0] eq 'POST' && $_->[1] ne 'cancel' ? $_->[1] : () } @asked;
}
sub cancelled
{
	return scalar grep { $_->[1] eq 'cancel' } @asked;
}

sub relation
{
	my ($schema, $name, %change) = @_;
	my ($relation) =
		frames_of('relation', ask(operation => 'discover', scope => { include => [qq("$schema"."$name")] }, %change));
	return $relation;
}

sub rows
{
	my ($name, $columns, %read) = @_;
	my @frames = ask(operation => 'read', read => read_request([ 'SALES', $name ], $columns, %read));
	return $frames[-1]{frame} eq 'error' ? "$frames[-1]{code}: $frames[-1]{message}" : [ rows_of(@frames) ];
}

sub create { return $peer->control(create => [ { schema => 'SALES', @_ } ]) }

create(
	name => 'TYPES',
	columns => [
		[ 'N4', 'NUMBER(4,0)' ], [ 'N9', 'NUMBER(9,0)' ], [ 'N38', 'NUMBER(38,0)' ], [ 'N2', 'NUMBER(20,2)' ],
		[ 'F', 'FLOAT' ],
		[ 'C', 'CHAR(3)' ], [ 'B', 'BINARY(8)' ], [ 'O', 'BOOLEAN' ], [ 'D', 'DATE' ], [ 'T', 'TIME(9)' ],
		[ 'NTZ', 'TIMESTAMP_NTZ(9)' ], [ 'LTZ', 'TIMESTAMP_LTZ(3)' ], [ 'TZ', 'TIMESTAMP_TZ(9)' ], [ 'V', 'VARIANT' ],
		[ 'A', 'ARRAY' ], [ 'G', 'GEOGRAPHY' ], [ 'X', 'VECTOR(FLOAT, 2)' ] ],
	rows => [
		[   -1, 5, '9' x 38, '-0.05', 'inf', 'x', '00FFAB', 'true', '0001-01-01', '12:34:56.789012',
			'1969-12-31 23:59:59.123456789', '2024-02-29 12:00:00.5+00', '2024-02-29 12:00:00+02', '{"a":1.50}',
			'[1,null]',
			'POINT(1 2)', '[1.0,2.5]' ],
		[ (undef) x 17 ] ]);

subtest 'an independent client meets the service first' => sub {
	my @wanted = (
		{ statement => 'SELECT n4, n38, n2, d, t, ntz, ltz, tz FROM sales.types' },
		{ statement => 'SELECT id FROM sales.orders WHERE word = ? ORDER BY id', bindings => ['\N'] },
		{ statement => 'SHOW SCHEMAS IN DATABASE "SHOP" LIMIT 10 FROM \'EMPTY\'' },
		{ statement => 'SHOW COLUMNS IN TABLE "SHOP"."SALES"."TOTALS"' },
		{ statement => 'SELEC 1' },
		{ statement => 'SELECT nothing FROM sales.orders' },
		{ statement => 'SELECT 1 FROM sales.nothing' },
		{ statement => 'SELECT 1; SELECT 2' },
		{ statement => 'SELECT 1', other_key => $yes },
		{ statement => 'SELECT 1 AS a', submit => $yes },
		{ statement => 'SELECT 1 AS a', submit => $yes, cancel => $yes });
	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	my $pid = open2(my $out, my $in, '/usr/bin/python3', dirname(__FILE__) . '/lib/snowflake/client.py', $peer->{told});
	print $in $json->encode($_), "\n" for @wanted;
	close $in;
	my ($all, $bound, $schemas, $columns, @rest) = map { $json->decode($_) } readline $out;
	waitpid $pid, 0;
	is_deeply(
		[ map { "$all->[0]{$_}" } qw(N4 N38 N2 D T NTZ LTZ TZ) ],
		[   '-1', '9' x 38, '-0.05', '0001-01-01', '12:34:56.789012', '1969-12-31 23:59:59.123457',
			'2024-02-29 12:00:00.500000+00:00', '2024-02-29 12:00:00+02:00' ],
		'values, in several partitions');
	is_deeply($bound, [ { ID => 3 } ], 'bindings');
	is_deeply([ map { $_->{name} } @$schemas ], [ 'INFORMATION_SCHEMA', 'SALES' ], 'a page of SHOW');
	is($columns->[0]{column_name}, 'TOTAL', 'SHOW COLUMNS');
	is_deeply(
		[ map { ref eq 'HASH' ? "$_->{status} $_->{code}" : 'fine' } @rest ],
		[ '422 001003', '422 000904', '422 002003', '422 000008', '401 390144', 'fine', '422 000604' ],
		'faults, a foreign key, a statement that is asked for later, one that is cancelled') or diag(explain(\@rest));
};

subtest 'values of every type' => sub {
	my $columns = relation('SALES', 'TYPES')->{document}{columns};
	is_deeply(
		[ map { "$_->{type}: " . ($_->{pg_type} // 'text') } @$columns ],
		[   'NUMBER(4, 0): smallint', 'NUMBER(9, 0): integer', 'NUMBER(38, 0): numeric', 'NUMBER(20, 2): numeric',
			'FLOAT: double precision',
			'CHAR(3): text', 'BINARY(8): bytea', 'BOOLEAN: boolean', 'DATE: date', 'TIME(9): time without time zone',
			'TIMESTAMP_NTZ(9): timestamp without time zone', 'TIMESTAMP_LTZ(3): timestamp with time zone',
			'TIMESTAMP_TZ(9): timestamp with time zone', 'VARIANT: jsonb', 'ARRAY: jsonb', 'GEOGRAPHY: text',
			'VECTOR(FLOAT, 2): jsonb' ],
		'types');
	is_deeply(
		rows('TYPES', [ map { $_->{name} } @$columns ]),
		[   [   '-1', '5', '9' x 38, '-0.05', 'Infinity', 'x', '\x00ffab', 'true', '0001-01-01', '12:34:56.789012',
				'1969-12-31 23:59:59.123456', '2024-02-29 12:00:00.5+00', '2024-02-29 10:00:00+00', '{"a":1.50}',
				'[1,null]',
				'POINT(1 2)', '[1.0,2.5]' ],
			[ (undef) x 17 ] ],
		'values');
	create(
		name => 'ODD',
		columns => [ [ 'V', 'VARIANT' ], [ 'S', 'VARCHAR' ] ],
		rows => [ [ '"a"', "a\\u0000b\\" ], [ 'null', '' ], [ '12', "\x{1F600}" ] ]);
	is_deeply(
		rows('ODD', [ 'V', 'S' ]), [ [ '"a"', 'a\u0000b\\' ], [ 'null', '' ], [ '12', "\x{1F600}" ] ],
		'odd ones');
	is_deeply(rows('ORDERS', []), [ ([]) x 0 ], 'without columns only the number is sent');
	like((statements())[-1], qr/^SELECT COUNT\(\*\) FROM/, 'which the service counts');
};

subtest 'tables, views and their keys' => sub {
	$peer->control(
		create => [
			{   schema => 'KEYS', name => 'PARENT', kind => 'TRANSIENT', cluster_by => 'LINEAR(A)', row_count => 12,
				bytes => 99,
				columns => [
					[   'A', 'NUMBER(38,0)',
						{ not_null => $yes, autoincrement => 'IDENTITY START 1 INCREMENT 1 NOORDER' } ],
					[ 'B', 'VARCHAR(16777216)', { default => "'x'", collation => 'en-ci', comment => 'b "1"' } ] ]
			},
			{ schema => 'KEYS', name => 'CHILD', columns => [ map { [ $_, 'VARCHAR' ] } qw(X Y Z) ] },
			{   schema => 'KEYS', name => 'FILES', kind => 'EXTERNAL', location => '@stage/files/', row_count => '',
				columns => [
					[ 'VALUE', 'VARIANT' ],
					[ 'P', 'VARCHAR', { kind => 'VIRTUAL_COLUMN', expression => 'value:p::text' } ] ]
			},
			{ schema => 'KEYS', name => 'LAKE', kind => 'ICEBERG', columns => [ [ 'X', 'VARCHAR' ] ] },
			{ schema => 'KEYS', name => 'FRESH', kind => 'DYNAMIC', columns => [ [ 'X', 'VARCHAR' ] ] },
			{   schema => 'KEYS', name => 'SUMS', kind => 'MATERIALIZED VIEW', text => 'create materialized view …',
				columns => [ [ 'X', 'VARCHAR' ] ]
			},
			{ schema => 'KEYS', name => 'HIDING', kind => 'VIEW', secure => $yes, columns => [ [ 'X', 'VARCHAR' ] ] } ],
		primary => [ { schema => 'KEYS', table => 'PARENT', name => 'PK', columns => [ 'B', 'A' ], rely => $yes } ],
		unique => [
			{ schema => 'KEYS', table => 'CHILD', name => 'U2', columns => ['X'] },
			{ schema => 'KEYS', table => 'CHILD', name => 'U1', columns => [ 'Z', 'Y' ] } ],
		imported => [
			{   schema => 'KEYS', table => 'CHILD', name => 'TO_PARENT', columns => [ 'Y', 'X' ],
				other_schema => 'KEYS',
				other_table => 'PARENT', other_columns => [ 'B', 'A' ], delete => 'CASCADE'
			},
			{   schema => 'KEYS', table => 'CHILD', name => 'AWAY', columns => ['Z'], other_database => 'ELSEWHERE',
				other_schema => 'S', other_table => 'T', other_columns => ['C']
			} ]);
	my @frames = ask(operation => 'discover', schema => 'KEYS');
	my %found = map { $_->{name} => $_ } frames_of('relation', @frames);
	is_deeply(
		{ map { $_ => "$found{$_}{kind} " . (($found{$_}{document}{options} // {})->{kind} // '') } keys %found },
		{   PARENT => 'table transient', CHILD => 'table ', FILES => 'foreign_table ', LAKE => 'table iceberg',
			FRESH => 'materialized_view dynamic', SUMS => 'materialized_view ', HIDING => 'view '
		},
		'kinds');
	is_deeply(
		[ @{ $found{PARENT} }{qw(row_estimate size_bytes)}, $found{PARENT}{document} ],
		[   12, 99,
			{
				columns => [
					{   name => 'A', type => 'NUMBER(38, 0)', pg_type => 'numeric', not_null => $yes,
						identity => 'by default'
					},
					{   name => 'B', type => 'VARCHAR(16777216)', default => "'x'", collation => 'en-ci',
						comment => 'b "1"'
					} ],
				primary_key => { name => 'PK', columns => [ 'B', 'A' ], not_enforced => $yes },
				options => { clustering => 'LINEAR(A)', kind => 'transient', rely => 'PK' }
			} ],
		'a table') or diag(explain($found{PARENT}));
	is_deeply(
		{ %{ $found{CHILD}{document} }, columns => undef },
		{   columns => undef,
			unique => [
				{ name => 'U1', columns => [ 'Z', 'Y' ], not_enforced => $yes },
				{ name => 'U2', columns => ['X'], not_enforced => $yes } ],
			foreign_keys => [
				{   name => 'AWAY', columns => ['Z'], schema => 'ELSEWHERE.S', table => 'T',
					referenced_columns => ['C'],
					not_enforced => $yes
				},
				{   name => 'TO_PARENT', columns => [ 'Y', 'X' ], schema => 'KEYS', table => 'PARENT',
					referenced_columns => [ 'B', 'A' ],
					on_delete => 'CASCADE', not_enforced => $yes
				} ]
		},
		'keys, each in its order') or diag(explain($found{CHILD}));
	is_deeply(
		[ $found{FILES}{row_estimate}, $found{FILES}{document}{options}, $found{FILES}{document}{columns}[1] ],
		[   undef, { location => '@stage/files/', source_format => 'PARQUET' },
			{ name => 'P', type => 'VARCHAR(16777216)', generated => 'virtual', expression => 'value:p::text' } ],
		'an external table') or diag(explain($found{FILES}));
	is($found{SUMS}{document}{definition}, 'create materialized view …', 'a definition');
	is($found{HIDING}{document}{options}{secure}, 'true', 'a secure view');
	is( scalar(statements()), 8,
		'requests of a schema: its schemas, two lists, details of external tables, columns, three of keys');
	is_deeply([ ask(operation => 'discover', schema => 'KEYS') ], \@frames, 'the same again');
	fails_with('a schema that is none', 'query', 'schema_not_found', 0, ask(operation => 'discover', schema => 'keys'));
};

subtest 'names' => sub {
	my $odd = q(lower "case" 'it''s' \ ;--);
	$peer->control(
		create => [ { schema => $odd, name => $odd, columns => [ [ $odd, 'NUMBER(5,0)' ] ], rows => [ [7] ] } ]);
	my ($relation) = frames_of('relation', ask(operation => 'discover', schema => $odd));
	is_deeply(
		[ @$relation{qw(schema name)}, $relation->{document}{columns}[0]{name} ], [ ($odd) x 3 ],
		'are as they are');
	my @frames = ask(
		operation => 'read',
		read => read_request(
			[ $odd, $odd ], [$odd], conditions => [ { column => $odd, op => '=', type => 'integer', value => '7' } ]));
	is_deeply([ rows_of(@frames) ], [ [7] ], 'and are read so');
};

subtest 'beyond what SHOW tells at once' => sub {
	$peer->control(
		rule => { partition_rows => 5000 },
		create => [
			map { {
				schema => 'MANY', name => sprintf('T%05d', $_), columns => [ [ 'A', 'NUMBER(1,0)' ] ],
				is_empty => $yes
			} } 1 .. 10_002 ]);
	my @frames = ask(operation => 'discover', schema => 'MANY', scope => { include => ['"MANY".T0000*'] });
	is($frames[-1]{relations}, 9, 'of 10,002 tables, which come in two pages, 9 are wanted');
	is((grep { /SHOW TABLES .* LIMIT 10000/ } statements()), 2, 'two pages');
	is((grep { /FROM 'T10000'$/ } statements()), 1, 'the second one goes on where the first has ended');
	is( (grep { /SHOW COLUMNS IN TABLE/ } statements()), 9,
		'columns that may be more than are told are asked for table by table');
	$peer->control(rule => { partition_rows => 5000, together => $yes });
	@frames = ask(operation => 'discover', schema => 'MANY', scope => { include => ['"MANY".T0001*'] });
	is($frames[-1]{relations}, 10, 'several of them are asked for at once') or diag(explain($frames[-1]));
	is_deeply(
		[ map { $_->{name} } frames_of('relation', @frames) ], [ map { sprintf 'T%05d', $_ } 10 .. 19 ],
		'and told in their order');
	$peer->control(rule => { partition_rows => 5000 });
	$peer->control(lies => { columns => { code => '090030', only => 'SCHEMA' } });
	is(relation('SALES', 'ORDERS')->{columns}, 5, 'and where the service says that they are too many');
	$peer->control(lies => { columns => { code => '003001' } });
	@frames = ask(operation => 'discover', schema => 'SALES', scope => { include => ['SALES.ORDERS'] });
	is_deeply(
		[ map { [ @$_{qw(schema name reason)} ] } frames_of('skipped', @frames) ],
		[ [ 'SALES', undef, 'The service denies the access. The service answers 422 003001.' ] ],
		'a schema whose columns the user may not see is skipped, without the service\'s own words');
	$peer->control(lies => {}, rule => {});
};

subtest 'who asks' => sub {
	my %given = (private_key => undef, username => undef);
	my %fine = (
		'a key with a passphrase' =>
			{ private_key => $peer->{encrypted_key}, private_key_passphrase => $peer->{passphrase} },
		'a programmatic access token' => { %given, api_key => $peer->{tokens}{PROGRAMMATIC_ACCESS_TOKEN} },
		'an OAuth token' => { %given, oauth_token => $peer->{tokens}{OAUTH} });
	for my $name (sort keys %fine)
	{
		my @frames = ask(operation => 'test', credentials => $fine{$name});
		is($frames[-1]{frame}, 'end', $name) or diag(explain($frames[-1]));
	}
	my @frames = ask(operation => 'test');
	is((frames_of('connected', @frames))[0]{server}, 'Snowflake 9.31.1', 'the service says its version');
	my %refused = (
		'another passphrase' =>
			[ { private_key => $peer->{encrypted_key}, private_key_passphrase => 'a' }, 'configure configuration' ],
		'no passphrase' => [ { private_key => $peer->{encrypted_key} }, 'configure configuration' ],
		'a user that is none' => [ { username => 'other' }, 'authenticate authentication' ],
		'no user' => [ { username => undef }, 'configure configuration' ],
		'two kinds' => [ { api_key => 'a' }, 'configure configuration' ],
		'a line end' => [ { %given, api_key => "a\nb" }, 'configure configuration' ],
		'an expired token' => [ { %given, oauth_token => 'an expired token' }, 'authenticate authentication' ],
		'a warehouse that is none' => [ { warehouse => 'OTHER' }, 'query configuration' ],
		'a role that is none' => [ { role => 'OTHER' }, 'authenticate configuration' ]);
	for my $name (sort keys %refused)
	{
		my ($credentials, $expected) = @{ $refused{$name} };
		@frames = ask(operation => 'test', credentials => $credentials);
		is("$frames[-1]{step} $frames[-1]{code}", $expected, $name);
	}
	$peer->control(rule => { skew => 900 });
	@frames = ask(operation => 'test');
	is($frames[-1]{frame}, 'end', 'clocks that differ: the service tells its own');
	$peer->control(rule => { refuse_tokens => 1 });
	@frames = ask(operation => 'discover', schema => 'EMPTY');
	is($frames[-1]{frame}, 'end', 'a token that has expired is renewed');
	$peer->control(rule => { refuse_tokens => 2 });
	fails_with('once', 'authenticate', 'authentication', 0, ask(operation => 'test'));
	$peer->control(rule => {});
};

subtest 'databases' => sub {
	my @frames = ask(operation => 'databases', endpoint => { database => undef });
	is_deeply([ map { $_->{name} } frames_of('database', @frames) ], [ 'OTHER', 'SHOP', 'other' ], 'of the account');
};

subtest 'hosts' => sub {
	my %of_snowflake = (
		'an account alone' => 'acme-shop', 'in capitals, with an underscore' => 'ACME_SHOP',
		'a host' => 'acme-shop.snowflakecomputing.com', 'in China' => 'acme-shop.SNOWFLAKECOMPUTING.CN');
	for my $name (sort keys %of_snowflake)
	{
		my @frames =
			ask(operation => 'test', endpoint => { host => $of_snowflake{$name}, tls => { mode => 'disable' } });
		is("$frames[-1]{step} $frames[-1]{code}", 'tls tls', "$name: nothing is sent without TLS");
	}
	for my $account ('a/b', '.', "a\nb", 'ä')
	{
		my @frames = ask(operation => 'test', endpoint => { options => { account => $account } });
		is("$frames[-1]{step} $frames[-1]{code}", 'configure configuration', 'an account that is none');
	}
	my @frames = ask(
		operation => 'test',
		endpoint => { host => 'other.example.com', options => { account => 'Acme-Shop.eu-west-1' } });
	is($frames[-1]{frame}, 'end', 'the account is named, with its region');
};

subtest 'statements that take their time' => sub {
	my $expected = [ [1], [2], [3] ];
	$peer->control(rule => { polls => 3 });
	is_deeply(rows('ORDERS', ['ID']), $expected, 'are asked for again and again');
	cmp_ok((grep { $_->[1] eq 'poll' } @asked), '>=', 3, 'by their handle, whatever address the service names');
	is((grep { ($_->[2] // '') eq 'async' } @asked), 1, 'what is read can be cancelled from the start');
	$peer->control(rule => { slow => 'SELECT' });
	my %read = (operation => 'read', read => read_request([ 'SALES', 'ORDERS' ], ['ID']));
	fails_with('too much time', 'query', 'timeout', 1, ask(%read, limits => { query_timeout => 3 }));
	is(cancelled(), 1, 'what took it is cancelled');
	$peer->control(forget => $yes);
	my $run = start_connector($connector);
	send_line($run, request_line($peer->base, %read));
	my $waits = sub {
		grep { $_->[1] eq 'poll' } $peer->control;
	};
	select undef, undef, undef, 0.02 until $waits->();
	my $rest = end_connector($run);
	is((grep { $_->[1] eq 'cancel' } $peer->control), 1, 'what the caller does not wait for any more is cancelled');
	isnt($rest->{frames}[-1]{frame}, 'end', 'and has no end');
	$peer->control(rule => {});
};

subtest 'a service that has trouble' => sub {
	my $expected = [ [1], [2], [3] ];
	for my $status (429, 503)
	{
		$peer->control(rule => { throttle => 2, throttle_status => $status });
		is_deeply(rows('ORDERS', ['ID']), $expected, "$status, which asks to come back");
		is((grep { $_->[0] eq 'THROTTLED' } @asked), 2, 'twice');
	}
	$peer->control(rule => { throttle => 100, retry_after => '3600' });
	fails_with('for longer than there is time', 'query', 'unreachable', 1, ask(operation => 'test'));
	is((grep { $_->[0] eq 'THROTTLED' } @asked), 1, 'it is not asked again before that');
	$peer->control(rule => { cut => 1 });
	is_deeply(rows('ORDERS', ['ID']), $expected, 'an answer that is cut');
	$peer->control(rule => { lose_answers => 1 });
	is_deeply(rows('ORDERS', ['ID']), $expected, 'an answer that is lost');
	is_deeply(
		[ map { $_->[4] } grep { $_->[0] eq 'POST' } @asked ]->[1], 'true',
		'the statement is sent as one that may run already');
	$peer->control(rule => {});
};

subtest 'what may not be' => sub {
	my @frames = ask(
		operation => 'read', read => read_request([ 'SALES', 'ORDERS' ], ['ID']),
		credentials => { warehouse => undef });
	my $error = fails_with('no warehouse', 'query', 'configuration', 0, @frames);
	like($error->{hint}, qr/credential warehouse/, 'which the hint names');
	is( relation('SALES', 'ORDERS', credentials => { warehouse => undef })->{name}, 'ORDERS',
		'none is needed to discover');
	create(name => 'DENIED', columns => [ [ 'A', 'VARCHAR' ] ], denied => $yes);
	like(rows('DENIED', ['A']), qr/^permission: The service denies the access/, 'a table that may be seen only');
	like(rows('NOTHING', ['A']), qr/^relation_changed/, 'one that has gone');
	like(rows('ORDERS', ['NOTHING']), qr/^relation_changed/, 'a column that has gone');
	@frames = ask(
		operation => 'sample',
		sample => {
			relations => [ map { { schema => 'SALES', name => $_, kind => 'table' } } qw(DENIED ORDERS NOTHING) ],
			categories => 10, category_length => 50, examples => 1, example_length => 50, masking => $yes,
			relation_timeout => 60
		});
	my @samples = frames_of('sample', @frames);
	is_deeply(
		[ map { $_->{error} // 'fine' } @samples ],
		[ 'The service denies the access.', 'fine', 'The table is no longer in the data source.' ],
		'a sample of the others');
	is_deeply($samples[1]{categories}, { WORD => [ '\N', "a\tb\n", 'größe 😀' ] }, 'all values of a small table');
	is(scalar(@{ $samples[1]{examples} }), 1, 'a row of it');
	$peer->control(hide => ['EMPTY']);
	is( (   grep { $_->{name} eq 'EMPTY' }
				frames_of('schema', ask(operation => 'discover', scope => { exclude => ['MANY.*'] }))),
		0,
		'a schema without USAGE is not there');
};

subtest 'conditions' => sub {
	create(
		name => 'NUMBERS',
		columns => [
			[ 'N', 'NUMBER(10,0)' ],
			[ 'WORD', 'VARCHAR' ],
			[ 'CI', 'VARCHAR', { collation => 'en-ci' } ],
			[ 'P', 'NUMBER(6,2)' ],
			[ 'F', 'FLOAT' ],
			[ 'O', 'BOOLEAN' ],
			[ 'D', 'DATE' ],
			[ 'NTZ', 'TIMESTAMP_NTZ(9)' ],
			[ 'TZ', 'TIMESTAMP_TZ(9)' ] ],
		rows => [
			map { [
				$_, $_ % 3 ? "w$_" : undef, $_ % 2 ? 'a' : 'A', "$_.50", $_ == 9 ? 'nan' : $_ + 0.25,
				$_ % 2 ? 'true' : 'false',
				"2024-01-0$_", "2024-01-0$_ 00:00:00.12345678$_",
				"2024-01-0$_ 00:00:00+00" ] } 1 .. 9 ]);
	my ($bigint, $text) = ([ type => 'bigint' ], [ type => 'text' ]);
	my %condition = (
		'a number' => [ [ 'N', '=', 'bigint', '4' ], [4], 1 ],
		'a list' => [ [ 'N', 'in', 'bigint', [ '2', '7', '20' ] ], [ 2, 7 ], 1 ],
		'a text with quotes' => [ [ 'WORD', '<>', 'text', q(w1' OR "1"='1\\) ], [ 1, 2, 4, 5, 7, 8 ], 1 ],
		'a text' => [ [ 'WORD', 'in', 'text', [ 'w1', 'w5' ] ], [ 1, 5 ], 1 ],
		'a text in another language' => [ [ 'CI', '=', 'text', 'A' ], [ 2, 4, 6, 8 ], 0 ],
		'null' => [ [ 'WORD', 'is null' ], [ 3, 6, 9 ], 1 ],
		'not null' => [ [ 'WORD', 'is not null' ], [ 1, 2, 4, 5, 7, 8 ], 1 ],
		'a decimal' => [ [ 'P', '<=', 'numeric', '2.5' ], [ 1, 2 ], 1 ],
		'a decimal with more digits' => [ [ 'P', '>', 'numeric', '7.499' ], [ 7, 8, 9 ], 0 ],
		'a large number' => [ [ 'P', '<', 'numeric', '9' x 38 ], [ 1 .. 9 ], 0 ],
		'NaN is the greatest' => [ [ 'F', '>', 'double precision', '8' ], [ 8, 9 ], 0 ],
		'a float' => [ [ 'F', '<', 'double precision', '2.5' ], [ 1, 2 ], 1 ],
		'a boolean' => [ [ 'O', '=', 'boolean', 't' ], [ 1, 3, 5, 7, 9 ], 1 ],
		'a date' => [ [ 'D', '>', 'date', '2024-01-07' ], [ 8, 9 ], 1 ],
		'not a date' => [ [ 'D', '<>', 'date', '2024-01-07' ], [ 1 .. 6, 8, 9 ], 1 ],
		'a date that is none' => [ [ 'D', '<', 'date', 'infinity' ], [ 1 .. 9 ], 0 ],
		'a time' => [ [ 'NTZ', '=', 'timestamp without time zone', '2024-01-05 00:00:00.123456' ], [5], 1 ],
		'up to a time' => [ [ 'NTZ', '<=', 'timestamp without time zone', '2024-01-02 00:00:00.123456' ], [ 1, 2 ], 1 ],
		'after a time' => [ [ 'NTZ', '>', 'timestamp without time zone', '2024-01-08 00:00:00.123456' ], [9], 1 ],
		'a time with a zone' => [ [ 'TZ', '>=', 'timestamp with time zone', '2024-01-08 01:00:00+01' ], [ 8, 9 ], 1 ],
		'another type' => [ [ 'N', '=', 'text', '4' ], undef, 0 ]);
	for my $name (sort keys %condition)
	{
		my ($given, $found, $is_pushed) = @{ $condition{$name} };
		my %condition = (column => $given->[0], op => $given->[1]);
		@condition{ 'type', ref $given->[3] ? 'values' : 'value' } = @$given[ 2, 3 ] if @$given > 2;
		my $rows = rows('NUMBERS', ['N'], conditions => [ \%condition ]);
		is_deeply(ref $rows ? [ map { $_->[0] } @$rows ] : $rows, $found, $name) if $found;
		is( scalar((statements())[-1] =~ / WHERE /), $is_pushed ? 1 : '',
			$is_pushed ? 'by the service' : 'by the connector');
	}
	is(scalar @{ rows('NUMBERS', ['N'], limit => 4) }, 4, 'a limit');
	like((statements())[-1], qr/ LIMIT 4$/, 'of the service');
	is( scalar @{
			rows(
				'NUMBERS', ['N'], limit => 2,
				conditions => [ { column => 'CI', op => '=', type => 'text', value => 'A' } ])
		},
		2,
		'a limit beside a condition that the service does not apply');
	unlike((statements())[-1], qr/ LIMIT /, 'is not the service\'s');
};

subtest 'answers that are none' => sub {
	require ScriptedHttp;
	my $handle = '01b0-1';
	my $fine = {
		resultSetMetaData =>
			{ numRows => 1, partitionInfo => [ {} ], rowType => [ { name => 'name', type => 'text' } ] },
		data => [ ['A'] ], statementHandle => $handle
	};
	my $endless = [ map { ["T$_"] } 1 .. 10_000 ];
	my %answers = (
		'no JSON' => '<html>', 'nothing' => '', 'another value' => '[]',
		'no handle' => { %$fine, statementHandle => undef },
		'a handle that is a path' => { %$fine, statementHandle => '../../other' },
		'another name of a column' =>
			{ %$fine, resultSetMetaData => { partitionInfo => [ {} ], rowType => [ { name => 'names' } ] } },
		'no columns' => { %$fine, resultSetMetaData => {} }, 'no rows' => { %$fine, data => undef },
		'rows that are none' => { %$fine, data => [ 'a', 1 ] }, 'longer rows' => { %$fine, data => [ [ 1, 2 ] ] },
		'shorter rows' => { %$fine, data => [ [] ] }, 'numbers' => { %$fine, data => [ [1] ] },
		'more rows than were asked for' => { %$fine, data => [ map { ["T$_"] } 1 .. 100_001 ] },
		'a list of names without end' => { %$fine, data => $endless });
	for my $name (sort keys %answers)
	{
		my $content = ref $answers{$name} ? $json->encode($answers{$name}) : $answers{$name};
		my $service = ScriptedHttp->new(sub { ScriptedHttp::http(200, $content) });
		my $run = ask_connector($connector, request_line($peer->base, endpoint => { port => $service->{port} }));
		$service->end;
		my $error = $run->{frames}[-1];
		is("$error->{frame} $error->{code}", 'error protocol', $name) or diag(explain($error));
	}
};

subtest 'a refusal without a name' => sub {
	my $service = ScriptedHttp->new(sub { ScriptedHttp::http(400, '{}') });
	my $run = ask_connector($connector, request_line($peer->base, endpoint => { port => $service->{port} }));
	$service->end;
	my $error = fails_with('is told by its status', 'query', 'query', 0, @{ $run->{frames} });
	is($error->{detail}, 'The service answers 400.', 'alone');
};

subtest 'partitions without rows' => sub {
	my $service = ScriptedHttp->new(sub {
		ScriptedHttp::http(
			200,
			$json->encode({
				resultSetMetaData =>
					{ partitionInfo => [ ({}) x 100_000 ], rowType => [ { name => 'name', type => 'text' } ] },
				data => [], statementHandle => '01'
			}));
	});
	my $run = ask_connector(
		$connector,
		request_line($peer->base, endpoint => { port => $service->{port} }, limits => { query_timeout => 1 }));
	$service->end;
	fails_with('have an end', 'query', 'timeout', 1, @{ $run->{frames} });
};

done_testing();
