# The page Create Data Source, sentence by sentence, over HTTP: each test's name quotes. What the values of a field may
# be in all their corners is test/pgtap/create_page.sql's.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use SpecPage;
use Test::More;
use Web;

my $page = SpecPage->new('create-data-source', <<'PAGE', <<'ABOUT');
create-data-source
Create Data Source
Sprint 3
Platform
Create a new data source connection.
Account Type & Use Case
Platform Account
Platform APIs enable data engineers to create new data source connections, establishing unified access to databases, warehouses, files, and APIs without data movement. This endpoint is used to onboard new data sources, enabling quick connection setup with automatic schema discovery and health monitoring.
Endpoint
POST /api/v1/data-sources
Headers
| Header | Required | Description |
|---|---|---|
Authorization | Yes | Bearer <access_token> |
Content-Type | Yes | application/json |
Request Body
{
"workspace_id": 1,
"name": "Production PostgreSQL",
"type": "postgresql",
"description": "Main production database",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"schema_name": "public",
"connection_string": null,
"file_path": null,
"use_ssh_tunnel": false,
"ssh_host": null,
"ssh_port": 22,
"ssh_username": null,
"ssh_local_port": null,
"connection_pool_size": 5,
"connection_timeout": 30,
"query_timeout": 300,
"max_retries": 3,
"schema_auto_refresh": true,
"schema_refresh_interval": 3600,
"credentials": {
"username": "dbuser",
"password": "securepassword",
"api_key": null,
"oauth_token": null,
"ssh_private_key": null,
"ssh_passphrase": null,
"warehouse": null,
"role": null
},
"metadata": {},
"tags": ["production", "database"]
}
Parameters
| Field | Type | Required | Description |
|---|---|---|---|
workspace_id | integer | No | Workspace ID |
name | string | Yes | Data source name (1-255 characters, cannot be empty) |
type | string | Yes | Data source type (see DataSourceTypeEnum) |
description | string | No | Description |
host | string | No | Database host (required for database types) |
port | integer | No | Database port (required for database types) |
database_name | string | No | Database name (required for database types) |
schema_name | string | No | Schema name |
connection_string | string | No | Full connection string (alternative to host/port/database) |
file_path | string | No | Object path in storage for file-based sources (e.g., "organizations/1/files/1/file.csv"). Required for file-based data sources. Use the 'name' field from storage API response. |
storage_file_id | integer | No | [DEPRECATED] Use file_path instead. This field is ignored. |
use_ssh_tunnel | boolean | No | Use SSH tunnel (default: false) |
ssh_host | string | No | SSH tunnel host |
ssh_port | integer | No | SSH tunnel port (default: 22) |
ssh_username | string | No | SSH username |
ssh_local_port | integer | No | SSH local port (auto-assigned if not provided) |
connection_pool_size | integer | No | Connection pool size (default: 5) |
connection_timeout | integer | No | Connection timeout in seconds (default: 30) |
query_timeout | integer | No | Query timeout in seconds (default: 300) |
max_retries | integer | No | Maximum retry attempts (default: 3) |
schema_auto_refresh | boolean | No | Enable automatic schema refresh (default: true) |
schema_refresh_interval | integer | No | Schema refresh interval in seconds (default: 3600) |
credentials | object | Yes | Connection credentials (see DataSourceCredentials) |
metadata | object | No | Additional metadata |
tags | array[string] | No | Tags for categorization |
DataSourceTypeEnum Values
- SQL:
postgresql,mysql,mariadb,sqlserver,oracle,snowflake,bigquery,redshift - NoSQL:
mongodb,elasticsearch,redis,cassandra,dynamodb - Files:
csv,excel,json,parquet,orc,delta_lake,iceberg,hudi,s3 - Other:
http_api,other
DataSourceCredentials Object
| Field | Type | Required | Description |
|---|---|---|---|
username | string | No | Database username |
password | string | No | Database password |
api_key | string | No | API key for API-based sources |
oauth_token | string | No | OAuth token |
ssh_private_key | string | No | SSH private key for tunnel |
ssh_passphrase | string | No | SSH key passphrase |
warehouse | string | No | Snowflake warehouse |
role | string | No | Snowflake role |
Response
Success (201)
{
"success": true,
"data": {
"id": 1,
"organization_id": 1,
"workspace_id": 1,
"name": "Production PostgreSQL",
"type": "postgresql",
"description": "Main production database",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"schema_name": "public",
"file_path": null,
"use_ssh_tunnel": false,
"ssh_host": null,
"ssh_port": null,
"ssh_username": null,
"ssh_key_id": null,
"ssh_local_port": null,
"connection_pool_size": 5,
"connection_timeout": 30,
"query_timeout": 300,
"max_retries": 3,
"status": "inactive",
"last_tested_at": null,
"last_successful_connection_at": null,
"last_failed_connection_at": null,
"failure_count": 0,
"failure_reason": null,
"schema_discovered_at": null,
"schema_auto_refresh": true,
"schema_refresh_interval": 3600,
"metadata": {},
"tags": ["production", "database"],
"created_by_user_id": 1,
"created_at": "2024-12-01T08:00:00Z",
"updated_at": "2024-12-01T08:00:00Z",
"updated_by_user_id": null
},
"message": "Data source created successfully"
}
Error Codes
| Status | Code | Description |
|---|---|---|
| 400 | BAD_REQUEST | Invalid request data or validation error |
| 401 | UNAUTHORIZED | Invalid or missing authentication token |
| 403 | FORBIDDEN | User is not a member of any organization |
| 409 | CONFLICT | Data source with this name already exists |
Validations
namemust be 1-255 characters and cannot be empty (whitespace is trimmed)file_pathmust be a valid storage path format (e.g., "organizations/1/files/1/file.csv")file_pathcannot be empty if providedstorage_file_idis deprecated and ignored if provided- For file-based data sources,
file_pathis required - For database types, either
host/port/database_nameorconnection_stringis required
Features
- Supports all data source types (SQL, NoSQL, Files, API)
- SSH tunnel configuration
- Connection pooling configuration
- Credentials are encrypted at rest
- Automatic organization assignment
- File-based sources require
file_pathfrom storage API
Example
curl -X POST "https://api.rivergen.com/api/v1/data-sources" \
-H "Authorization: Bearer <access_token>" \
-H "Content-Type: application/json" \
-d '{
"name": "Production PostgreSQL",
"type": "postgresql",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"credentials": {
"username": "dbuser",
"password": "securepassword"
}
}'
Related Endpoints
- Test Connection - Test the connection after creation
- Discover Schema - Discover database schema
- List Data Sources - List all data sources
PAGE
create-data-source
Create Data Source
Sprint 3
Platform
Account Type & Use Case
Platform Account
Endpoint
Headers
Request Body
Parameters
DataSourceTypeEnum Values
DataSourceCredentials Object
Response
Error Codes
Validations
Features
Example
Related Endpoints
ABOUT

