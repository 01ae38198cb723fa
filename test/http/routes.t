# The paths that no page of the specification has: what each answers when all is well, and when it is not.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Encode qw(encode_utf8);
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;
use Web;

my $password = 'Tr0ub4dor-and-3';
my $server = start_web();
my $source = start_source('source', $password);
sql($source, <<'EOS');
CREATE TABLE item (id int PRIMARY KEY, "größe" text);
COMMENT ON COLUMN item."größe" IS 'in Zentimetern';
CREATE SCHEMA "a/b ?&=%";
CREATE TABLE "a/b ?&=%"."数据" (a int);
INSERT INTO item VALUES (1, 'groß');
GRANT USAGE ON SCHEMA "a/b ?&=%" TO reader;
GRANT SELECT ON item, "a/b ?&=%"."数据" TO reader;
EOS
my ($sources, $descriptions) = ('/api/v1/data-sources', '/api/v1/table-descriptions');
my $id = as('ada', POST => $sources, body => source_of($source, $password))->{body}{data}{id};
my $none = 987654321;
succeeded(as('ada', POST => "$sources/$id/discover-schema"), 200, 'the source is discovered');

sub escaped
{
	my ($text) = @_;
	return join '', map { /[A-Za-z0-9._~-]/ ? $_ : sprintf '%%%02X', ord } split //, encode_utf8($text);
}

subtest 'GET data-sources/{data_source_id}' => sub {
	my $answer = as('vic', GET => "$sources/$id");
	shaped(succeeded($answer, 200, 'a source'), {%source_shape}, 'the whole of it');
	is($answer->{body}{message}, 'Data source retrieved successfully', 'message');
	like($answer->{headers}{etag}, qr/^"[^"]+"$/, 'ETag');
	my $head = as('vic', HEAD => "$sources/$id");
	is_deeply(
		[ $head->{status}, $head->{text}, $head->{headers}{etag} ], [ 200, '', $answer->{headers}{etag} ],
		'HEAD says the same without a body');
	refused(
		as('vic', GET => "$sources/$none"), 404, 'NOT_FOUND', 'a missing one',
		message => qr/^data source $none not found$/i);
	refused(as('vic', GET => "$sources/$_"), 404, 'NOT_FOUND', "id $_") for '0', '-1', '9' x 30;
	refused(as('vic', GET => "$sources/$_"), 400, 'BAD_REQUEST', "$_", details => qr/data_source_id/)
		for 'one', '1.5', '%31x', '%C3%BC', '%27';
	refused(as('vic', GET => "$sources/$_"), 400, 'BAD_REQUEST', "$_") for '%zz', '%', '%00', '%ff';
	is(as('vic', GET => "$sources/%3" . ($id % 10))->{status}, $id < 10 ? 200 : 404, 'an escaped digit is a digit');
};

subtest 'DELETE, restore' => sub {
	my $gone = new_fake('ada', {}, name => 'gone');
	is_deeply(succeeded(as('ada', DELETE => "$sources/$gone"), 200, 'deleted'), { id => $gone }, 'its id');
	refused(
		as('ada', $_->[0] => "$sources/$gone$_->[1]", $_->[2] ? (body => $_->[2]) : ()), 404, 'NOT_FOUND',
		"a deleted one: $_->[0] $_->[1]")
		for [ 'GET', '' ], [ 'PATCH', '', {} ], [ 'DELETE', '' ], [ 'POST', '/test' ], [ 'GET', '/health' ],
		[ 'GET', '/schemas' ], [ 'POST', '/discover-schema' ],
		[ 'GET', '/jobs' ], [ 'PUT', '/status', { status => 'active' } ], [ 'PUT', '/credentials', {} ];
	my $answer = as('ada', POST => "$sources/$gone/restore");
	shaped(succeeded($answer, 200, 'restored'), {%source_shape}, 'the whole source');
	succeeded(as('vic', GET => "$sources/$gone"), 200, 'it is back');
	refused(as('ada', POST => "$sources/$gone/restore"), 409, 'CONFLICT', 'what is not deleted');
	as('ada', DELETE => "$sources/$gone");
	my $namesake = new_fake('ada', {}, name => 'gone');
	refused(
		as('ada', POST => "$sources/$gone/restore"), 409, 'CONFLICT', 'its name is taken',
		message => 'Data source with this name already exists');
	succeeded(as('ada', DELETE => "$sources/$gone?force=true"), 200, 'really deleted');
	refused(as('ada', POST => "$sources/$gone/restore"), 404, 'NOT_FOUND', 'a purged source cannot be restored');
	refused(as('ada', POST => "$sources/$none/restore"), 404, 'NOT_FOUND', 'restoring a missing one');
	refused(
		as('ada', DELETE => "$sources/$namesake?force=perhaps"), 400, 'BAD_REQUEST', 'force',
		details => qr/^force: /m);
	refused(
		as('ada', DELETE => "$sources/$namesake?forse=true"), 400, 'BAD_REQUEST', 'forse',
		details => qr/forse.*force/);
	refused(as('vic', DELETE => "$sources/$namesake"), 403, 'FORBIDDEN', 'a viewer');
	refused(
		as('ada', DELETE => "$sources/$namesake", body => { force => JSON::PP::true }), 400, 'BAD_REQUEST',
		'a body where none belongs', details => qr/^body: /m);
	succeeded(as('vic', GET => "$sources/$namesake"), 200, 'it is still there');
};

