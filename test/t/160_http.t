# The paths below /api/v1, answered by rivergen.http: what each answers, how a request is read, and how it fails.
use strict;
use warnings;

use HttpCall;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $server = start_server('server', conf => "rivergen.gateway_roles = 'gateway'");
prepare_gateway($server);
install_fake($server);
my $json = JSON::PP->new->canonical;
my ($refused) = refused_port();

sub is_request { return http_is($server, @_) }
sub details { return join ' | ', @{ $_[0]{body}{error}{details} } }

my %definition = (
	name => 'One', type => 'other', schema_auto_refresh => JSON::PP::false, max_retries => 0,
	credentials => { api_key => 'fake-secret' });

my ($id, $table);

subtest 'the life of a data source' => sub {
	my $created = is_request(201, POST => '/data-sources', body => \%definition);
	$id = $created->{body}{data}{id};
	is($created->{headers}{Location}, "/api/v1/data-sources/$id", 'Location');
	is($created->{body}{message}, 'Data source created successfully', "the page's message");
	my $got = is_request(200, GET => "/data-sources/$id", as => 'vic');
	is_deeply($got->{body}{data}, $created->{body}{data}, 'the same source');
	is($got->{headers}{ETag}, qq("$got->{body}{data}{updated_at}"), 'ETag');
	is_deeply(is_request(200, HEAD => "/data-sources/$id")->{headers}, $got->{headers}, 'HEAD has the headers of GET');
	is_deeply(is_request(200, GET => "/data-sources/$id/")->{body}, $got->{body}, 'a slash at the end means nothing');

	my $list =
		is_request(200, GET => '/data-sources?page=1&page_size=20&type=other&status_filter=inactive', as => 'vic');
	is_deeply([ map { $_->{id} } @{ $list->{body}{data}{items} } ], [$id], 'listed');
	is($list->{body}{data}{pagination}{total_items}, 1, 'pagination');

	my $changed =
		is_request(200, PATCH => "/data-sources/$id", body => { tags => [ 'a b', 'c' ], description => "\x{fc}ber" });
	is($changed->{body}{data}{description}, "\x{fc}ber", 'changed');
	isnt($changed->{headers}{ETag}, $got->{headers}{ETag}, 'another ETag');
	is(scalar @{ is_request(200, GET => "/data-sources?$_")->{body}{data}{items} }, 1, "found by $_")
		for 'tags=a+b,c', 'tags=c', 'tags=a%20b%2Cc', 'search=%C3%BCBER', 'search=ber', 'after=';
	is(scalar @{ is_request(200, GET => "/data-sources?$_")->{body}{data}{items} }, 0, "not found by $_")
		for 'tags=d', 'search=%25', 'page=2147483647', 'workspace_id=99999999999999999999';

	is( is_request(200, PUT => "/data-sources/$id/status", body => { status => 'maintenance' })->{body}{data}{status},
		'maintenance', 'status');
	is_request(
		409, POST => "/data-sources/$id/test", code => 'CONFLICT',
		says => qr/^the data source is in maintenance$/);
	is_request(200, PUT => "/data-sources/$id/status", body => { status => 'active' });
	ok( is_request(200, PUT => "/data-sources/$id/credentials", body => { api_key => 'other' })->{headers}{ETag},
		'has an ETag');
	ok(is_request(200, POST => "/data-sources/$id/test")->{body}{data}{success}, 'the test connects');
	ok( is_request(200, POST => '/data-sources/test', body => { %definition, name => 'Two' })->{body}{data}{success},
		'the test of a definition connects');
	is( scalar
			@{ is_request(200, GET => "/data-sources/$id/health?history_limit=1", as => 'vic')->{body}{data}{history} },
		1, 'history');
	is_request(200, DELETE => "/data-sources/$id");
	is_request(404, GET => "/data-sources/$id", says => qr/^data source $id not found$/);
	ok(is_request(200, POST => "/data-sources/$id/restore")->{headers}{ETag}, 'is back');
	is_request(409, POST => "/data-sources/$id/restore", code => 'CONFLICT');
};

