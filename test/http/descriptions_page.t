# The page Refresh a table description, sentence by sentence, over HTTP: each test's name quotes. Its example is a
# GET, and lacks a quotation mark: both the GET and the POST that the page describes are here.
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

my $page = SpecPage->new('Refresh a table description', <<'PAGE', <<'ABOUT');
.. api.scan_database:

Refresh a table description
==============================

This endpoint establishes a database connection, retrieves the table names, and merges these records with the existing
table-descriptions. It updates the status accordingly: if the table no longer exists, it changes the status to
`DEPRECATED`, and if it is not in the MongoDB collection, it is inserted with a status of `NOT_SCANNED`.

Request this ``POST`` endpoint::

   /api/v1/table-descriptions/refresh


**Request body**

.. code-block:: rst

   {
        "db_connection_id": "string",
    }

**Responses**

HTTP 201 code response

.. code-block:: rst

  [{
    "id": "string",
    "db_connection_id": "string",
    "table_name": "string",
    "description": "string",
    "table_schema": "string",
    "status": "NOT_SCANNED | SYNCHRONIZING | DEPRECATED | SCANNED | FAILED"
    "error_message": "string",
    "table_schema": "string",
    "columns": [
      {
        "name": "string",
        "is_primary_key": false,
        "data_type": "str",
        "description": "string",
        "low_cardinality": false,
        "categories": [
          "string"
        ],
        "foreign_key": {
          "field_name": "string",
          "reference_table": "string"
        }
      }
    ],
    "examples": []
  }]


.. csv-table::
   :header: "Name", "Type", "Description"
   :widths: 20, 20, 60

   "status", "string", "It can be one of the next options:
    - `NOT_SCANNED` if the table has not been scanned
    - `SYNCHRONIZING` while the sync schema process is running
    - `DEPRECATED` if there is a row in our `table-descriptions` collection that is no longer in the database, probably because the table/view was deleted or renamed
    - `SCANNED` when we have scanned the table
    - `FAILED` if anything failed during the sync schema process, and the `error_message` field stores the error."
   "error_message", "string", "This field is set only if the async schema process fails"


**Request example**

.. code-block:: rst

    curl -X 'GET' \
      '<localhost>/api/v1/table-descriptions/64fa09446cec0b4ff60d3ae3 \
      -H 'accept: application/json'
PAGE
.. api.scan_database:
Refresh a table description
==============================
Request this ``POST`` endpoint::
**Request body**
**Responses**
**Request example**
.. code-block:: rst
.. csv-table::
   :header: "Name", "Type", "Description"
   :widths: 20, 20, 60
ABOUT

my $password = 'Tr0ub4dor-and-3';
my $server = start_web();
my $source = start_source('source', $password);
sql($source, <<'EOS');
CREATE TABLE item (id int PRIMARY KEY, "größe" text);
CREATE TABLE orders (id int PRIMARY KEY, item int REFERENCES item, state text);
CREATE VIEW seen AS SELECT state FROM orders;
CREATE TABLE hidden (a int);
INSERT INTO item VALUES (1, 'groß');
INSERT INTO orders SELECT i, 1, (ARRAY['neu', 'bezahlt ✓'])[1 + i % 2] FROM generate_series(1, 20) i;
COMMENT ON TABLE item IS 'Was verkauft wird 🌊';
GRANT SELECT ON orders, item, seen TO reader;
EOS
my $path = '/api/v1/table-descriptions';
my $id = as('ada', POST => '/api/v1/data-sources', body => source_of($source, $password))->{body}{data}{id};

