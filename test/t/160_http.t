# The paths below /api/v1, answered by rivergen.http: what each answers, who may ask, and how it fails. How a request is
# read: 162_http_requests.t.
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
my ($refused, $bound) = refused_port();

sub is_request { return http_is($server, @_) }

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
		says => qr/^the data source is in maintenance \| Another status ends it\.$/);
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
		says => qr{^schema "x/y" not found \| [^|]* \| Names are case-sensitive\.$});

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

subtest 'an answer that the client has' => sub {
	for my $case ([ '/search?query=one', '/search?query=two' ], [ '/schema-context', '/schema-context?format=json' ])
	{
		my ($path, $other) = @$case;
		my $first = is_request(200, GET => $path, as => 'vic');
		my $tag = $first->{headers}{ETag};
		ok($tag, "$path has an ETag");
		is(is_request(200, GET => $path, as => 'vic')->{headers}{ETag}, $tag, 'the same again');
		my $second = http_call($server, GET => $path, as => 'vic', if_none_match => $tag);
		is($second->{status}, 304, 'which makes the answer 304');
		is_request(200, GET => $path, as => 'vic', if_none_match => '"other"');
		isnt(is_request(200, GET => $other, as => 'vic')->{headers}{ETag}, $tag, 'another answer has another');
	}
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
	without_connector($server, 'snowflake');
	my %unserved = (
		%definition, name => 'No connector', type => 'snowflake', host => 'db.example.com', port => 443,
		database_name => 'x');
	my $unserved = is_request(201, POST => '/data-sources', body => \%unserved)->{body}{data}{id};
	for my $path ("/data-sources/$unserved/discover-schema", "/data-sources/$unserved/test")
	{
		my $answer = is_request(
			501, POST => $path, code => 'NOT_IMPLEMENTED',
			says =>
				qr/^no connector for type snowflake is installed \| .*administrator can install it: the connector snowflake/
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
	change_settings($server, 'rivergen.max_queued_per_organization' => 1, 'rivergen.enabled' => 'off');
	is_request(202, POST => "/data-sources/$down/discover-schema", prefer => 'respond-async');
	my $full = is_request(
		429, POST => "/data-sources/$down/discover-schema?schema_name=x", prefer => 'respond-async',
		code => 'TOO_MANY_REQUESTS');
	is($full->{headers}{'Retry-After'}, 5, 'Retry-After');
	my $off = is_request(503, POST => "/data-sources/$down/discover-schema", code => 'SERVICE_UNAVAILABLE');
	is($off->{headers}{'Retry-After'}, 5, 'Retry-After');
	change_settings($server, 'rivergen.max_queued_per_organization' => undef, 'rivergen.enabled' => undef);
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
