# The gateway by itself: what nginx and PostgREST let through, what they keep out, and what they say when something behind
# them fails.
use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use FindBin;
use lib "$FindBin::Bin/../connectors/lib";
use Gateway;
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use Ports qw(free_port);
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $gateway = Gateway->start('gateway');
my $node = $gateway->{node};
my $me = $gateway->as('postgres');
my $sources = '/api/v1/data-sources';
sql($node, "SELECT rivergen.user_create('lonely')");
create_source($node, fake_source('one', {}));

# A test: the answer is the envelope of a failure with this status and code; patterns for the message may be given.
sub is_failure
{
	my ($answer, $status, $code, $name, $message) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($got, $headers, $body) = @$answer;
	subtest $name => sub {
		is($got, $status, 'status');
		like($headers->{'content-type'}, qr{^application/json}, 'type');
		ok(ref $body eq 'HASH' && "@{[ sort keys %$body ]}" eq 'error success', 'envelope')
			or diag(explain($body)), return;
		is_deeply([ sort keys %{ $body->{error} } ], [qw(code details message)], 'error');
		ok(!$body->{success}, 'no success');
		is($body->{error}{code}, $code, 'code');
		is(ref $body->{error}{details}, 'ARRAY', 'details');
		like($body->{error}{message}, $message, 'message') if $message;
		unlike(JSON::PP->new->encode($body), qr/PGRST|postgrest|nginx|JWT|JWS|pg_/i, 'nothing of what is behind');
	};
}

sub asked
{
	return [ $gateway->request(@_) ];
}