sub refresh
{
	my ($who, $body, %option) = @_;
	return as($who, POST => "$path/refresh", body => $body // { db_connection_id => "$id" }, %option);
}
sub by_name
{
	return map { $_->{table_name} => $_ } @_;
}
sub statuses
{
	my %all = @_;
	return join ' ', map { "$_/$all{$_}{status}" } sort keys %all;
}
sub refreshed
{
	my ($name) = @_;
	my $answer = refresh('ada');
	is($answer->{status}, 201, $name) or diag($answer->{text});
	return by_name(@{ ref $answer->{body} eq 'ARRAY' ? $answer->{body} : [] });
}
sub listed { return by_name(@{ as('vic', GET => "$path?db_connection_id=$id")->{body}{data}{items} }) }

my $example = $page->body(
	'HTTP 201 code response',
	sub { my ($text) = @_; $text =~ s/FAILED"\n/FAILED",\n/ or die 'mended?'; return $text });
subtest 'Request body, Responses' => sub {
	my $request = $page->body("**Request body**");
	is_deeply($request, { db_connection_id => 'string' }, 'the body of the page');
	my $answer = refresh('ada', { db_connection_id => "$id" });
	is($answer->{status}, 201, 'HTTP 201 code response');
	shaped($answer->{body}, [ {%description_shape} ], 'a bare array, every member with its type');
	my ($orders) = grep { $_->{table_name} eq 'orders' } @{ $answer->{body} };
	is_deeply([ grep { !exists $orders->{$_} } sort keys %{ $example->[0] } ], [], 'every member of the page');
	my ($column) = grep { $_->{name} eq 'item' } @{ $orders->{columns} };
	is_deeply(
		[ grep { !exists $column->{$_} } sort keys %{ $example->[0]{columns}[0] } ], [],
		'columns have every member of the page');
	is_deeply($column->{foreign_key}, { field_name => 'id', reference_table => 'item' }, '"foreign_key"');
	my %all = by_name(@{ $answer->{body} });
	is( statuses(%all), 'hidden/NOT_SCANNED item/NOT_SCANNED orders/NOT_SCANNED seen/NOT_SCANNED',
		$page->quote(
			'This endpoint establishes a database connection, retrieves the table names, and merges these records with the existing table-descriptions.'
		));
	is($all{item}{description}, 'Was verkauft wird 🌊', 'a comment of the source');
	$page->quote('/api/v1/table-descriptions/refresh');
	is(refresh('ada', { db_connection_id => $id + 0 })->{status}, 201, 'db_connection_id may be a number');
};

subtest 'Request example' => sub {
	my %all = listed();
	my $line = $page->curl('<localhost>' => base(), '64fa09446cec0b4ff60d3ae3 \\' => "$all{orders}{id}' \\");
	my $answer = curl($line, authorization => token_of('ada'));
	my $data = succeeded($answer, 200, 'GET by id');
	shaped($data, {%description_shape}, 'the whole of it');
	is_deeply($data, $all{orders}, 'is what the list shows');
	refused(curl($line), 401, 'UNAUTHORIZED', 'without a token, as the example is');
	refused(
		as('ada', GET => "$path/64fa09446cec0b4ff60d3ae3"), 404, 'NOT_FOUND',
		'the id of the example is not one of ours', message => qr/64fa09446cec0b4ff60d3ae3 not found/);
};

subtest 'status' => sub {
	my %all = listed();
	is($all{orders}{status}, 'NOT_SCANNED', $page->quote('`NOT_SCANNED` if the table has not been scanned'));
	my $scan = as('ada', POST => "$path/scan", body => { db_connection_id => "$id" });
	shaped(
		succeeded($scan, 202, 'a scan'),
		{ jobs => [ { job_id => 'integer', data_source_id => 'integer', status => 'string' } ] }, 'its jobs');
	follow_job('vic', "/api/v1/jobs/$scan->{body}{data}{jobs}[0]{job_id}");
	%all = listed();
	is( statuses(%all), 'hidden/FAILED item/SCANNED orders/SCANNED seen/SCANNED',
		$page->quote('`SCANNED` when we have scanned the table'));
	isnt(
		$all{hidden}{error_message}, undef,
		$page->quote(
			'`FAILED` if anything failed during the sync schema process, and the `error_message` field stores the error.'
		));
	is_deeply(
		[ map { $_->{error_message} } grep { $_->{status} ne 'FAILED' } values %all ], [ (undef) x 3 ],
		$page->quote('"error_message", "string", "This field is set only if the async schema process fails"'));
	my ($state) = grep { $_->{name} eq 'state' } @{ $all{orders}{columns} };
	is_deeply(
		[ $state->{low_cardinality}, $state->{categories} ], [ JSON::PP::true, [ 'bezahlt ✓', 'neu' ] ],
		'"low_cardinality", "categories"');
	$page->quote('"status", "string", "It can be one of the next options:');

	sql($source, 'DROP VIEW seen; DROP TABLE hidden; CREATE TABLE later (a int)');
	my %now = refreshed('It updates the status accordingly');
	$page->quote('It updates the status accordingly:');
	is( statuses(%now), 'hidden/DEPRECATED item/SCANNED later/NOT_SCANNED orders/SCANNED seen/DEPRECATED',
		$page->quote(
			'if the table no longer exists, it changes the status to `DEPRECATED`, and if it is not in the MongoDB collection, it is inserted with a status of `NOT_SCANNED`.'
		));
	is( "$now{seen}{id} $now{hidden}{id}", "$all{seen}{id} $all{hidden}{id}",
		$page->quote(
			'`DEPRECATED` if there is a row in our `table-descriptions` collection that is no longer in the database, probably because the table/view was deleted or renamed'
		));
	is($now{hidden}{error_message}, undef, 'no error_message of what has gone');

	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	my $fake = new_fake('ada', { schemas => 1, relations => 1 });
	refresh('ada', { db_connection_id => "$fake" });
	succeeded(
		as( 'ada', PATCH => "/api/v1/data-sources/$fake",
			body => { metadata => { schemas => 1, relations => 1, behaviour => 'slow', gate => $gate } }),
		200,
		'slow from now on');
	my $job = as(
		'ada', POST => "/api/v1/data-sources/$fake/discover-schema?refresh=true",
		headers => { Prefer => 'respond-async' });
	my $status = sub { as('vic', GET => "$path?db_connection_id=$fake")->{body}{data}{items}[0]{status} };
	is($status->(), 'SYNCHRONIZING', $page->quote('`SYNCHRONIZING` while the sync schema process is running'));
	append_to_file($gate, '');
	follow_job('vic', location_of($job));
	is($status->(), 'NOT_SCANNED', 'SYNCHRONIZING ends with the job');
};

subtest 'what is refused' => sub {
	my %wrong = wrong_tokens();
	refused(
		as( undef, POST => "$path/refresh", body => { db_connection_id => "$id" },
			headers => { Authorization => $wrong{$_} }),
		401,
		'UNAUTHORIZED',
		"a token: $_") for sort keys %wrong;
	refused(refresh('out'), 403, 'FORBIDDEN', 'no membership');
	refused(refresh('vic'), 403, 'FORBIDDEN', 'a viewer');
	refused(refresh('ada', { db_connection_id => '987654321' }), 404, 'NOT_FOUND', 'no such source');
	refused(refresh('ada', { db_connection_id => 'string' }), 404, 'NOT_FOUND', 'the id of the example');
	refused(refresh('eve'), 404, 'NOT_FOUND', "another organization's");
	refused(refresh('ada', $_->[0]), 400, 'BAD_REQUEST', $_->[1], details => qr/db_connection_id/)
		for [ {}, 'no db_connection_id' ], [ { db_connection_id => undef }, 'null' ],
		[ { db_connection_id => [] }, 'an array' ], [ { db_connection_id => 1.5 }, 'a fraction' ],
		[ { db_connectionid => '1' }, 'a name that is not quite right' ];
	refused(
		refresh('ada', '{"db_connection_id": "1",}'), 400, 'BAD_REQUEST',
		'the comma that the page has before the brace is not JSON');
	my ($port, $socket) = refused_port();
	my $deaf =
		as('ada', POST => '/api/v1/data-sources', body => source_of($source, $password, name => 'deaf', port => $port))
		->{body}{data}{id};
	refused(
		refresh('ada', { db_connection_id => "$deaf" }), 502, 'BAD_GATEWAY', 'a source that does not answer',
		details => qr/job \d+/);
};

$page->is_proven;
clean_server($server);
survives($server);
done_testing();
