# What the connector sqlserver makes of a catalog: of a simulated server (sqlserver_server.t), since no real one can be had.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use TdsServer;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);
my $connector = installed_connector('sqlserver');
plan(skip_all => "$connector is not built") unless -x $connector;

# What it answers to a request with these changes.
sub asks
{
	my (%change) = @_;
	my $answer = ask_connector([$connector], request_line(tds_base(), %change));
	my @frames = @{ $answer->{frames} };
	is(join("\n", faults_of_frames(@frames)), '', 'the frames are as they must be');
	is(scalar(tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), $password)), 0, 'no secret is told');
	return @frames;
}

# The documents of a discovery by their relations' names.
sub documents
{
	my @frames = asks(@_);
	is($frames[-1]{frame}, 'end', 'a discovery ends well') or diag(explain($frames[-1]));
	return map { $_->{name} => $_->{document} } frames_of('relation', @frames);
}

sub table
{
	my ($name, $columns, %more) = @_;
	return { schema => 'dbo', name => $name, columns => $columns, %more };
}

subtest 'types' => sub {
	my %expected = (
		'bigint' => 'bigint', 'binary(4)' => 'bytea', 'bit' => 'boolean', 'char(3)' => 'bpchar', 'date' => 'date',
		'datetime' => 'timestamp without time zone', 'datetime2(7)' => 'timestamp without time zone',
		'datetimeoffset(0)' => 'timestamp with time zone', 'decimal(38,10)' => 'numeric', 'float' => 'double precision',
		'geography' => undef, 'geometry' => undef, 'hierarchyid' => undef, 'image' => 'bytea', 'int' => 'integer',
		'json' => 'json', 'money' => 'numeric', 'nchar(5)' => 'bpchar', 'ntext' => undef, 'numeric(5,0)' => 'numeric',
		'nvarchar(4000)' => undef, 'nvarchar(max)' => undef, 'real' => 'real',
		'smalldatetime' => 'timestamp without time zone', 'smallint' => 'smallint', 'smallmoney' => 'numeric',
		'sql_variant' => undef, 'text' => undef, 'time(3)' => 'time without time zone', 'timestamp' => 'bytea',
		'tinyint' => 'smallint', 'uniqueidentifier' => 'uuid', 'varbinary(max)' => 'bytea', 'varchar(8000)' => undef,
		'vector(3)' => undef, 'xml' => 'xml');
	my @types = sort keys %expected;
	start_tds(
		schemas => ['sales'], types => { Phone => [ 'sales', 'varchar(20)' ] },
		relations =>
			[ table('typed', [ (map { [ "c $_", $_ ] } @types), [ 'named', 'sysname' ], [ 'phone', 'Phone' ] ]) ]);
	my %found = documents();
	my @columns = @{ $found{typed}{columns} };
	is_deeply([ map { $_->{type} } @columns[ 0 .. $#types ] ], \@types, 'each has its text');
	is_deeply(
		[ map { $_->{pg_type} } @columns[ 0 .. $#types ] ], [ map { $expected{$_} } @types ],
		'and its counterpart');
	is_deeply([ @{ $columns[-2] }{qw(type domain_base)} ], [ 'sysname', 'nvarchar(128)' ], 'sysname is an alias');
	is_deeply(
		[ @{ $columns[-1] }{qw(type domain_base)} ], [ 'sales.Phone', 'varchar(20)' ],
		"an alias of the user's own");
	is($columns[3]{collation}, 'SQL_Latin1_General_CP1_CI_AS', 'texts have a collation');
};

my $long = "CREATE VIEW long AS SELECT N'" . ('größe 😀 ' x 20_000) . "' AS a -- the end";
my @relations = (
	table(
		'people', [ [ 'id', 'int', { not_null => 1, identity => 1, comment => 'the number' } ], [ 'code', 'char(2)' ] ],
		comment => 'those who buy',
		indexes => [
			{ name => 'people_key', primary => 1, columns => ['id'] },
			{ name => 'people_code', unique => 1, constraint => 1, columns => [ 'code DESC', 'id' ] } ]),
	table(
		'bills',
		[   [ 'id', 'int' ],
			[ 'person', 'int' ],
			[ 'price', 'money', { default => '((0))' } ],
			[ 'taxed', 'money', { computed => '([price]*(1.19))', persisted => 1 } ],
			[ 'shown', 'varchar(20)', { computed => '(concat([price],N\'€\'))' } ],
			[ 'from', 'datetime2(7)', { not_null => 1, period => 1, hidden => 1 } ],
			[ 'to', 'datetime2(7)', { not_null => 1, period => 2, hidden => 1 } ],
			[ 'a]b', 'int' ] ],
		indexes => [
			{   name => 'open_bills', columns => [ 'person', 'a]b DESC' ], include => ['price'],
				filter => '([price]>(0))',
				unique => 1
			},
			{ name => 'all_columns', kind => 'NONCLUSTERED COLUMNSTORE', columns => [], include => [ 'id', 'price' ] },
			{ name => 'off', columns => ['price'], disabled => 1 } ],
		foreign_keys => [
			{   name => 'b_person', columns => ['person'], references => [ 'dbo', 'people', ['id'] ],
				on_delete => 'SET_NULL', on_update => 'CASCADE', untrusted => 1
			},
			{   name => 'a_person', columns => ['id'], references => [ 'dbo', 'people', ['id'] ], disabled => 1,
				untrusted => 1
			} ],
		checks => [ [ 'paid', '([price]>=(0))' ], [ 'never', '([price]<(9))', 1 ] ]),
	table('bills_before', [ [ 'id', 'int' ] ], temporal_type => 1),
	table('bills_now', [ [ 'id', 'int' ] ], temporal_type => 2, history => [ 'dbo', 'bills_before' ]),
	table('quick', [ [ 'id', 'int' ] ], is_memory_optimized => 1),
	table('knows', [ [ 'id', 'int' ] ], is_edge => 1),
	table('far', [ [ 'id', 'int' ] ], type => 'ET'),
	{ schema => 'dbo', name => 'long', type => 'V', definition => $long, columns => [ [ 'a', 'nvarchar(max)' ] ] },
	{ schema => 'dbo', name => 'goods', type => 'SN', of => '[there].[dbo].[goods]' },
	{   schema => 'dbo', name => 'numbers', type => 'SO',
		sequence => {
			start_value => '-5', increment => -1, minimum_value => '-9223372036854775808', maximum_value => 10,
			is_cycling => 1, cache_size => undef
		}
	},
	table('empty', [ [ 'id', 'int' ] ], row_count => 0),
	table('Empty', [ [ 'id', 'int' ] ], row_count => 3));

subtest 'relations' => sub {
	start_tds(relations => \@relations);
	my %found = documents();
	is_deeply(
		$found{people},
		{   comment => 'those who buy',
			columns => [
				{   name => 'id', id => '1', type => 'int', pg_type => 'integer', not_null => $JSON::PP::true,
					identity => 'always', comment => 'the number'
				},
				{   name => 'code', id => '2', type => 'char(2)', pg_type => 'bpchar',
					collation => 'SQL_Latin1_General_CP1_CI_AS'
				} ],
			primary_key => { name => 'people_key', columns => ['id'] },
			unique => [ { name => 'people_code', columns => [ 'code', 'id' ] } ],
			indexes => [
				{   name => 'people_key', method => 'clustered', unique => $JSON::PP::true, primary => $JSON::PP::true,
					columns => ['id']
				},
				{   name => 'people_code', method => 'nonclustered', unique => $JSON::PP::true,
					columns => [ '[code] DESC', 'id' ]
				} ]
		},
		'a table');
	my $bills = $found{bills};
	my %columns = map { $_->{name} => $_ } @{ $bills->{columns} };
	is($columns{price}{default}, '((0))', 'a default');
	is_deeply(
		[ @{ $columns{taxed} }{qw(generated expression)} ], [ 'stored', '([price]*(1.19))' ],
		'a persisted column');
	is_deeply(
		[ @{ $columns{shown} }{qw(generated expression)} ], [ 'virtual', q{(concat([price],N'€'))} ],
		'a computed column');
	is_deeply(
		[ @{ $columns{from} }{qw(generated expression invisible)} ], [ 'stored', 'ROW START', $JSON::PP::true ],
		'a column of a period');
	is_deeply(
		$bills->{indexes}[0],
		{   name => 'open_bills', method => 'nonclustered', unique => $JSON::PP::true,
			columns => [ 'person', '[a]]b] DESC' ], include => ['price'], predicate => '([price]>(0))'
		},
		'an index with a filter');
	is_deeply(
		$bills->{indexes}[1],
		{ name => 'all_columns', method => 'nonclustered columnstore', columns => [ 'id', 'price' ] },
		'a columnstore');
	is($bills->{indexes}[2]{invalid}, $JSON::PP::true, 'an index that is off');
	is($bills->{unique}, undef, 'a unique index with a filter is no key');
	is_deeply(
		$bills->{foreign_keys},
		[   {   name => 'a_person', columns => ['id'], schema => 'dbo', table => 'people', referenced_columns => ['id'],
				not_enforced => $JSON::PP::true
			},
			{   name => 'b_person', columns => ['person'], schema => 'dbo', table => 'people',
				referenced_columns => ['id'], on_update => 'cascade', on_delete => 'set null',
				not_valid => $JSON::PP::true
			} ],
		'foreign keys');
	is_deeply(
		$bills->{checks},
		[   { name => 'never', definition => 'CHECK ([price]<(9))', not_enforced => $JSON::PP::true },
			{ name => 'paid', definition => 'CHECK ([price]>=(0))' } ],
		'checks');
	is_deeply(
		$found{bills_now}{options}, { system_versioned => 'true', history_table => 'dbo.bills_before' },
		'a table with a history');
	is_deeply($found{bills_before}{options}, { history => 'true' }, 'the history');
	is_deeply($found{quick}{options}, { memory_optimized => 'true' }, 'a table in memory');
	is_deeply($found{knows}{options}, { graph => 'edge' }, 'an edge of a graph');
	is($found{long}{definition}, $long, 'a long definition comes whole');
	is_deeply($found{goods}, { definition => 'FOR [there].[dbo].[goods]' }, 'a synonym');
	is_deeply(
		$found{numbers}{sequence},
		{ start => -5, increment => -1, minimum => -9223372036854775808, maximum => 10, cycle => $JSON::PP::true },
		'a sequence');
	ok($found{empty} && $found{Empty}, 'names that differ in case only');
};

subtest 'the network' => sub {
	my $whole = join "\n", map { $json->encode($_) } asks();
	for my $chunk (1, 3, 1000)
	{
		order_tds(chunk => $chunk);
		is(join("\n", map { $json->encode($_) } asks()), $whole, "in pieces of $chunk bytes the same is said");
	}
	order_tds(chunk => undef);
	for my $length (100, 1000, 30_000)
	{
		order_tds(drop_after => $length);
		my @frames = asks();
		is_deeply(
			[ @{ $frames[-1] }{qw(frame step code)} ], [qw(error query query)],
			"a server that ends after $length bytes");
		ok($frames[-1]{transient}, 'may be asked again');
	}
	order_tds(drop_after => undef);
};

subtest 'rights' => sub {
	start_tds(
		relations => [
			table(
				'secret', [ [ 'a', 'int', { default => undef } ], [ 'b', 'int', { computed => undef } ] ],
				checks => [ [ 'c', undef ] ]),
			{ schema => 'dbo', name => 'closed', type => 'V', columns => [ [ 'a', 'int' ] ] } ]);
	my %found = documents();
	is_deeply($found{secret}{unreadable}, [qw(default expression checks)], 'what may not be read is named');
	is_deeply($found{closed}{unreadable}, ['definition'], 'of a view, too');
	order_tds(fault => { of => 'dm_db_partition_stats', number => 262 });
	my @frames = asks();
	is($frames[-1]{frame}, 'end', 'sizes may be missing');
	is_deeply([ map { $_->{size_bytes} } frames_of('relation', @frames) ], [ undef, undef ], 'which are absent then');
	order_tds(fault => { of => 'sys.indexes', number => 229, text => "a value: $password" });
	my $error = fails_with('another refusal', 'query', 'query', 0, asks());
	like($error->{message}, qr/refused a query of its catalog \(229\)/, 'says the number');
	order_tds(fault => { of => 'sys.indexes', number => 1222 });
	fails_with('a lock', 'query', 'timeout', 1, asks());
	order_tds(fault => undef);
};

subtest 'versions' => sub {
	start_tds(
		version => '11.0.7001.0', relations => \@relations,
		without => [
			qw(columns.is_hidden columns.generated_always_type tables.temporal_type tables.history_table_id tables.is_external),
			qw(tables.is_memory_optimized tables.is_node tables.is_edge) ]);
	my %found = documents();
	is($found{bills}{columns}[3]{generated}, 'stored', 'SQL Server 2012 is described by what it has');
	start_tds(edition => 5, version => '12.0.2000.8');
	my ($connected) = frames_of('connected', asks(operation => 'test'));
	is_deeply(
		[ @$connected{qw(server dialect)} ], [ 'Azure SQL Database 12.0.2000.8', 'sqlserver 12' ],
		'Azure says so');
};

subtest 'the database' => sub {
	start_tds(relations => [ table('only', [ [ 'a', 'int' ] ]) ]);
	my @frames = asks(endpoint => { database => 'SHOP' });
	is_deeply([ map { $_->{name} } frames_of('relation', @frames) ], ['only'], 'in another case it is the same');
};
done_testing();
