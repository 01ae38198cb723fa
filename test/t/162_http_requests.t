# How rivergen.http reads requests below /api/v1: paths, methods, parameters, bodies, and If-Match; and what it says of those
# that are wrong.
use strict;
use warnings;

use HttpCall;
use JSON::PP;
use Rivergen;
use Test::More;

my $server = start_server('server', conf => "rivergen.gateway_roles = 'gateway'");
prepare_gateway($server);
install_fake($server);

sub is_request { return http_is($server, @_) }
sub details { return join ' | ', @{ $_[0]{body}{error}{details} } }

my %definition = (
	name => 'One', type => 'other', schema_auto_refresh => JSON::PP::false, max_retries => 0,
	credentials => { api_key => 'fake-secret' });

my $id = is_request(201, POST => '/data-sources', body => \%definition)->{body}{data}{id};
is_request(200, POST => "/data-sources/$id/discover-schema");
my $table = is_request(200, GET => "/table-descriptions?db_connection_id=$id")->{body}{data}{items}[0]{id};

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

subtest 'bounds' => sub {
	fake_beginning($server, capabilities => [qw(test discover read query)]);
	is_request(200, PATCH => "/data-sources/$id", body => { metadata => { query => { enabled => JSON::PP::true } } });
	my @bounded = split /\n/, sql(
		$server, q{SELECT concat_ws(' ', r.method, r.path, p.place, p.name, b)
		FROM rivergen_catalog.http_parameters() p JOIN rivergen_catalog.http_routes() r USING (operation)
		CROSS JOIN unnest(ARRAY[p.minimum - 1, p.maximum + 1]) b WHERE p.kind = 'integer'});
	my %needed = (search => 'query=a&', rows => 'table_name=x&');
	for (@bounded)
	{
		my ($method, $path, $place, $name, $value) = split / /;
		$path =~ s/\{data_source_id\}/$id/;
		my ($last) = $path =~ /(\w+)$/;
		my $query = $place eq 'query' ? '?' . ($needed{$last} // '') . "$name=$value" : '';
		my %body = $place eq 'body' ? (body => { ($last eq 'query' ? (query => 'x') : ()), $name => $value + 0 }) : ();
		is_request(
			400, $method => "$path$query", %body, base => '', name => "$path: $name $value",
			says => qr/^Invalid request data \| \Q$name\E: must be (?:between|at least) [^|]*$/);
	}
	is_request(
		400, GET => '/search?query=a&row_limit=5',
		says => qr/ \| row_limit: is not a parameter here; did you mean limit\?$/);
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
		[ POST => '/table-descriptions/scan', { db_connection_id => $id } ];
	is_request(200, PATCH => "/table-descriptions/$table", body => {}, if_match => '*', name => 'any version');
	my $described = is_request(200, GET => "/table-descriptions/$table", name => 'a description')->{headers}{ETag};
	for my $method (qw(PUT PATCH))
	{
		my $done = is_request(
			200, $method => "/table-descriptions/$table", body => { tags => [$method] }, if_match => $described,
			name => "$method of the version that was read");
		is_request(
			412, $method => "/table-descriptions/$table", body => { tags => ['late'] }, if_match => $described,
			says => qr/Table description was changed since/, name => "$method of an older one");
		isnt($done->{headers}{ETag}, $described, 'a change has another ETag');
		$described = $done->{headers}{ETag};
	}
	is_request(
		400, PATCH => "/table-descriptions/$table", body => {}, if_match => 'unquoted', says => qr/If-Match/,
		name => 'no ETag');
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

clean_server($server);
survives($server);
done_testing();
