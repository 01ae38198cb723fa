# The connector http_api: documents of OpenAPI, pages of every kind, credentials, limits of rate. The services are simulated: what
# PostgREST, a real one, says is in conformance.t.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use JSON::PP;
use lib dirname(__FILE__) . '/lib';
use Connector;
use ScriptedHttp;
use Test::More;

my $connector = [ installed_connector('http_api') ];
my $json = JSON::PP->new->utf8->canonical;
my @secrets = ('s3cret-password', 's3cret-token', 's3cret-key', 's3cret-client', 's3cret-given');
my @asked;

sub answer
{
	my ($content, @more) = @_;
	my $status = @more && $more[0] =~ /^\d+$/ ? shift @more : 200;
	return ScriptedHttp::http($status, ref $content ? $json->encode($content) : $content, @more);
}

# The frames of an answer about a service whose paths answer so; what it was asked is in @asked.
sub ask
{
	my ($paths, %change) = @_;
	my %count;
	my $service = ScriptedHttp->new(sub {
		my ($number, $head) = @_;
		my ($path, $query) = $head =~ m{^\w+ ([^? ]*)\??(\S*) };
		my $answer = $paths->{$path} or return answer({ error => 'none' }, 404);
		return ref $answer eq 'CODE' ? $answer->($query, $count{$path}++, $head) : $answer;
	});
	my $base = {
		type => 'http_api', credentials => {},
		endpoint =>
			{ host => '127.0.0.1', port => $service->{port}, addresses => ['127.0.0.1'], tls => { mode => 'disable' } }
	};
	$_ =~ s/PORT/$service->{port}/ for grep { defined } $change{endpoint}{options}{token_url};
	my $run = ask_connector($connector, request_line($base, %change));
	@asked = map { m{^(\w+ \S+)} } my @heads = $service->end;
	is( scalar(tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), @secrets)), 0,
		'no secret is told');
	return @{ $run->{frames} };
}

sub options { return (endpoint => { options => {@_} }) }

sub fails
{
	my ($name, $step, $code, @frames) = @_;
	is_deeply([ @{ $frames[-1] }{qw(frame step code)} ], [ 'error', $step, $code ], $name)
		or diag(explain($frames[-1]));
	return;
}

sub document
{
	my (%with) = @_;
	return { openapi => '3.0.3', info => { title => 'Shop', version => '1.2' }, paths => {}, %with };
}

# A GET of items, with these parameters in the query.
sub list_of
{
	my ($schema, @parameters) = @_;
	return {
		get => {
			tags => ['shop'],
			parameters => [ map { { name => $_, in => 'query', schema => { type => 'integer' } } } @parameters ],
			responses => { 200 => { content => { 'application/json' => { schema => $schema } } } }
		}
	};
}

my $items = { type => 'array', items => { type => 'object', properties => { n => { type => 'integer' } } } };
my $wrapped = { type => 'object', properties => { items => $items, next => { type => 'string' } } };

sub columns_of
{
	my ($document, @more) = @_;
	my @frames = ask({ '/' => answer($document) }, @more);
	my ($relation) = frames_of('relation', @frames) or diag(explain(\@frames));
	return { map { $_->{name} => $_ } @{ $relation->{document}{columns} } };
}

sub types_of
{
	my ($columns) = @_;
	return join ', ', map { "$_ $columns->{$_}{type}" . ($columns->{$_}{not_null} ? '!' : '') } sort keys %$columns;
}

# ---- documents ----

my $schemas = {
	Base => { type => 'object', required => ['id'], properties => { id => { type => 'integer', format => 'int64' } } },
	Pet => {
		allOf => [
			{ '$ref' => '#/components/schemas/Base' },
			{   required => [ 'name', 'born' ],
				properties => {
					name => { type => 'string', description => 'What it is called' },
					born => { type => 'string', format => 'date', nullable => JSON::PP::true },
					kind => { type => 'string', enum => [ 'cat', 'dog' ] },
					secret => { type => 'string', writeOnly => JSON::PP::true },
					parent => { '$ref' => '#/components/schemas/Pet' },
					before => { '$ref' => '#/components/schemas/Base' },
					tags => { type => 'array', items => { type => 'string' } },
					labels => { type => 'object', additionalProperties => { type => 'number' } },
					either => { oneOf => [ { type => 'string' }, { type => 'integer' } ] },
					'A/B C' => { '$ref' => '#/components/schemas/A~1B%20C' },
					lost => { '$ref' => '#/components/schemas/None' }
				}
			} ]
	},
	'A/B C' => { type => 'boolean' }
};
my $columns = columns_of(document(
	paths => { '/pets' => list_of({ type => 'array', items => { '$ref' => '#/components/schemas/Pet' } }) },
	components => { schemas => $schemas }));