my %test_shape = (
	success => 'boolean', response_time_ms => 'number?', server_version => 'string?',
	ssh_tunnel_established => 'boolean?', failed_step => 'string?',
	error_code => 'string?',
	error_message => 'string?', error_detail => 'string?');

subtest 'test' => sub {
	my $answer = as('ada', POST => "$sources/$id/test");
	my $data = succeeded($answer, 200, 'a source');
	shaped($data, {%test_shape}, 'the answer');
	is($answer->{body}{message}, 'Connection successful', 'message');
	like($data->{server_version}, qr/^PostgreSQL \d/, 'the version');
	$answer = as('ada', POST => "$sources/test", body => source_of($source, 'canary', name => 'x'));
	is_deeply(
		[ @{ succeeded($answer, 200, 'a definition') }{qw(success failed_step error_code)} ],
		[ JSON::PP::false, 'authenticate', 'authentication' ],
		'a connection that fails is an answer, not an error');
	is($answer->{body}{message}, 'Connection failed', 'message');
	unlike($answer->{text}, qr/canary/, 'the answer has no secret');
	refused(
		as('ada', POST => "$sources/test", body => {}), 400, 'BAD_REQUEST', 'an empty definition',
		details => qr/^(?=.*^name: )(?=.*^type: )(?=.*^credentials: )/ms);
	refused(as('ada', POST => "$sources/$none/test"), 404, 'NOT_FOUND', 'a missing one');
	refused(as('vic', POST => "$sources/$id/test"), 403, 'FORBIDDEN', 'a viewer');
	refused(as('vic', POST => "$sources/$id/databases"), 403, 'FORBIDDEN', 'a viewer who asks for databases');
	refused(as('ada', POST => "$sources/$none/databases"), 404, 'NOT_FOUND', 'databases of a missing one');
	refused(as('ada', POST => "$sources/databases", body => {}), 400, 'BAD_REQUEST', 'databases of no definition');
	refused(
		as('vic', POST => "$sources/test", body => source_of($source, $password)), 403, 'FORBIDDEN',
		'a viewer with a definition');
};

subtest 'credentials' => sub {
	my $answer = as('ada', PUT => "$sources/$id/credentials", body => { username => 'reader', password => $password });
	shaped(succeeded($answer, 200, 'replaced'), {%source_shape}, 'the whole source');
	unlike($answer->{text}, qr/\Q$password\E/, 'the answer has no password');
	ok(succeeded(as('ada', POST => "$sources/$id/test"), 200, 'they are used')->{success}, 'with success');
	refused(
		as('ada', PUT => "$sources/$id/credentials", body => { password => 1, pasword => 'canary' }), 400,
		'BAD_REQUEST', 'faults, all at once',
		details => qr/^(?=.*credentials\.password: must be a string)(?=.*credentials\.pasword: .*password)/ms);
	refused(
		as('ada', PUT => "$sources/$id/credentials", body => '{"password": "canary'), 400, 'BAD_REQUEST',
		'what is not JSON is not quoted');
	refused(as('ada', PUT => "$sources/$id/credentials"), 400, 'BAD_REQUEST', 'no body');
	refused(as('ada', PUT => "$sources/$none/credentials", body => {}), 404, 'NOT_FOUND', 'a missing source');
	refused(as('vic', PUT => "$sources/$id/credentials", body => {}), 403, 'FORBIDDEN', 'a viewer');
	refused(as('ada', GET => "$sources/$id/credentials"), 405, 'METHOD_NOT_ALLOWED', 'they cannot be read');
	refused(as('ada', POST => "$sources/$id/credentials", body => {}), 405, 'METHOD_NOT_ALLOWED', 'POST');
};

