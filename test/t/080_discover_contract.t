# What the page "Discover Schema" of the API promises of discovery, sentence by sentence: each test's name quotes.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
sql($source, <<'EOS');
CREATE SCHEMA analytics;
CREATE SCHEMA empty;
CREATE DOMAIN analytics.code AS text NOT NULL;
CREATE TABLE analytics.plain (id int PRIMARY KEY, code analytics.code, label varchar(20));
CREATE TABLE analytics.whole (day date) PARTITION BY RANGE (day);
CREATE TABLE analytics.part PARTITION OF analytics.whole DEFAULT;
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER far FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE analytics.distant (a int) SERVER far;
CREATE VIEW analytics.seen AS SELECT id FROM analytics.plain;
CREATE MATERIALIZED VIEW analytics.kept AS SELECT id FROM analytics.plain;
CREATE SEQUENCE analytics.counter;
CREATE TABLE public.t (a int, b text);
EOS
my $id = create_source($server, source_of($source, $password, schema_name => 'public'));

sub source_member
{
	return sql(
		$server,
		"SELECT to_jsonb(d) #>> '{$_[0]}' FROM rivergen.data_source_get($id) g, jsonb_extract_path(g, 'data') d");
}
sub jobs { return sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $id") }
sub in_schema
{
	my ($name, $data) = @_;
	return (grep { $_->{schema_name} eq $name } @{ $data->{schemas_discovered} })[0];
}

subtest 'the answer' => sub {
	my $edited = join ' ', source_member('updated_at'), source_member('updated_by_user_id');
	my $body = discover($server, $id);
	is(join(' ', sort keys %$body), 'data message success', 'Success (200)');
	is($body->{message}, 'Schema discovery completed', '"message": "Schema discovery completed"');
	my $data = $body->{data};
	is($data->{data_source_id}, $id, '"data_source_id": 1');
	is( join(' ', map { $_->{schema_name} } @{ $data->{schemas_discovered} }), 'analytics empty public',
		'if not provided, discovers all schemas; the source\'s own schema_name is not a filter');
	is_deeply(
		in_schema('empty', $data), { schema_name => 'empty', tables_count => 0, views_count => 0 },
		'Empty schemas are listed with zeros');
	is( in_schema('analytics', $data)->{tables_count}, 4,
		'tables_count: tables, partitioned tables, partitions, foreign tables');
	is(in_schema('analytics', $data)->{views_count}, 2, 'views_count: views and materialized views');
	is($data->{total_tables}, 5, 'total_tables = sum of tables_count');
	is( $data->{total_columns}, sql($server, "SELECT count(*) FROM rivergen.columns WHERE data_source_id = $id"),
		'total_columns = rows of rivergen.columns in scope');
	like($data->{discovery_duration_ms}, qr/^\d+$/, '"discovery_duration_ms": 5234');
	is( join(' ', source_member('updated_at'), source_member('updated_by_user_id')), $edited,
		"updated_at and updated_by_user_id are for people's edits only");
	is(source_member('status'), 'active', 'Discovery and test both set status');
	is(source_member('schema_discovered_at'), $data->{discovered_at}, 'Get Data Source - View schema discovery status');
};

subtest 'the cache' => sub {
	my ($whole, $jobs) = (discover($server, $id)->{data}, jobs());
	my $scoped = discover($server, $id, q(schema_name => 'analytics'))->{data};
	is(jobs(), $jobs, 'A cached full discovery answers scoped calls');
	is($scoped->{discovered_at}, $whole->{discovered_at}, 'a cached answer carries its own discovered_at');
	is($scoped->{discovery_duration_ms}, $whole->{discovery_duration_ms}, '... and duration');
	is( "$scoped->{total_tables} $scoped->{total_columns}",
		'4 ' . sql(
			$server, "SELECT count(*) FROM rivergen.columns
		WHERE data_source_id = $id AND table_schema = 'analytics'"),
		'the totals are those in scope');

	my $other = create_source($server, source_of($source, $password, name => 'scoped first'));
	discover($server, $other, q(schema_name => 'public'));
	is( join(' ', map { $_->{schema_name} } @{ discover($server, $other)->{data}{schemas_discovered} }),
		'analytics empty public',
		'... not the other way round');
	is( sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $other"), 2,
		'the whole was read by a job of its own');

	sql($source, 'CREATE TABLE public.more (c int)');
	is(discover($server, $id)->{data}{total_tables}, 5, 'Caches discovered schema for performance');
	is( discover($server, $id, 'refresh => true')->{data}{total_tables}, 6,
		'Force refresh even if schema is already cached');
};

subtest 'what is refused' => sub {
	call_fails(
		$server, "rivergen.discover_schema($id, schema_name => 'nowhere')", 'An unknown schema is 404 naming it',
		sqlstate => 'PT404', says => qr/nowhere/);
	is(source_member('status'), 'active', 'a failed discovery of one schema leaves the source active');
	call_fails(
		$server, 'rivergen.discover_schema(987654321)', '404 | NOT_FOUND | Data source not found', sqlstate => 'PT404',
		says => qr/not found/);
	call($server, "rivergen.data_source_set_status($id, 'maintenance')");
	call_fails($server, discovery($id, 'refresh => true'), 'Source in maintenance: 409', sqlstate => 'PT409');
	call($server, "rivergen.data_source_set_status($id, 'inactive')");
	my ($port, $socket) = refused_port();
	my $deaf = create_source($server, source_of($source, $password, name => 'deaf', port => $port));
	my $job = discover_fails(
		$server, $deaf, 'The remote fails under wait: 502 with the job\'s id in the detail; the bookkeeping stays',
		sqlstate => 'PT502', code => 'refused', says => qr/Connection refused/);
	is($job->{attempts}, 1, 'the person was told at once');
};

subtest 'wait => false' => sub {
	my $body = call($server, discovery($id, 'refresh => true, wait => false'));
	is_deeply(
		$body,
		{   success => JSON::PP::true, message => 'Schema discovery started',
			data => { job_id => $body->{data}{job_id}, status => 'queued' }
		},
		'wait => false: {"job_id", "status": "queued"}, message "Schema discovery started"');
	my $job = wait_job($server, $body->{data}{job_id}, qw(succeeded failed cancelled));
	my $named = join ' ',
		qw(job_id data_source_id kind schema_name status phase attempts requested_by_user_id queued_at started_at
		finished_at error_code error_message result);
	is(join(' ', grep { !exists $job->{$_} } split / /, $named), '', "rivergen.jobs: $named");
	is($job->{result}{total_tables}, 6, 'the result is there');
	sql($server, "BEGIN; SELECT rivergen.discover_schema($id, refresh => true, wait => false); ROLLBACK");
	is( sql($server, "SELECT count(*) FROM rivergen.jobs WHERE status = 'queued'"), 0,
		'an ordinary row of the caller\'s transaction');
};

subtest 'transactions' => sub {
	call_fails(
		$server,
		"1; BEGIN; SELECT rivergen.data_source_update($id, '{\"description\": \"new\"}'); SELECT rivergen.discover_schema($id, refresh => true)",
		'A source created or changed by the calling transaction: 409 with the hint to commit first',
		sqlstate => 'PT409', hint => qr/commit/i);
};

subtest 'the views' => sub {
	my $column =
		sub { sql($server, "SELECT $_[1] FROM rivergen.columns WHERE data_source_id = $id AND column_name = '$_[0]'") };
	is($column->('label', 'data_type'), 'character varying(20)', "data_type = the source's own type text");
	is($column->('code', 'data_type'), 'analytics.code', 'format_type under search_path = pg_catalog');
	is($column->('code', 'is_nullable'), 'NO', 'is_nullable: NO for NOT NULL columns and NOT NULL domains');
	is($column->('label', 'is_nullable'), 'YES', 'YES otherwise');
	sql($source, 'DROP TABLE public.more');
	discover($server, $id, 'refresh => true');
	is( sql($server, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $id AND table_name = 'more'"), 0,
		'Views show current relations only');
	is( sql($server,
			"SELECT string_agg(d ->> 'table_name', ' ') FROM rivergen.table_description_list($id, status => 'DEPRECATED') l,
		jsonb_array_elements(l #> '{data,items}') d"),
		'more',
		'deprecated ones through table_description_list');
	like(
		sql($server, "SELECT view_definition FROM rivergen.views WHERE data_source_id = $id AND table_name = 'seen'"),
		qr/SELECT/,
		"A view's definition is in rivergen.views");
};

clean_server($server);
survives($server);
done_testing();