is( types_of($columns),
	'A/B C boolean, before object, born string(date), either string | integer, id integer(int64)!, kind string, labels object, lost any, '
		. 'name string!, parent object(Pet), tags string',
	'3.0: parts, references, nullability; a schema that comes back to itself ends');
is_deeply(
	[ map { $_->{name} } @{ $columns->{before}{fields} } ],
	['id'], 'a part of the schema is not around the members of another part');
is_deeply($columns->{kind}{enum}, [ 'cat', 'dog' ], 'words that are listed');
is_deeply([ @{ $columns->{labels} }{qw(map pg_type)} ], [ JSON::PP::true, 'jsonb' ], 'a map');
is_deeply([ @{ $columns->{tags} }{qw(repeated pg_type)} ], [ JSON::PP::true, 'text[]' ], 'an array');
is($columns->{name}{comment}, 'What it is called', 'a description');

$columns = columns_of(document(
	openapi => '3.1.0',
	paths => {
		'/pets' => list_of({
			type => 'array',
			items => {
				type => 'object', required => [ 'a', 'b', 'c' ],
				properties => {
					a => { type => [ 'string', 'null' ] },
					b => { anyOf => [ { type => 'integer' }, { type => 'null' } ] },
					c => { '$ref' => '#/components/schemas/A~1B%20C', description => 'beside' }
				}
			}
		})
	},
	components => { schemas => $schemas }));
is(types_of($columns), 'a string, b integer, c boolean!', '3.1: null among the types');
is($columns->{c}{comment}, 'beside', '3.1: what stands beside a reference counts');

$columns = columns_of(<<'EOT');
swagger: 2.0
basePath: /v1
produces: [application/json]
x-common: &common {type: string, x-nullable: true}
paths:
  /users:
    get:
      summary: yes
      responses:
        200:
          schema: {type: array, items: {required: [name, on], properties: {name: *common, on: {type: boolean}}}}
EOT
is(types_of($columns), 'name string, on boolean!', '2.0, in YAML, with an alias');
fails(
	'aliases that stand for too much',
	'query', 'protocol',
	ask({
			'/' => answer(
				"openapi: 3.0.0\na: &a [" . join(',', ('x') x 10) . "]\n" . join(
					'',
					map {
						my $of = chr(96 + $_);
						my $is = chr(97 + $_);
						"$is: &$is [" . join(',', ("*$of") x 10) . "]\n"
					} 1 .. 8))
		},
		operation => 'test',
		options(openapi_path => '/')));
fails(
	'an alias in itself', 'query', 'protocol',
	ask({ '/' => answer("openapi: &a [*a]\n") }, operation => 'test', options(openapi_path => '/')));
fails(
	'WSDL', 'query', 'unsupported',
	ask({ '/' => answer('<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/">') }, operation => 'test'));
fails('no document', 'configure', 'configuration', ask({}, operation => 'test'));
is(scalar @asked, 9, 'the usual paths are tried');
fails(
	'a schema that is none', 'query', 'schema_not_found',
	ask({ '/' => answer(document()) }, scope => { schema => 'none' }));

# A reference to another document, below the directory of the first one only.
my $elsewhere = document(
	paths => {
		'/a' => { '$ref' => 'parts/a.json' },
		'/b' => { '$ref' => '../b.json' },
		'/c' => { '$ref' => 'http://127.0.0.1/c.json' }
	});
my @frames = ask(
	{   '/v1/openapi.json' => answer($elsewhere), '/v1/parts/a.json' => answer(list_of({ '$ref' => 'x.json#/Rows' })),
		'/v1/parts/x.json' => answer({ Rows => $items })
	},
	options(openapi_path => '/v1/openapi.json'));