subtest 'details are told, whatever they name' => sub {
	refused(
		as('ada', PUT => "$sources/$id/credentials", body => { sealed => 'AAAA' }), 400, 'BAD_REQUEST',
		'a fault that names a function', details => qr/key_id: /);
	my $empty = new_source(
		'ada', type => 'postgresql', host => '127.0.0.1', port => $source->port + 0,
		database_name => 'postgres', schema_auto_refresh => JSON::PP::false);
	my $error = refused(
		as('ada', POST => "$sources/$empty/discover-schema"), 502, 'BAD_GATEWAY',
		'a source without credentials', details => qr/job \d+/);
	my ($job) = "@{ $error->{details} }" =~ /job (\d+)/;
	is( succeeded(as('vic', GET => "/api/v1/jobs/$job"), 200, 'its job')->{error_message}, $error->{message},
		'says the same');
};

subtest 'status' => sub {
	for my $status (qw(maintenance active inactive))
	{
		is( succeeded(as('ada', PUT => "$sources/$id/status", body => { status => $status }), 200, $status)->{status},
			$status, 'shown');
	}
	succeeded(as('ada', PUT => "$sources/$id/status", body => { status => 'maintenance' }), 200, 'maintenance');
	refused(as('ada', POST => "$sources/$id/$_"), 409, 'CONFLICT', "$_ in maintenance", message => qr/maintenance/)
		for 'test', 'discover-schema?refresh=true';
	refused(
		as('ada', POST => "$sources/$id/discover-schema?refresh=true", headers => { Prefer => 'respond-async' }),
		409, 'CONFLICT', 'a discovery without waiting is refused in maintenance');
	succeeded(as('ada', PUT => "$sources/$id/status", body => { status => 'active' }), 200, 'it ends');
	refused(
		as('ada', PUT => "$sources/$id/status", body => $_->[0]), 400, 'BAD_REQUEST', $_->[1],
		details => qr/status|force/) for [ { status => 'testing' }, 'not testing' ],
		[ { status => 'x' }, 'not x' ], [ {}, 'none' ], [ { status => 1 }, 'a number' ],
		[ { status => undef }, 'null' ], [ { status => 'active', force => 1 }, 'and more' ],
		[ { stattus => 'active' }, 'misspelt' ];
	refused(
		as('ada', PUT => "$sources/$none/status", body => { status => 'active' }), 404, 'NOT_FOUND',
		'a missing source');
	refused(as('vic', PUT => "$sources/$id/status", body => { status => 'active' }), 403, 'FORBIDDEN', 'a viewer');
};

subtest 'health' => sub {
	my $answer = as('vic', GET => "$sources/$id/health");
	my $data = succeeded($answer, 200, 'health');
	is( join(' ', sort keys %$data),
		join(
			' ',
			sort
				qw(data_source_id status server_version last_tested_at last_successful_connection_at last_failed_connection_at
				failure_count failure_reason quarantined_at checks_24h failures_24h uptime_percent response_time_ms history)
		),
		'the whole of it');
	cmp_ok(scalar @{ $data->{history} }, '>=', 2, 'the history');
	is( scalar @{ succeeded(as('vic', GET => "$sources/$id/health?history_limit=1"), 200, 'history_limit=1')->{history}
		}, 1, 'as much as was asked for');
	is( scalar @{ succeeded(as('vic', GET => "$sources/$id/health?history_limit=0"), 200, 'history_limit=0')->{history}
		}, 0, 'none');
	refused(
		as('vic', GET => "$sources/$id/health?history_limit=$_"), 400, 'BAD_REQUEST', "history_limit=$_",
		details => qr/^history_limit: /m) for '-1', '1001', 'ten', '', '1e3', '9' x 20;
	refused(as('vic', GET => "$sources/$none/health"), 404, 'NOT_FOUND', 'a missing source');
};