# What came back on a connection of its own, as request() gives it.
sub raw
{
	my ($text) = $gateway->raw($_[0]);
	my ($head, $body) = split /\r\n\r\n/, $text, 2;
	my ($status) = $head =~ m{^HTTP/1\.1 (\d+)} or return [ 0, {}, $text ];
	my %headers = map { /^([^:]+): (.*)/ ? (lc $1, $2) : () } split /\r\n/, $head;
	return [ $status, \%headers, eval { JSON::PP->new->utf8->decode($body) } // $body ];
}

# Tokens that are not right: by their name the Authorization header.
sub wrong_tokens
{
	my $none = encode_base64url('{"alg":"none"}') . '.' . encode_base64url('{"sub":"postgres"}') . '.';
	my $other = sub {
		$gateway->sign({ alg => $_[0], typ => 'JWT' }, { sub => 'postgres' }, sub { hmac_sha256($_[0], 'x' x 40) });
	};
	my ($head, $claims, $signature) = split /\./, $gateway->token(sub => 'nobody');
	return (
		'another secret' => 'Bearer ' . $other->('HS256'),
		'expired' => $gateway->as('postgres', exp => time - 3600)->{Authorization},
		'not yet valid' => $gateway->as('postgres', nbf => time + 3600)->{Authorization},
		'no signature, alg none' => "Bearer $none",
		'claims that were changed' => 'Bearer ' . join('.', $head, encode_base64url('{"sub":"postgres"}'), $signature),
		'RS256 where a secret is' => 'Bearer ' . $gateway->rsa_token(sub => 'postgres'),
		'an unknown algorithm' => 'Bearer ' . $other->('XX256'),
		'garbage' => 'Bearer garbage',
		'three parts of garbage' => 'Bearer a.b.c',
		'an empty one' => 'Bearer ',
		'Basic' => 'Basic cG9zdGdyZXM6eA==',
		'a subject that is no user' => $gateway->as('nobody')->{Authorization},
		'no subject' => 'Bearer ' . $gateway->token(organization_id => 1),
		'a subject that is no text' => $gateway->as({ a => 1 })->{Authorization},
		'an empty subject' => $gateway->as('')->{Authorization});
}

subtest 'tokens' => sub {
	my %wrong = (wrong_tokens(), 'none' => undef);
	for my $name (sort keys %wrong)
	{
		my $answer = asked(GET => $sources, defined $wrong{$name} ? { Authorization => $wrong{$name} } : {});
		is_failure($answer, 401, 'UNAUTHORIZED', $name, qr/^Invalid or missing authentication token$/);
		like($answer->[1]{'www-authenticate'}, qr/^Bearer/, "$name: the challenge");
	}
	is(asked(GET => $sources, $me)->[0], 200, 'a right one');
	for my $role ('postgres', 'rivergen_gateway', 'nobody at all', undef, { a => 1 })
	{
		my $answer = asked(POST => '/rpc/user_list', $gateway->as('postgres', role => $role), {});
		is( $answer->[2]{message}, 'permission denied for function user_list',
			'a claim `role` means nothing: ' . ($role // 'null'));
		is(asked(GET => $sources, $gateway->as('postgres', role => $role))->[0], 200, 'a claim role does no harm');
	}
	is_failure(
		asked(GET => $sources, $gateway->as('postgres', exp => { role => 'postgres' })), 401, 'UNAUTHORIZED',
		'an end of validity that is none');
	is_failure(asked(GET => $sources, $gateway->as('lonely')), 403, 'FORBIDDEN', 'a user without membership');
	is_failure(
		asked(GET => $sources, $gateway->as('postgres', organization_id => 9)), 403, 'FORBIDDEN',
		'an organization of others', qr/not a member/);
	is(asked(GET => $sources, $gateway->as('postgres', organization_id => 1))->[0], 200, 'the own organization');
};

subtest 'keys of an identity provider (RS256, JWKS)' => sub {
	my $other = Gateway->before($node, keys => 'rs256');
	my $bearer = sub { { Authorization => "Bearer $_[0]" } };
	is( [ $other->request(GET => $sources, $bearer->($other->rsa_token(sub => 'postgres'))) ]->[0], 200,
		'a token that its key signed');
	my $public = slurp_file("$other->{directory}/jwks.json");
	chomp(my $pem = `openssl rsa -in $other->{private_key} -pubout 2>/dev/null`);
	my %wrong = (
		'a secret' => $other->token(sub => 'postgres'),
		'expired' => $other->rsa_token(sub => 'postgres', exp => time - 3600),
		'another key' => $gateway->rsa_token(sub => 'postgres'),
		'the set of keys as a secret' =>
			$other->sign({ alg => 'HS256', typ => 'JWT' }, { sub => 'postgres' }, sub { hmac_sha256($_[0], $public) }),
		'the public key as a secret' => $other->sign(
			{ alg => 'HS256', typ => 'JWT', kid => 'test' }, { sub => 'postgres' }, sub { hmac_sha256($_[0], "$pem\n") }
		));
	is_failure([ $other->request(GET => $sources, $bearer->($wrong{$_})) ], 401, 'UNAUTHORIZED', $_)
		for sort keys %wrong;
};

subtest 'headers of the client mean nothing to PostgREST' => sub {
	my $plain = asked(GET => "$sources/1", $me);
	my %hostile = (
		'Prefer' => 'count=exact, return=minimal, tx=rollback, params=single-object, handling=strict, nonsense',
		'Range' => '5-9', 'Range-Unit' => 'items', 'Accept' => 'text/csv', 'Accept-Profile' => 'rivergen_catalog',
		'Content-Profile' => 'rivergen_catalog', 'X-HTTP-Method' => 'DELETE', 'X-HTTP-Method-Override' => 'DELETE',
		'X-Rivergen-Method' => 'DELETE', 'X-Rivergen-URI' => '/api/v1/jobs', 'If-None-Match' => '*', 'Cookie' => 'a=b');
	for my $name (sort keys %hostile)
	{
		my $answer = asked(GET => "$sources/1", { %$me, $name => $hostile{$name} });
		delete $_->[1]{date} for $answer, $plain;
		is_deeply($answer, $plain, $name);
	}
	my $created = asked(POST => $sources, { %$me, %hostile }, fake_source('two', {}));
	is($created->[0], 201, 'a write with all of them');
	is(asked(GET => $created->[1]{location}, $me)->[0], 200, 'took place, once');
	is_deeply(
		[ grep { /^(content-range|x-rivergen|content-profile|preference-applied)/ } keys %{ $created->[1] } ],
		[], 'no headers of PostgREST come back');
	is($created->[1]{server}, 'nginx', 'the header Server has no version');
};

subtest 'methods and connections' => sub {
	my $get = asked(GET => $sources, $me);
	my $head = asked(HEAD => $sources, $me);
	is($head->[0], 200, 'HEAD');
	ok(!defined $head->[2] || $head->[2] eq '', 'has no body');
	is(asked(HEAD => "$sources/99", $me)->[0], 404, 'HEAD of nothing');
	for my $method (qw(DELETE OPTIONS PROPFIND FROB))
	{
		my $answer = asked($method => $sources, $me);
		is_failure($answer, 405, 'METHOD_NOT_ALLOWED', $method);
		is($answer->[1]{allow}, 'GET, HEAD, POST', "$method: what is allowed");
	}
	for my $path ($sources, '/data_sources')
	{
		my $answer = asked(TRACE => $path, $me);
		is_failure($answer, 405, 'METHOD_NOT_ALLOWED', "TRACE $path");
		like($answer->[1]{allow}, qr/^GET, HEAD, /, 'Allow names the methods of a view');
	}

	my $request = "GET $sources HTTP/1.1\r\nHost: x\r\nAuthorization: $me->{Authorization}\r\n";
	my $both = $gateway->raw("$request\r\n$request" . "Connection: close\r\n\r\n");
	is(scalar(() = $both =~ m{^HTTP/1\.1 200}mg), 2, 'two requests at once on one connection are both answered');

	my $body = JSON::PP->new->encode(fake_source('in chunks', {}));
	my $chunks = join '', map { sprintf("%x\r\n%s\r\n", length, $_) } ($body =~ /(.{1,7})/gs, '');
	my $post =
		"POST $sources HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: $me->{Authorization}\r\n";
	my $answer = raw($post . "Transfer-Encoding: chunked\r\n\r\n$chunks");
	is($answer->[0], 201, 'a body in chunks');
	$body = JSON::PP->new->encode(fake_source('expected', {}));
	$answer = $gateway->raw($post . "Expect: 100-continue\r\nContent-Length: " . length($body) . "\r\n\r\n$body");
	like($answer, qr{^HTTP/1\.1 100 .*^HTTP/1\.1 201 }ms, 'a client that asks whether to go on');
	is_failure(raw($post . "Transfer-Encoding: chunked\r\n\r\nZZ\r\n"), 400, 'BAD_REQUEST', 'chunks that are none');
	is_failure(
		raw("POST /error HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n[]\r\n"),
		400,
		'BAD_REQUEST', 'chunks that are none, for a path that is none');
	is_failure(raw($post . "Transfer-Encoding: gzip\r\n\r\n"), 501, 'NOT_IMPLEMENTED', 'an unknown encoding');
	is_failure(
		raw($post . "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400, 'BAD_REQUEST',
		'two lengths');
	is_failure(raw($post . "Content-Length: -1\r\n\r\n"), 400, 'BAD_REQUEST', 'a negative length');
};

subtest 'a request that fails leaves the connection open' => sub {
	my $next =
		"GET /api/v1/data-source-types HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: $me->{Authorization}\r\n\r\n";
	my $kept = sub {
		my ($status, $method, $path, %more) = @_;
		my $body = $more{body} // '';
		my $head = join '', map { "$_\r\n" } "$method $path HTTP/1.1", 'Host: x',
			exists $more{token} ? () : "Authorization: $me->{Authorization}",
			@{ $more{headers} // [] },
			$body ne ''
			? ('Content-Type: ' . ($more{type} // 'application/json'), 'Content-Length: ' . length $body)
			: ();
		my $both = $gateway->raw("$head\r\n$body$next");
		is( join(' ', $both =~ m{HTTP/1\.1 (\d+) }g), "$status 200",
			"$method $path " . ($more{name} // '') . ": $status, and the next is answered");
	};
	without_connector($node, 'snowflake');
	my $unserved = create_source(
		$node,
		{   name => 'No connector', type => 'snowflake', host => 'db.example.com', port => 443, database_name => 'x',
			credentials => { username => 'x' }
		});
	$kept->(400, GET => "$sources?page=0");
	$kept->(400, POST => $sources, body => '{', name => 'no JSON');
	$kept->(400, POST => $sources, body => "\x1f\x8b\0", name => 'binary');
	$kept->(400, GET => "$sources?search=\xff", name => 'what is not ASCII');
	$kept->(401, GET => $sources, token => 'none');
	$kept->(404, GET => "$sources/4711");
	$kept->(404, GET => '/nowhere');
	$kept->(405, PUT => $sources, body => '{}');
	$kept->(412, DELETE => "$sources/1", headers => ['If-Match: "x"']);
	$kept->(415, POST => $sources, body => 'a,b', type => 'text/csv');
	$kept->(501, POST => "$sources/$unserved/test");
	$kept->(
		204, OPTIONS => $sources,
		headers => [ 'Origin: https://app.example.org', 'Access-Control-Request-Method: POST' ]);
	$kept->(400, GET => '/rpc/data_source_list?page=0', name => 'plain');
	$kept->(404, GET => '/rpc/data_source_get?id=4711', name => 'plain');
	sql($node, "ALTER FUNCTION rivergen.data_source_health(bigint, integer) RENAME TO elsewhere");
	$kept->(500, GET => "$sources/1/health");
	sql($node, "ALTER FUNCTION rivergen.elsewhere(bigint, integer) RENAME TO data_source_health");
	sql($node, "SELECT rivergen.data_source_delete($unserved, true)");
};

subtest 'pages of other origins' => sub {
	my $origin = 'https://app.example.org';
	my $preflight = sub {
		my ($path, $method) = @_;
		return asked(
			OPTIONS => $path,
			{   Origin => $origin, 'Access-Control-Request-Method' => $method,
				'Access-Control-Request-Headers' => 'authorization,content-type,if-match,prefer'
			});
	};
	my $list = sub {
		return join ' ', sort map { lc } split /\s*,\s*/, $_[0] // '';
	};
	for my $path ("$sources/1", '/api/v1/openapi.json')
	{
		my ($status, $headers) = @{ $preflight->($path, 'PATCH') };
		is($status, 204, "$path: the question before a PATCH");
		is($headers->{'access-control-allow-origin'}, '*', 'any origin');
		is($list->($headers->{'access-control-allow-methods'}), 'delete get head patch post put', 'every method');
		is( $list->($headers->{'access-control-allow-headers'}),
			'authorization content-type if-match if-none-match prefer',
			'the headers that mean something');
		is($headers->{'access-control-allow-credentials'}, undef, 'credentials of browsers are not allowed');
		cmp_ok($headers->{'access-control-max-age'}, '>', 0, 'for a while');
	}
	my $plain = $preflight->('/rpc/data_source_get', 'POST');
	is($plain->[1]{'access-control-allow-origin'}, '*', 'PostgREST answers for the plain paths');
	for my $case (
		[ 200, GET => "$sources/1" ], [ 200, GET => '/api/v1/openapi.json' ], [ 400, GET => "$sources?page=0" ],
		[ 404, GET => "$sources/4711" ], [ 404, GET => '/nowhere' ],
		[ 405, PUT => $sources ], [ 405, OPTIONS => $sources ], [ 200, GET => '/data_sources' ],
		[ 400, GET => '/rpc/data_source_list?page=0' ], [ 405, PUT => '/data_sources' ])
	{
		my ($expected, $method, $path) = @$case;
		my ($status, $headers) = @{ asked($method => $path, { %$me, Origin => $origin }) };
		is($status, $expected, "$method $path");
		is($headers->{'access-control-allow-origin'}, '*', 'may be read');
		next if $path !~ m{^/api};
		like($headers->{'access-control-expose-headers'}, qr/\b$_\b/, "$_ too")
			for qw(Allow ETag Location Preference-Applied Retry-After WWW-Authenticate);
	}
	is(asked(GET => $sources, { Origin => $origin })->[1]{'access-control-allow-origin'}, '*', 'a 401, too');
};

subtest 'compressed answers' => sub {
	my $accepts = { %$me, 'Accept-Encoding' => 'gzip' };
	for my $path ('/api/v1/openapi.json', '/')
	{
		my ($status, $headers, $body) = @{ asked(GET => $path, $accepts) };
		is($headers->{'content-encoding'}, 'gzip', "$path: on demand");
		like($headers->{vary} // '', qr/Accept-Encoding/i, 'caches are told');
		is(asked(GET => $path, $me)->[1]{'content-encoding'}, undef, 'otherwise as it is');
	}
	my $id = create_source($node, { %{ fake_source('with an ETag', {}) }, description => 'x' x 5000 });
	my $tag = asked(GET => "$sources/$id", $accepts)->[1]{etag};
	like($tag, qr{^W/"}, 'nginx makes the tag of a compressed answer a weak one');
	is( asked(PATCH => "$sources/$id", { %$me, 'If-Match' => $tag }, { description => 'y' })->[0], 200,
		'which names the version nevertheless');
	is( asked(PATCH => "$sources/$id", { %$me, 'If-Match' => $tag }, { description => 'z' })->[0], 412,
		'another version is refused');
};

subtest 'what the client has already' => sub {
	for my $path ('/api/v1/search?query=etag', '/api/v1/schema-context?question=etag')
	{
		my $get = sub { return asked(GET => $path, { %$me, 'If-None-Match' => $_[0] }) };
		my $first = asked(GET => $path, $me);
		my $tag = $first->[1]{etag};
		is($first->[0], 200, $path);
		for my $tags ($tag, "W/$tag", qq("x" , $tag), '*')
		{
			my $again = $get->($tags);
			is($again->[0], 304, "If-None-Match: $tags");
			is($again->[1]{etag}, $tag, 'the same tag');
			ok(!length($again->[2] // ''), 'no body');
		}
		for my $tags ('"x"', substr($tag, 0, -1), "x$tag", ',')
		{
			is_deeply($get->($tags)->[2], $first->[2], "the whole body to $tags");
		}
		is(asked(GET => $path, { 'If-None-Match' => $tag })->[0], 401, 'a stranger learns nothing');
		create_source($node, fake_source("etag of " . length $path, {}));
		is($get->($tag)->[0], $path =~ /search/ ? 200 : 304, 'a new source is a new answer to a search');
	}
};

subtest 'what is percent-encoded on the plain paths is UTF-8' => sub {
	is(asked(GET => "$_", $me)->[0], 400, "$_ is refused")
		for '/data_sources?name=eq.%F0%9F%A6', '/data_sources?name=eq.%FF', '/error?search=%C3',
		'/rpc/sealing_key?x=%C0%80',
		'/data_sources?name=eq.%C3%28';
	is(asked(GET => "/data_sources?name=eq.$_", $me)->[0], 200, "$_ is passed on")
		for '%C3%BC', '%F0%9F%8C%8A%20x', '%e6%95%b0', '100%25', '%C3%BC' x 600;
};

subtest 'headers on the plain paths are ASCII' => sub {
	for my $header (
		'Content-Type', 'Accept', 'Prefer', 'Range', 'Range-Unit', 'Accept-Profile', 'Content-Profile', 'Origin',
		'X-Any',
		'User-Agent')
	{
		my $answer = raw("GET /data_sources HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
				. "Authorization: $me->{Authorization}\r\n$header: a\xb2\r\n\r\n");
		my $is_passed = $header !~ /^(X-Any|User-Agent)$/;
		is($answer->[0], $is_passed ? 400 : 200, $is_passed ? "$header is refused" : "$header is not passed on");
	}
};

subtest 'several lines of a header' => sub {
	my ($major, $minor) = `PATH=\$PATH:/usr/sbin nginx -v 2>&1` =~ m{nginx/(\d+)\.(\d+)};
	my $id = create_source(
		$node,
		fake_source(
			'with two preferences', {}, type => 'postgresql', host => '127.0.0.1', port => 1, database_name => 'x'));
	my $answer = raw(
		"POST $sources/$id/discover-schema HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: $me->{Authorization}\r\n"
			. "Prefer: return=minimal\r\nPrefer: respond-async\r\nContent-Length: 0\r\n\r\n");
	my $joined = $major > 1 || $minor >= 23;
	is( $answer->[0], $joined ? 202 : 502,
		$joined ? 'the second Prefer counts' : 'before nginx 1.23 only the first Prefer counts');
};

subtest 'over TLS' => sub {
	my $directory = "$gateway->{directory}/tls";
	my $port = free_port();
	mkdir $directory or die "$directory: $!\n";
	PostgreSQL::Test::Utils::run_log([
		'openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
		'-keyout', "$directory/key.pem", '-out', "$directory/cert.pem" ])
		or die "openssl req\n";
	my $conf = slurp_file("$gateway->{directory}/rivergen.conf") =~
		s{listen 127\.0\.0\.1:\d+;}{listen 127.0.0.1:$port ssl; ssl_certificate $directory/cert.pem; ssl_certificate_key $directory/key.pem;}r;
	Gateway::write_file("$directory/rivergen.conf", $conf);
	Gateway::write_file(
		"$directory/nginx.conf",
		slurp_file("$gateway->{directory}/nginx.conf") =~
			s{\Q$gateway->{directory}/\E(rivergen\.conf|nginx\.pid)}{$directory/$1}gr);
	my $nginx = $gateway->run('nginx', 'bash', "$FindBin::Bin/../lib/gateway.sh", 'gateway_nginx', $directory);
	my $get = sub { return scalar `curl -q -sS -k --noproxy '*' --max-time 60 -D - -o /dev/null @_ 2>&1` };
	wait_for('nginx with TLS', sub { $get->("https://127.0.0.1:$port/") =~ m{^HTTP/} });
	like(
		$get->("https://127.0.0.1:$port$_->[0]"), qr{^HTTP/\S+ $_->[1] .*^Strict-Transport-Security: max-age=\d+}ms,
		"$_->[0]: $_->[1], and never without TLS again")
		for [ $sources, 401 ], [ '/api/v1/openapi.json', 200 ], [ "$sources/%zz", 400 ], [ '/api/v1/nowhere', 404 ],
		[ '/nowhere', 404 ], [ '/data_sources', 401 ], [ '/', 200 ];
	is( asked(GET => '/api/v1/openapi.json')->[1]{'strict-transport-security'}, undef,
		'without TLS there is no Strict-Transport-Security');
	Gateway::end_process($nginx);
};

subtest 'the secret that the manual makes is never readable by others' => sub {
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my ($set_up) =
		slurp_file("$FindBin::Bin/../../src/gateway/README.md") =~
		/^## Setting it up\n.*?^```\n(.*?jwt\.secret.*?)^```/ms
		or die "no manual\n";
	# The user that runs the tests has no other user to give the file to.
	my $lines = join '', grep { /jwt\.secret/ } split /^/, $set_up;
	$lines =~ s{/etc/rivergen}{$directory}g;
	$lines =~ s/ -[og] rivergen_gateway//g;
	Gateway::write_file(
		"$directory/openssl",
		"#!/bin/sh\nexec 3>&1\nstat -L -c %a /proc/self/fd/3 >>$directory/modes\necho secret\n");
	chmod 0755, "$directory/openssl";
	is(system('sh', '-c', "umask 022; PATH=$directory:\$PATH; set -e\n$lines"), 0, 'the lines');
	is(slurp_file("$directory/modes"), "600\n", 'while it is written');
	is(slurp_file("$directory/jwt.secret"), "secret\n", 'it is there');
};

subtest 'failures of rivergen.http come through as they are' => sub {
	my $names = { %{ fake_source('one', {}) }, map { sprintf("unknown %03d %s", $_, "\x{fc}" x 55), 1 } 1 .. 200 };
	my $answer = asked(POST => $sources, $me, $names);
	is_failure($answer, 400, 'BAD_REQUEST', 'a hundred faults with long names');
	cmp_ok(scalar(@{ $answer->[2]{error}{details} }), '>', 100, 'are all told');
	sql($node, "SELECT rivergen.membership_add(1, rivergen.user_create('vic'), 'viewer')");
	$answer = asked(DELETE => "$sources/1", $gateway->as('vic'));
	is_failure($answer, 403, 'FORBIDDEN', 'a viewer', qr/viewer|role|may/i);
	is_failure(asked(GET => "$sources/4711", $me), 404, 'NOT_FOUND', 'nothing', qr/4711/);
	is_failure(asked(POST => $sources, $me, fake_source('one', {})), 409, 'CONFLICT', 'a name that is taken');
	$answer = asked(POST => $sources, { %$me, 'Content-Type' => 'text/csv' }, 'a,b');
	is_failure($answer, 415, 'UNSUPPORTED_MEDIA_TYPE', 'CSV');
	my $id = create_source(
		$node,
		fake_source('slow', {}, type => 'postgresql', host => '127.0.0.1', port => 1, database_name => 'x'));
	$answer = asked(POST => "$sources/$id/discover-schema", $me);
	is_failure($answer, 502, 'BAD_GATEWAY', 'a source that does not answer');
	like("@{ $answer->[2]{error}{details} }", qr/job \d+/, 'with the job');
};

subtest 'too much, or not HTTP' => sub {
	my $large = { %{ fake_source('large', {}) }, description => 'x' x (1024 * 1024) };
	is_failure(asked(POST => $sources, $me, $large), 413, 'PAYLOAD_TOO_LARGE', 'a body of more than 1 MB');
	is_failure(
		asked(POST => '/rpc/data_source_create', $me, $large), 413, 'PAYLOAD_TOO_LARGE',
		'to plain PostgREST, too');
	my $chunk = sprintf("%x\r\n%s\r\n", 65536, 'x' x 65536);
	is_failure(
		raw(      "POST $sources HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
				. $chunk x 17
				. "0\r\n\r\n"),
		413,
		'PAYLOAD_TOO_LARGE',
		'in chunks');
	is_failure(
		raw("GET $sources?search=" . 'x' x 40000 . " HTTP/1.1\r\nHost: x\r\n\r\n"), 414, 'URI_TOO_LONG',
		'a URI of 40 kB');
	is_failure(
		raw("GET $sources HTTP/1.1\r\nHost: x\r\nX-Long: " . 'x' x 40000 . "\r\n\r\n"), 400, 'BAD_REQUEST',
		'a header of 40 kB');
	is_failure(raw("nonsense\r\n\r\n"), 400, 'BAD_REQUEST', 'no request line');
	is_failure(raw("GET $sources HTTP/1.1\r\n\r\n"), 400, 'BAD_REQUEST', 'no Host');
	is_failure(
		raw("GET $sources HTTP/7.0\r\nHost: x\r\n\r\n"), 505, 'HTTP_VERSION_NOT_SUPPORTED',
		'a version of the future');
	is_failure(raw("GET $sources/%00 HTTP/1.1\r\nHost: x\r\n\r\n"), 400, 'BAD_REQUEST', 'a NUL byte');
	is_failure(raw("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"), 400, 'BAD_REQUEST', 'above the root');
	unlike(slurp_file($gateway->{log}{nginx}), qr/\[(crit|alert|emerg)\]/, 'nothing alarming in the log');
};

subtest 'plain PostgREST' => sub {
	my ($status, $headers, $body) = $gateway->request(GET => '/data_sources?select=id,name&id=eq.1', $me);
	is($status, 200, 'a view');
	is_deeply($body, [ { id => 1, name => 'one' } ], 'its rows');
	is( asked(POST => '/rpc/data_source_list', $me, { page_size => 1 })->[2]{data}{pagination}{page_size}, 1,
		'a function');
	is(asked(GET => '/rpc/data_source_get?id=1', $me)->[2]{data}{name}, 'one', 'a function is called by GET');
	($status, $headers, $body) = $gateway->request(POST => '/rpc/data_source_get', $me, { id => 999 });
	is($status, 404, 'a failure');
	is($body->{code}, 'NOT_FOUND', 'has the code') or diag(explain($body));
	is_deeply([ sort keys %$body ], [qw(code details hint message)], 'and PostgREST\'s shape');
	for my $path (qw(/rpc/data_source_list /rpc/member_list))
	{
		($status, $headers, $body) = $gateway->request(POST => $path, {}, {});
		is($status, 401, "$path without a token");
		is($headers->{'www-authenticate'}, 'Bearer', 'a 401 has WWW-Authenticate');
	}
	my @views = split /\n/,
		sql(
		$node,
		"SELECT relname FROM pg_class WHERE relnamespace = 'rivergen'::regnamespace AND relkind = 'v' AND relname <> 'data_source_types'"
		);
	is(asked(GET => "/$_")->[0], 401, "$_ without a token") for @views;
	is(asked(GET => "/$_", $gateway->as('lonely'))->[0], 403, "$_ without membership")
		for grep { $_ ne 'audit' } @views;
	for my $method (qw(POST PATCH PUT DELETE))
	{
		my $answer = asked($method => '/data_sources?id=eq.1', $me, { name => 'taken' });
		is_failure($answer, 405, 'METHOD_NOT_ALLOWED', "$method to a view");
		is($answer->[1]{allow}, 'GET, HEAD, OPTIONS', 'a 405 has Allow');
	}
	my $description = asked(GET => '/', {})->[2];
	is($description->{swagger}, '2.0', 'PostgREST describes itself');
	is($description->{host}, "127.0.0.1:$gateway->{port}", 'where it is');
};

subtest 'nothing else is reachable' => sub {
	for my $path (
		qw(/rpc/http /rpc/%68ttp /rpc//http /rpc/./http /rpc/http/ /rpc/../rpc/http /api/ /api/v1 /api/v2/data-sources /.failure /index.html
		/rivergen_catalog.data_source /rpc/data_source_get/1 /data_sources/1 /Data_Sources))
	{
		is_failure(asked(POST => $path, $me, {}), 404, 'NOT_FOUND', "POST $path");
	}
	is(asked(GET => "/$_", $me)->[0], 404, "/$_")
		for qw(data_source app_user credential sealing_key organization pg_authid);
	for my $profile (qw(rivergen_catalog pg_catalog public))
	{
		is(asked(GET => '/data_source', { %$me, 'Accept-Profile' => $profile })->[0], 406, "the schema $profile");
	}
	for my $function (qw(user_list quick_start grant_access key_rotate organization_list stats))
	{
		my $answer = asked(POST => "/rpc/$function", $me, {});
		ok($answer->[0] == 401 || $answer->[0] == 403 || $answer->[0] == 404, "an operator's $function")
			or diag(explain($answer));
	}
	my $socket = "$gateway->{directory}/postgrest.sock";
	ok(-S $socket, 'PostgREST listens on a socket');
	is((stat $gateway->{directory})[2] & 077, 0, 'in a private directory');
	my %mine = map { $_ => 1 }
		map { (readlink($_) // '') =~ /socket:\[(\d+)\]/ ? $1 : () } glob "/proc/$gateway->{postgrest}/fd/*";
	my @tcp =
		grep { (split)[3] eq '0A' && $mine{ (split)[9] } }
		map { split /\n/, Rivergen::read_file($_) // '' } "/proc/$gateway->{postgrest}/net/tcp",
		"/proc/$gateway->{postgrest}/net/tcp6";
	is("@tcp", '', 'PostgREST listens on no port');
};

subtest 'what is behind fails, and comes back' => sub {
	$node->stop('fast');
	my $answer = asked(GET => $sources, $me);
	is_failure($answer, 503, 'SERVICE_UNAVAILABLE', 'PostgreSQL is stopped');
	like($answer->[1]{'retry-after'}, qr/^[1-9]\d*$/, 'a 503 of nginx has Retry-After');
	is_failure(asked(POST => $sources, $me, {}), 503, 'SERVICE_UNAVAILABLE', 'still');
	$answer = asked(GET => '/data_sources', $me);
	is($answer->[0], 503, 'plain');
	like($answer->[1]{'retry-after'}, qr/^[1-9]\d*$/, 'a 503 on a plain path has Retry-After');
	$node->start;
	ok(wait_for('it to serve again', sub { asked(GET => $sources, $me)->[0] == 200 }), 'it recovers by itself');

	my $waiting = session_start($node, 'BEGIN; LOCK rivergen_catalog.membership; SELECT pg_sleep(3600)');
	wait_for(
		'the lock',
		sub {
			sql($node,
				"SELECT count(*) FROM pg_locks WHERE relation = 'rivergen_catalog.membership'::regclass AND mode = 'AccessExclusiveLock'"
			);
		});
	sql($node, "ALTER ROLE rivergen_gateway SET statement_timeout = '1500ms'");
	sql($node, "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE usename = 'rivergen_gateway'");
	wait_for('a session with the time-out', sub { ($answer = asked(GET => $sources, $me))->[0] == 500 });
	is_failure($answer, 500, 'INTERNAL_ERROR', 'a statement that takes too long');
	sql($node, "ALTER ROLE rivergen_gateway SET statement_timeout = '1h'");
	sql($node,
		"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
			AND (query LIKE '%pg_sleep(3600)%' OR usename = 'rivergen_gateway')"
	);
	session_end($waiting);
	ok(wait_for('it to serve again', sub { asked(GET => $sources, $me)->[0] == 200 }), 'it recovers');

	$gateway->stop_postgrest;
	is_failure(asked(GET => $sources, $me), 502, 'BAD_GATEWAY', 'PostgREST is stopped');
	is_failure(asked(GET => '/data_sources', $me), 502, 'BAD_GATEWAY', 'plain');
	$gateway->start_postgrest;
	is(asked(GET => $sources, $me)->[0], 200, 'the restarted server answers');

	sql($node, 'DROP EXTENSION rivergen');
	$answer = asked(GET => $sources, $me);
	is_failure(
		$answer, 503, 'SERVICE_UNAVAILABLE', 'the extension was dropped below a gateway that runs',
		qr/^The service is not set up$/);
	is($answer->[1]{'retry-after'}, 5, 'a 503 after DROP EXTENSION has Retry-After');
	sql($node, "NOTIFY pgrst, 'reload schema'");
	$gateway->stop_postgrest;
	$gateway->{postgrest} = $gateway->run('postgrest', $ENV{POSTGREST}, "$gateway->{directory}/postgrest.conf");
	wait_for('PostgREST', sub { ($answer = asked(GET => $sources, $me))->[0] != 502 });
	is_failure($answer, 503, 'SERVICE_UNAVAILABLE', 'the extension is not there');
	like($answer->[1]{'retry-after'}, qr/^\d+$/, 'a 503 without the extension has Retry-After');
};

done_testing;
