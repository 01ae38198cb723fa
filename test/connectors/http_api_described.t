# The connector http_api and a service of FastAPI that describes itself by OpenAPI 3.1: what is told of its endpoints, each way to the
# next page, each kind of credentials.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;
use DescribedService;
use Test::More;

my $connector = [ installed_connector('http_api') ];
my $peer = DescribedService->new;
my @secrets = ('what "is" hidden', 'a-token', 'a-key', 's:cret', 's%3Acret', 'token-');

sub ask
{
	my (%change) = @_;
	my $base = $peer->base;
	$base->{credentials} = delete $change{as} if $change{as};
	my $run = ask_connector($connector, request_line($base, %change), open => ($change{operation} // '') eq 'read');
	my $told = join "\n", @{ $run->{lines} }, $run->{stderr};
	is_deeply([ grep { index($told, $_) >= 0 } @secrets ], [], 'no secret is told');
	return @{ $run->{frames} };
}

sub rows
{
	my ($relation, $columns, %read) = @_;
	my %more = map { exists $read{$_} ? ($_ => delete $read{$_}) : () } qw(as endpoint);
	my @frames = ask(operation => 'read', read => read_request($relation, $columns, %read), %more);
	return [ map { [@$_] } rows_of(@frames) ] if $frames[-1]{frame} eq 'end';
	return $frames[-1];
}

my %relation;

subtest 'what is told' => sub {
	my @frames = ask(operation => 'discover');
	$relation{ $_->{name} } = $_ for frames_of('relation', @frames);
	my ($connected) = frames_of('connected', @frames);
	is($connected->{server}, 'Shop 1.2 (OpenAPI 3.1)', 'the service by its own name');
	my $notes = $relation{'/notes'}{document};
	is_deeply(
		[ map { [ $_->{name}, $_->{type}, $_->{pg_type}, $_->{not_null} ] } @{ $notes->{columns} } ],
		[   [ 'id', 'integer', 'numeric', JSON::PP::true ],
			[ 'größe 😀', 'string', undef, undef ],
			[ 'price', 'string', undef, undef ],
			[ 'tags', 'string', 'text[]', undef ],
			[ 'open', 'boolean', 'boolean', undef ],
			[ 'address', 'object', 'jsonb', undef ],
			[ 'day', 'string(date)', 'date', undef ],
			[ 'at', 'string(date-time)', 'timestamp with time zone', undef ],
			[ 'key', 'string(uuid)', 'uuid', undef ] ],
		'columns: names, types, formats, what may be null') or diag(explain($notes->{columns}));
	is($notes->{columns}[0]{comment}, 'the key', 'a comment');
	is_deeply([ map { $_->{name} } @{ $notes->{columns}[5]{fields} } ], [ 'city', 'zip' ], 'members within');
	is($notes->{comment}, 'All notes', "the operation's summary");
	is($relation{'/orders'}{document}{options}{rows}, 'items', 'rows are those of a member');
	is( $relation{'/orders'}{document}{options}{parameters}, 'offset integer in query, limit integer in query',
		'parameters');
	my ($child) = grep { $_->{name} eq 'children' } @{ $relation{'/tree'}{document}{columns} };
	is($child->{type}, 'object(Tree)', 'a schema within itself ends');
	my ($q) = grep { $_->{name} eq 'q' } @{ $relation{'/search'}{document}{columns} };
	is($q->{parameter}, 'query', 'a parameter that is required is a column');
	is_deeply([ map { $_->{name} } @{ $relation{$_}{document}{columns} } ], ['value'], "$_: one value a row")
		for '/words', '/anything';
};

subtest 'values' => sub {
	is_deeply(
		rows(
			[ 'Notes & more', '/notes' ], [ 'id', 'größe 😀', 'price', 'tags', 'open', 'address', 'day', 'at' ],
			types => [ 'numeric', 'text', 'text', 'text[]', 'boolean', 'jsonb', 'date', 'timestamp with time zone' ]),
		[   [ '1', 'x', '2.5', '{"a","b\"c",""}', 't', undef, '2024-02-29', '2024-02-29T12:00:00+02:00' ],
			[ '2', "a\tb\n", undef, undef, 'f', '{"city":"Köln","zip":null}', undef, undef ],
			[ '3', 'größe 😀', '12345678901234567890', undef, undef, undef, undef, undef ],
			[ '4', '\N', undef, '{}', undef, undef, undef, undef ] ],
		'of every kind');
	is_deeply(rows([ 'words', '/words' ], ['value']), [ ['größe 😀'], ['x'] ], 'texts are rows');
	is_deeply(
		rows([ 'anything', '/anything' ], ['value']), [ ['{"a":[1,{"b":null}]}'] ],
		'an object without a schema is one row');
};

subtest 'the next page' => sub {
	my %n = (events => 9, pages => 5, numbered => 5);
	for my $name (sort keys %n)
	{
		$peer->asked;
		is_deeply(rows([ $name, "/$name" ], ['n']), [ map { ["$_"] } 0 .. $n{$name} - 1 ], "$name: all rows, once");
		note(join "\n", $peer->asked);
	}
	$peer->asked;
	is_deeply(rows([ 'shop', '/orders' ], ['id'], limit => 1), [ ['1'] ], 'a limit');
	is_deeply([ grep { m{/orders} } $peer->asked ], ['GET /orders?limit=1'], 'is the size of the page, and the end');
	rows([ 'shop', '/orders' ], ['id']);
	is_deeply(
		[ grep { m{/orders} } $peer->asked ],
		[ map { 'GET /orders?limit=2' . ($_ ? "&offset=$_" : '') } 0, 2, 4 ],
		'pages are as large as the service allows');
	is_deeply(rows([ 'pages', '/pages' ], ['n'], limit => 3), [ ['0'], ['1'], ['2'] ], 'a limit beyond a page');
};

subtest 'parameters' => sub {
	my $missing = rows([ 'Notes & more', '/notes/{id}' ], ['id']);
	is($missing->{message}, 'The endpoint needs a value of its parameter "id".', 'without a value');
	like($missing->{hint}, qr/condition that says to what the column/, 'the hint says how it is given');
	is_deeply(
		rows(
			[ 'Notes & more', '/notes/{id}' ], [ 'id', 'größe 😀' ],
			conditions => [ { column => 'id', op => '=', type => 'numeric', value => '3' } ]),
		[ [ '3', 'größe 😀' ] ],
		'a condition fills the path');
	is_deeply(
		rows(
			[ 'search', '/search' ], [ 'n', 'q' ],
			conditions => [ { column => 'q', op => '=', type => 'text', value => 'a&b=ü' } ]),
		[ [ '5', 'a&b=ü' ] ],
		'and the query, escaped');
	my $gone = rows([ 'shop', '/gone' ], ['id']);
	is($gone->{code}, 'relation_changed', 'an endpoint that is gone') or diag(explain($gone));
};

subtest 'credentials' => sub {
	my @read = ([ 'words', '/words' ], ['value']);
	my $all = [ ['größe 😀'], ['x'] ];
	my %oauth = (client_id => 'shop', client_secret => 's:cret');
	my $endpoint = sub { return (endpoint => { options => {@_} }) };
	is_deeply(rows(@read, as => { oauth_token => 'a-token' }), $all, 'a bearer token');
	is_deeply(
		rows(@read, as => { api_key => 'a-key' }, $endpoint->(api_key_header => 'X-Shop-Key')), $all,
		'a key in a header');
	is_deeply(
		rows(@read, as => { api_key => 'a-key' }, $endpoint->(api_key_query => 'shop_key')), $all,
		'a key in the query');
	is_deeply(
		rows(@read, as => {%oauth}, $endpoint->(token_url => "http://127.0.0.1:$peer->{port}/oauth/token")),
		$all, 'client credentials');
	is_deeply(
		rows(
			@read, as => { client_id => 'in body', client_secret => 's:cret' },
			$endpoint->(token_url => "http://127.0.0.1:$peer->{port}/oauth/token")),
		$all,
		'client credentials in the body, where the header is not read');
	is( rows(
			@read, as => { %oauth, client_secret => 'wrong' },
			$endpoint->(token_url => "http://127.0.0.1:$peer->{port}/oauth/token"))->{code},
		'authentication',
		'a wrong secret');
	is(rows(@read, as => {%oauth})->{step}, 'configure', 'no token_url');
	is( rows(@read, as => {%oauth}, $endpoint->(token_url => 'http://elsewhere.example.com/token'))->{step},
		'configure', 'a token_url of another host without TLS');
	is(rows(@read, as => {})->{code}, 'authentication', 'none');
};

subtest 'several reads' => sub {
	my $read = request_line($peer->base, operation => 'read', read => read_request([ 'words', '/words' ], ['value']));
	my $run = start_connector($connector);
	read_frame($run);
	$peer->asked;
	for (1 .. 3)
	{
		send_line($run, $read);
		is_deeply([ map { [@$_] } rows_of(read_answer($run)) ], [ ['größe 😀'], ['x'] ], 'each has its rows');
	}
	close delete $run->{in};
	end_connector($run);
	is_deeply(
		[ $peer->asked ],
		[ 'GET /', 'GET /openapi.json', ('GET /words') x 3 ], 'the description is asked for once');
};

subtest 'without a description' => sub {
	my @endpoints = (endpoint => { options => { endpoints => [ '/plain/rows', '/gone' ] } });
	my @frames = ask(operation => 'discover', endpoint => { options => { endpoints => [ '/plain/rows', '/wide' ] } });
	my ($rows) = grep { $_->{name} eq '/plain/rows' } frames_of('relation', @frames);
	is($rows->{schema}, 'plain', 'the first part of the path is the schema');
	is_deeply(
		[ map { [ $_->{name}, $_->{type}, $_->{pg_type} ] } @{ $rows->{document}{columns} } ],
		[ [ 'n', 'number', 'numeric' ], [ 'at', 'date', 'date' ], [ 'list', 'integer', 'bigint[]' ] ],
		'columns are told from the rows');
	is_deeply(
		rows([ 'plain', '/plain/rows' ], [ 'n', 'at', 'list' ], types => [ 'numeric', 'date', 'bigint[]' ], @endpoints),
		[ [ '1', '2024-02-29', undef ], [ '2.5', undef, '{"1","2"}' ] ],
		'rows');
	my @some = ask(operation => 'discover', @endpoints);
	is_deeply([ map { $_->{name} } frames_of('skipped', @some) ], ['/gone'], 'a path without an answer is skipped');
};

done_testing();