subtest 'schemas' => sub {
	my $data = succeeded(as('vic', GET => "$sources/$id/schemas"), 200, 'everything');
	is(join(' | ', map { $_->{schema_name} } @{ $data->{schemas} }), 'a/b ?&=% | public', 'its schemas');
	is( join(' ', map { $_->{name} } @{ $data->{schemas}[1]{tables}[0]{columns} }), 'id größe',
		'columns in their order');
	$data = succeeded(
		as( 'vic',
			GET => "$sources/$id/schemas?schema_name="
				. escaped('a/b ?&=%')
				. '&table_name='
				. escaped('数据')
				. '&include_columns=false'),
		200,
		'one table');
	is($data->{schemas}[0]{tables}[0]{table_name}, '数据', 'one table is found by its name');
	ok(!exists $data->{schemas}[0]{tables}[0]{columns}, 'columns are left out');
	refused(
		as('vic', GET => "$sources/$id/schemas?schema_name=Public"), 404, 'NOT_FOUND', 'another schema',
		message => qr/"Public" not found/);
	for my $name ('Überschrift 数据 🌊', 'a "quoted" \\ $name {}', "two\nlines", 'x' x 7_950)
	{
		my $shown = length $name > 100 ? substr($name, 0, 10) . '…' : $name;
		my $error = refused(
			as('vic', GET => "$sources/$id/schemas?schema_name=" . escaped($name)), 404, 'NOT_FOUND',
			"a schema that is called $shown");
		is($error->{message}, qq(schema "$name" not found), 'is told as it was asked for') if length $name < 100;
	}
	refused(
		as('vic', GET => "$sources/$id/schemas?table_name=x"), 404, 'NOT_FOUND', 'another table',
		message => qr/"x" not found/);
	refused(as('vic', GET => "$sources/$none/schemas"), 404, 'NOT_FOUND', 'a missing source');
	refused(
		as('vic', GET => "$sources/$id/schemas?include_columns=2"), 400, 'BAD_REQUEST', 'include_columns',
		details => qr/^include_columns: /m);

	my $page = succeeded(as('vic', GET => "$sources/$id/schemas?page=2&page_size=1"), 200, 'a page');
	is( join(' ', map { "$_->{schema_name}.$_->{tables}[0]{table_name}" } @{ $page->{schemas} }), 'public.item',
		'the second table');
	shaped($page->{pagination}, {%pagination_shape}, 'where it stands');
	is("@{ $page->{pagination} }{qw(total_items total_pages)}", '2 2', 'the pagination counts two');
	for my $case (
		[ 'page=0', qr/^page: must be at least 1$/m ],
		[ 'page=' . '9' x 20, qr/^page: must be between 1 and 2147483647$/m ],
		[ 'page_size=1001', qr/^page_size: must be between 1 and 1000$/m ],
		[ 'page_size=' . '9' x 20, qr/^page_size: must be between 1 and 1000$/m ])
	{
		refused(
			as('vic', GET => "$sources/$id/schemas?$case->[0]"), 400, 'BAD_REQUEST', $case->[0],
			details => $case->[1]);
	}
};