my $server = start_web();
my $path = '/api/v1/data-sources';
my %types = (
	SQL => [qw(postgresql mysql mariadb sqlserver oracle snowflake bigquery redshift)],
	NoSQL => [qw(mongodb elasticsearch redis cassandra dynamodb)],
	Files => [qw(csv excel json parquet orc delta_lake iceberg hudi s3)],
	Other => [qw(http_api other)]);

sub create { my ($who, $body, %option) = @_; return as($who, POST => $path, body => $body, %option) }

# The smallest requests that are accepted, with changes; each has another name.
my $number = 0;
sub plain { return { name => 'plain ' . ++$number, type => 'http_api', credentials => {}, @_ } }
sub database
{
	return plain(type => 'postgresql', host => 'db.example.com', port => 5432, database_name => 'production', @_);
}
sub file { return plain(type => 'csv', file_path => 'organizations/1/files/1/file.csv', @_) }
sub without { my ($request, @names) = @_; delete @$request{@names}; return $request }

sub accepted { my ($request, $name) = @_; return succeeded(create('ada', $request), 201, $name) }
sub faulty
{
	my ($request, $name, $details) = @_;
	return refused(create('ada', $request), 400, 'BAD_REQUEST', $name, details => $details);
}

# What the example answers says, with the ids and times of an answer in their place.
my $example = $page->body('Success (201)');
sub as_on_the_page
{
	my ($data) = @_;
	return {
		%{ $example->{data} },
		map { $_ => $data->{$_} } qw(id organization_id created_by_user_id created_at updated_at)
	};
}

