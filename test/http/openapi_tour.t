# GET /api/v1/openapi.json is true: what it promises of requests is what the service takes and refuses, and every answer of
# a tour through all paths is as it describes it.
use strict;
use warnings;

use Gateway;
use JSON::PP;
use OpenApi;
use Rivergen;
use Test::More;

my ($true, $false) = (JSON::PP::true, JSON::PP::false);
my $gateway = Gateway->start('openapi');
my $node = $gateway->{node};
install_fake($node);
my $me = $gateway->as('postgres');
my ($sources, $descriptions) = ('/api/v1/data-sources', '/api/v1/table-descriptions');
my $document = ($gateway->request(GET => '/api/v1/openapi.json'))[2];

my %visited;    # operations and statuses

# A request of the tour: its answer has the status given, which is one that the document names, and is valid, with the
# headers that are described. Returns the body.
sub visit
{
	my ($expected, $method, $path, $body, %more) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($template, $verb) = operation_of($document, $method, $path) or return fail("$method $path is described");
	my $operation = $document->{paths}{$template}{$verb};
	my ($got, $answered, $answer) = $gateway->request(
		$method, $path, { %{ exists $more{as} ? $more{as} : $me }, %{ $more{headers} // {} } },
		$body);
	my $name = "$operation->{operationId}: $expected" . ($more{name} ? " ($more{name})" : '');
	is($got, $expected, $name) or diag(explain($answer)), return $answer;
	$visited{ $operation->{operationId} }{$got} = 1;

	my @where = ('paths', $template, $verb, 'responses', $got);
	my $response = $operation->{responses}{$got} // return fail("$name is described");
	if (my ($shared) = ($response->{'$ref'} // '') =~ m{^#/components/responses/(\w+)$})
	{
		@where = ('components', 'responses', $shared);
		$response = $document->{components}{responses}{$shared};
	}
	ok(defined $answered->{ lc $_ }, "$name has $_") for sort keys %{ $response->{headers} // {} };
	expect_valid($name, pointer(@where, 'content', 'application/json', 'schema'), $answer, closed => 1);
	expect_valid(
		"$name: its request",
		pointer('paths', $template, $verb, 'requestBody', 'content', 'application/json', 'schema'), $body,
		valid => $got < 300) if ref $body eq 'HASH' && ($got < 300 || $more{refused});
	return $answer;
}

# The service and the document are of one mind about these bodies.
subtest 'good and bad requests' => sub {
	my %server = (host => 'db.example.com', port => 5432, database_name => 'production');
	my %plain = (schema_auto_refresh => $false, credentials => { username => 'dbuser', password => 'securepassword' });
	my $number = 0;
	my $try = sub {
		my ($expected, $name, %body) = @_;
		my %request = (name => 'Request ' . ++$number, type => 'postgresql', %plain, %body);
		delete @request{ grep { ref $request{$_} eq 'CODE' } keys %request };
		visit($expected, POST => $sources, \%request, refused => 1, name => $name);
	};
	my $absent = sub { };
	$try->(201, 'a server', %server);
	$try->(201, 'a connection string', connection_string => 'postgresql://db.example.com:5432/production');
	$try->(
		201, 'nulls', %server,
		map { $_ => undef }
			qw(workspace_id description schema_name connection_string file_path ssh_host max_retries tags metadata));
	$try->(201, 'a file', type => 'csv', file_path => 'organizations/1/files/1/file.csv', credentials => {});
	$try->(201, 'a type without a database name', type => 'redis', host => 'db.example.com', port => 6379);
	$try->(201, 'a type without a host', type => 'bigquery', database_name => 'project');
	$try->(201, 'a type that needs nothing', type => 'other');
	$try->(
		201, 'a tunnel', %server, use_ssh_tunnel => $true, ssh_host => 'bastion.example.com',
		ssh_username => 'tunnel');
	$try->(
		201, 'keys that only this type takes', type => 's3', file_path => 'organizations/1/x',
		credentials => { access_key_id => 'x', secret_access_key => 'y' });
	$try->(400, 'keys of another type', %server, credentials => { username => 'x', access_key_id => 'y' });
	$try->(201, 'what is ignored', %server, storage_file_id => 7);
	$try->(
		201,
		'settings',
		%server,
		metadata => {
			own => [1], tls => { mode => 'require' }, scan => { masking => $true },
			discovery => {
				include => ['sales'], window => { from => '22:00', to => '06:00', days => ['mon'], time_zone => 'UTC' }
			}
		});
	$try->(400, 'no name', %server, name => $absent);
	$try->(400, 'an empty name', %server, name => '');
	$try->(400, 'a name that is null', %server, name => undef);
	$try->(400, 'a long name', %server, name => 'x' x 256);
	$try->(400, 'no credentials', %server, credentials => $absent);
	$try->(400, 'credentials that are null', %server, credentials => undef);
	$try->(400, 'credentials that are unknown', %server, credentials => { user => 'dbuser' });
	$try->(400, 'an empty credential', %server, credentials => { username => '' });
	$try->(400, 'no type', %server, type => $absent);
	$try->(400, 'an unknown type', %server, type => 'postgres');
	$try->(400, 'no host', port => 5432, database_name => 'production');
	$try->(400, 'no port', host => 'db.example.com', database_name => 'production');
	$try->(400, 'a host that is null', %server, host => undef);
	$try->(400, 'no file', type => 'csv');
	$try->(400, 'a file elsewhere', type => 'csv', file_path => '/etc/passwd');
	$try->(400, 'a tunnel without a host', %server, use_ssh_tunnel => $true, ssh_username => 'tunnel');
	$try->(400, 'a tunnel without a user', %server, use_ssh_tunnel => $true, ssh_host => 'bastion.example.com');
	$try->(400, "$_->[0] $_->[1]", %server, $_->[0] => $_->[1])
		for [ port => 0 ], [ port => 65536 ], [ port => '5432' ], [ port => 1.5 ], [ connection_pool_size => 0 ],
		[ connection_pool_size => 101 ],
		[ connection_timeout => 3601 ], [ query_timeout => 86401 ], [ max_retries => -1 ], [ max_retries => 101 ],
		[ schema_refresh_interval => 59 ],
		[ use_ssh_tunnel => 'yes' ], [ tags => 'production' ], [ tags => [''] ], [ tags => [ 'x' x 101 ] ],
		[ metadata => [] ],
		[ metadata => { tls => { mode => 'on' } } ], [ metadata => { scan => { samples => $true } } ],
		[ metadata => { discovery => { window => { from => '9:00' } } } ],
		[ description => 7 ], [ hots => 'db.example.com' ], [ status => 'active' ], [ id => 7 ];
	sql($node, 'SELECT rivergen.data_source_delete(id, true) FROM rivergen.data_sources');
};

subtest 'the requests of the pages' => sub {
	my $examples = $document->{components}{examples};
	for my $name (qw(every_field what_is_needed))
	{
		my $id = visit(201, POST => $sources, $examples->{"createDataSource.$name"}{value})->{data}{id};
		visit(200, PATCH => "$sources/$id", $examples->{"updateDataSource.$_"}{value})
			for qw(several_fields two_fields);
		visit(200, DELETE => "$sources/$id?force=true");
	}
};

my $remote = start_source('remote', 'first');
sql($remote, <<~'EOT');
	CREATE SCHEMA sales AUTHORIZATION reader;
	SET ROLE reader;
	CREATE TYPE sales.state AS ENUM ('new', 'paid');
	CREATE DOMAIN sales.amount AS numeric NOT NULL;
	CREATE TABLE sales.customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" UNIQUE);
	COMMENT ON TABLE sales.customer IS 'Who buys';
	CREATE TABLE sales.orders (id serial PRIMARY KEY, customer_id bigint REFERENCES sales.customer ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
		state sales.state DEFAULT 'new', total sales.amount, gross numeric GENERATED ALWAYS AS (total * 1.2) STORED,
			CHECK (gross > 0), EXCLUDE (gross WITH =));
	COMMENT ON COLUMN sales.orders.state IS 'How far it is';
	CREATE INDEX open_orders ON sales.orders (customer_id, abs(id)) INCLUDE (total) WHERE state = 'new';
	CREATE TABLE sales.event (at timestamptz NOT NULL) PARTITION BY RANGE (at);
	CREATE TABLE sales.event_2024 PARTITION OF sales.event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
	CREATE TABLE sales.vip () INHERITS (sales.customer);
	CREATE VIEW sales.open AS SELECT * FROM sales.orders WHERE state = 'new';
	CREATE MATERIALIZED VIEW sales.total AS SELECT sum(total) FROM sales.orders;
	INSERT INTO sales.customer (name) VALUES ('Ann'), (NULL);
	EOT

subtest 'a tour: data sources' => sub {
	my $id = visit(201, POST => $sources, source_of($remote, 'first'))->{data}{id};
	my $source = visit(200, GET => "$sources/$id")->{data};
	visit(
		200, PATCH => "$sources/$id", { description => 'Sales', tags => ['production'] },
		headers => { 'If-Match' => qq("$source->{updated_at}") });
	visit(
		412, PATCH => "$sources/$id", { description => 'Again' },
		headers => { 'If-Match' => qq("$source->{updated_at}") });
	visit(200, GET => "$sources?type=postgresql&status_filter=inactive&tags=production");
	visit(200, GET => "$sources?after=");
	visit(400, GET => "$sources?page=0");
	visit(409, POST => $sources, source_of($remote, 'first'));
	visit(200, PUT => "$sources/$id/credentials", { username => 'reader', password => 'first' });
	visit(400, PUT => "$sources/$id/credentials", { user => 'reader' }, refused => 1);
	visit(200, POST => "$sources/$id/test");
	visit(200, POST => "$sources/test", source_of($remote, 'wrong', name => 'another'));
	visit(200, POST => "$sources/$id/databases");
	my $server = source_of($remote, 'wrong');
	delete @$server{qw(name database_name)};
	visit(200, POST => "$sources/databases", $server);
	visit(200, PUT => "$sources/$id/status", { status => 'maintenance' });
	visit(409, POST => "$sources/$id/test");
	visit(200, PUT => "$sources/$id/status", { status => 'active' });
	visit(400, PUT => "$sources/$id/status", { status => 'testing' }, refused => 1);
	visit(400, PUT => "$sources/$id/status", {}, refused => 1);
	visit(409, DELETE => "$sources/$id/host-key");
	sql($node,
		"UPDATE rivergen_catalog.data_source_state SET ssh_host_key = 'bastion a key' WHERE data_source_id = $id");
	visit(200, DELETE => "$sources/$id/host-key");
	visit(200, DELETE => "$sources/$id");
	visit(200, POST => "$sources/$id/restore");
	visit(409, POST => "$sources/$id/restore");
	visit(200, GET => "$sources/$id/health?history_limit=5");
	visit(404, GET => "$sources/999999");
	visit(401, GET => $sources, undef, as => {});
	sql($node, "SELECT rivergen.user_create('nobody')");
	visit(403, GET => $sources, undef, as => $gateway->as('nobody'));
	visit(415, PATCH => "$sources/$id", '{}', headers => { 'Content-Type' => 'text/plain' });
};

subtest 'a tour: discovery' => sub {
	my $id = visit(200, GET => "$sources?search=remote")->{data}{items}[0]{id};
	visit(200, GET => "$sources/$id/schemas");
	visit(200, POST => "$sources/$id/discover-schema");
	visit(200, POST => "$sources/$id/discover-schema?schema_name=sales&refresh=true&full=true");
	my $schemas = visit(200, GET => "$sources/$id/schemas")->{data}{schemas};
	cmp_ok(scalar(map { @{ $_->{tables} } } @$schemas), '>', 8, 'with something of everything');
	visit(200, GET => "$sources/$id/schemas?include_columns=false&schema_name=sales&table_name=orders");
	visit(404, GET => "$sources/$id/schemas?schema_name=absent");
	my $job =
		visit(202, POST => "$sources/$id/discover-schema?refresh=true", undef, headers => { Prefer => 'respond-async' })
		->{data}{job_id};
	wait_job($node, $job, 'succeeded');
	visit(200, GET => "/api/v1/jobs/$job");
	visit(200, GET => "$sources/$id/health");
	visit(409, POST => "/api/v1/jobs/$job/cancel");
	visit(200, GET => "$sources/$id/jobs?status=succeeded");
	visit(404, GET => '/api/v1/jobs/999999');

	my $fake = visit(201, POST => $sources, fake_source('hangs', { behaviour => 'hang' }))->{data}{id};
	my $running = visit(202, POST => "$sources/$fake/discover-schema", undef, headers => { Prefer => 'respond-async' })
		->{data}{job_id};
	wait_for('it to run', sub { job($node, $running)->{phase} });
	visit(200, GET => "/api/v1/jobs/$running");
	visit(200, POST => "/api/v1/jobs/$running/cancel");
	wait_job($node, $running, 'cancelled');
	visit(200, GET => "/api/v1/jobs/$running");
	visit(200, PATCH => "$sources/$fake", { metadata => { behaviour => 'crash' } });
	visit(502, POST => "$sources/$fake/discover-schema");
	fake_beginning($node, capabilities => []);
	visit(501, POST => "$sources/$fake/discover-schema");
	visit(501, POST => "$sources/$fake/test");
	fake_beginning($node);
	visit(200, GET => "$sources/$fake/jobs");
	visit(200, GET => "$sources/$fake/health");
	visit(200, GET => "$sources/$fake");
};

subtest 'a tour: table descriptions' => sub {
	my $id = visit(200, GET => "$sources?search=remote")->{data}{items}[0]{id};
	visit(201, POST => "$descriptions/refresh", { db_connection_id => "$id" });
	visit(201, POST => "$descriptions/refresh", { db_connection_id => $id + 0 });
	visit(400, POST => "$descriptions/refresh", { connection_id => $id }, refused => 1);
	visit(404, POST => "$descriptions/refresh", { db_connection_id => '999999' });
	my $table = visit(200, GET => "$descriptions?db_connection_id=$id&table_schema=sales&search=customer")
		->{data}{items}[0]{id};
	for my $job (@{ visit(202, POST => "$descriptions/scan", { db_connection_id => "$id" })->{data}{jobs} })
	{
		wait_job($node, $job->{job_id}, 'succeeded');
		visit(200, GET => "/api/v1/jobs/$job->{job_id}");
	}
	visit(202, POST => "$descriptions/scan", { ids => [ $table, $table + 0 ] });
	visit(400, POST => "$descriptions/scan", $_, refused => 1, name => 'neither or both, or none') for { }
	, { ids => [$table], db_connection_id => $id }, { ids => [] };
	visit(
		200, PUT => "$descriptions/$table",
		{ description => 'Customers', columns => [ { name => 'name', description => undef } ] });
	visit(200, PATCH => "$descriptions/$table", { description => undef });
	visit(400, PATCH => "$descriptions/$table", { descripton => 'x' }, refused => 1);
	visit(200, GET => "$descriptions/$table");
	visit(404, GET => "$descriptions/999999");
};

subtest 'a tour: documents of descriptions' => sub {
	my $document = visit(200, GET => "$descriptions/export?table_schema=sales&only_described=false")->{data};
	$document->{descriptions}[0]{tags} = ['marked'];
	visit(200, POST => "$descriptions/apply?check_only=true", $document);
	is(visit(200, POST => "$descriptions/apply", $document)->{data}{counts}{changed}, 1, 'an entry is applied');
	visit(
		200, POST => "$descriptions/apply",
		{ descriptions => [ { %{ $document->{descriptions}[0] }, version => 'x' } ] });
	visit(400, POST => "$descriptions/apply", { descriptions => 7 }, refused => 1);
	visit(404, GET => "$descriptions/export?db_connection_id=999999");
	visit(200, GET => "$descriptions/coverage");
	visit(404, GET => "$descriptions/coverage?db_connection_id=999999");
	visit(200, GET => "$descriptions?tags=marked");
	visit(200, GET => '/api/v1/search?query=tag:marked&facets=true');
};

subtest 'a tour: search' => sub {
	my $id = visit(201, POST => $sources, fake_source('sought'))->{data}{id};
	visit(200, POST => "$sources/$id/discover-schema");
	my $found = visit(200, GET => "/api/v1/search?query=collection&data_source_id=$id&limit=1&facets=true")->{data};
	visit(
		200,
		GET => "/api/v1/search?query=collection&data_source_id=$id&kinds=table,column&after=$found->{next_cursor}");
	visit(200, GET => '/api/v1/search?query=sought&kinds=source');
	visit(200, GET => '/api/v1/search?query=%25');
	visit(400, GET => '/api/v1/search');
	visit(400, GET => '/api/v1/search?query=a&kinds=row&limit=0');
	visit(404, GET => '/api/v1/search?query=a&data_source_id=999999');
};

subtest 'a tour: schema context' => sub {
	my $id = visit(201, POST => $sources, fake_source('written'))->{data}{id};
	visit(200, POST => "$sources/$id/discover-schema");
	my $context =
		visit(200, GET => "/api/v1/schema-context?data_source_id=$id&question=collection&budget=500&format=ddl")
		->{data};
	is_deeply(
		visit(
			200, POST => '/api/v1/schema-context',
			{ data_source_id => $id, question => 'collection', budget => 500, format => 'ddl' })->{data},
		$context,
		'GET and POST answer the same');
	visit(
		404,
		GET =>
			'/api/v1/schema-context?tables=absent,other&schemas=a&max_tables=3&examples=false&hints=false&descriptions=false'
	);
	my $table = $context->{tables}[0]{table_name};
	is_deeply(
		visit(200, POST => '/api/v1/schema-context', { data_source_id => $id, tables => [ $table, 'absent' ] })
			->{data}{not_found},
		{ schemas => [], tables => ['absent'] },
		'names that nothing has');
	my $all = visit(200, GET => '/api/v1/schema-context')->{data};
	is_deeply(visit(200, GET => '/api/v1/schema-context?tables=&schemas=')->{data}, $all, 'no names are no scope');
	is_deeply(
		visit(200, POST => '/api/v1/schema-context', { tables => [], schemas => [] })->{data},
		$all, 'in a body, too');
	visit(400, GET => '/api/v1/schema-context?format=xml&budget=1');
	visit(400, POST => '/api/v1/schema-context', { budget => 'much' });
	visit(404, GET => '/api/v1/schema-context?data_source_id=999999');
};

subtest 'a tour: reading in place' => sub {
	my $id = visit(
		201, POST => $sources,
		fake_source('read', { query => { enabled => $true }, values => [ [ 1, undef ], [ 2, 'x' ] ] }))->{data}{id};
	visit(200, POST => "$sources/$id/discover-schema");
	visit(200, GET => "$sources/$id/rows?table_schema=schema_1&table_name=collection_1&columns=c1,c2&limit=1");
	visit(400, GET => "$sources/$id/rows");
	visit(404, GET => "$sources/$id/rows?table_name=absent");
	visit(200, POST => "$sources/$id/query", { query => 'all', row_limit => 1, timeout => 60 });
	visit(200, POST => "$sources/$id/query", { query => 'all', check_only => $true });
	visit(400, POST => "$sources/$id/query", { text => 'all' }, refused => 1);
	visit(403, POST => "$sources/$id/attachment", {});
	sql($node, 'CREATE ROLE keeper');
	sql($node, q{DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO keeper', current_database()); END $$});
	sql($node, "SELECT rivergen.organization_set_attachment_role(1, 'keeper')");
	visit(200, POST => "$sources/$id/attachment", { dry_run => $true });
	visit(
		200, POST => "$sources/$id/attachment",
		{ local_schema => 'here', schemas => ['schema_1'], tables => ['collection_1'] });
	is( sql($node, "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'here'"), 'keeper',
		'it belongs to the named role');
	visit(400, POST => "$sources/$id/attachment", { local_schema => 'pg_catalog' });
	sql($node, <<~'EOT');
		CREATE FOREIGN DATA WRAPPER tds_fdw;
		CREATE SERVER old FOREIGN DATA WRAPPER tds_fdw OPTIONS (servername 'sql.example.com', database 'shop', tds_version '7.1');
		GRANT USAGE ON FOREIGN SERVER old TO keeper;
		CREATE USER MAPPING FOR keeper SERVER old OPTIONS (username 'reader', password 'secret');
		EOT
	visit(200, GET => '/api/v1/foreign-servers');
	visit(201, POST => "$sources/from-foreign-server", { server_name => 'old', name => 'of a foreign server' });
	visit(404, DELETE => "$sources/$id/attachment?local_schema=there");
	visit(200, DELETE => "$sources/$id/attachment?local_schema=here&force=true");
	visit(200, PATCH => "$sources/$id", { metadata => {} });
	visit(403, GET => "$sources/$id/rows?table_schema=schema_1&table_name=collection_1");
	visit(404, GET => "$sources/999999/rows?table_name=t");
};

subtest 'a tour: callers who may not wait' => sub {
	change_settings($node, 'rivergen.http_wait_limit' => 1);
	$gateway->stop_postgrest;
	$gateway->start_postgrest;
	my $id = visit(201, POST => $sources, fake_source('hangs again', { behaviour => 'hang' }))->{data}{id};
	my $job = visit(202, POST => "$descriptions/refresh", { db_connection_id => "$id" })->{data}{job_id};
	visit(200, POST => "/api/v1/jobs/$job/cancel");
};

subtest 'a tour: reference' => sub {
	visit(200, GET => '/api/v1/data-source-types');
	visit(200, GET => '/api/v1/openapi.json', undef, as => {});
	my $key = visit(200, GET => '/api/v1/sealing-key')->{data};
	expect_valid(
		'sealed credentials', schema_of('Credentials'),
		{ sealed => 'AAAA', key_id => $key->{key_id}, keys => ['username'] });
	expect_valid(
		'sealed and open credentials', schema_of('Credentials'),
		{ sealed => 'AAAA', key_id => 1, username => 'reader' }, valid => 0);
	expect_valid(
		'an error of an unknown code', schema_of('Error'),
		{ success => $false, error => { code => 'TEAPOT', message => '', details => [] } }, valid => 0);
};

subtest 'the tour led everywhere' => sub {
	for my $path (sort keys %{ $document->{paths} })
	{
		for my $method (sort keys %{ $document->{paths}{$path} })
		{
			my $operation = $document->{paths}{$path}{$method};
			for my $success (grep { /^2/ } sort keys %{ $operation->{responses} })
			{
				ok($visited{ $operation->{operationId} }{$success}, "$operation->{operationId}: $success");
			}
		}
	}
};

subtest 'valid' => sub { all_are_valid($document, 100) };

survives($node);
done_testing();
