# The page List Data Sources, sentence by sentence, over HTTP: each test's name quotes. What each filter finds among
# many is test/pgtap/list_page.sql's.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Encode qw(decode_utf8 encode_utf8);
use Rivergen;
use SpecPage;
use Test::More;
use Web;

my $page = SpecPage->new('list-data-sources', <<'PAGE', <<'ABOUT');
list-data-sources
List Data Sources
Sprint 3
Platform
List all data sources for the current organization with pagination, filtering, and sorting.
Account Type & Use Case
Platform Account
Platform APIs enable data engineers and analysts to discover and manage all connected data sources within their organization, providing visibility into available data assets and their health status. This endpoint is used to browse, filter, and search data sources, enabling quick discovery of relevant data for analysis and querying.
Endpoint
GET /api/v1/data-sources
Headers
| Header | Required | Description |
|---|---|---|
Authorization | Yes | Bearer <access_token> |
Query Parameters
| Parameter | Type | Required | Description |
|---|---|---|---|
workspace_id | integer | No | Filter by workspace ID |
type | string | No | Filter by data source type (e.g., "postgresql", "mysql", "csv") |
status_filter | string | No | Filter by status (active, inactive, testing, failed, maintenance) |
page | integer | No | Page number (default: 1) |
page_size | integer | No | Items per page (default: 20) |
search | string | No | Search by name or description |
sort_by | string | No | Sort field (default: "created_at") |
sort_order | string | No | Sort order: "asc" or "desc" (default: "desc") |
Response
Success (200)
{
"success": true,
"data": {
"items": [
{
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
"status": "active",
"last_tested_at": "2024-12-01T10:00:00Z",
"last_successful_connection_at": "2024-12-01T10:00:00Z",
"schema_discovered_at": "2024-12-01T09:00:00Z",
"schema_auto_refresh": true,
"tags": ["production", "database"],
"created_at": "2024-12-01T08:00:00Z",
"updated_at": "2024-12-01T10:00:00Z"
}
],
"pagination": {
"page": 1,
"page_size": 20,
"total_items": 15,
"total_pages": 1,
"has_next": false,
"has_previous": false
}
},
"message": "Data sources retrieved successfully"
}
Error Codes
| Status | Code | Description |
|---|---|---|
| 401 | UNAUTHORIZED | Invalid or missing authentication token |
| 403 | FORBIDDEN | User is not a member of any organization |
Features
- Pagination support
- Filtering by workspace, type, and status
- Search by name or description
- Sorting by any field
- Organization-scoped (only shows data sources in user's organization)
Example
curl -X GET "https://api.rivergen.com/api/v1/data-sources?page=1&page_size=20&type=postgresql&status_filter=active" \
-H "Authorization: Bearer <access_token>"
Related Endpoints
- Get Data Source - Get single data source details
- Create Data Source - Create new data source
PAGE
list-data-sources
List Data Sources
Sprint 3
Platform
Account Type & Use Case
Platform Account
Endpoint
Headers
Query Parameters
Response
Error Codes
Features
Example
Related Endpoints
ABOUT

my $server = start_web();
my $path = '/api/v1/data-sources';
my %database = (
	type => 'postgresql', host => 'db.example.com', port => 5432, database_name => 'production',
	schema_auto_refresh => JSON::PP::false);

sub escaped
{
	my ($text) = @_;
	return join '', map { /[A-Za-z0-9._~-]/ ? $_ : sprintf '%%%02X', ord } split //, encode_utf8($text);
}
sub list
{
	my ($who, %parameter) = @_;
	return as($who, GET => $path
			. (%parameter ? '?' . join '&', map { "$_=" . escaped($parameter{$_}) } sort keys %parameter : ''));
}
sub names_of
{
	my ($answer) = @_;
	return join ' ', map { $_->{name} } @{ $answer->{body}{data}{items} // [ { name => $answer->{text} } ] };
}
# All names, in the order that the database gives them.
sub in_order
{
	return split /\n/,
		decode_utf8(
		sql($server, 'SELECT name FROM rivergen_catalog.data_source WHERE organization_id = 1 ORDER BY name'));
}
sub listed
{
	my ($name, $expected, %parameter) = @_;
	return is(names_of(list('vic', sort_by => 'name', sort_order => 'asc', %parameter)), $expected, $name);
}

# Five of Acme, one of them active, and two of another organization.
my $main = new_source(
	'ada', %database, name => 'Production PostgreSQL', description => 'Main production database', workspace_id => 1,
	schema_name => 'public',
	tags => [ 'production', 'database' ]);
new_source('ada', %database, name => 'Reporting', description => 'Zahlen & Größen 100%', tags => ['production']);
my $kept = new_source('ada', name => 'Weather', description => 'öffentlich', workspace_id => 1);
my $files = new_source('ada', name => 'Übersicht', type => 'csv', file_path => 'organizations/1/files/1/a.csv');
my $fake = new_fake('ada', {}, name => 'collection');
new_source('eve', %database, name => 'Production PostgreSQL', description => 'of another organization');
new_source('eve', name => 'Weather');
sql($server, "UPDATE rivergen_catalog.data_source_state SET status = 'active' WHERE data_source_id = $main");

my $example = $page->body('Success (200)');
subtest 'Example' => sub {
	my $line = $page->curl('https://api.rivergen.com' => base(), '<access_token>' => token_of('ada'));
	my $answer = curl($line);
	my $data = succeeded($answer, 200, 'Success (200)');
	shaped(
		$answer->{body},
		{   success => 'boolean', message => 'string',
			data => { items => [ {%item_shape} ], pagination => {%pagination_shape} }
		},
		'the whole of the response');
	is_deeply(
		[ sort keys %{ $data->{items}[0] } ], [ sort keys %{ $example->{data}{items}[0] } ],
		'the fields of the page, no more and no less');
	is($answer->{body}{message}, $example->{message}, 'its message');
	is_deeply($data->{pagination}, { %{ $example->{data}{pagination} }, total_items => 1 }, 'its pagination');
	my $shown = $data->{items}[0];
	is_deeply(
		[ map { $_->{id} } @{ $data->{items} } ], [$main],
		'page=1, page_size=20, type=postgresql, status_filter=active');
	is_deeply(
		$shown,
		{   %{ $example->{data}{items}[0] }, schema_auto_refresh => JSON::PP::false,
			map { $_ => $shown->{$_} }
				qw(id created_at updated_at last_tested_at last_successful_connection_at schema_discovered_at)
		},
		'its values');
	is( succeeded(
			as('ada', GET => "$path/$main"), 200, $page->quote('Get Data Source - Get single data source details')
		)->{name},
		$shown->{name},
		'is the same one');
	succeeded(
		as('ada', POST => $path, body => { name => 'new', type => 'http_api', credentials => {} }), 201,
		$page->quote('Create Data Source - Create new data source'));
	is(names_of(list('ada', page_size => 1)), 'new', 'the changed source is the first of the list');
	my $id = list('ada', search => 'new')->{body}{data}{items}[0]{id};
	succeeded(as('ada', DELETE => "$path/$id?force=true"), 200, 'until it is deleted');
};

subtest 'Endpoint, Headers' => sub {
	is($page->quote('GET /api/v1/data-sources'), "GET $path", 'the endpoint that is used here');
	refused(
		list(undef), 401, 'UNAUTHORIZED',
		$page->quote('Authorization | Yes | Bearer <access_token> |') . ' required');
	listed(
		$page->quote('List all data sources for the current organization with pagination, filtering, and sorting.'),
		join ' ', in_order());
	is( names_of(list('eve', sort_by => 'name', sort_order => 'asc')), 'Production PostgreSQL Weather',
		'of another one');
};

subtest 'Query Parameters' => sub {
	my $row = $page->quote('workspace_id | integer | No | Filter by workspace ID |');
	listed($row, 'Production PostgreSQL Weather', workspace_id => 1);
	listed("$row: of another organization", '', workspace_id => 2);
	$row = $page->quote('type | string | No | Filter by data source type (e.g., "postgresql", "mysql", "csv") |');
	listed("$row postgresql", 'Production PostgreSQL Reporting', type => 'postgresql');
	listed("$row mysql", '', type => 'mysql');
	listed("$row csv", 'Übersicht', type => 'csv');
	$row = $page->quote(
		'status_filter | string | No | Filter by status (active, inactive, testing, failed, maintenance) |');
	succeeded(as('ada', PUT => "$path/$kept/status", body => { status => 'maintenance' }), 200, 'maintenance begins');
	listed("$row $_->[0]", $_->[1], status_filter => $_->[0])
		for [ 'active', 'Production PostgreSQL' ], [ 'maintenance', 'Weather' ],
		[ 'inactive', join ' ', grep { !/^(?:Production|Weather)/ } in_order() ], [ 'testing', '' ], [ 'failed', '' ];
	$row = $page->quote('page | integer | No | Page number (default: 1) |');
	listed("$row 2", join(' ', (in_order())[ 2, 3 ]), page => 2, page_size => 2);
	listed("$row $_ is beyond the end", '', page => $_) for 99, 2147483647;
	refused(
		list('vic', page => '9' x 30), 400, 'BAD_REQUEST', "$row not what no integer holds",
		details => qr/^page: must be between 1 and/m);
	$row = $page->quote('page_size | integer | No | Items per page (default: 20) |');
	listed("$row 1", (in_order())[0], page_size => 1);
	is_deeply([ @{ list('vic')->{body}{data}{pagination} }{qw(page page_size)} ], [ 1, 20 ], 'the defaults');
	$row = $page->quote('search | string | No | Search by name or description |');
	listed("$row name", 'Reporting', search => 'rePORT');
	listed("$row description", 'Production PostgreSQL', search => 'main production');
	listed("$row Übersicht", 'Übersicht', search => 'übersicht');
	listed("$row 100%", 'Reporting', search => '100%');
	listed("$row & %", 'Reporting', search => 'Zahlen & Größen 100%');
	is(names_of(as('vic', GET => "$path?search=Main+production")), 'Production PostgreSQL', "$row + is a space");
	$row = $page->quote('sort_by | string | No | Sort field (default: "created_at") |');
	is( names_of(list('vic', sort_order => 'asc')), 'Production PostgreSQL Reporting Weather Übersicht collection',
		$row);
	for my $field (sort keys %item_shape)
	{
		succeeded(list('vic', sort_by => $field), 200, "$row $field");
	}
	$row = $page->quote('sort_order | string | No | Sort order: "asc" or "desc" (default: "desc") |');
	is(names_of(list('vic', sort_by => 'name')), join(' ', reverse in_order()), "$row: the default");
	is( names_of(list('vic', sort_by => 'name', sort_order => 'desc')), names_of(list('vic', sort_by => 'name')),
		"$row: desc");
	is(names_of(list('vic', sort_by => 'name', sort_order => 'asc')), join(' ', in_order()), "$row: asc");
};

subtest 'tags, which the page does not have' => sub {
	listed('one', 'Production PostgreSQL Reporting', tags => 'production');
	listed('all of them', 'Production PostgreSQL', tags => 'production,database');
	listed('none has it', '', tags => 'Production');
};

# All faults are told at once, each with the name of its parameter.
subtest 'parameters that are wrong' => sub {
	for my $case (
		[ 'page=0', qr/^page: must be at least 1$/m ], [ 'page=-1', qr/^page: /m ],
		[ 'page=one', qr/^page: .*integer/m ], [ 'page=1.5', qr/^page: .*integer/m ],
		[ 'page=', qr/^page: /m ], [ 'page_size=0', qr/^page_size: must be between 1 and 1000$/m ],
		[ 'page_size=1001', qr/^page_size: must be between 1 and 1000$/m ],
		[ 'workspace_id=main', qr/^workspace_id: .*integer/m ],
		[ 'type=postgres', qr/^type: must be one of postgresql, /m ],
		[   'status_filter=deleted', qr/^status_filter: must be one of active, inactive, testing, failed, maintenance$/m
		],
		[ 'sort_by=password', qr/^sort_by: must be one of /m ],
		[ 'sort_order=up', qr/^sort_order: must be asc or desc$/m ],
		[ 'pagesize=5', qr/pagesize.*page_size/ ],
		[ 'page=1&page=2', qr/^page: /m ],
		[ 'search=%zz', qr/./ ],
		[ 'search=%ff', qr/./ ],
		[ 'search=a%00b', qr/./ ],
		[ 'page=0&page_size=0&sort_order=up', qr/^(?=.*^page: )(?=.*^page_size: )(?=.*^sort_order: )/ms ],
		[ 'page=x&pagesize=2&workspace_id=y', qr/^(?=.*^page: )(?=.*pagesize)(?=.*^workspace_id: )/ms ])
	{
		refused(as('vic', GET => "$path?$case->[0]"), 400, 'BAD_REQUEST', $case->[0], details => $case->[1]);
	}
	refused(as('out', GET => "$path?page=0"), 403, 'FORBIDDEN', '403 before 400');
};

subtest 'Error Codes' => sub {
	my $row = $page->quote('401 | UNAUTHORIZED | Invalid or missing authentication token |');
	my %wrong = wrong_tokens();
	refused(
		as(undef, GET => $path, headers => { Authorization => $wrong{$_} }), 401, 'UNAUTHORIZED', "$row: $_",
		message => 'Invalid or missing authentication token') for sort keys %wrong;
	refused(
		list('out'), 403, 'FORBIDDEN', $page->quote('403 | FORBIDDEN | User is not a member of any organization |'),
		message => 'User is not a member of any organization');
};

subtest 'Features' => sub {
	my $pagination = sub { return list('vic', @_)->{body}{data}{pagination} };
	is_deeply(
		$pagination->(page => 2, page_size => 2),
		{   page => 2, page_size => 2, total_items => 5, total_pages => 3, has_next => JSON::PP::true,
			has_previous => JSON::PP::true
		},
		$page->quote('Pagination support'));
	is_deeply(
		$pagination->(page => 3, page_size => 2),
		{   page => 3, page_size => 2, total_items => 5, total_pages => 3, has_next => JSON::PP::false,
			has_previous => JSON::PP::true
		},
		'the last page');
	listed(
		$page->quote('Filtering by workspace, type, and status'), 'Production PostgreSQL', workspace_id => 1,
		type => 'postgresql', status_filter => 'active');
	listed($page->quote('Search by name or description'), 'Reporting', search => 'größen');
	is(names_of(list('vic', sort_by => 'tags', sort_order => $_->[0])), $_->[1], 'by tags, ' . $_->[0])
		for [ asc => 'Weather Übersicht collection Reporting Production PostgreSQL' ],
		[ desc => 'Production PostgreSQL Reporting collection Übersicht Weather' ];
	is( names_of(list('vic', sort_by => 'port', sort_order => 'desc', type => 'postgresql', page_size => 1)),
		'Reporting', $page->quote('Sorting by any field'));
	is_deeply(
		[ grep { $_->{organization_id} != 2 } @{ list('eve')->{body}{data}{items} } ], [],
		$page->quote("Organization-scoped (only shows data sources in user's organization)"));
	is(names_of(list('vic', search => 'another organization')), '', 'nothing of others is found');
	listed(
		$page->quote(
			'Platform APIs enable data engineers and analysts to discover and manage all connected data sources within their organization, providing visibility into available data assets and their health status.'
		),
		'Production PostgreSQL',
		status_filter => 'active');
	listed(
		$page->quote(
			'This endpoint is used to browse, filter, and search data sources, enabling quick discovery of relevant data for analysis and querying.'
		),
		'Weather',
		search => 'weather',
		type => 'http_api');
};

subtest 'walking' => sub {
	my ($after, @names) = ('');
	while (defined $after)
	{
		my $data = succeeded(
			list('vic', after => $after, page_size => 2, sort_by => 'name', sort_order => 'asc'), 200,
			"after '$after'");
		push @names, map { $_->{name} } @{ $data->{items} };
		$after = $data->{next_cursor};
	}
	is("@names", join(' ', in_order()), 'shows each one once');
	refused(list('vic', after => 'nonsense'), 400, 'BAD_REQUEST', 'a cursor that is none', details => qr/^after: /m);
};

$page->is_proven;
survives($server);
done_testing();
