# The page Discover Schema, sentence by sentence, over HTTP: each test's name quotes. What is counted and cached in
# which case is test/t/080_discover_contract.t's.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use PostgreSQL::Test::Utils;
use Rivergen;
use SpecPage;
use Test::More;
use Web;

my $page = SpecPage->new('Discover Schema', <<'PAGE', <<'ABOUT');
Discover Schema
Sprint 3
Discover and cache the database schema for a data source. This is an async operation that runs in a thread pool executor and may take time for large databases.
Endpoint
POST /api/v1/data-sources/{data_source_id}/discover-schema
Headers
| Header | Required | Description |
|---|---|---|
Authorization | Yes | Bearer <access_token> |
Path Parameters
| Parameter | Type | Required | Description |
|---|---|---|---|
data_source_id | integer | Yes | Data source ID |
Query Parameters
| Parameter | Type | Required | Description |
|---|---|---|---|
schema_name | string | No | Specific schema to discover (if not provided, discovers all schemas) |
refresh | boolean | No | Force refresh even if schema is already cached (default: false) |
Response
Success (200)
{
"success": true,
"data": {
"data_source_id": 1,
"schemas_discovered": [
{
"schema_name": "public",
"tables_count": 25,
"views_count": 5
},
{
"schema_name": "analytics",
"tables_count": 10,
"views_count": 2
}
],
"total_tables": 35,
"total_columns": 450,
"discovered_at": "2024-12-01T11:00:00Z",
"discovery_duration_ms": 5234
},
"message": "Schema discovery completed"
}
Error Codes
| Status | Code | Description |
|---|---|---|
| 401 | UNAUTHORIZED | Invalid or missing authentication token |
| 403 | FORBIDDEN | User is not a member of any organization |
| 404 | NOT_FOUND | Data source not found |
Features
- Async operation (runs in thread pool executor)
- Discovers all schemas or specific schema
- Caches discovered schema for performance
- Force refresh option
- Returns discovery statistics
- May take time for large databases
Important Notes
- This operation is asynchronous and may take time for large databases
- Schema discovery runs in a thread pool executor to prevent blocking the event loop
- Discovered schema is cached and used for query generation
- Use
refresh=trueto force re-discovery even if schema is already cached
Example
curl -X POST "https://api.rivergen.com/api/v1/data-sources/1/discover-schema?schema_name=public&refresh=true" \
-H "Authorization: Bearer <access_token>"
Related Endpoints
- Get Schemas - Get discovered schema information
- Get Data Source - View schema discovery status
PAGE
Discover Schema
Sprint 3
Endpoint
Headers
Path Parameters
Query Parameters
Response
Error Codes
Features
Important Notes
Example
Related Endpoints
ABOUT

my $password = 'Tr0ub4dor-and-3';
my $server = start_web();
my $source = start_source('source', $password);
sql($source, <<'EOS');
CREATE SCHEMA analytics;
CREATE SCHEMA "Überschrift";
CREATE TABLE public.orders (id int PRIMARY KEY, note text);
CREATE VIEW public.seen AS SELECT id FROM public.orders;
CREATE TABLE analytics.facts (id int, "größe" numeric, "数据" text);
CREATE TABLE "Überschrift"."ta/ble ?&" (a int);
GRANT USAGE ON SCHEMA analytics, "Überschrift" TO reader;
EOS
my $path = '/api/v1/data-sources';
my $id = as('ada', POST => $path, body => source_of($source, $password))->{body}{data}{id};

