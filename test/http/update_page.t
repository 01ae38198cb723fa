# The page Update Data Source, sentence by sentence, over HTTP: each test's name quotes.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use SpecPage;
use Test::More;
use Web;

my $page = SpecPage->new('Update Data Source', <<'PAGE', <<'ABOUT');
Update Data Source
Sprint 3
Update an existing data source configuration. All fields are optional - only provided fields will be updated.
Endpoint
PATCH /api/v1/data-sources/{data_source_id}
Headers
| Header | Required | Description |
|---|---|---|
Authorization | Yes | Bearer <access_token> |
Content-Type | Yes | application/json |
Path Parameters
| Parameter | Type | Required | Description |
|---|---|---|---|
data_source_id | integer | Yes | Data source ID |
Request Body
{
"name": "Updated PostgreSQL",
"description": "Updated description",
"host": "newhost.example.com",
"port": 5433,
"connection_pool_size": 10,
"connection_timeout": 60,
"tags": ["updated", "production"]
}
Parameters
All fields are optional. Only provided fields will be updated.
| Field | Type | Required | Description |
|---|---|---|---|
name | string | No | Data source name (1-255 characters) |
description | string | No | Description |
host | string | No | Database host |
port | integer | No | Database port |
database_name | string | No | Database name |
schema_name | string | No | Schema name |
connection_string | string | No | Full connection string |
file_path | string | No | Object path in storage for file-based sources (max 1000 characters) |
use_ssh_tunnel | boolean | No | Use SSH tunnel |
ssh_host | string | No | SSH tunnel host |
ssh_port | integer | No | SSH tunnel port |
ssh_username | string | No | SSH username |
ssh_local_port | integer | No | SSH local port |
connection_pool_size | integer | No | Connection pool size |
connection_timeout | integer | No | Connection timeout in seconds |
query_timeout | integer | No | Query timeout in seconds |
max_retries | integer | No | Maximum retry attempts |
schema_auto_refresh | boolean | No | Enable automatic schema refresh |
schema_refresh_interval | integer | No | Schema refresh interval in seconds |
metadata | object | No | Additional metadata |
tags | array[string] | No | Tags for categorization |
Response
Success (200)
{
"success": true,
"data": {
"id": 1,
"organization_id": 1,
"workspace_id": 1,
"name": "Updated PostgreSQL",
"type": "postgresql",
"description": "Updated description",
"host": "newhost.example.com",
"port": 5433,
"database_name": "production",
"schema_name": "public",
"connection_pool_size": 10,
"connection_timeout": 60,
"query_timeout": 300,
"max_retries": 3,
"status": "active",
"tags": ["updated", "production"],
"updated_at": "2024-12-01T11:00:00Z",
"updated_by_user_id": 1
},
"message": "Data source updated successfully"
}
Error Codes
| Status | Code | Description |
|---|---|---|
| 400 | BAD_REQUEST | Invalid request data |
| 401 | UNAUTHORIZED | Invalid or missing authentication token |
| 403 | FORBIDDEN | User is not a member of any organization |
| 404 | NOT_FOUND | Data source not found |
Features
- Partial updates (only provided fields are updated)
- Organization-scoped access control
- Updates
updated_atandupdated_by_user_idautomatically
Example
curl -X PATCH "https://api.rivergen.com/api/v1/data-sources/1" \
-H "Authorization: Bearer <access_token>" \
-H "Content-Type: application/json" \
-d '{
"name": "Updated PostgreSQL",
"connection_pool_size": 10
}'
Related Endpoints
- Get Data Source - Get current data source details
- Update Credentials - Update connection credentials separately
PAGE
Update Data Source
Sprint 3
Endpoint
Headers
Path Parameters
Request Body
Parameters
Response
Error Codes
Features
Example
Related Endpoints
ABOUT

my $server = start_web();
setting('rivergen.enabled', 'off');    # nothing but what people do changes a source here
my $path = '/api/v1/data-sources';
my %original = (
	workspace_id => 1, name => 'Production PostgreSQL', type => 'postgresql', host => 'db.example.com', port => 5432,
	database_name => 'production',
	schema_name => 'public', tags => ['production'], credentials => { username => 'dbuser', password => 'canary' });
my $id = new_source('ada', %original);

sub update { my ($who, $changes, %option) = @_; return as($who, PATCH => "$path/$id", body => $changes, %option) }
sub changed { my ($changes, $name) = @_; return succeeded(update('ada', $changes), 200, $name) }
sub faulty
{
	my ($changes, $name, $details) = @_;
	return refused(update('ada', $changes), 400, 'BAD_REQUEST', $name, details => $details);
}
sub read_one { return as('vic', GET => "$path/$id")->{body}{data} }