subtest 'Example' => sub {
	my $line = $page->curl('https://api.rivergen.com' => base(), '<access_token>' => token_of('ada'));
	my $answer = curl($line);
	my $data = succeeded($answer, 201, 'Success (201)');
	shaped(
		$answer->{body}, { success => 'boolean', message => 'string', data => {%source_shape} },
		'the whole of the response');
	is_deeply([ sort keys %$data ], [ sort keys %{ $example->{data} } ], 'the fields of the page, no more and no less');
	is($answer->{body}{message}, $example->{message}, 'its message');
	is_deeply(
		$data,
		{ %{ as_on_the_page($data) }, workspace_id => undef, description => undef, schema_name => undef, tags => [] },
		'its values, but for what the command does not give');

	my $location = location_of($answer);
	is($location, "$path/$data->{id}", 'Location');
	my $found = succeeded(as('ada', GET => $location), 200, 'Location can be followed');
	my @given =
		grep { !/^(status|last_|failure_|schema_discovered_at)/ } keys %$data;    # the first discovery sets the others
	is_deeply({ map { $_ => $found->{$_} } @given }, { map { $_ => $data->{$_} } @given }, 'to what was created');
	refused(
		curl($line), 409, 'CONFLICT', $page->quote('409 | CONFLICT | Data source with this name already exists'),
		message => 'Data source with this name already exists');
	succeeded(as('ada', DELETE => $location), 200, 'deleted');
	succeeded(curl($line), 201, 'a deleted one does not keep its name');
	my $stranger = curl($line =~ s/Bearer \S+"/'Bearer ' . token_of('eve') . '"'/er);
	is( succeeded($stranger, 201, 'nor does another organization')->{organization_id}, 2,
		$page->quote('Automatic organization assignment'));
};

subtest 'Request Body' => sub {
	my $request = $page->body('Request Body');
	$request->{name} .= ' in full';
	my $data = accepted($request, $page->quote('Create a new data source connection.'));
	is_deeply(
		$data, { %{ as_on_the_page($data) }, name => $request->{name} },
		'answers with exactly the response of the page');
	is($page->quote('POST /api/v1/data-sources'), "POST $path", 'the endpoint that is used here');
	is( as('vic', GET => "$path/$data->{id}/jobs")->{body}{data}{items}[0]{kind}, 'discover',
		$page->quote(
			'This endpoint is used to onboard new data sources, enabling quick connection setup with automatic schema discovery and health monitoring.'
		));
	succeeded(as('vic', GET => "$path/$data->{id}/health"), 200, '… health monitoring');
};

subtest 'Headers' => sub {
	my $row = $page->quote('Authorization | Yes | Bearer <access_token> |');
	refused(create(undef, plain()), 401, 'UNAUTHORIZED', "$row required");
	$row = $page->quote('Content-Type | Yes | application/json |');
	accepted(plain(), $row);
	succeeded(
		create('ada', plain(), headers => { 'Content-Type' => 'application/json; charset=utf-8' }), 201,
		"$row with a charset");
	refused(create('ada', plain(), headers => { 'Content-Type' => $_ }), 415, 'UNSUPPORTED_MEDIA_TYPE', "$row not $_")
		for 'text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream';
};

# name | type | required: the row of the page; then a value that is shown as it is given.
subtest 'Parameters' => sub {
	my %wrong = (string => 1, integer => 'one', boolean => 'yes', object => [], 'array[string]' => 'production');
	my @rows = (
		[ 'workspace_id | integer | No | Workspace ID', 1 ],
		[ 'description | string | No | Description', 'Ünïcödé 数据 🌊' ],
		[ 'host | string | No | Database host (required for database types)', 'db.example.com' ],
		[ 'port | integer | No | Database port (required for database types)', 5432 ],
		[ 'database_name | string | No | Database name (required for database types)', 'production' ],
		[ 'schema_name | string | No | Schema name', 'Öffentlich' ],
		[   'file_path | string | No | Object path in storage for file-based sources (e.g., "organizations/1/files/1/file.csv"). Required for file-based data sources. Use the \'name\' field from storage API response.',
			'organizations/1/files/1/ä b.csv' ],
		[ 'use_ssh_tunnel | boolean | No | Use SSH tunnel (default: false)', JSON::PP::false ],
		[ 'ssh_host | string | No | SSH tunnel host', 'bastion.example.com' ],
		[ 'ssh_username | string | No | SSH username', 'tunnel' ],
		[ 'ssh_local_port | integer | No | SSH local port (auto-assigned if not provided)', 6000 ],
		[ 'connection_pool_size | integer | No | Connection pool size (default: 5)', 7 ],
		[ 'connection_timeout | integer | No | Connection timeout in seconds (default: 30)', 31 ],
		[ 'query_timeout | integer | No | Query timeout in seconds (default: 300)', 301 ],
		[ 'max_retries | integer | No | Maximum retry attempts (default: 3)', 4 ],
		[ 'schema_auto_refresh | boolean | No | Enable automatic schema refresh (default: true)', JSON::PP::false ],
		[ 'schema_refresh_interval | integer | No | Schema refresh interval in seconds (default: 3600)', 3601 ],
		[ 'metadata | object | No | Additional metadata', { a => [ 1, undef, 'ß' ] } ],
		[ 'tags | array[string] | No | Tags for categorization', [ 'eins', 'zwei ✓' ] ]);
	my $bare = accepted(plain(), 'only what is required');
	for my $case (@rows)
	{
		my ($row, $value) = @$case;
		$page->quote("$row |");
		my ($field, $type, undef, $text) = split / \| /, $row;
		is_deeply(accepted(plain($field => $value), $row)->{$field}, $value, '... is kept and shown');
		faulty(plain($field => $wrong{$type}), "$row: not of another type", qr/^\Q$field\E: must be/m);
		my ($default) = $text =~ /\(default: (\w+)\)/ or next;
		is(JSON::PP->new->allow_nonref->encode($bare->{$field}), $default, "$row: its default");
	}
	my $row = $page->quote('ssh_port | integer | No | SSH tunnel port (default: 22) |');
	my %tunnel = (
		use_ssh_tunnel => JSON::PP::true, ssh_host => 'bastion.example.com', ssh_username => 'tunnel',
		credentials => { ssh_private_key => 'canary' });
	is(accepted(database(%tunnel), $row)->{ssh_port}, 22, 'default');
	is(accepted(database(%tunnel, ssh_port => 2222), $row)->{ssh_port}, 2222, 'given');
	faulty(plain(ssh_port => '22'), "$row: not of another type", qr/^ssh_port: must be an integer/m);

	faulty(
		without(plain(), 'name'),
		$page->quote('name | string | Yes | Data source name (1-255 characters, cannot be empty) |'),
		qr/^name: is required$/m);
	faulty(
		without(plain(), 'type'), $page->quote('type | string | Yes | Data source type (see DataSourceTypeEnum) |'),
		qr/^type: is required$/m);
	faulty(
		without(plain(), 'credentials'),
		$page->quote('credentials | object | Yes | Connection credentials (see DataSourceCredentials) |'),
		qr/^credentials: is required$/m);
	is( accepted(
			plain(type => 'postgresql', connection_string => 'postgresql://db.example.com:5433/shop'),
			$page->quote(
				'connection_string | string | No | Full connection string (alternative to host/port/database) |')
		)->{host},
		'db.example.com',
		'its parts');
	accepted(
		plain(storage_file_id => 7),
		$page->quote('storage_file_id | integer | No | [DEPRECATED] Use file_path instead. This field is ignored. |'));
	faulty(plain(tagz => []), 'an unknown field names the nearest', qr/tagz.*tags/);
};

subtest 'DataSourceTypeEnum Values' => sub {
	$page->quote('SQL: postgresql,mysql,mariadb,sqlserver,oracle,snowflake,bigquery,redshift');
	$page->quote('NoSQL: mongodb,elasticsearch,redis,cassandra,dynamodb');
	$page->quote('Files: csv,excel,json,parquet,orc,delta_lake,iceberg,hudi,s3');
	$page->quote('Other: http_api,other');
	for my $kind (sort keys %types)
	{
		for my $type (@{ $types{$kind} })
		{
			my $request =
				  $kind eq 'Files' ? file(type => $type)
				: $kind eq 'Other' ? plain(type => $type)
				: database(type => $type);
			is(accepted($request, "$kind: $type")->{type}, $type, 'shown');
		}
	}
	pass($page->quote('Supports all data source types (SQL, NoSQL, Files, API)'));
	faulty(plain(type => 'postgres'), 'another type', qr/^type: .*postgresql/m);
	is( scalar(() = as('vic', GET => '/api/v1/data-source-types')->{text} =~ /"category"/g), 24,
		'data-source-types lists all of them');
};

subtest 'DataSourceCredentials Object' => sub {
	for my $row (
		'username | string | No | Database username', 'password | string | No | Database password',
		'api_key | string | No | API key for API-based sources',
		'oauth_token | string | No | OAuth token', 'ssh_private_key | string | No | SSH private key for tunnel',
		'ssh_passphrase | string | No | SSH key passphrase',
		'warehouse | string | No | Snowflake warehouse', 'role | string | No | Snowflake role')
	{
		$page->quote("$row |");
		my ($key) = $row =~ /^(\w+)/;
		my $answer = create('ada', plain(credentials => { $key => 'canary' }));
		succeeded($answer, 201, $row);
		unlike($answer->{text}, qr/canary/, 'is not in the answer');
		faulty(
			plain(credentials => { $key => 1 }), "$row: not of another type",
			qr/^credentials\.$key: must be a string$/m);
	}
	faulty(
		plain(credentials => { passwort => 'canary' }), 'others are refused, and not quoted',
		qr/^credentials\.passwort/m);
	refused(
		create('ada', '{"name": "x", "type": "http_api", "credentials": {"password": "canary"'), 400,
		'BAD_REQUEST', 'a body that breaks off is not quoted');
};

subtest 'Error Codes' => sub {
	my $row = $page->quote('400 | BAD_REQUEST | Invalid request data or validation error |');
	faulty(
		{ name => '', type => 'csv', port => 0, tags => [1] }, "$row: all faults at once",
		qr/^(?=.*^name: )(?=.*^file_path: )(?=.*^port: )(?=.*^tags: )(?=.*^credentials: )/ms);
	refused(create('ada', $_), 400, 'BAD_REQUEST', "$row: " . ($_ eq '' ? 'no body' : $_))
		for '', '[]', 'null', '"text"', '1', '{', '{"name": }', '{} {}';
	$row = $page->quote('401 | UNAUTHORIZED | Invalid or missing authentication token |');
	my %wrong = wrong_tokens();
	refused(
		create(undef, plain(), headers => { Authorization => $wrong{$_} }), 401, 'UNAUTHORIZED', "$row: $_",
		message => 'Invalid or missing authentication token') for sort keys %wrong;
	refused(
		create('out', plain()), 403, 'FORBIDDEN',
		$page->quote('403 | FORBIDDEN | User is not a member of any organization |'),
		message => 'User is not a member of any organization');
	refused(create('vic', plain()), 403, 'FORBIDDEN', 'a viewer');
	refused(create('out', '[]'), 403, 'FORBIDDEN', 'in this order');
};

subtest 'Validations' => sub {
	my $sentence = $page->quote('name must be 1-255 characters and cannot be empty (whitespace is trimmed)');
	is(accepted(plain(name => $_->[0]), "$sentence: $_->[2]")->{name}, $_->[1], 'shown')
		for [ 'x', 'x', '1 character' ],
		[ 'ü' x 255, 'ü' x 255, '255 characters' ], [ " \t 数据源 🌊 \n", '数据源 🌊', 'trimmed' ];
	faulty(plain(name => $_->[0]), "$sentence: $_->[1]", qr/^name: must/m)
		for [ '', 'empty' ], [ " \t\n", 'only white space' ], [ 'n' x 256, '256 characters' ];

	$sentence =
		$page->quote('file_path must be a valid storage path format (e.g., "organizations/1/files/1/file.csv")');
	is(accepted(file(), $sentence)->{file_path}, 'organizations/1/files/1/file.csv', 'shown');
	faulty(file(file_path => $_), "$sentence: not $_", qr/^file_path: must/m)
		for 'file.csv', '/organizations/1/x', 'organizations/1/../2/x', 'organizations/2/files/1/file.csv';
	faulty(
		plain(file_path => ''), $page->quote('file_path cannot be empty if provided'),
		qr/^file_path: must not be empty$/m);
	$sentence = $page->quote('storage_file_id is deprecated and ignored if provided');
	faulty(without(file(storage_file_id => 7), 'file_path'), "$sentence: it is no path", qr/^file_path: is required/m);
	$sentence = $page->quote('For file-based data sources, file_path is required');
	faulty(without(file(type => $_), 'file_path'), "$sentence: $_", qr/^file_path: is required for type $_$/m)
		for @{ $types{Files} };
	$sentence = $page->quote('For database types, either host/port/database_name or connection_string is required');
	faulty(without(database(), $_), "$sentence: not without $_", qr/^$_: is required for type postgresql$/m)
		for qw(host port database_name);
	is_deeply(
		[   @{
				accepted(
					without(
						database(connection_string => 'host=db.example.com port=5433 dbname=shop'),
						qw(host port database_name)),
					$sentence)
			}{qw(host port database_name)} ],
		[ 'db.example.com', 5433, 'shop' ],
		'connection_string');
};

subtest 'Features' => sub {
	my %tunnel = (
		use_ssh_tunnel => JSON::PP::true, ssh_host => 'bastion.example.com', ssh_port => 2200,
		ssh_username => 'tunnel', ssh_local_port => 6001);
	my $data = accepted(
		database(%tunnel, credentials => { ssh_private_key => 'canary', ssh_passphrase => 'canary' }),
		$page->quote('SSH tunnel configuration'));
	is_deeply({ map { $_ => $data->{$_} } keys %tunnel }, \%tunnel, 'shown');
	ok($data->{ssh_key_id}, 'the key has an id');
	is(accepted(database(connection_pool_size => 17), $page->quote('Connection pooling configuration'))
			->{connection_pool_size}, 17, 'shown');
	my $sentence = $page->quote('Credentials are encrypted at rest');
	my $id = accepted(database(credentials => { username => 'dbuser', password => 'zanzibar-7' }), $sentence)->{id};
	is( sql($server, "SELECT count(*) FROM rivergen_catalog.credential c WHERE data_source_id = $id"), 1,
		'they are there');
	is( sql($server,
			"SELECT count(*) FROM rivergen_catalog.credential c WHERE c::text LIKE '%' || encode('zanzibar-7', 'hex') || '%' OR c::text LIKE '%zanzibar-7%'"
		),
		0,
		'stored credentials cannot be read');
	unlike(as('ada', GET => "$path/$id")->{text}, qr/zanzibar/, 'credentials are not shown');
	faulty(
		plain(organization_id => 2), 'Automatic organization assignment: it cannot be given',
		qr/^organization_id: is read-only$/m);
	faulty(
		without(file(), 'file_path'), $page->quote('File-based sources require file_path from storage API'),
		qr/^file_path: is required/m);
	$sentence = $page->quote(
		'Platform APIs enable data engineers to create new data source connections, establishing unified access to databases, warehouses, files, and APIs without data movement.'
	);
	is( sql($server,
			"SELECT string_agg(DISTINCT category, ' ') FROM rivergen.data_source_types() t WHERE type IN (SELECT type FROM rivergen_catalog.data_source)"
		),
		'file nosql other sql',
		$sentence);
};

subtest 'Related Endpoints' => sub {
	my $id = new_fake('ada', {});
	is( succeeded(
			as('ada', POST => "$path/$id/test"), 200,
			$page->quote('Test Connection - Test the connection after creation'))->{success},
		JSON::PP::true,
		'it works');
	succeeded(
		as('ada', POST => "$path/$id/discover-schema"), 200,
		$page->quote('Discover Schema - Discover database schema'));
	succeeded(as('ada', GET => $path), 200, $page->quote('List Data Sources - List all data sources'));
};

$page->is_proven;
survives($server);
done_testing();