subtest 'an answer that would be too large' => sub {
	sql($server,
		"UPDATE rivergen_catalog.relation SET document = document || jsonb_build_object('definition', repeat('x', 12000)) WHERE data_source_id = $id"
	);
	my $back = setting('rivergen.max_answer_bytes', '16kB');
	my $narrower = qr/schema_name.*table_name.*page/;
	my $too_large = sub {
		my ($who, $method, $path, $details, %more) = @_;
		refused(
			as($who, $method => $path, %more), 413, 'PAYLOAD_TOO_LARGE', "$method $path",
			message => 'the answer would be too large', details => $details);
	};
	$too_large->('vic', GET => "$sources/$id/schemas", $narrower);
	$too_large->('vic', GET => "$sources/$id/schemas?page_size=2", $narrower);
	$too_large->('vic', GET => "$descriptions?db_connection_id=$id", qr/page_size/);
	$too_large->('ada', POST => "$descriptions/refresh", qr/table_schema/, body => { db_connection_id => "$id" });
	is(as('vic', HEAD => "$sources/$id/schemas")->{status}, 413, 'HEAD says the same');
	succeeded(as('vic', GET => "$sources/$id/schemas?$_"), 200, $_)
		for 'schema_name=public', 'table_name=item', 'page_size=1';
	is( scalar @{
			succeeded(as('vic', GET => "$descriptions?db_connection_id=$id&page_size=1"), 200, 'a smaller page')
				->{items}
		},
		1,
		'of descriptions');
	$back->();
	succeeded(as('ada', POST => "$sources/$id/discover-schema?refresh=true"), 200, 'the source is discovered again');
	sql($server, "UPDATE rivergen_catalog.relation SET document = document - 'definition' WHERE data_source_id = $id");
};

