# The main job, end to end: register, discover (waiting and not), read what was found, discover again.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
sql($source, <<'EOT');
CREATE SCHEMA sales;
CREATE SCHEMA "We""ird.Schema";
CREATE TYPE sales.state AS ENUM ('new', 'paid', 'shipped');
CREATE TABLE sales.customer (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email text NOT NULL UNIQUE,
	state sales.state DEFAULT 'new');
COMMENT ON TABLE sales.customer IS 'Who buys';
COMMENT ON COLUMN sales.customer.email IS 'In lower case';
CREATE TABLE sales.orders (
	customer_id bigint NOT NULL REFERENCES sales.customer ON DELETE CASCADE,
	number int,
	placed date NOT NULL,
	total numeric(12,2) CHECK (total >= 0),
	PRIMARY KEY (customer_id, number));
CREATE INDEX orders_placed ON sales.orders (placed) WHERE total > 100;
CREATE VIEW sales.big_orders AS SELECT * FROM sales.orders WHERE total > 1000;
CREATE TABLE "We""ird.Schema"."Ünï table" ("a.b" int, "Order" text);
EOT

subtest 'quick_start again' => sub {
	my $ids = call($server, "rivergen.quick_start('Acme')")->{data};
	is_deeply(call($server, "rivergen.quick_start(' Acme ')")->{data}, $ids, 'with the same name changes nothing');
	call_fails(
		$server, "rivergen.quick_start('Acme Ltd')", 'with another one it is refused', sqlstate => 'PT409',
		message => 'the role of the session is a member of another organization already', detail => 'It is Acme.',
		hint => qr/^Give that name, or .*organization_create/);
	is( sql($server, 'SELECT count(*) FROM rivergen_catalog.organization WHERE organization_id > 0'), 1,
		'quick_start with the same name makes no second organization');
};

subtest 'register' => sub {
	my $body = call($server, 'rivergen.data_source_create(' . json(source_of($source, $password)) . ')');
	ok($body->{success}, 'success');
	is($body->{message}, 'Data source created successfully', 'the message of the specification');
	is($body->{data}{status}, 'inactive', 'not yet connected');
	is($body->{data}{schema_discovered_at}, undef, 'not yet discovered');
	unlike(json($body), qr/\Q$password\E/, 'the answer does not repeat the password');
	is(sql($server, 'SELECT count(*) FROM rivergen.jobs'), 0, 'without schema_auto_refresh nothing is queued');
};
my $id = sql($server, 'SELECT max(id) FROM rivergen.data_sources');