subtest 'discovery, jobs and descriptions' => sub {
	my $found = is_request(200, POST => "/data-sources/$id/discover-schema?refresh=true");
	is($found->{body}{data}{total_tables}, 6, 'what was found');
	is($found->{body}{message}, 'Schema discovery completed', "the page's message");
	is_deeply($found->{headers}, {}, 'the success has no headers');
	my $cached = is_request(200, POST => "/data-sources/$id/discover-schema", as => 'vic', prefer => 'respond-async');
	is_deeply($cached->{body}, $found->{body}, 'a cached answer is there at once');
	is_request(200, POST => "/data-sources/$id/discover-schema?schema_name=schema_1&full=True");
	is_request(400, POST => "/data-sources/$id/discover-schema?schema_name=", says => qr/schema_name: cannot be empty/);
	is_request(403, POST => "/data-sources/$id/discover-schema?refresh=1", as => 'vic');
	my $queued = is_request(
		202, POST => "/data-sources/$id/discover-schema?refresh=true",
		prefer => 'return=minimal; a="b", Respond-Async, wait=10');
	my $job_id = $queued->{body}{data}{job_id};
	is_deeply(
		$queued->{headers}, { Location => "/api/v1/jobs/$job_id", 'Preference-Applied' => 'respond-async' },
		'headers');
	my $job = wait_for(
		'the job',
		sub {
			my $job = http_call($server, GET => "/jobs/$job_id", as => 'vic');
			$job->{body}{data}{status} =~ /queued|running/ ? undef : $job;
		});
	is($job->{body}{data}{status}, 'succeeded', 'the job is done');
	is_request(409, POST => "/jobs/$job_id/cancel", says => qr/has ended already/);
	cmp_ok(is_request(200, GET => "/data-sources/$id/jobs?status=succeeded&page_size=1")
			->{body}{data}{pagination}{total_items}, '>', 1, 'jobs');
	is( scalar @{
			is_request(
				200,
				GET => "/data-sources/$id/schemas?schema_name=schema_1&table_name=collection_1&include_columns=false"
			)->{body}{data}{schemas}
		},
		1,
		'schemas');
	is_request(
		404, GET => "/data-sources/$id/schemas?schema_name=x%2Fy",
		says => qr{^schema "x/y" not found \| [^|]*$});

	for my $connection ($id, "$id")
	{
		my $refreshed =
			is_request(201, POST => '/table-descriptions/refresh', body => { db_connection_id => $connection });
		is(ref $refreshed->{body}, 'ARRAY', 'a bare array');
		is($refreshed->{body}[0]{db_connection_id}, "$id", 'the descriptions are those of this source');
	}
	my $page = is_request(
		200,
		GET =>
			"/table-descriptions?db_connection_id=$id&status=NOT_SCANNED&table_schema=schema_1&search=collection&page=1&page_size=2"
	);
	is($page->{body}{data}{pagination}{total_items}, 3, 'descriptions');
	$table = $page->{body}{data}{items}[0]{id};
	is( is_request(200, GET => "/table-descriptions/$table", as => 'vic')->{body}{data}{table_name}, 'collection_1',
		'one of them');
	is(is_request(200, PUT => "/table-descriptions/$table", body => { description => 'written' })
			->{body}{data}{description}, 'written', 'PUT');
	is( is_request(
			200, PATCH => "/table-descriptions/$table",
			body => { columns => [ { name => 'c1', description => 'key' } ] })->{body}{data}{description},
		'written',
		'PATCH, and PUT, leave what is not given');
	is_request(202, POST => '/table-descriptions/scan', body => { ids => [ $table, $table + 0 ] });
	is_request(202, POST => '/table-descriptions/scan', body => { db_connection_id => "$id" });
	is(scalar @{ is_request(200, GET => '/data-source-types', as => 'vic')->{body}{data} }, 24, 'types');
	is(is_request(200, GET => '/data-source-types')->{body}{data}[0]{type}, 'postgresql', 'in their order');
	ok(is_request(200, GET => '/sealing-key', as => 'vic')->{body}{data}{public_key}, 'sealing key');
};

subtest 'who asks' => sub {
	for my $who (
		[], [ claims => '' ], [ claims => 'nonsense' ], [ claims => '{}' ], [ claims => '{"sub": 7}' ],
		[ as => 'nobody' ],
		[ claims => '{"sub": "boss", "organization_id": "x"}' ])
	{
		my $answer = is_request(401, GET => '/data-sources/x?y=z', as => undef, @$who, code => 'UNAUTHORIZED');
		is_deeply(
			[ $answer->{body}{error}{message}, $answer->{body}{error}{details}, $answer->{headers} ],
			[ 'Invalid or missing authentication token', [], { 'WWW-Authenticate' => 'Bearer' } ], 'always the same');
	}
	sql($server, "SELECT rivergen.user_create('lonely')");
	is_request(
		403, GET => '/data-sources', as => 'lonely', code => 'FORBIDDEN',
		says => qr/^User is not a member of any organization$/);
	is_request(
		403, GET => '/data-sources/x', claims => '{"sub": "boss", "organization_id": 77}',
		says => qr/not a member of this organization/);
	is_request(403, POST => '/data-sources', as => 'vic', body => 'no JSON', says => qr/This needs the role editor/);
	is_request(401, POST => '/data-sources', as => undef, body => 'no JSON', type => 'text/html');
	my (undef, undef, $err) = $server->psql('postgres', q(SELECT rivergen.http('')));
	is($err, '', 'called in SQL it answers too');
	like(
		sql($server, q(SELECT rivergen.http('')::text)), qr/BAD_REQUEST.*no request of the HTTP gateway/,
		'the error says that rivergen.http is for the gateway');
	like(
		sql($server, "SET request.headers = '$_'; SELECT rivergen.http('')::text"),
		qr/no request of the HTTP gateway/, "with the headers $_")
		for '', 'nonsense', '[]', '{}', '{"x-rivergen-method": "GET"}',
		'{"x-rivergen-method": 1, "x-rivergen-uri": ["/"]}';
};

