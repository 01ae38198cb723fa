# rivergen.rows, query and query_rows: what they answer, whom they answer, and what bounds them.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Rivergen;
use Streams;
use Test::More;

my $server = start_server('server');
install_fake($server);

my $true = JSON::PP::true;
my @values = ([ 1, "a\tb\n\\" ], [ 2, undef ], [ 'NaN', 'ü' ], [ '1e3', '{"a": [1]}' ], [ -5, 'reader@example.com' ]);
my $id = readable($server, 'plain', { values => \@values });
call_fails(
	$server, "rivergen.rows($id, 'schema_1', 'collection_1')", 'never discovered', sqlstate => 'PT409',
	message => "data source $id has not been discovered yet");
discover($server, $id);

sub rows
{
	my ($arguments) = @_;
	return call($server, "rivergen.rows($id, $arguments)")->{data};
}

subtest 'rows' => sub {
	is_deeply(
		rows("'schema_1', 'collection_1'"),
		{   columns => [ { name => 'c1', type => 'text' }, { name => 'c2', type => 'text' } ],
			rows => [ map { [ "$_->[0]", $_->[1] ] } @values ], truncated => JSON::PP::false
		},
		'columns and rows');
	is_deeply(
		rows("'schema_1', 'collection_1', columns => '{c2}', row_limit => 1"),
		{ columns => [ { name => 'c2', type => 'text' } ], rows => [ [ $values[0][1] ] ], truncated => $true },
		'one column, one row, and more');
	is(rows("'schema_1', 'collection_1', row_limit => 5")->{truncated}, JSON::PP::false, 'exactly as many rows');
	call_fails(
		$server, "rivergen.rows($id, table_name => 'collection_1')", 'a name in two schemas',
		sqlstate => 'PT400', says => qr/several schemas.*table_schema/);
	call_fails(
		$server, "rivergen.rows($id, 'schema_1', 'none')", 'no such table', sqlstate => 'PT404',
		says => qr/"none"/);
	call_fails(
		$server, "rivergen.rows($id, 'schema_1', 'collection_1', '{c1,x}')", 'no such column', sqlstate => 'PT404',
		says => qr/"x" not found.*c1, c2/);
	call_fails($server, "rivergen.rows($id)", 'no table', sqlstate => 'PT400', says => qr/table_name: is required/);
	call_fails(
		$server, "rivergen.rows($id, 'schema_1', 'collection_1', '{}', 0)", 'no columns, no rows', sqlstate => 'PT400',
		says => qr/columns: must/);
	is(audited($server, $id)->{action}, 'data_source.read', 'audit');
	is( sql($server,
			"BEGIN READ ONLY; SELECT jsonb_array_length(rivergen.rows($id, 'schema_1', 'collection_1') #> '{data,rows}')"
		),
		5,
		'in a read-only transaction');
};

subtest 'query' => sub {
	my $answer = call($server, "rivergen.query($id, 'whatever', 3)")->{data};
	is_deeply($answer->{columns}, [ { name => 'c1', type => 'bigint' }, { name => 'c2', type => 'text' } ], 'columns');
	is_deeply(
		$answer->{rows}, [ [ 1, "a\tb\n\\" ], [ 2, undef ], [ 'NaN', 'ü' ] ],
		'rows: a number that JSON lacks is a text');
	is($answer->{truncated}, $true, 'truncated');
	is_deeply(call($server, "rivergen.query($id, 'x', check_only => true)")->{data}{rows}, [], 'only checked');
	call_fails($server, "rivergen.query($id, ' ')", 'no query', sqlstate => 'PT400', says => qr/query: is required/);
	call_fails(
		$server, "rivergen.query_rows($id, 'x')", 'without a list of columns', sqlstate => 'PT400',
		says => qr/needs a list of columns/);
	call_fails(
		$server, "rivergen.query($id, repeat('x', 9000000))", 'a query that no connector takes', sqlstate => 'PT413',
		says => qr/the query is too long/);
	call_fails(
		$server, "rivergen.query($id, 'x', 0, 0)", 'bounds', sqlstate => 'PT400',
		says => qr/row_limit: must be between 1 and/);
	is( sql($server,
			"SELECT string_agg(format('%s:%s', a, b), '|') FROM rivergen.query_rows($id, 'x', 2) AS t (a int, b text)"),
		"1:a\tb\n\\|2:",
		'rows of the types that the caller lists');
	is( sql($server,
			"SET datestyle = 'SQL, DMY'; SELECT current_setting('datestyle') FROM rivergen.query_rows($id, 'x', 1) AS t (a text, b text)"
		),
		'SQL, DMY',
		'settings of the session stay');
	call_fails(
		$server, "* FROM rivergen.query_rows($id, 'x') AS t (a int)", 'another number of columns', sqlstate => 'PT400',
		says => qr/2 columns, the list 1/);
	call_fails(
		$server, "* FROM rivergen.query_rows($id, 'x') AS t (a int, b text)", 'a value that does not fit',
		sqlstate => '22P02',
		says => qr/integer: "NaN"/);
	is( sql($server,
			"SELECT string_agg(a::text, ',' ORDER BY n, a) FROM generate_series(1, 4) n, "
				. "rivergen.query_rows($id, 'x', n % 2 + 1) AS t (a int, b text)"),
		'1,2,1,1,2,1',
		'several calls in one query');
	is( sql($server,
			"SELECT string_agg(a || ':' || n, ',') FROM ROWS FROM "
				. "(rivergen.query_rows($id, 'x', 2) AS (a int, b text), generate_series(7, 8)) AS r (a, b, n)"),
		'1:7,2:8',
		'beside another function');
	my $failing = readable($server, 'failing', { behaviour => 'error' });
	call_fails(
		$server, "rivergen.query($failing, 'x')", 'an error of the source', sqlstate => 'PT400',
		says => qr/refused/);
};

