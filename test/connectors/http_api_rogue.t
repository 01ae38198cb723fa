# The connector http_api and simulated services that lie, lead elsewhere, are overloaded, break off, or send what never ends; and
# where its credentials go.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use IO::Compress::Gzip qw(gzip);
use IO::Socket::INET;
use lib dirname(__FILE__) . '/lib';
use Connector;
use ScriptedHttp;
use Test::More;

my $connector = [ installed_connector('http_api') ];
my $secret = 'correct "horse" battery';
my @asked;

# The connector must not come here.
my $elsewhere = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', Blocking => 0) or die $!;
my $other = '127.0.0.1:' . $elsewhere->sockport;

sub json
{
	my ($value, @headers) = @_;
	return ScriptedHttp::http(200, ref $value ? $json->encode($value) : $value, @headers);
}

# The frames of an answer about a service that answers so; what it was asked is in @asked. An answer is a function of the path, the
# number of the request and its head.
sub ask
{
	my ($answer, %change) = @_;
	my $service = ScriptedHttp->new(sub {
		my ($number, $head) = @_;
		my ($path) = $head =~ /^\S+ (\S+)/;
		return $answer->($path, $number, $head);
	});
	my $base = {
		type => 'http_api',
		endpoint => {
			host => 'api.example.com', port => $service->{port}, addresses => ['127.0.0.1'],
			options => { openapi_path => '/api/openapi.json', %{ delete $change{options} // {} } }
		},
		credentials => delete $change{as} // { oauth_token => $secret }
	};
	my $run = ask_connector($connector, request_line($base, %change), open => ($change{operation} // '') eq 'read');
	@asked = $service->end;
	is(scalar(tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), $secret)), 0, 'no secret is told');
	is($elsewhere->accept, undef, 'no other service is asked');
	return @{ $run->{frames} };
}

sub paths
{
	return [ map { /^\S+ (\S+)/ } @asked ];
}

# A description with one operation, whose answer has this schema and these parameters.
sub description
{
	my ($schema, $parameters, %more) = @_;
	return {
		openapi => '3.1.0', info => { title => 'x', version => '1' },
		paths => {
			'/rows' => {
				get => {
					parameters => [ map { { name => $_, in => 'query', schema => {} } } @{ $parameters // [] } ],
					responses => { 200 => { content => { 'application/json' => { schema => $schema } } } }
				}
			}
		},
		%more
	};
}

my $rows = { type => 'array', items => { type => 'object', properties => { n => { type => 'integer' } } } };

sub service
{
	my ($description, $answer) = @_;
	return sub {
		my ($path, @more) = @_;
		return ref $description || $description !~ /^HTTP/ ? json($description) : $description
			if $path =~ m{^/api/openapi.json};
		return $answer->($path, @more) if $answer;
		return ScriptedHttp::http(404, '{}');
	};
}

sub read_rows
{
	my ($answer, $parameters, %change) = @_;
	return ask(
		service(description($rows, $parameters), $answer), operation => 'read',
		read => read_request([ 'rows', '/rows' ], ['n']), %change);
}

sub discovers
{
	my ($description, $answer, %change) = @_;
	my @frames = ask(service($description, $answer), %change);
	my ($relation) = frames_of('relation', @frames);
	return $relation
		? join ' ', map { "$_->{name}:$_->{type}" } @{ $relation->{document}{columns} }
		: $frames[-1]{message};
}

subtest 'the next page' => sub {
	my $circle = sub {
		my ($path) = @_;
		my ($page) = $path =~ /page=(\d)/;
		return json([ { n => 1 } ], 'Link: </rows?page=' . ((($page // 0) + 1) % 4) . '>; rel="next"');
	};
	fails_with('links in a circle', 'query', 'protocol', 0, read_rows($circle));
	fails_with(
		'a page that is its own next one', 'query', 'protocol', 0,
		read_rows(sub { json([ { n => 1 } ], 'Link: </rows>; rel=next') }));
	for my $link (
		"http://$other/rows", "//$other/rows", 'http://api.example.com@' . "$other/", "ftp://$other/",
		'javascript:x')
	{
		fails_with(
			"at another host: $link", 'query', 'protocol', 0,
			read_rows(sub { json([ { n => 1 } ], "Link: <$link>; rel=\"next\"") }));
		is_deeply(paths(), [ '/api/openapi.json', '/rows' ], 'is not asked for');
	}
	fails_with(
		'a link with a line end', 'query', 'protocol', 0,
		ask(service(
				description({ type => 'object', properties => { data => $rows } }),
				sub { json({ data => [ { n => 1 } ], next => "/rows?a=\r\nX-Evil: 1" }) }),
			operation => 'read',
			read => read_request([ 'rows', '/rows' ], ['n'])));
	my $cursor = sub { return json({ data => [ { n => 1 } ], next_cursor => 'abc' }) };
	my $enveloped = { type => 'object', properties => { data => $rows } };
	fails_with(
		'a cursor without a parameter', 'query', 'unsupported', 0,
		ask(service(description($enveloped), $cursor),
			operation => 'read', read => read_request([ 'rows', '/rows' ], ['n'])));
	my @page = ask(
		service(description($enveloped), $cursor),
		operation => 'read', read => read_request([ 'rows', '/rows' ], ['n'], limit => 1));
	is($page[-1]{rows}, 1, 'with a limit that the page has');
	fails_with(
		'a cursor that is always the same', 'query', 'protocol', 0,
		ask(service(description($enveloped, ['cursor']), $cursor),
			operation => 'read', read => read_request([ 'rows', '/rows' ], ['n'])));
	fails_with(
		'pages without rows, for ever', 'query', 'timeout', 1,
		read_rows(sub { json([], "Link: </rows?page=$_[1]>; rel=next") }, undef, limits => { query_timeout => 1 }));
	my @frames = read_rows(sub { json([ { n => 1 } ]) }, ['page']);
	is($frames[-1]{rows}, 1, 'a parameter that the service does not heed ends with the first page');
};

subtest 'answers' => sub {
	my @frames = read_rows(sub { $_[1] < 3 ? ScriptedHttp::http(429, '{}', 'Retry-After: 0') : json([ { n => 7 } ]) });
	is_deeply([ rows_of(@frames) ], [ ['7'] ], 'a service that is overloaded is asked again');
	is_deeply(paths(), [ '/api/openapi.json', ('/rows') x 3 ], 'until it answers');
	fails_with('no rows but words', 'query', 'protocol', 0, read_rows(sub { ScriptedHttp::http(200, '<html>') }));
	fails_with('deep JSON', 'query', 'protocol', 0, read_rows(sub { json('[' x 100_000) }));
	fails_with(
		'an answer that is cut', 'connect', 'unreachable', 1,
		read_rows(sub { "HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\n[{\"n\":1}," }));
	fails_with(
		'a second page that is cut', 'connect', 'unreachable', 1,
		read_rows(sub {
			return $_[0] =~ /page/
				? "HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\n[{\"n\":1},"
				: json([ { n => 1 } ], 'Link: <?page=2>; rel=next');
		}));
	fails_with('a connection that is closed', 'connect', 'unreachable', 1, read_rows(sub { '' }));
	fails_with(
		'an answer without an end', 'query', 'too_large', 0,
		read_rows(sub { ("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n[", ('1,' x 1048576) x 40) }));
	gzip(\(' ' x 100_000_000), \my $bomb) or die;
	fails_with(
		'a small answer that unpacks to a large one', 'query', 'too_large', 0,
		read_rows(sub { ScriptedHttp::http(200, $bomb, 'Content-Encoding: gzip') }));
	fails_with(
		'a redirect', 'configure', 'configuration', 0,
		read_rows(sub { ScriptedHttp::http(302, '', "Location: http://$other/rows") }));
	@frames = read_rows(sub { json('[7,null,{"n":[1,{"n":2}]},[{"n":1}],{"n":"x\u0000y"}]') });
	is($frames[-1]{frame}, 'end', 'rows that are none') or diag(explain($frames[-1]));
};

subtest 'descriptions' => sub {
	my %kind = (
		'a schema of GraphQL' => '{"data":{"__schema":{}}}',
		'OData metadata' => '<?xml version="1.0"?><edmx:Edmx Version="4.0"></edmx:Edmx>',
		WSDL => '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"></definitions>',
		'no OpenAPI 2.0, 3.0 or 3.1' => '{"openapi":"4.0.0","paths":{}}');
	for my $kind (sort keys %kind)
	{
		my $error = fails_with($kind, 'query', 'unsupported', 0, ask(service($kind{$kind}), operation => 'test'));
		like($error->{message}, qr/(?:described by|document is) \Q$kind\E/, 'is named');
	}
	for my $nonsense ('', '7', '[]', '{"openapi":', "a: [\n", '[' x 100_000, '- ' x 100_000)
	{
		fails_with(
			'no description: ' . (substr($nonsense, 0, 20) =~ s{\s}{ }gr), 'query', 'protocol', 0,
			ask(service(ScriptedHttp::http(200, $nonsense)), operation => 'test'));
	}
	my $bomb = "openapi: 3.1.0\na0: &a0 [x,x,x,x,x,x,x,x,x]\n";
	$bomb .= "a$_: &a$_ [" . join(',', ('*a' . ($_ - 1)) x 9) . "]\n" for 1 .. 12;
	fails_with(
		'aliases of aliases', 'query', 'protocol', 0,
		ask(service(ScriptedHttp::http(200, $bomb)), operation => 'test'));
	fails_with(
		'an alias of what it is in', 'query', 'protocol', 0,
		ask(service(ScriptedHttp::http(200, "openapi: 3.1.0\na: &a {b: *a}\n")), operation => 'test'));
	my $endless = sub { ("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n{\"openapi\":\"3.1.0\"", (' ' x 1048576) x 66) };
	fails_with('a description of more than 64 MiB', 'query', 'too_large', 0, ask($endless, operation => 'test'));
	is(discovers([]), 'The OpenAPI document of the service cannot be read.', 'a list');
};

subtest 'references' => sub {
	my $schemas = sub { return (components => { schemas => {@_} }) };
	my $list = { type => 'array', items => { '$ref' => '#/components/schemas/A' } };
	my $a = '#/components/schemas/A';
	is( discovers(description($list, [], $schemas->(A => { '$ref' => $a }))), 'value:any',
		'a reference to itself');
	is( discovers(
			description($list, [], $schemas->(A => { '$ref' => '#/components/schemas/B' }, B => { '$ref' => $a }))),
		'value:any',
		'references in a circle');
	is( discovers(description(
			$list, [],
			$schemas->(A => { allOf => [ { '$ref' => $a }, { properties => { n => { type => 'integer' } } } ] }))),
		'n:integer',
		'allOf of itself');
	is( discovers(description($list, [], $schemas->(A => { properties => { n => { '$ref' => $a } } }))),
		'n:object(A)', 'a member that is what it is in');
	is( discovers(description($list, [], $schemas->(A => { type => 'array', items => { '$ref' => $a } }))),
		'value:array(A)', 'a list of itself');
	for my $reference (
		"http://$other/s.json#/A", "//$other/s.json", '/secret.json', '../secret.json', '/api/../secret.json',
		'file:///etc/passwd', "s.json\r\nX-Evil: 1")
	{
		discovers(description({ type => 'array', items => { '$ref' => $reference } }));
		is_deeply(paths(), ['/api/openapi.json'], 'is not read: ' . ($reference =~ s/\s/ /gr));
	}
	my $beside =
		sub { $_[0] eq '/api/s.yaml' ? json("A:\n  properties: {n: {type: integer}}\n") : ScriptedHttp::http(404, '') };
	is( discovers(description({ type => 'array', items => { '$ref' => 's.yaml#/A' } }), $beside), 'n:integer',
		'a document beside it is read');
	my $chain = sub {
		my ($number) = $_[0] =~ /(\d+)\.json/;
		return json({ '$ref' => ($number + 1) . '.json' });
	};
	discovers(description({ type => 'array', items => { '$ref' => '1.json' } }), $chain);
	cmp_ok(scalar @asked, '<', 100, 'documents that each name a further one come to an end');
};

subtest 'credentials' => sub {
	my $keyed = description(
		$rows,
		[],
		components => {
			securitySchemes => {
				a => { type => 'apiKey', in => 'header', name => "X-Key\r\nX-Evil: 1" },
				b => { type => 'apiKey', in => 'header', name => 'X-Good' }
			}
		},
		servers => [ { url => "http://$other/v1" } ]);
	my @frames = ask(
		service($keyed, sub { json([ { n => 1 } ]) }),
		operation => 'read', read => read_request([ 'rows', '/rows' ], ['n']), as => { api_key => $secret });
	is($frames[-1]{frame}, 'end', 'a server elsewhere stands for a path of this one') or diag(explain($frames[-1]));
	is_deeply(paths(), [ '/api/openapi.json', '/v1/rows' ], 'which is asked');
	is((grep { /X-Evil/i } @asked), 0, 'a name with a line end is no header');
	like($asked[-1], qr/^x-good: \Q$secret\E\r$/mi, 'the next one is');
	for my $credentials (
		{ oauth_token => "a\r\nX-Evil: 1" }, { api_key => "a\nX-Evil: 1" },
		{ username => "a\r", password => 'b' })
	{
		fails_with(
			'a line end in ' . (sort keys %$credentials)[0], 'configure', 'configuration', 0,
			ask(service($keyed), operation => 'test', as => $credentials));
		is(scalar @asked, 0, 'sends nothing');
	}
	fails_with(
		'a header name with a line end', 'configure', 'configuration', 0,
		ask(service($keyed), operation => 'test', as => { api_key => $secret },
			options => { api_key_header => "X\r\nY" }));
	fails_with(
		'a description elsewhere', 'configure', 'configuration', 0,
		ask(service($keyed), operation => 'test', options => { openapi_path => "http://$other/openapi.json" }));
};

done_testing();