subtest 'paths and methods' => sub {
	is_request(404, GET => $_, code => 'NOT_FOUND', as => undef)
		for '', '/', '//', '/nothing', '/data-sources//', '/data-sources/1/2', "/data-sources/$id/health/x",
		'/data-sources%2F1', '/Data-Sources',
		'/data-sources/1/2/3/4/5/6/7/8/9/10', 'x/data-sources', '/../v1/data-sources', '/data-sources/1/../2',
		'/' x 3000;
	is_request(404, GET => '/api/v2/data-sources', base => ''), is_request(404, GET => 'data-sources', base => '');
	is_request(200, GET => '/%64ata-sources?');
	is_request(200, GET => '/data-sources?&&');
	for my $case (
		[ DELETE => '/data-sources', 'GET, HEAD, POST' ], [ PUT => "/data-sources/$id", 'GET, HEAD, PATCH, DELETE' ],
		[ GET => '/data-sources/test', 'POST' ], [ HEAD => "/jobs/1/cancel", 'POST' ],
		[ get => '/jobs/1', 'GET, HEAD' ],
		[ OPTIONS => '/table-descriptions/1', 'GET, HEAD, PUT, PATCH' ], [ "X\r\nY" => '/sealing-key', 'GET, HEAD' ],
		[ 'G' x 5000 => '/sealing-key', 'GET, HEAD' ])
	{
		my ($method, $uri, $allow) = @$case;
		my $answer = is_request(
			405, $method => $uri, code => 'METHOD_NOT_ALLOWED', as => undef,
			name => 'method of ' . length($method) . ' characters');
		is_deeply($answer->{headers}, { Allow => $allow }, "Allow: $allow");
	}
	is_request(400, GET => '/data-sources/x', says => qr/^Invalid request data \| data_source_id: must be an integer$/);
	is_request(400, GET => "/data-sources/$_", says => qr/data_source_id: must be an integer/, name => "id $_")
		for '%20', '1%20', '%2B1', '+1', '1.0', '1e0', '0x1', '--1', '-', '%D9%A1', '1;', '%27';
	is_request(404, GET => "/data-sources/$_", code => 'NOT_FOUND', name => "id $_")
		for 0, -1, '9' x 19, '9' x 3000, '-' . '9' x 40;
	is_request(
		404, GET => '/data-sources/99999999999999999999',
		says => qr/^data source 99999999999999999999 not found$/);
	is_request(200, GET => "/data-sources/000$id");
	is_request(404, POST => '/data-sources/999/discover-schema'), is_request(404, GET => "/data-sources/999/$_")
		for qw(health schemas jobs);
};

subtest 'malformed requests' => sub {
	is_request(400, GET => $_->[0], says => $_->[1], code => 'BAD_REQUEST')
		for [ '/data-sources?search=%', qr/search: has a % that/ ], [ '/data-sources?search=%4', qr/search: has a %/ ],
		[ '/data-sources?search=%zz', qr/search/ ],
		[ '/data-sources?search=%00', qr/NUL/ ], [ '/data-sources?search=%ff', qr/search: is not valid UTF-8/ ],
		[ '/data-sources?search=%C0%80', qr/UTF-8/ ],
		[ '/data-sources?search=%ED%A0%80', qr/UTF-8/ ], [ '/data-sources?%E4=1', qr/query: is not valid UTF-8/ ],
		[ '/data-sources/%', qr/path: has a %/ ],
		[ '/data-sources/%00', qr/path: holds a NUL/ ], [ '/data-sources?page=', qr/page: must be an integer/ ],
		[ '/data-sources?page', qr/page: must be an integer/ ],
		[ '/data-sources?page=1e3', qr/integer/ ], [ '/data-sources?page=0', qr/at least 1/ ],
		[ '/data-sources?page=-99999999999999999999', qr/between 1 and/ ],
		[ '/data-sources?page_size=1001', qr/between 1 and 1000/ ],
		[ '/data-sources?sort_by=credentials', qr/sort_by: must be one of/ ],
		[ '/data-sources?sort_order=up', qr/sort_order: must be asc or desc/ ],
		[ '/data-sources?type=', qr/type: must be one of/ ],
		[ '/data-sources?status_filter=x', qr/status_filter/ ], [ '/data-sources?after=x', qr/after: is not a cursor/ ],
		[ '/data-sources?page=1&page=1', qr/page: is given more than once/ ],
		[ '/data-sources?pgae=1', qr/pgae: is not a parameter here; did you mean page\?/ ],
		[ '/data-sources?=1', qr/"": is not a parameter/ ], [ '/data-sources?a%0Ab=1', qr/a\?b: is not a parameter/ ],
		[ "/data-sources/$id?x=1", qr/x: is not a parameter/ ],
		[ "/data-sources/$id/health?history_limit=-1", qr/history_limit: must be between/ ],
		[ "/data-sources/$id/schemas?include_columns=yes", qr/must be true or false/ ],
		[ "/data-sources/$id/jobs?status=lost", qr/status: is not a job status/ ],
		[ '/table-descriptions?status=x&page=0', qr/status.*page/ ];
	# What no integer holds is refused as what is out of bounds, whichever parameter it is.
	for my $beyond ('2147483648', '9223372036854775808', '9' x 20, '-' . '9' x 20)
	{
		is_request(400, GET => "$_=$beyond", says => qr/: must be between \d+ and \d+/, code => 'BAD_REQUEST')
			for '/data-sources?page', '/data-sources?page_size', "/data-sources/$id/jobs?page",
			"/data-sources/$id/jobs?page_size",
			'/table-descriptions?page', '/table-descriptions?page_size', "/data-sources/$id/health?history_limit";
	}
	is( details(is_request(400, GET => '/data-sources/z/health?history_limit=z&x=1', name => 'all faults at once')),
		'data_source_id: must be an integer | history_limit: must be an integer | x: is not a parameter here',
		'every one of them');
	my $many =
		is_request(400, GET => '/data-sources?' . join('&', map { "x$_=1" } 1 .. 2000), name => '2000 parameters');
	cmp_ok(scalar @{ $many->{body}{error}{details} }, '<=', 110, 'not all of them are told');
	is_request(
		414, GET => '/data-sources?' . join('&', map { "x$_=1" } 1 .. 100_000), code => 'URI_TOO_LONG',
		name => '100000 parameters');
	is_request(414, GET => '/' . 'x' x 20000, name => 'a long path');
	is_request(200, GET => '/data-sources?search=' . 'x' x 16000, name => 'a long search');
};