is(join(' ', map { $_->{name} } frames_of('relation', @frames)), '/a', 'documents below the first one are read');
is_deeply([ sort @asked ], [ map { "GET /v1/$_" } qw(openapi.json parts/a.json parts/x.json) ], 'and no others');

# ---- pages ----

sub read_items
{
	my ($path, $paths, @more) = @_;
	return ask($paths, operation => 'read', read => read_request([ 'shop', $path, "GET $path" ], ['n']), @more);
}

sub rows
{
	return join ' ', map { $_->[0] } rows_of(@_);
}

sub rows_page
{
	my ($from, $count) = @_;
	return [ map { { n => $_ } } $from .. $from + $count - 1 ];
}

my $shop = document(
	servers => [ { url => '/v1' } ],
	paths => {
		'/linked' => list_of($items),
		'/next' => list_of($wrapped),
		'/cursor' => list_of($wrapped, 'cursor', 'limit'),
		'/offset' => list_of($wrapped, 'offset', 'limit'),
		'/page' => list_of($items, 'page'),
		'/users/{id}/orders' => list_of($items),
		'/filtered' => list_of($items, 'n')
	});

sub shop { return { '/' => answer($shop), @_ } }

@frames = read_items(
	'/linked',
	shop(
		'/v1/linked' => sub {
			my ($query) = @_;
			return $query eq ''
				? answer(rows_page(1, 2), 'Link: </v1/linked?p=2&a=b%20c>; rel="next", </x>; rel="prev"')
				: answer(rows_page(3, 1), 'Link: </v1/linked>; rel="prev"');
		}));
is(rows(@frames), '1 2 3', 'the header Link leads on');
is($asked[-1], 'GET /v1/linked?a=b%20c&p=2', 'with its query');
fails(
	'a page that names itself', 'query', 'protocol',
	read_items('/linked', shop('/v1/linked' => sub { answer(rows_page(1, 1), 'Link: </v1/linked?p=1>; rel=next') })));
fails(
	'pages that go round', 'query', 'protocol',
	read_items(
		'/linked',
		shop(
			'/v1/linked' =>
				sub { my $to = ($_[1] % 7) + 1; answer(rows_page(1, 1), "Link: </v1/linked?p=$to>; rel=next") })));
fails(
	'a page on another host', 'query', 'protocol',
	read_items(
		'/linked', shop('/v1/linked' => answer(rows_page(1, 1), 'Link: <https://other.example.com/x>; rel=next'))));
@frames = read_items(
	'/next',
	shop(
		'/v1/next' => sub {
			my ($query) = @_;
			return answer(
				$query eq ''
				? { items => rows_page(1, 2), next => '?from=3' }
				: { items => rows_page(3, 1), next => undef });
		}));
is(rows(@frames), '1 2 3', 'a URL in the body leads on');
@frames = read_items(
	'/cursor',
	shop(
		'/v1/cursor' => sub {
			my ($query) = @_;
			return answer(
				$query =~ /cursor=x/ ? { items => rows_page(2, 1) } : { items => rows_page(1, 1), next_cursor => 'x' });
		}));
is(rows(@frames), '1 2', 'a cursor leads on');
is($asked[-1], 'GET /v1/cursor?cursor=x&limit=1000', 'by the parameter that takes it');
my $by_offset = sub {
	my ($query) = @_;
	my ($offset) = $query =~ /offset=(\d+)/;
	$offset //= 0;
	return answer({ items => rows_page($offset + 1, $offset < 4 ? 2 : 1) });
};
is( rows(read_items('/offset', shop('/v1/offset' => $by_offset))), '1 2 3 4 5',
	'an offset leads on, until a page is short');