my $example = $page->body('Success (200)');
subtest 'Example' => sub {
	sql($server, "UPDATE rivergen_catalog.data_source_state SET status = 'active' WHERE data_source_id = $id");
	my $before = read_one();
	my $answer = curl($page->curl(
		'https://api.rivergen.com' => base(), 'data-sources/1"' => "data-sources/$id\"",
		'<access_token>' => token_of('ada')));
	my $data = succeeded($answer, 200, 'Success (200)');
	shaped(
		$answer->{body}, { success => 'boolean', message => 'string', data => {%source_shape} },
		'the whole of the response');
	is_deeply([ grep { !exists $data->{$_} } sort keys %{ $example->{data} } ], [], 'every field of the page');
	is($answer->{body}{message}, $example->{message}, 'its message');
	is_deeply(
		$data,
		{   %$before, name => 'Updated PostgreSQL', connection_pool_size => 10, updated_at => $data->{updated_at},
			updated_by_user_id => $before->{created_by_user_id}
		},
		$page->quote('Partial updates (only provided fields are updated)'));
	is_deeply(read_one(), $data, $page->quote('Get Data Source - Get current data source details'));
};

subtest 'Request Body' => sub {
	my $request = $page->body('Request Body');
	my $data = changed($request, $page->quote('Update an existing data source configuration.'));
	is_deeply({ %$data, %$request }, $data, 'every field of the request is shown as it was given');
	is_deeply(
		[   map { $data->{$_} }
			grep { !/^(id|organization_id|updated_at|updated_by_user_id|status)$/ } sort keys %{ $example->{data} } ],
		[   map { $example->{data}{$_} }
			grep { !/^(id|organization_id|updated_at|updated_by_user_id|status)$/ } sort keys %{ $example->{data} } ],
		'the answer is the response of the page');
	is_deeply(
		changed({}, $page->quote('All fields are optional - only provided fields will be updated.')), $data,
		'none');
	my $endpoint = $page->quote('PATCH /api/v1/data-sources/{data_source_id}');
	refused(as('ada', PUT => "$path/$id", body => {}), 405, 'METHOD_NOT_ALLOWED', "$endpoint: not PUT");
};

subtest 'Headers, Path Parameters' => sub {
	refused(
		update(undef, {}), 401, 'UNAUTHORIZED',
		$page->quote('Authorization | Yes | Bearer <access_token> |') . ' required');
	my $row = $page->quote('Content-Type | Yes | application/json |');
	refused(update('ada', {}, headers => { 'Content-Type' => 'text/plain' }), 415, 'UNSUPPORTED_MEDIA_TYPE', $row);
	$row = $page->quote('data_source_id | integer | Yes | Data source ID |');
	refused(
		as('ada', PATCH => "$path/$_", body => {}), 400, 'BAD_REQUEST', "$row not $_",
		details => qr/data_source_id/) for qw(one 1.5 1e3 0x1 %20 -);
	refused(as('ada', PATCH => "$path/$_", body => {}), 404, 'NOT_FOUND', "$row $_")
		for qw(987654321 0 -1 99999999999999999999999);
};

subtest 'Parameters' => sub {
	my %wrong = (string => 1, integer => 'one', boolean => 'yes', object => [], 'array[string]' => 'production');
	my $sentence = $page->quote('All fields are optional. Only provided fields will be updated.');
	for my $case (
		[ 'name | string | No | Data source name (1-255 characters)', 'Ünïcödé 数据源 🌊' ],
		[ 'description | string | No | Description', 'Größe 数据' ],
		[ 'host | string | No | Database host', 'second.example.com' ], [ 'port | integer | No | Database port', 5434 ],
		[ 'database_name | string | No | Database name', 'sünden' ],
		[ 'schema_name | string | No | Schema name', 'Öffentlich' ],
		[   'file_path | string | No | Object path in storage for file-based sources (max 1000 characters)',
			'organizations/1/files/1/ä.csv' ],
		[ 'ssh_host | string | No | SSH tunnel host', 'bastion.example.com' ],
		[ 'ssh_username | string | No | SSH username', 'tunnel' ],
		[ 'ssh_local_port | integer | No | SSH local port', 6000 ],
		[ 'ssh_port | integer | No | SSH tunnel port', 2222 ],
		[ 'use_ssh_tunnel | boolean | No | Use SSH tunnel', JSON::PP::true ],
		[ 'connection_pool_size | integer | No | Connection pool size', 11 ],
		[ 'connection_timeout | integer | No | Connection timeout in seconds', 61 ],
		[ 'query_timeout | integer | No | Query timeout in seconds', 301 ],
		[ 'max_retries | integer | No | Maximum retry attempts', 5 ],
		[ 'schema_auto_refresh | boolean | No | Enable automatic schema refresh', JSON::PP::false ],
		[ 'schema_refresh_interval | integer | No | Schema refresh interval in seconds', 7200 ],
		[ 'metadata | object | No | Additional metadata', { a => 'ß' } ],
		[ 'tags | array[string] | No | Tags for categorization', ['neu'] ])
	{
		my ($row, $value) = @$case;
		$page->quote("$row |");
		my ($field, $type) = split / \| /, $row;
		my $before = read_one();
		my $after = changed({ $field => $value }, $row);
		is_deeply(
			$after, { %$before, $field => $value, map { $_ => $after->{$_} } qw(updated_at updated_by_user_id) },
			"$sentence $field");
		faulty({ $field => $wrong{$type} }, "$row: not of another type", qr/^\Q$field\E: must be/m);
	}
	is_deeply(
		[   @{
				changed(
					{ connection_string => 'postgresql://third.example.com:5435/shop' },
					$page->quote('connection_string | string | No | Full connection string |'))
			}{qw(host port database_name)} ],
		[ 'third.example.com', 5435, 'shop' ],
		'its parts');
	is(changed({ description => undef }, 'null clears a field')->{description}, undef, 'cleared');
	is(changed({ max_retries => undef }, 'or resets one that has a default')->{max_retries}, 3, 'reset');
	faulty({ name => undef }, 'name cannot be cleared', qr/^name: must not be null$/m);
	faulty({ name => 'n' x 256 }, 'name (1-255 characters)', qr/^name: must be at most 255 characters/m);
	faulty(
		{ file_path => 'organizations/1/' . 'x' x 1000 }, 'file_path (max 1000 characters)',
		qr/^file_path: .*1000/m);
	faulty({ nmae => 'x' }, 'an unknown field names the nearest', qr/nmae.*name/);
	faulty({ $_ => 1 }, "$_ is not for people to change", qr/^$_: (is read-only|cannot be changed)/m)
		for qw(id organization_id workspace_id type status created_at);
	is_deeply(
		as('ada', PATCH => "$path/$id", body => { credentials => { password => 'canary' } })->{status}, 400,
		$page->quote('Update Credentials - Update connection credentials separately'));
	succeeded(
		as('ada', PUT => "$path/$id/credentials", body => { username => 'dbuser', password => 'canary' }), 200,
		'separately');
};