subtest 'bodies' => sub {
	my $post =
		sub { is_request(400, POST => '/data-sources', body => $_[0], says => $_[1], name => $_[2] // "body $_[0]") };
	$post->('', qr/body: is missing/), $post->(" \n", qr/is missing/), $post->('{', qr/not valid JSON: line 1, byte 2/);
	$post->("{\n  \"password\": s3cret }", qr/^Invalid request data \| body: is not valid JSON: line 2, byte 15$/);
	$post->($_, qr/body: must be a JSON object/) for '[]', '"x"', '1', 'null', '[{}]';
	$post->("\x{00}", qr/body: holds a NUL byte/), $post->("{}\x{00}", qr/body: holds a NUL byte/),
		$post->("{\"name\": \"\xff\"}", qr/not valid UTF-8/, 'Latin 1');
	$post->("\xef\xbb\xbf{}", qr/body: begins with a byte order mark/, 'a byte order mark'),
		$post->("\xff\xfe{\0}\0", qr/body: is UTF-16/, 'UTF-16');
	$post->("\x1f\x8b\x08\0", qr/body: is compressed with gzip/, 'gzip');
	$post->("{\"name\": \"$_->[0]\"}", qr/body: $_->[1]: line 1, byte 10/)
		for [ '\u0000', qr/holds \\u0000, a character that no text here can have/ ],
		[ '\ud800', qr/holds an escape that is half of a character/ ],
		[ '\udc00\ud800', qr/holds an escape that is half of a character/ ], [ "\t", qr/is not valid JSON/ ];
	$post->('{"port": 1e999999}', qr/cannot be stored/), $post->('{"port": 1e130000}', qr/port: must be/),
		$post->("{'a': 1}", qr/not valid JSON/);
	$post->('{} {}', qr/not valid JSON/), $post->('{"a": NaN}', qr/not valid JSON/),
		$post->('{"a": 1,}', qr/not valid JSON/);
	$post->('{"a":' . '[' x 100000, qr/nested deeper than 64 levels/, '100000 brackets');
	$post->('{"a":' x 100000, qr/nested deeper/, '100000 braces');
	$post->('{"metadata":{"a":"' . '[{\\"' x 1000 . '"}}', qr/name: is required/, 'brackets in a text are none');
	$post->('{}', qr/name: is required.*type: is required/),
		$post->('{"nmae": 1}', qr/nmae: is not a field; did you mean name/);
	$post->('{"name": "x", "type": "csv", "credentials": {"password": 1}}', qr/password: must be/);
	is_request(
		413, POST => '/data-sources', body => '{"name": "' . 'x' x (4 * 1024 * 1024) . '"}',
		code => 'PAYLOAD_TOO_LARGE', name => 'a large body');
	is_request(
		415, POST => '/data-sources', body => '{}', type => $_, code => 'UNSUPPORTED_MEDIA_TYPE',
		says => qr/Content-Type: application\/json/, name => "type $_")
		for 'application/x-www-form-urlencoded', 'text/plain', 'application/jsonx', 'application/+json', 'text/x+json',
		'application/json; charset="utf-16"; q=1', 'application/json charset=utf-8',
		'application/json; charset=latin1', '*/*', ' ', "\x{7f}";
	is_request(400, POST => '/data-sources', body => '{}', type => $_, says => qr/name: is required/, name => "type $_")
		for '', 'APPLICATION/JSON', 'application/json;charset=UTF-8', 'application/json ; charset="utf-8"',
		'application/json;', 'application/json; charset=utf-8;',
		'application/json; version=1; Charset="UTF-8" ;profile="a;b"', 'application/merge-patch+json',
		'Application/Vnd.API+JSON; v=2';
	is_request(
		415, POST => '/data-sources', body => "\x1f\x8b", encoding => $_, code => 'UNSUPPORTED_MEDIA_TYPE',
		says => qr/must not be compressed.*without Content-Encoding/, name => "encoding $_"
	) for 'gzip', 'br', 'gzip, identity';
	is_request(400, POST => '/data-sources', body => '{}', encoding => 'Identity', says => qr/name: is required/);
	is_request(400, GET => '/data-sources', body => '{"page": 2}', says => qr/body: does not belong here/);
	is_request(
		400, POST => "/data-sources/$id/discover-schema", body => '{"refresh": true}',
		says => qr/parameters go into the query/);
	is_request(400, DELETE => "/data-sources/$id", body => $_, says => qr/does not belong/)
		for 'x', '}{', '{}{', "\x{00}", '{"a"}';
	is_request(
		200, POST => "/data-sources/$id/discover-schema", body => ' { } ',
		name => 'an empty object where nothing is needed');
	is_request(200, GET => '/data-sources', body => "\n", type => 'text/html');

	my $refresh = sub { is_request(400, POST => '/table-descriptions/refresh', body => $_[0], says => $_[1]) };
	$refresh->('{}', qr/db_connection_id: is required/), $refresh->('{"db_connection_id": null}', qr/is required/),
		$refresh->('{"db_connection_id": [1]}', qr/must be an integer/);
	$refresh->('{"db_connection_id": 1.5}', qr/must be an integer/),
		$refresh->('{"db_connection_id": true}', qr/must be an integer/),
		$refresh->('{"db_connection_id": ""}', qr/must be an integer/);
	$refresh->(
		'{"db_conection_id": 1}',
		qr/db_conection_id: is not a field here; did you mean db_connection_id\? \| db_connection_id: is required/);
	is_request(404, POST => '/table-descriptions/refresh', body => "{\"db_connection_id\": $_}")
		for '1e40', '-1e40', '1e130000', '"99999999999999999999"';
	my $scan = sub {
		is_request(
			400, POST => '/table-descriptions/scan', body => $_[0], says => $_[1],
			name => 'scan ' . substr $_[0], 0, 30);
	};
	$scan->('{}', qr/give either ids or db_connection_id/), $scan->('{"ids": []}', qr/at least one/),
		$scan->('{"ids": 1}', qr/must be an array/), $scan->('{"ids": {"a": 1}}', qr/must be an array/);
	$scan->('{"ids": [null, [1], {"a": 1}, ""]}', qr/(ids: must be an integer.*){4}/),
		$scan->('{"ids": [1], "db_connection_id": 1}', qr/either/);
	$scan->('{"ids": [' . join(',', 1 .. 10001) . ']}', qr/at most 10000/);
	is_request(
		404, POST => '/table-descriptions/scan', body => '{"ids": [' . join(',', ('1e130000') x 10000) . ']}',
		name => 'scan of numbers of 130000 digits');
	is_request(
		400, PUT => "/data-sources/$id/status", body => { status => $_ },
		says => qr/status: (must be|is required)/) for 'broken', 1, [], undef;
	is_request(
		200, PUT => "/data-sources/$id/status", body => '{"status": "broken", "status": "active"}',
		name => 'of members of one name the last counts');
};

subtest 'conditional updates' => sub {
	my $etag = is_request(200, GET => "/data-sources/$id")->{headers}{ETag};
	my $change = sub {
		my ($status, $tag, %more) = @_;
		is_request(
			$status, PATCH => "/data-sources/$id", body => { description => "$tag" }, if_match => $tag,
			name => "If-Match $tag", %more);
	};
	my $new = $change->(200, $etag)->{headers}{ETag};
	isnt($new, $etag, 'another version');
	$change->(
		412, $_, code => 'PRECONDITION_FAILED',
		says => qr/^Data source was changed since it was read \| Read it again[^|]*$/
	) for $etag, "W/$etag", '"x"', '""', '"2024-12-01T00:00:00Z"', '"infinity"';
	$change->(400, $_, says => qr/If-Match: must be \* or one ETag/)
		for 'x', '"', substr($new, 0, -1), "$new, $etag", '"a""b"', ' ';
	is(is_request(200, GET => "/data-sources/$id")->{headers}{ETag}, $new, 'nothing was changed');
	$change->(200, '*');
	$change->(
		200, 'W/' . is_request(200, GET => "/data-sources/$id")->{headers}{ETag},
		name => 'a tag that nginx made weak for a compressed answer');
	is_request(404, PATCH => '/data-sources/999', body => {}, if_match => '"x"');
	is_request(201, POST => '/data-sources', body => { %definition, name => 'Taken' });
	my $now = is_request(200, GET => "/data-sources/$id")->{headers}{ETag};
	is_request(
		409, PATCH => "/data-sources/$id", body => { name => 'Taken' }, if_match => $now, code => 'CONFLICT',
		name => 'a taken name is a conflict');
	is_request(200, GET => "/data-sources/$id", if_match => '"x"', name => 'means nothing where nothing changes');

	# Whatever changes a source looks at it.
	my @writes = (
		[ PUT => '/status', { status => 'maintenance' } ], [ PUT => '/credentials', { api_key => 'fake-secret' } ],
		[ PATCH => '', { tags => ['x'] } ],
		[ DELETE => '' ], [ POST => '/restore' ], [ DELETE => '?force=true' ]);
	my $other = is_request(201, POST => '/data-sources', body => { %definition, name => 'Versions' });
	my ($path, $current, $stale) = ("/data-sources/$other->{body}{data}{id}", $other->{headers}{ETag}, $etag);
	for my $write (@writes)
	{
		my ($method, $rest, $body) = @$write;
		my @body = $body ? (body => $body) : ();
		is_request(
			412, $method => "$path$rest", @body, if_match => $stale, code => 'PRECONDITION_FAILED',
			name => "$method $rest with a stale tag");
		my $done = is_request(
			200, $method => "$path$rest", @body, if_match => $current,
			name => "$method $rest with the current one");
		($stale, $current) = ($current, $done->{headers}{ETag}) if $done->{headers}{ETag};
	}
	is_request(404, DELETE => $path, if_match => '"x"', name => 'what is gone is missing, whatever the tag');
	is_request(
		412, $_->[0] => $_->[1], body => $_->[2], if_match => $now, code => 'PRECONDITION_FAILED',
		says => qr/has no versions/, name => "$_->[0] $_->[1], which has no versions")
		for [ POST => '/data-sources', { %definition, name => 'Conditional' } ], [ POST => "/data-sources/$id/test" ],
		[ POST => "/data-sources/$id/discover-schema" ],
		[ POST => '/table-descriptions/scan', { db_connection_id => $id } ],
		[ PUT => "/table-descriptions/$table", { description => 'x' } ], [ PATCH => "/table-descriptions/$table", {} ];
	is_request(200, PATCH => "/table-descriptions/$table", body => {}, if_match => '*', name => 'any version');
};

subtest 'what is missing is told before what is wrong with the request' => sub {
	for my $case (
		[ GET => '/data-sources/999', 'x' ], [ PATCH => '/data-sources/999', '{}' ],
		[ PUT => '/data-sources/999/credentials', '{}' ], [ DELETE => '/data-sources/999', 'x' ],
		[ PUT => '/data-sources/999/status', '{}' ], [ POST => '/data-sources/999/restore', 'x' ],
		[ POST => '/data-sources/999/test', 'x' ], [ GET => '/data-sources/999/health', 'x' ],
		[ GET => '/data-sources/999/schemas', 'x' ], [ GET => '/data-sources/999/jobs', 'x' ],
		[ POST => '/data-sources/999/discover-schema', 'x' ], [ GET => '/jobs/999', 'x' ],
		[ POST => '/jobs/999/cancel', 'x' ], [ GET => '/table-descriptions/999', 'x' ],
		[ PUT => '/table-descriptions/999', '{}' ], [ PATCH => '/table-descriptions/999', '{}' ])
	{
		my ($method, $uri, $body) = @$case;
		is_request(
			404, $method => "$uri?nonsense=1", ($body eq '{}' ? (body => '{}') : ()), says => qr/999 not found/,
			name => "$method $uri: an unknown parameter");
		is_request(
			404, $method => $uri, body => 'x', says => qr/999 not found/,
			name => "$method $uri: a malformed body");
		is_request(404, $method => $uri, body => '{}', type => 'text/plain', name => "$method $uri: another type")
			if $body eq '{}';
		is_request(404, $method => $uri, body => '{}', encoding => 'gzip', name => "$method $uri: compressed")
			if $body eq '{}';
		is_request(403, $method => $uri, body => 'x', as => 'vic', name => "$method $uri: not his to do")
			if $method ne 'GET' && $uri !~ /discover/;
		is_request(401, $method => $uri, body => 'x', as => undef, name => "$method $uri: no token");
	}
	is_request(404, PATCH => '/data-sources/999', body => '{}', if_match => 'x', name => 'a malformed If-Match');
	is_request(
		404, GET => '/table-descriptions?db_connection_id=999&page=0&nonsense=1',
		says => qr/data source 999 not found/);
	is_request(
		404, POST => '/table-descriptions/refresh', body => '{"db_connection_id": 999, "nonsense": 1}',
		says => qr/data source 999 not found/);
};

# Their page knows ids as texts: one that is no number is one that nothing has.
subtest 'ids of table descriptions are opaque' => sub {
	for my $given ('string', '1.5', '%20', '00000000-0000-0000-0000-000000000000')
	{
		(my $shown = $given) =~ s/%20/ /;
		is_request(
			404, $_->[0] => "/table-descriptions/$given", ($_->[1] ? (body => '{"x": 1}') : ()),
			code => 'NOT_FOUND', says => qr/^table description \Q$shown\E not found/, name => "$_->[0] $given"
		) for ['GET'], [ 'PUT', 1 ], [ 'PATCH', 1 ];
		is_request(
			404, GET => "/table-descriptions?db_connection_id=$given&page=0",
			says => qr/^data source \Q$shown\E not found/);
		is_request(
			404, POST => "/table-descriptions/$_->[0]", body => { $_->[1] => $_->[2] ? [$shown] : $shown },
			says => qr/ \Q$shown\E not found/
		) for [ 'refresh', 'db_connection_id' ], [ 'scan', 'db_connection_id' ], [ 'scan', 'ids', 1 ];
	}
};

subtest 'a type that no connector serves' => sub {
	my %unserved = (
		%definition, name => 'No connector', type => 'mongodb', host => 'db.example.com', port => 27017,
		database_name => 'x');
	my $unserved = is_request(201, POST => '/data-sources', body => \%unserved)->{body}{data}{id};
	for my $path ("/data-sources/$unserved/discover-schema", "/data-sources/$unserved/test")
	{
		my $answer = is_request(
			501, POST => $path, code => 'NOT_IMPLEMENTED',
			says =>
				qr/^no connector for type mongodb is installed \| .*administrator can install it: the connector mongodb/
		);
		unlike($json->encode($answer->{body}), qr/SELECT|view|rivergen\./, 'in words for HTTP');
	}
	is_request(
		501, POST => "/data-sources/$unserved/discover-schema", prefer => 'respond-async',
		code => 'NOT_IMPLEMENTED', name => 'a discovery without waiting is refused too');
	is_request(501, POST => '/data-sources/test', body => { %unserved, name => 'Another' }, code => 'NOT_IMPLEMENTED');
	is_request(
		501, POST => '/table-descriptions/refresh', body => { db_connection_id => $unserved },
		code => 'NOT_IMPLEMENTED');
	is_request(
		501, POST => '/table-descriptions/scan', body => { db_connection_id => $unserved },
		code => 'NOT_IMPLEMENTED');
	is( is_request(200, GET => "/data-sources/$unserved/jobs")->{body}{data}{pagination}{total_items}, 0,
		'nothing was started');
	is( is_request(200, GET => "/data-sources/$unserved")->{body}{data}{status}, 'inactive',
		'the source has not failed');
	is_request(404, POST => '/data-sources/999/test', name => 'a missing source is still missing');
};

subtest 'a request that fails leaves nothing' => sub {
	my $count = 'SELECT count(*) FROM rivergen_catalog.data_source';
	my $before = sql($server, $count);
	sql($server, <<'EOT');
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			CASE (SELECT name FROM rivergen_catalog.data_source ORDER BY data_source_id DESC LIMIT 1)
				WHEN 'deadlock' THEN RAISE SQLSTATE '40P01';
				WHEN 'serialization' THEN RAISE SQLSTATE '40001';
				WHEN 'lock' THEN RAISE SQLSTATE '55P03';
				WHEN 'cancel' THEN RAISE SQLSTATE '57014';
				WHEN 'assertion' THEN ASSERT false;
				WHEN 'odd' THEN RAISE SQLSTATE 'PTABC';
				WHEN 'teapot' THEN RAISE SQLSTATE 'PT418' USING MESSAGE = 'short and stout';
				WHEN 'privilege' THEN RAISE SQLSTATE '42501' USING MESSAGE = 's3cret';
				WHEN 'zero' THEN PERFORM 1 / 0;
				WHEN 'error' THEN RAISE 'something broke' USING DETAIL = 's3cret detail', HINT = 's3cret hint';
				ELSE NULL;
			END CASE;
			RETURN NEW;
		END
		$$;
		CREATE TRIGGER refuse AFTER INSERT ON rivergen_catalog.audit FOR EACH ROW EXECUTE FUNCTION refuse();
EOT
	my $create = sub {
		my ($status, $name, %more) = @_;
		is_request($status, POST => '/data-sources', body => { %definition, name => $name }, name => $name, %more);
	};
	my $start = -s $server->logfile;
	is_deeply($create->(503, $_, code => 'SERVICE_UNAVAILABLE')->{headers}, { 'Retry-After' => 5 }, 'Retry-After')
		for qw(deadlock serialization lock);
	is_deeply(
		$create->(500, $_, code => 'INTERNAL_ERROR')->{body}{error},
		{ code => 'INTERNAL_ERROR', message => 'Internal server error', details => [] }, 'says nothing'
	) for qw(odd privilege zero error);
	my $log = slurp_file($server->logfile, $start);
	like($log, qr/LOG: +rivergen.http failed: something broke/, 'the log says it');
	like($log, qr/SQLSTATE P0001, raised by/, 'with its SQLSTATE');
	unlike($log, qr/s3cret (detail|hint)|fake-secret/, 'the log has neither detail nor hint nor request');
	$create->(418, 'teapot', says => qr/^short and stout$/);
	for my $thrown ('cancel', 'assertion')
	{
		eval { http_call($server, POST => '/data-sources', body => { %definition, name => $thrown }) };
		like($@, qr/ERROR/, "$thrown is thrown on");
	}
	is(sql($server, $count), $before, 'nothing is left');
	sql($server, 'DROP FUNCTION refuse() CASCADE');
	is_request(400, POST => '/data-sources', body => '{}');
	is(sql($server, $count), $before, 'a fault of the server changes nothing');

	# Several requests in one transaction: what one answers does not stick to the next.
	my $two = sql(
		$server,
		"SET SESSION AUTHORIZATION gateway; BEGIN; SELECT NULL FROM ("
			. HttpCall::statement(GET => '/data-sources', as => undef) . ') x; '
			. HttpCall::statement(GET => '/data-sources')
			. '; COMMIT');
	is_deeply(
		[ @{ HttpCall::decode((split /\n/, $two)[-1]) }{qw(status headers)} ], [ 200, {} ],
		'a success after a failure');

	is_request(
		500, POST => '/data-sources', body => { %definition, name => 'read-only' },
		before => 'SET default_transaction_read_only = on; ', name => 'in a read-only transaction');
	is_request(200, GET => '/data-sources', before => 'SET default_transaction_read_only = on; ');
};

subtest 'a GET cannot write' => sub {
	sql($server, <<'EOT');
		ALTER FUNCTION rivergen.data_source_get(bigint) RENAME TO data_source_get_original;
		CREATE TABLE public.written (n integer);
		CREATE FUNCTION rivergen.data_source_get(id bigint) RETURNS jsonb LANGUAGE sql SECURITY DEFINER AS
			'INSERT INTO public.written VALUES (1); SELECT rivergen.data_source_get_original($1)';
EOT
	is_request(500, GET => "/data-sources/$id");
	is_request(500, HEAD => "/data-sources/$id");
	is(sql($server, 'SELECT count(*) FROM written'), 0, 'nothing was written');
	is_request(200, PATCH => "/data-sources/$id", body => {});
	sql($server,
		'DROP FUNCTION rivergen.data_source_get(bigint);
		ALTER FUNCTION rivergen.data_source_get_original(bigint) RENAME TO data_source_get; DROP TABLE written'
	);
	is_request(200, GET => "/data-sources/$id");
};

subtest 'remote failures' => sub {
	my $down = is_request(
		201,
		POST => '/data-sources',
		body => {
			%definition, name => 'Down', type => 'postgresql', host => '127.0.0.1', port => $refused,
			database_name => 'x', credentials => { username => 'a', password => 's3cret' }
		})->{body}{data}{id};
	my $failed =
		is_request(502, POST => "/data-sources/$down/discover-schema", code => 'BAD_GATEWAY', says => qr/job \d+/);
	unlike($json->encode($failed), qr/SELECT|rivergen\.|s3cret/, 'no SQL, no secret');
	my $test = is_request(200, POST => "/data-sources/$down/test");
	ok(!$test->{body}{data}{success}, 'a test that fails is an answer');
	is(is_request(200, GET => "/data-sources/$down")->{body}{data}{status}, 'failed', 'the bookkeeping stays');
	sql($server, "ALTER SYSTEM SET rivergen.max_queued_per_organization = 1; SELECT pg_reload_conf()");
	sql($server, "ALTER SYSTEM SET rivergen.enabled = off; SELECT pg_reload_conf()");
	wait_for('the settings', sub { sql($server, 'SHOW rivergen.enabled') eq 'off' });
	is_request(202, POST => "/data-sources/$down/discover-schema", prefer => 'respond-async');
	my $full = is_request(
		429, POST => "/data-sources/$down/discover-schema?schema_name=x", prefer => 'respond-async',
		code => 'TOO_MANY_REQUESTS');
	is($full->{headers}{'Retry-After'}, 5, 'Retry-After');
	my $off = is_request(503, POST => "/data-sources/$down/discover-schema", code => 'SERVICE_UNAVAILABLE');
	is($off->{headers}{'Retry-After'}, 5, 'Retry-After');
	sql($server, "ALTER SYSTEM RESET ALL; SELECT pg_reload_conf()");
};

subtest 'plain PostgREST' => sub {
	sql($server, "SELECT rivergen.grant_access('anonymous')");
	my $call = sub {
		my ($claims, $expression) = @_;
		my (undef, undef, $err) = $server->psql(
			'postgres',
			"SET request.method = 'POST'; SET request.jwt.claims = '$claims'; SET ROLE anonymous; SELECT $expression",
			extra_params => [ '-U', 'gateway', '-v', 'VERBOSITY=verbose' ]);
		my ($sqlstate, $message) = $err =~ /ERROR:  (\w{5}): (.*)/;
		my ($detail) = $err =~ /^DETAIL:  (.*)/m;
		return ($sqlstate, map { $json->decode($_ // 'null') } $message, $detail);
	};
	my ($sqlstate, $body, $how) = $call->('{"sub": "boss"}', 'rivergen.data_source_get(999)');
	is_deeply(
		[ $sqlstate, $body, $how ],
		[   'PGRST', { code => 'NOT_FOUND', message => 'data source 999 not found', details => undef, hint => undef },
			{ status => 404, headers => {} } ],
		'a missing row');
	($sqlstate, $body, $how) = $call->('', 'rivergen.data_source_list()');
	is_deeply(
		[ $body->{code}, $how ],
		[ 'UNAUTHORIZED', { status => 401, headers => { 'WWW-Authenticate' => 'Bearer' } } ], 'no token');
	($sqlstate, $body, $how) = $call->('{"sub": "boss"}', q(rivergen.data_source_create('{"a\"b": 1}')));
	is($body->{code}, 'BAD_REQUEST', 'a bad request');
	like($body->{details}, qr/^name: is required\n.*^a"b: is not a field$/ms, 'with every fault');
	my $queued = sql(
		$server,
		"SET SESSION AUTHORIZATION gateway; SET request.method = 'POST'; SET request.jwt.claims = '{\"sub\": \"boss\"}'; SET ROLE anonymous; BEGIN;
		SELECT NULL FROM rivergen.discover_schema($id, refresh => true, wait => false); SELECT current_setting('response.status'); COMMIT"
	);
	is((split /\n/, $queued)[-1], '202', 'a discovery that no caller waits for is 202');
};

clean_server($server);
survives($server);
done_testing();