my $by_number = sub {
	my ($page) = $_[0] =~ /page=(\d+)/;
	return answer(rows_page((($page // 1) - 1) * 2 + 1, ($page // 1) > 2 ? 0 : 2));
};
is(rows(read_items('/page', shop('/v1/page' => $by_number))), '1 2 3 4', 'a number leads on, until a page is empty');
is( rows(read_items('/page', shop('/v1/page' => answer(rows_page(1, 2))))), '1 2',
	'a service that passes the number over');
my $endless = sub { answer(rows_page($_[1] * 2 + 1, 2), "Link: </v1/linked?p=$_[1]>; rel=next") };
@frames = read_items(
	'/linked', shop('/v1/linked' => $endless),
	read => { %{ read_request([ 'shop', '/linked', 'GET /linked' ], ['n']) }, limit => 5 });
is(rows(@frames), '1 2 3 4 5', 'a limit ends the pages');
is(scalar @asked, 4, 'and no more are asked for');
fails(
	'pages without rows and without end', 'query', 'timeout',
	read_items('/linked', shop('/v1/linked' => sub { answer([], "Link: </v1/linked?p=$_[1]>; rel=next") })));

# ---- parameters ----

fails('a parameter without a value', 'query', 'query', read_items('/users/{id}/orders', shop()));
my %for_user = (
	read => {
		%{ read_request([ 'shop', '/users/{id}/orders', 'GET /users/{id}/orders' ], [ 'n', 'id' ]) },
		conditions => [ { column => 'id', op => '=', type => 'text', value => 'a/b' } ]
	});
my $id_parameter = { name => 'id', in => 'path', required => JSON::PP::true, schema => { type => 'string' } };
$shop->{paths}{'/users/{id}/orders'}{parameters} = [$id_parameter];
fails('a parameter without a value', 'query', 'query', read_items('/users/{id}/orders', shop()));
@frames = read_items('/users/{id}/orders', shop('/v1/users/a%2Fb/orders' => answer(rows_page(7, 1))), %for_user);
is_deeply([ rows_of(@frames) ], [ [ 7, 'a/b' ] ], 'a condition gives the value, and the column has it');
is(rows(read_items('/users/{id}/orders', shop(), %for_user)), '', 'what is not there has no rows');
my %equal = (
	read => {
		%{ read_request([ 'shop', '/filtered', 'GET /filtered' ], ['n']) },
		conditions => [ { column => 'n', op => '=', type => 'numeric', value => '2' } ]
	});
is( rows(read_items('/filtered', shop('/v1/filtered' => answer(rows_page(1, 3))), %equal)), '2',
	'a condition is judged here');
is($asked[-1], 'GET /v1/filtered?n=2', 'and is sent where a parameter means the same');
is( rows(read_items(
		'/filtered', shop('/v1/filtered' => sub { $_[0] eq '' ? answer(rows_page(1, 3)) : answer({}, 400) }),
		%equal)),
	'2',
	'a service that refuses the parameter is asked without it');

# ---- endpoints without a document ----

@frames = ask(
	{   '/v1/users' => answer({ total => 2, data => [ { id => 1, at => '2024-12-31' }, { id => 2.5, name => 'x' } ] }),
		'/me' => answer({ id => 1 }), '/no' => answer('<html>')
	},
	options(endpoints => [ '/v1/users', '/me', '/no' ]));
is_deeply(
	[   map {
			my $r = $_;
			join ' ', "$r->{schema} $r->{name}", map { "$_->{name}:$_->{type}" } @{ $r->{document}{columns} }
		} frames_of('relation', @frames) ],
	[ 'v1 /v1/users at:date id:number name:text', 'me /me id:integer' ],
	'columns are told from the rows');
is((frames_of('skipped', @frames))[0]{name}, '/no', 'what is no JSON is left out');
@frames = ask(
	{ '/v1/users' => answer({ data => [ { id => 1, tags => [ 'a', 'b' ] }, { id => 2 } ] }) },
	options(endpoints => ['/v1/users']),
	operation => 'read',
	read => { %{ read_request([ 'v1', '/v1/users' ], [ 'id', 'tags' ]) }, types => [ 'bigint', 'text[]' ] });
is_deeply([ rows_of(@frames) ], [ [ 1, '{"a","b"}' ], [ 2, undef ] ], 'and are read');

# ---- credentials ----

my $head;
my $keep = sub { $head = $_[2]; return answer(document()) };

sub header_of
{
	my ($credentials, %options) = @_;
	my $seen = '';
	my $service = ScriptedHttp->new(sub {
		return answer(document(
			components => { securitySchemes => { k => { type => 'apiKey', in => 'header', name => 'X-Shop' } } }));
	});
	my $run = ask_connector(
		$connector,
		request_line(
			{   type => 'http_api', credentials => $credentials, operation => 'test',
				endpoint => {
					host => '127.0.0.1', port => $service->{port}, addresses => ['127.0.0.1'],
					tls => { mode => 'disable' },
					options => \%options
				}
			},
			operation => 'test'));
	($seen) = $service->end;
	is(scalar(tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), @secrets)), 0, 'no secret is told');
	return $seen;
}
like(
	header_of({ username => 'me', password => 's3cret-password' }),
	qr/^authorization: Basic bWU6czNjcmV0LXBhc3N3b3Jk\r$/mi, 'Basic');
like(header_of({ oauth_token => 's3cret-token' }), qr/^authorization: Bearer s3cret-token\r$/mi, 'a token');
like(header_of({ api_key => 's3cret-key' }), qr/^X-API-Key: s3cret-key\r$/mi, 'a key');
like(
	header_of({ api_key => 's3cret-key' }, api_key_header => 'X-Mine'), qr/^X-Mine: s3cret-key\r$/mi,
	'in a header of that name');
like(header_of({ api_key => 's3cret-key' }, api_key_query => 'k'), qr/^GET \/\?k=s3cret-key /, 'in the query');

my $given = 0;
sub client
{
	return (
		credentials => { client_id => 'me', client_secret => 's3cret-client' },
		options(token_url => 'http://127.0.0.1:PORT/token', token_scope => 'read all', openapi_path => '/openapi.json')
	);
}
my $tokens = sub {
	my ($query, $number, $asks) = @_;
	return answer({}, 401) if $asks !~ /^authorization: Basic bWU6czNjcmV0LWNsaWVudA==\r$/mi;
	return answer({ access_token => "s3cret-given-$number", token_type => 'bearer', expires_in => 3600 });
};
my $guarded = sub {
	my ($query, $number, $asks) = @_;
	return $asks =~ /^authorization: Bearer s3cret-given-1\r$/mi ? answer(document()) : answer({}, 401);
};
@frames = ask({ '/token' => $tokens, '/openapi.json' => $guarded }, client(), operation => 'test');
is($frames[-1]{frame}, 'end', 'the token of a client, which is renewed when it is refused');
is(join(', ', @asked), 'POST /token, GET /openapi.json, POST /token, GET /openapi.json', 'once');
fails(
	'a client that is refused', 'authenticate', 'authentication',
	ask({ '/token' => answer({ error => 'invalid_client' }, 401) }, client(), operation => 'test'));
fails(
	'no token', 'authenticate', 'protocol',
	ask({ '/token' => answer({}) }, client(), operation => 'test'));

# ---- limits of rate, and faults ----

@frames = read_items(
	'/linked',
	shop('/v1/linked' => sub { $_[1] == 0 ? answer({}, 429, 'Retry-After: 0') : answer(rows_page(1, 1)) }));
is(rows(@frames), '1', 'a service that throttles once');
@frames = read_items(
	'/linked',
	shop(
		'/v1/linked' =>
			sub { $_[1] == 0 ? answer({}, 403, 'X-RateLimit-Remaining: 0', 'Retry-After: 0') : answer(rows_page(1, 1)) }
	));
is(rows(@frames), '1', 'also with 403');
fails(
	'a service that refuses, and then falls silent when little time is left',
	'query',
	'unreachable',
	read_items(
		'/linked',
		shop(
			'/v1/linked' => sub {
				return answer({}, 503, 'Retry-After: 2') if $_[1] == 0;
				sleep 10;
				return answer(rows_page(1, 1));
			}),
		limits => { query_timeout => 3 }));
fails('no JSON', 'query', 'protocol', read_items('/linked', shop('/v1/linked' => answer('<html>'))));
fails('a redirect', 'configure', 'configuration', read_items('/linked', shop('/v1/linked' => answer('', 302))));
fails('an endpoint that is gone', 'query', 'relation_changed', read_items('/gone', shop()));
fails(
	'an answer that is cut', 'connect', 'unreachable',
	read_items(
		'/linked', shop('/v1/linked' => substr(answer(rows_page(1, 9)), 0, -5)), limits => { query_timeout => 3 }));

done_testing();