subtest 'discover and wait' => sub {
	my $body = discover($server, $id);
	is($body->{message}, 'Schema discovery completed', 'the message of the specification');
	my $data = $body->{data};
	is_deeply(
		[ sort keys %$data ],
		[   sort qw(data_source_id schemas_discovered total_tables total_columns discovered_at
				discovery_duration_ms) ],
		'the members of the specification');
	is_deeply(
		[ sort { $a->{schema_name} cmp $b->{schema_name} } @{ $data->{schemas_discovered} } ],
		[   { schema_name => 'We"ird.Schema', tables_count => 1, views_count => 0 },
			{ schema_name => 'public', tables_count => 0, views_count => 0 },
			{ schema_name => 'sales', tables_count => 2, views_count => 1 } ],
		'every schema, the empty one too');
	is($data->{total_tables}, 3, 'tables');
	is( $data->{total_columns}, sql($server, "SELECT count(*) FROM rivergen.columns WHERE data_source_id = $id"),
		'columns');
	like($data->{discovered_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, 'a time in UTC');
	is(call($server, "rivergen.data_source_get($id)")->{data}{status}, 'active', 'the source is active');
	clean_server($server);
};

subtest 'views' => sub {
	my $in = "WHERE data_source_id = $id";
	is( sql($server, "SELECT string_agg(table_schema || '/' || table_name || '/' || table_type, ' '
		ORDER BY table_schema COLLATE \"C\", table_name) FROM rivergen.tables $in"),
		'We"ird.Schema/Ünï table/BASE TABLE sales/big_orders/VIEW sales/customer/BASE TABLE sales/orders/BASE TABLE',
		'tables');
	is( sql($server,
			"SELECT string_agg(column_name || ' ' || data_type || ' ' || is_nullable, ', ' ORDER BY ordinal_position)
		FROM rivergen.columns $in AND table_name = 'orders'"),
		'customer_id bigint NO, number integer NO, placed date NO, total numeric(12,2) YES',
		'columns');
	is( sql($server, "SELECT string_agg(column_name, '|' ORDER BY ordinal_position) FROM rivergen.columns $in
		AND table_name = 'Ünï table'"),
		'a.b|Order',
		'names as the source spells them');
	like(
		sql($server,
			"SELECT string_agg(to_jsonb(c)::text, ' ') FROM rivergen.constraints c $in AND table_name = 'orders'"),
		qr/customer_id.*number|orders_pkey/,
		'constraints');
	like(
		sql($server, "SELECT string_agg(to_jsonb(i)::text, ' ') FROM rivergen.indexes i $in"), qr/orders_placed/,
		'indexes');
	like(sql($server, "SELECT to_jsonb(v) FROM rivergen.views v $in"), qr/1000/, 'a view and its definition');
	is(sql($server, "SELECT count(*) FROM rivergen.schemas $in"), 3, 'schemas');
};

subtest 'data_source_schemas' => sub {
	my $body = call($server, "rivergen.data_source_schemas($id, schema_name => 'sales', table_name => 'customer')");
	ok($body->{success}, 'success');
	like(json($body), qr/In lower case/, 'column comments are there');
	like(json($body), qr/shipped/, 'enum labels are there');
	unlike(
		json(call($server, "rivergen.data_source_schemas($id, include_columns => false)")), qr/In lower case/,
		'columns can be left out');
};

subtest 'cached and refreshed' => sub {
	my $before = fingerprint($server, $id);
	my $jobs = sql($server, 'SELECT count(*) FROM rivergen.jobs');
	my $first = discover($server, $id);
	is_deeply(discover($server, $id), $first, 'the cached answer is the same again');
	is(sql($server, 'SELECT count(*) FROM rivergen.jobs'), $jobs, 'a cached answer takes no job');

	my $again = discover($server, $id, 'refresh => true');
	isnt($again->{data}{discovered_at}, $first->{data}{discovered_at}, 'a refresh looks again');
	is(fingerprint($server, $id), $before, 'a refresh without changes writes nothing');

	sql($source, 'ALTER TABLE sales.customer ADD city text; DROP VIEW sales.big_orders; CREATE TABLE sales.note ()');
	my $changed = discover($server, $id, 'refresh => true')->{data};
	is($changed->{total_tables}, 4, 'one table more');
	is( sql($server, "SELECT count(*) FROM rivergen.columns WHERE data_source_id = $id AND column_name = 'city'"), 1,
		'the new column');
	is(sql($server, "SELECT count(*) FROM rivergen.views WHERE data_source_id = $id"), 0, 'the view is gone');
	is(discover($server, $id, 'refresh => true, "full" => true')->{data}{total_tables}, 4, 'a full read agrees');
};

subtest 'one schema' => sub {
	my $data = discover($server, $id, q(schema_name => 'sales'))->{data};
	is_deeply([ map { $_->{schema_name} } @{ $data->{schemas_discovered} } ], ['sales'], 'only that one');
	is($data->{total_tables}, 3, 'its tables');
	is(discover($server, $id, q(schema_name => 'sales', refresh => true))->{data}{total_tables}, 3, 'refreshed alone');
	is( sql($server, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $id AND table_schema <> 'sales'"), 1,
		'the others are still there');
	call_fails(
		$server, "rivergen.discover_schema($id, schema_name => 'no such', refresh => true)", 'an unknown schema',
		sqlstate => 'PT404', says => qr/no such/);
	call_fails($server, 'rivergen.discover_schema(987654321)', 'an unknown source', sqlstate => 'PT404');
	clean_server($server);
};

subtest 'in the background' => sub {
	my $body = call($server, "rivergen.discover_schema($id, refresh => true, wait => false)");
	is($body->{message}, 'Schema discovery started', 'the message');
	is($body->{data}{status}, 'queued', 'queued');
	my $job = wait_job($server, $body->{data}{job_id}, qw(succeeded failed cancelled));
	is($job->{status}, 'succeeded', 'the queued discovery succeeds');
	is($job->{data_source_id}, $id, 'for that source');
	is($job->{attempts}, 1, 'at the first attempt');
	isnt($job->{$_}, undef, $_) for qw(queued_at started_at finished_at requested_by_user_id result);
	is($job->{error_code}, undef, 'no error');

	is(call($server, "rivergen.job_get($job->{job_id})")->{data}{status}, 'succeeded', 'job_get');
	my $listed = call($server, "rivergen.job_list(data_source_id => $id, status => 'succeeded', page_size => 1)");
	is($listed->{data}{items}[0]{job_id}, $job->{job_id}, 'job_list, the newest first');
	cmp_ok($listed->{data}{pagination}{total_items}, '>', 1, 'with the total');
	call_fails($server, 'rivergen.job_get(987654321)', 'an unknown job', sqlstate => 'PT404');
	clean_server($server);
};

subtest 'created with schema_auto_refresh' => sub {
	my $auto = source_of($source, $password, name => 'automatic', schema_auto_refresh => JSON::PP::true);
	my $new = create_source($server, $auto);
	my $found = sub { sql($server, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $new") };
	wait_for('the first discovery', sub { $found->() == 4 });
	pass('it is discovered without being asked');
	is( sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $new"), 1,
		'a new source is discovered by one job');

	my $gone = json({ %$auto, name => 'rolled back' });
	sql($server, "BEGIN; SELECT rivergen.data_source_create($gone); ROLLBACK");
	is( sql($server, "SELECT count(*) FROM rivergen_catalog.job j LEFT JOIN rivergen_catalog.data_source s
		USING (organization_id, data_source_id) WHERE s.name IS NULL OR s.name = 'rolled back'"),
		0,
		'a rollback leaves no job');
};

subtest 'transactions' => sub {
	my $request = json(source_of($source, $password, name => 'not yet committed'));
	call_fails(
		$server, "1; BEGIN; SELECT rivergen.discover_schema((rivergen.data_source_create($request)
		#>> '{data,id}')::bigint)", 'a source of the same transaction', sqlstate => 'PT409', hint => qr/commit/i);

	sql($source, 'CREATE TABLE sales.later ()');
	my $seen = sql(
		$server, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class;
		SELECT rivergen.discover_schema($id, refresh => true); ROLLBACK");
	like($seen, qr/"total_tables": 5/, 'an old snapshot still gets the new result');
	is( sql($server, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $id AND table_name = 'later'"), 1,
		'the rollback of the caller does not undo the discovery');
};

subtest 'many at once' => sub {
	my @sessions = map { session_start($server, "SELECT rivergen.discover_schema($id, refresh => true)") } 1 .. 6;
	my @answers = map { [ session_end($_) ] } @sessions;
	is(scalar(grep { $_->[0] =~ /"success": true/ } @answers), 6, 'all get their answer')
		or diag(join '', map { $_->[1] } @answers);
	clean_server($server);
};

subtest 'what the server lacks' => sub {
	my $bare = start_server('bare');
	$bare->append_conf('postgresql.conf', "shared_preload_libraries = ''");
	$bare->restart;
	my $new = create_source($bare, source_of($source, $password));
	ok($new, 'without shared_preload_libraries a source can be created');
	call_fails(
		$bare, "rivergen.discover_schema($new)", 'but not discovered', sqlstate => 'PT503',
		hint => qr/shared_preload_libraries/);

	$bare->append_conf('postgresql.conf', "shared_preload_libraries = 'rivergen'\nrivergen.key_file = ''");
	$bare->restart;
	my $error = call_fails(
		$bare, "rivergen.discover_schema($new)", 'without a key its credentials cannot be opened',
		sqlstate => 'PT503', says => qr/cannot be opened/);
	my ($job) = $error->{detail} =~ /job (\d+)/;
	is(job($bare, $job)->{error_code}, 'key_missing', 'the job without key file fails with key_missing');
	clean_server($bare);
};

survives($server);
done_testing();