subtest 'Error Codes' => sub {
	my $row = $page->quote('400 | BAD_REQUEST | Invalid request data |');
	faulty({ port => 0, tags => [1] }, $row, qr/^(?=.*^port: )(?=.*^tags: )/ms);
	refused(update('ada', $_), 400, 'BAD_REQUEST', "$row: " . ($_ eq '' ? 'no body' : $_))
		for '', '[]', 'null', '{"name"', '"name"';
	$row = $page->quote('401 | UNAUTHORIZED | Invalid or missing authentication token |');
	my %wrong = wrong_tokens();
	refused(
		update(undef, {}, headers => { Authorization => $wrong{$_} }), 401, 'UNAUTHORIZED', "$row: $_",
		message => 'Invalid or missing authentication token') for sort keys %wrong;
	refused(
		update('out', {}), 403, 'FORBIDDEN',
		$page->quote('403 | FORBIDDEN | User is not a member of any organization |'),
		message => 'User is not a member of any organization');
	refused(update('vic', { port => 1 }), 403, 'FORBIDDEN', 'a viewer');
	$row = $page->quote('404 | NOT_FOUND | Data source not found |');
	refused(
		as('ada', PATCH => "$path/987654321", body => {}), 404, 'NOT_FOUND', $row,
		message => qr/^data source 987654321 not found$/i);
	refused(as('ada', PATCH => "$path/987654321", body => { port => 0 }), 404, 'NOT_FOUND', "$row before 400");
	my $gone = new_source('ada', name => 'gone');
	as('ada', DELETE => "$path/$gone");
	refused(as('ada', PATCH => "$path/$gone", body => {}), 404, 'NOT_FOUND', "$row: a deleted one");
	new_source('ada', name => 'taken');
	refused(
		update('ada', { name => 'taken' }), 409, 'CONFLICT', 'a name that is taken',
		message => 'Data source with this name already exists');
};

subtest 'Features' => sub {
	my $sentence = $page->quote('Organization-scoped access control');
	my $before = read_one();
	refused(update('eve', { port => 1 }), 404, 'NOT_FOUND', $sentence);
	is_deeply(read_one(), $before, 'it is as it was');
	$sentence = $page->quote('Updates updated_at and updated_by_user_id automatically');
	my $by_ada = changed({ port => 5500 }, $sentence);
	my $by_boss = succeeded(update('boss', { port => 5501 }), 200, 'by another');
	ok($by_ada->{updated_at} gt $before->{updated_at} && $by_boss->{updated_at} gt $by_ada->{updated_at}, 'updated_at');
	is($by_ada->{updated_by_user_id}, $by_ada->{created_by_user_id}, 'updated_by_user_id');
	isnt($by_boss->{updated_by_user_id}, $by_ada->{updated_by_user_id}, 'of the other');
	faulty({ updated_at => '2024-12-01T11:00:00Z' }, 'not by the request', qr/^updated_at: is read-only$/m);
};

$page->is_proven;
survives($server);
done_testing();