subtest 'what bounds them' => sub {
	my $set = sub {
		my ($query) = @_;
		call(
			$server,
			"rivergen.data_source_update($id, " . json({ metadata => { values => \@values, query => $query } }) . ')');
	};
	$set->({ enabled => $true, max_rows => 2 });
	my $two = readable(
		$server, 'two',
		{ values => \@values, applies => $true, query => { enabled => $true, max_rows => 2 } });
	discover($server, $two);
	my $rows = call($server, "rivergen.rows($two, 'schema_1', 'collection_1')")->{data};
	is(@{ $rows->{rows} } . $rows->{truncated}, '21', 'max_rows bounds rows');
	$rows = rows("'schema_1', 'collection_1'");
	is(@{ $rows->{rows} } . $rows->{truncated}, '21', 'also where the connector does not take the limit');
	is(scalar @{ call($server, "rivergen.query($id, 'x')")->{data}{rows} }, 2, 'max_rows bounds a query');
	my $counted = "(SELECT count(*) FROM rivergen.query_rows($id, 'x'%s) AS t (a int, b text))";
	is(sql($server, 'SELECT ' . sprintf($counted, ', 2')), 2, 'rows of a query within max_rows');
	call_fails(
		$server, sprintf($counted, $_), "more rows of a query$_", sqlstate => 'PT413',
		message => 'the answer has more rows than the data source may be read for') for '', ', 3';
	$set->({ enabled => $true, masking => $true });
	is_deeply(
		[ map { $_->[1] } @{ rows("'schema_1', 'collection_1'")->{rows} } ],
		[ (map { $_->[1] } @values[ 0 .. 3 ]), '***' ],
		'masking');
	call_fails(
		$server, "rivergen.query($id, 'x')", 'a query where values are masked', sqlstate => 'PT403',
		says => qr/are masked/);
	$set->({ enabled => JSON::PP::false });
	call_fails(
		$server, "rivergen.rows($id, 'schema_1', 'collection_1')", 'switched off', sqlstate => 'PT403',
		says => qr/not switched on/);
	$set->({ enabled => $true });
	my $small = readable($server, 'large', { behaviour => 'one_long_row', length => 3_000_000 });
	discover($server, $small);
	fake_beginning($server, capabilities => [qw(test discover sample read)]);
	call_fails(
		$server, "rivergen.query($small, 'x')", 'a connector that cannot query', sqlstate => 'PT501',
		says => qr/./);
	fake_beginning($server);
	is(sql($server, "SELECT rivergen.data_source_set_status($id, 'maintenance') IS NOT NULL"), 't', 'maintenance');
	call_fails(
		$server, "rivergen.rows($id, 'schema_1', 'collection_1')", 'in maintenance', sqlstate => 'PT409',
		says => qr/in maintenance/);
	call($server, "rivergen.data_source_set_status($id, 'active')");
};

subtest 'who may' => sub {
	sql($server, <<~'EOT');
		CREATE ROLE viewer LOGIN;
		SELECT rivergen.membership_add(1, rivergen.user_create('viewer', 'viewer'), 'viewer');
		SELECT rivergen.grant_access('viewer');
		EOT
	my $as_viewer = sub { return "BEGIN; SET SESSION AUTHORIZATION viewer; SELECT $_[0]" };
	my $fails = sub {
		my ($expression) = @_;
		my (undef, undef, $error) = $server->psql('postgres', $as_viewer->($expression));
		return $error;
	};
	like($fails->("rivergen.rows($id, 'schema_1', 'collection_1')"), qr/This needs the role editor/, 'a viewer');
	call(
		$server,
		"rivergen.data_source_update($id, "
			. json({ metadata => { values => \@values, query => { enabled => $true, viewers => $true } } }) . ')');
	is( sql($server, $as_viewer->("jsonb_array_length(rivergen.rows($id, 'schema_1', 'collection_1') #> '{data,rows}')")
		),
		5,
		'a viewer where viewers may');
	like($fails->("rivergen.query($id, 'x')"), qr/This needs the role editor/, 'but not in the source\'s words');
	like($fails->("rivergen.attach($id)"), qr/This needs the role editor/, 'nor attach');
};

done_testing();