subtest 'jobs' => sub {
	my $answer = as('vic', GET => "$sources/$id/jobs");
	my $data = succeeded($answer, 200, 'those of a source');
	shaped($data, { items => [ {%job_shape} ], pagination => {%pagination_shape} }, 'the whole of it');
	is( scalar(grep { $_->{data_source_id} != $id } @{ $data->{items} }), 0,
		'the list has no descriptions of other sources');
	my $job = (grep { $_->{kind} eq 'discover' } @{ $data->{items} })[0];
	is_deeply(
		succeeded(as('vic', GET => "/api/v1/jobs/$job->{job_id}"), 200, 'one'), $job,
		'a job is answered as it is listed');
	is( scalar @{ succeeded(as('vic', GET => "$sources/$id/jobs?status=cancelled"), 200, 'of a status')->{items} }, 0,
		'none');
	is( succeeded(as('vic', GET => "$sources/$id/jobs?page=2&page_size=1"), 200, 'a page')->{pagination}{page}, 2,
		'the second');
	refused(as('vic', GET => "$sources/$id/jobs?$_->[0]"), 400, 'BAD_REQUEST', $_->[0], details => $_->[1])
		for [ 'status=done', qr/^status: /m ], [ 'page=0', qr/^page: /m ],
		[ 'page_size=1001', qr/^page_size: /m ], [ 'limit=5', qr/limit/ ];
	refused(as('vic', GET => "$sources/$none/jobs"), 404, 'NOT_FOUND', 'jobs of a missing source are 404');
	refused(
		as('vic', GET => "/api/v1/jobs/$none"), 404, 'NOT_FOUND', 'a missing job',
		message => qr/^job $none not found$/i);
	refused(as('vic', GET => '/api/v1/jobs/one'), 400, 'BAD_REQUEST', 'no id', details => qr/job_id/);
	refused(as('ada', POST => "/api/v1/jobs/$job->{job_id}/cancel"), 409, 'CONFLICT', 'cancelling what has ended');
	refused(as('ada', POST => "/api/v1/jobs/$none/cancel"), 404, 'NOT_FOUND', 'cancelling a missing one');

	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	my $slow = new_fake('ada', { behaviour => 'slow', gate => $gate });
	my $location =
		location_of(as('ada', POST => "$sources/$slow/discover-schema", headers => { Prefer => 'respond-async' }));
	my $running = wait_for(
		'it to read',
		sub {
			my $shown = as('vic', GET => $location)->{body}{data};
			return ($shown->{progress}{phase} // '') eq 'read' ? $shown : undef;
		});
	shaped($running, {%job_shape}, 'a running one, with its progress');
	refused(as('vic', POST => "$location/cancel"), 403, 'FORBIDDEN', 'a viewer does not cancel');
	refused(as('eve', POST => "$location/cancel"), 404, 'NOT_FOUND', 'another organization does not cancel');
	succeeded(as('ada', POST => "$location/cancel"), 200, 'cancelled');
	is(follow_job('vic', $location)->{status}, 'cancelled', 'it ends as cancelled');
};

subtest 'table-descriptions' => sub {
	my $answer = as('vic', GET => "$descriptions?db_connection_id=$id");
	my $data = succeeded($answer, 200, 'those of a source');
	shaped($data, { items => [ {%description_shape} ], pagination => {%pagination_shape} }, 'the whole of it');
	is($data->{pagination}{page_size}, 100, 'a hundred at most');
	my ($item) = grep { $_->{table_name} eq 'item' } @{ $data->{items} };
	is_deeply(
		succeeded(as('vic', GET => "$descriptions/$item->{id}"), 200, 'one'), $item,
		'a description is answered as it is listed');
	is( scalar @{
			succeeded(
				as('vic', GET => "$descriptions?table_schema=" . escaped('a/b ?&=%') . '&status=NOT_SCANNED'), 200,
				'filtered')->{items}
		},
		1,
		'one of two');
	is( scalar @{ succeeded(as('vic', GET => "$descriptions?search=" . escaped('数')), 200, 'searched')->{items} }, 1,
		'found');
	for my $method (qw(PATCH PUT))
	{
		my $text = "$method: Größe 数据 🌊 \\ \" '";
		my $changed = succeeded(
			as( 'ada', $method => "$descriptions/$item->{id}",
				body => { description => $text, columns => [ { name => 'größe', description => "$text!" } ] }),
			200,
			$method);
		shaped($changed, {%description_shape}, 'the whole of it');
		is("$changed->{description} $changed->{description_source}", "$text people", 'written');
		my ($column) = grep { $_->{name} eq 'größe' } @{ $changed->{columns} };
		is("$column->{description} $column->{comment}", "$text! in Zentimetern", 'beside what the source says');
		is_deeply(succeeded(as('vic', GET => "$descriptions/$item->{id}"), 200, 'and read'), $changed, 'the same');
	}
	is(succeeded(as('ada', PATCH => "$descriptions/$item->{id}", body => { description => undef }), 200, 'null')
			->{description}, undef, 'takes it away');
	refused(
		as( 'ada', PATCH => "$descriptions/$item->{id}",
			body => { description => 1, colums => [], columns => [ { name => 'nope', description => 'x' } ] }),
		400,
		'BAD_REQUEST',
		'faults, all at once',
		details => qr/^(?=.*description: )(?=.*colums.*columns)/ms);
	refused(as('ada', GET => "$descriptions/$none"), 404, 'NOT_FOUND', 'a missing one');
	refused(as('ada', $_ => "$descriptions/$none", body => {}), 404, 'NOT_FOUND', "a missing one: $_")
		for qw(PATCH PUT);
	refused(as('vic', PATCH => "$descriptions/$item->{id}", body => {}), 403, 'FORBIDDEN', 'a viewer does not write');
	refused(
		as('vic', GET => "$descriptions?db_connection_id=$none"), 404, 'NOT_FOUND',
		'descriptions of a missing source are 404');
	refused(as('vic', GET => "$descriptions?$_->[0]"), 400, 'BAD_REQUEST', $_->[0], details => $_->[1])
		for [ 'status=scanned', qr/^status: /m ], [ 'page=0', qr/^page: /m ],
		[ 'db_connection=1', qr/db_connection.*db_connection_id/ ];
	refused(
		as('vic', GET => "$descriptions?db_connection_id=string"), 404, 'NOT_FOUND',
		'an id that is no number is 404');
	refused(as('vic', GET => "$descriptions/string"), 404, 'NOT_FOUND', 'the same of a description');
	refused(as('ada', POST => $descriptions, body => {}), 405, 'METHOD_NOT_ALLOWED', 'none is made by hand');
	refused(
		as('ada', DELETE => "$descriptions/$item->{id}"), 405, 'METHOD_NOT_ALLOWED',
		'a description cannot be deleted');

	$answer = as('ada', POST => "$descriptions/scan", body => { ids => [ $item->{id} ] });
	is($answer->{body}{message}, 'Table description scan started', 'a scan');
	my $job = succeeded($answer, 202, 'of one table')->{jobs}[0];
	is($job->{data_source_id}, $id, 'a scan has its source');
	is(follow_job('vic', "/api/v1/jobs/$job->{job_id}")->{status}, 'succeeded', 'goes well');
	is(as('vic', GET => "$descriptions/$item->{id}")->{body}{data}{status}, 'SCANNED', 'it is scanned');
	succeeded(
		as('ada', POST => "$descriptions/scan", body => { ids => [ $item->{id} + 0 ] }), 202,
		'an id may be a number');
	refused(
		as('ada', POST => "$descriptions/scan", body => $_->[0]), 400, 'BAD_REQUEST', $_->[1],
		details => qr/ids|db_connection_id/) for [ {}, 'nothing' ],
		[ { ids => [] }, 'no ids' ], [ { ids => 'x' }, 'a text' ], [ { ids => [''] }, 'an empty text in it' ],
		[ { ids => [undef] }, 'null in it' ], [ { ids => [ [1] ] }, 'an array in it' ],
		[ { ids => [1], db_connection_id => '1' }, 'both' ], [ { id => [1] }, 'another name' ];
	refused(as('ada', POST => "$descriptions/scan", body => { ids => [$_] }), 404, 'NOT_FOUND', 'a missing description')
		for "$none", 'x';
	refused(
		as('ada', POST => "$descriptions/scan", body => { db_connection_id => "$none" }), 404, 'NOT_FOUND',
		'a missing source');
	refused(
		as('ada', POST => "$descriptions/scan", body => { db_connection_id => '' . new_fake('ada', {}) }), 409,
		'CONFLICT', 'one that was not discovered');
	refused(
		as('vic', POST => "$descriptions/scan", body => { db_connection_id => "$id" }), 403, 'FORBIDDEN',
		'a viewer');
};

subtest 'data-source-types, sealing-key' => sub {
	my $types = succeeded(as('vic', GET => '/api/v1/data-source-types'), 200, 'types');
	shaped(
		$types,
		[ { type => 'string', category => 'string', label => 'string', required_fields => ['string'],
			optional_fields => ['string'], credential_keys => ['string'],
			default_port => 'integer?', database_name_means => 'string?', connector => 'string?',
			connector_installed => 'boolean', credentials => 'string', several_hosts => 'boolean',
			tested_against => 'string?'
		} ],
		'the rows of the view');
	is( join(' ', map { $_->{type} } @$types),
		sql($server, "SELECT string_agg(type, ' ') FROM rivergen.data_source_types"), 'in its order');
	my $key = succeeded(as('vic', GET => '/api/v1/sealing-key'), 200, 'the key');
	is_deeply($key, call($server, 'rivergen.sealing_key()')->{data}, 'is the one of SQL');
	refused(
		as('vic', GET => '/api/v1/sealing-key?x=1'), 400, 'BAD_REQUEST', 'a parameter that it has not',
		details => qr/\bx\b/);
};

# ---- Every route ----

my $description = as('vic', GET => "$descriptions?db_connection_id=$id")->{body}{data}{items}[0]{id};
my $job = as('vic', GET => "$sources/$id/jobs")->{body}{data}{items}[0]{job_id};
my %methods = (
	$sources => 'GET POST', "$sources/test" => 'POST', "$sources/$id" => 'GET PATCH DELETE',
	"$sources/$id/restore" => 'POST', "$sources/$id/test" => 'POST',
	'/api/v1/foreign-servers' => 'GET', "$sources/from-foreign-server" => 'POST',
	"$sources/databases" => 'POST', "$sources/$id/databases" => 'POST',
	"$sources/$id/credentials" => 'PUT', "$sources/$id/status" => 'PUT', "$sources/$id/host-key" => 'DELETE',
	"$sources/$id/health" => 'GET',
	"$sources/$id/schemas" => 'GET',
	"$sources/$id/discover-schema" => 'POST', "$sources/$id/jobs" => 'GET', "/api/v1/jobs/$job" => 'GET',
	"/api/v1/jobs/$job/cancel" => 'POST',
	$descriptions => 'GET', "$descriptions/refresh" => 'POST', "$descriptions/scan" => 'POST',
	"$descriptions/$description" => 'GET PUT PATCH',
	'/api/v1/data-source-types' => 'GET', '/api/v1/sealing-key' => 'GET');

subtest 'methods' => sub {
	for my $path (sort keys %methods)
	{
		my %has = map { $_ => 1 } split / /, $methods{$path};
		for my $method (grep { !$has{$_} } qw(GET POST PUT PATCH DELETE OPTIONS))
		{
			my $answer = as('ada', $method => $path);
			my $allowed = join ' ', sort grep { $_ ne 'HEAD' && $_ ne 'OPTIONS' } split /,\s*/,
				$answer->{headers}{allow} // '';
			is("$answer->{status} $allowed", '405 ' . join(' ', sort keys %has), "$method $path");
			refused($answer, 405, 'METHOD_NOT_ALLOWED', "$method $path: the answer");
		}
	}
	my $answer = as('ada', FROB => $sources);
	ok($answer->{status} == 405 || $answer->{status} == 400, 'an unknown method') or diag($answer->{text});
};

subtest 'HEAD' => sub {
	jobs_end($server);
	for my $path (grep { $methods{$_} =~ /GET/ } sort keys %methods)
	{
		my ($get, $head) = map { as('vic', $_ => $path) } qw(GET HEAD);
		is_deeply(
			[ @$head{qw(status text)}, @{ $head->{headers} }{qw(etag content-type)} ],
			[ $get->{status}, '', @{ $get->{headers} }{qw(etag content-type)} ], $path);
	}
	my $missing = as('vic', HEAD => "$sources/$none");
	is_deeply([ @$missing{qw(status text)} ], [ 404, '' ], 'what is missing');
};

subtest 'paths that there are not' => sub {
	for my $path (
		'/api/v1/', '/api/v1/datasources', "$sources/$id/x", "$sources/$id/test/x", "$sources//", "$sources//jobs",
		'/api/v1/Data-Sources',
		"$sources/$id/Test", "$sources%2F$id", '/api/v1/jobs', "/api/v1/jobs/$job/x", '/api/v1/rpc/http',
		'/api/v1/rpc/user_list', '/api/v1/data_sources', '/api/v1/%C3%BC')
	{
		refused(as('ada', GET => $path), 404, 'NOT_FOUND', $path);
	}
	succeeded(as('vic', GET => $_), 200, "$_: one slash at the end means nothing")
		for "$sources/", "$sources/$id/", "$sources/?page=1";
};

subtest 'no token' => sub {
	for my $path (sort keys %methods)
	{
		for my $method (split / /, $methods{$path})
		{
			my %body =
				$method =~ /^(PUT|PATCH)$/
				|| "$method $path" =~
				m{^POST .*(data-sources|data-sources/(test|databases|from-foreign-server)|refresh|/scan)$}
				? (body => {})
				: ();
			refused(
				as(undef, $method => $path, %body), 401, 'UNAUTHORIZED', "$method $path without a token",
				message => 'Invalid or missing authentication token');
			refused(
				as(undef, $method => $path, %body, token => 'garbage'), 401, 'UNAUTHORIZED',
				"$method $path with a bad one",
				message => 'Invalid or missing authentication token');
			refused(
				as('out', $method => $path, %body), 403, 'FORBIDDEN', "$method $path without a membership",
				message => 'User is not a member of any organization');
		}
	}
};

subtest 'bodies' => sub {
	my $good = encode_utf8('{"name": "bödy", "type": "http_api", "credentials": {}}');
	refused(as('ada', POST => $sources, body => $_->[0]), 400, 'BAD_REQUEST', $_->[1])
		for [ "{\"name\": \"\xff\xfe\"}", 'not UTF-8' ], [ "{\"name\": \"a\0b\"}", 'a NUL byte' ],
		[ '{"name": "a\u0000b", "type": "http_api", "credentials": {}}', 'an escaped NUL' ],
		[ '{"name": "\ud800"}', 'half of a pair' ], [ '{"a":' x 5000, 'deep' ],
		[ '[' x 100_000, 'very deep' ], [ '{"name": 1e999999}', 'a number that is too large' ],
		[ "\xef\xbb\xbf$good", 'a byte order mark' ];
	refused(
		as('ada', POST => $sources, body => '{"name": "' . 'x' x 20_000_000 . '"}'), 413, 'PAYLOAD_TOO_LARGE',
		'twenty megabytes');
	is(succeeded(as('ada', POST => $sources, body => $good), 201, 'a good one')->{name}, 'bödy', 'in Unicode');
};

clean_server($server);
survives($server);
done_testing();