sub discover_schema
{
	my ($who, $query, %option) = @_;
	return as($who, POST => "$path/" . ($option{id} // $id) . '/discover-schema' . ($query // ''), %option);
}
sub found { my ($query, $name) = @_; return succeeded(discover_schema('ada', $query), 200, $name) }
sub schemas_of
{
	my ($data) = @_;
	return join ' ', map { $_->{schema_name} } @{ $data->{schemas_discovered} };
}
sub jobs { return sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $id") }

my $example = $page->body('Success (200)');
my %shape = (
	data_source_id => 'integer',
	schemas_discovered => [ { schema_name => 'string', tables_count => 'integer', views_count => 'integer' } ],
	total_tables => 'integer', total_columns => 'integer', discovered_at => 'time', discovery_duration_ms => 'integer');

subtest 'Example' => sub {
	my $answer = curl($page->curl(
		'https://api.rivergen.com' => base(), 'data-sources/1/' => "data-sources/$id/",
		'<access_token>' => token_of('ada')));
	my $data = succeeded($answer, 200, 'Success (200)');
	shaped(
		$answer->{body}, { success => 'boolean', message => 'string', data => {%shape} },
		'the whole of the response');
	shaped($example, { success => 'boolean', message => 'string', data => {%shape} }, 'which is that of the page');
	is($answer->{body}{message}, $example->{message}, 'its message');
	is_deeply(
		{ %$data, discovered_at => '', discovery_duration_ms => 0 },
		{   data_source_id => $id, total_tables => 1, total_columns => 3,
			schemas_discovered => [ { schema_name => 'public', tables_count => 1, views_count => 1 } ],
			discovered_at => '', discovery_duration_ms => 0
		},
		'its values');
	$page->quote('POST /api/v1/data-sources/{data_source_id}/discover-schema');
	refused(as('ada', GET => "$path/$id/discover-schema"), 405, 'METHOD_NOT_ALLOWED', 'only POST');
};

subtest 'Headers, Path Parameters' => sub {
	refused(
		discover_schema(undef), 401, 'UNAUTHORIZED',
		$page->quote('Authorization | Yes | Bearer <access_token> |') . ' required');
	my $row = $page->quote('data_source_id | integer | Yes | Data source ID |');
	refused(discover_schema('ada', '', id => $_), 400, 'BAD_REQUEST', "$row not $_", details => qr/data_source_id/)
		for qw(one 1.5 %C3%BC);
};

subtest 'Query Parameters' => sub {
	my $row = $page->quote(
		'schema_name | string | No | Specific schema to discover (if not provided, discovers all schemas) |');
	my $whole = found('', $row);
	is(schemas_of($whole), 'analytics public Überschrift', 'all of them');
	is(schemas_of(found('?schema_name=analytics', $row)), 'analytics', 'one');
	is(schemas_of(found('?schema_name=%C3%9Cberschrift', "$row in Unicode")), 'Überschrift', 'one');
	refused(
		discover_schema('ada', '?schema_name=nowhere'), 404, 'NOT_FOUND', "$row that does not exist",
		message => qr/nowhere/);
	refused(discover_schema('ada', '?schema_name='), 400, 'BAD_REQUEST', "$row empty", details => qr/^schema_name: /m);

	$row = $page->quote('refresh | boolean | No | Force refresh even if schema is already cached (default: false) |');
	my $jobs = jobs();
	is(found('', "$row: default")->{discovered_at}, $whole->{discovered_at}, 'the cached answer');
	is(found('?refresh=false', "$row: false")->{discovered_at}, $whole->{discovered_at}, 'the cached answer');
	is(jobs(), $jobs, 'no discovery ran');
	cmp_ok(found('?refresh=true', "$row: true")->{discovered_at}, 'gt', $whole->{discovered_at}, 'a new one');
	is(jobs(), $jobs + 1, 'a refresh is one discovery');
	refused(discover_schema('ada', "?$_->[0]"), 400, 'BAD_REQUEST', $_->[0], details => $_->[1])
		for [ 'refresh=maybe', qr/^refresh: .*true.*false/m ],
		[ 'refresh=', qr/^refresh: /m ], [ 'refresh=true&refresh=false', qr/^refresh: /m ],
		[ 'refrsh=true', qr/refrsh.*refresh/ ], [ 'shema_name=public', qr/shema_name.*schema_name/ ],
		[ 'refresh=maybe&shema_name=x', qr/^(?=.*^refresh: )(?=.*shema_name)/ms ];
	refused(
		discover_schema('ada', '?refresh=true', body => { refresh => JSON::PP::true }), 400, 'BAD_REQUEST',
		'a body where none belongs', details => qr/^body: /m);
};

subtest 'Error Codes' => sub {
	my $row = $page->quote('401 | UNAUTHORIZED | Invalid or missing authentication token |');
	my %wrong = wrong_tokens();
	refused(
		discover_schema(undef, '?refresh=true', headers => { Authorization => $wrong{$_} }), 401, 'UNAUTHORIZED',
		"$row: $_",
		message => 'Invalid or missing authentication token') for sort keys %wrong;
	refused(
		discover_schema('out'), 403, 'FORBIDDEN',
		$page->quote('403 | FORBIDDEN | User is not a member of any organization |'),
		message => 'User is not a member of any organization');
	succeeded(discover_schema('vic'), 200, 'a viewer may read what is cached');
	refused(discover_schema('vic', '?refresh=true'), 403, 'FORBIDDEN', 'a viewer may not discover');
	$row = $page->quote('404 | NOT_FOUND | Data source not found |');
	refused(
		discover_schema('ada', '', id => 987654321), 404, 'NOT_FOUND', $row,
		message => qr/^data source 987654321 not found$/i);
	refused(
		discover_schema('ada', '', id => '99999999999999999999'), 404, 'NOT_FOUND',
		"$row: an id that is too large");
	refused(
		discover_schema('eve', '?refresh=true'), 404, 'NOT_FOUND', "$row: another organization's",
		message => qr/^data source $id not found$/i);

	my ($port, $socket) = refused_port();
	my $deaf = as('ada', POST => $path, body => source_of($source, $password, name => 'deaf', port => $port))
		->{body}{data}{id};
	my $error = refused(
		discover_schema('ada', '', id => $deaf), 502, 'BAD_GATEWAY', 'a source that does not answer',
		details => qr/job \d+/);
	my ($job) = join(' ', @{ $error->{details} }) =~ /job (\d+)/;
	is(succeeded(as('vic', GET => "/api/v1/jobs/$job"), 200, 'the job tells more')->{status}, 'failed', 'it failed');
	my $wrong =
		as('ada', POST => $path, body => source_of($source, 'canary', name => 'wrong password'))->{body}{data}{id};
	refused(discover_schema('ada', '', id => $wrong), 502, 'BAD_GATEWAY', 'a wrong password');
	my $hanging = new_fake('ada', { behaviour => 'silent' }, query_timeout => 1, connection_timeout => 1);
	refused(
		discover_schema('ada', '', id => $hanging), 504, 'GATEWAY_TIMEOUT', 'a source that hangs',
		details => qr/job \d+/);
	succeeded(as('ada', PUT => "$path/$id/status", body => { status => 'maintenance' }), 200, 'maintenance begins');
	refused(
		discover_schema('ada', '?refresh=true'), 409, 'CONFLICT', 'a source in maintenance',
		details => qr/^Another status ends it\.$/);
	succeeded(as('ada', PUT => "$path/$id/status", body => { status => 'active' }), 200, 'maintenance ends');
};

# A discovery of a source that hangs until the gate is opened.
sub gated
{
	my ($name) = @_;
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	my $gated = new_fake('ada', { behaviour => 'slow', gate => $gate }, name => $name);
	my $reading = sub {
		wait_for(
			"$name to be read",
			sub {
				(as('vic', GET => "$path/$gated/jobs?status=running")->{body}{data}{items}[0]{progress}{phase} // '')
					eq 'read';
			});
	};
	return ($gated, $reading, sub { append_to_file($gate, '') });
}

subtest 'Features, Important Notes' => sub {
	my ($gated, $reading, $open) = gated('gated');
	my @clients = parallel('ada', POST => "$path/$gated/discover-schema", 2);
	$reading->();
	wait_for('both to wait', sub { callers_waiting($server) == 2 });
	for my $sentence (
		'This operation is asynchronous and may take time for large databases',
		'Schema discovery runs in a thread pool executor to prevent blocking the event loop',
		'Async operation (runs in thread pool executor)')
	{
		succeeded(as('vic', GET => "$path/$id"), 200, $page->quote($sentence) . ': others are answered meanwhile');
	}
	$open->();
	is_deeply(
		[ map { $_->{status} } answers(@clients) ], [ 200, 200 ],
		$page->quote('Discover and cache the database schema for a data source.'));
	is(scalar @{ as('vic', GET => "$path/$gated/jobs")->{body}{data}{items} }, 1, 'one discovery served both');

	($gated, $reading, $open) = gated('for later');
	my $answer = discover_schema('ada', '', id => $gated, headers => { Prefer => 'respond-async' });
	my $sentence = $page->quote(
		'This is an async operation that runs in a thread pool executor and may take time for large databases.');
	shaped(
		succeeded($answer, 202, "$sentence Prefer: respond-async"), { job_id => 'integer', status => 'string' },
		'the job');
	is($answer->{body}{message}, 'Schema discovery started', 'its message');
	is(location_of($answer), "/api/v1/jobs/$answer->{body}{data}{job_id}", 'Location');
	is($answer->{headers}{'preference-applied'}, 'respond-async', 'Preference-Applied');
	$reading->();
	is( as('vic', GET => location_of($answer))->{body}{data}{status}, 'running',
		$page->quote('May take time for large databases'));
	$open->();
	my $job = follow_job('vic', location_of($answer));
	is($job->{status}, 'succeeded', 'the job can be followed to its end');
	shaped($job->{result}, \%shape, 'where its result is that of the page');

	is( schemas_of(found('', 'all schemas')), 'analytics public Überschrift',
		$page->quote('Discovers all schemas or specific schema'));
	sql($source, 'CREATE TABLE public.more (c int)');
	my $before = found('', 'as it was');
	is_deeply(found('', 'again'), $before, $page->quote('Caches discovered schema for performance'));
	is( found('?refresh=true', 'refresh')->{total_tables}, $before->{total_tables} + 1,
		$page->quote('Force refresh option'));
	sql($source, 'CREATE TABLE public.most (d int)');
	is( found('?refresh=true', 'refresh')->{total_tables}, $before->{total_tables} + 2,
		$page->quote('Use refresh=true to force re-discovery even if schema is already cached'));
	shaped(found('', 'statistics'), \%shape, $page->quote('Returns discovery statistics'));
};

subtest 'Related Endpoints' => sub {
	my $discovered = found('', 'what was discovered');
	my $data = succeeded(
		as('vic', GET => "$path/$id/schemas"), 200,
		$page->quote('Get Schemas - Get discovered schema information'));
	is(join(' ', map { $_->{schema_name} } @{ $data->{schemas} }), 'analytics public Überschrift', 'all schemas');
	$data = succeeded(as('vic', GET => "$path/$id/schemas?schema_name=analytics&table_name=facts"), 200, 'one table');
	is( join(' ', map { $_->{name} } @{ $data->{schemas}[0]{tables}[0]{columns} }), 'id größe 数据',
		$page->quote('Discovered schema is cached and used for query generation'));
	is( succeeded(as('vic', GET => "$path/$id"), 200, $page->quote('Get Data Source - View schema discovery status'))
			->{schema_discovered_at},
		$discovered->{discovered_at}, 'it is the time of the discovery');
};

$page->is_proven;
clean_server($server);
survives($server);
done_testing();
