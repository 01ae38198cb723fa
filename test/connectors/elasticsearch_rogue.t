# The connector elasticsearch and simulated services that lie, are overloaded, break off, or send what never ends; and what it sends
# to them.
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

my $connector = [ installed_connector('elasticsearch') ];
my $secret = 'correct "horse" battery';
my $greeting = { version => { number => '8.15.0' }, cluster_uuid => 'u1', tagline => 'You Know, for Search' };
my @asked;

sub json
{
	my ($value, @headers) = @_;
	return ScriptedHttp::http(200, $json->encode($value), @headers);
}

# The frames of an answer about a service that answers so; what it was asked is in @asked. An answer is a function of the path, or
# a value.
sub ask
{
	my ($answer, %change) = @_;
	my $service = ScriptedHttp->new(sub {
		my ($number, $head) = @_;
		my ($path) = $head =~ /^\S+ (\S+)/;
		return ref $answer eq 'CODE' ? $answer->($path, $number) : $answer->{ $path =~ s/\?.*//r }
			// ScriptedHttp::http(404, '{}');
	});
	my $base = {
		type => 'elasticsearch',
		endpoint => { host => 'es.example.com', port => $service->{port}, addresses => ['127.0.0.1'] },
		credentials => { username => 'reader', password => $secret }
	};
	my $run = ask_connector($connector, request_line($base, %change), open => ($change{operation} // '') eq 'read');
	@asked = $service->end;
	is(scalar(tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), $secret)), 0, 'no secret is told');
	return @{ $run->{frames} };
}

# A service with one index, these fields and these pages of documents.
sub service
{
	my ($fields, @pages) = @_;
	return sub {
		my ($path) = @_;
		return json($greeting) if $path eq '/';
		return json({ indices => [ { name => 'a', attributes => ['open'] } ], aliases => [], data_streams => [] })
			if $path =~ m{^/_resolve};
		return ref $fields ? json({ a => { mappings => { properties => $fields } } }) : $fields if $path =~ /_mapping/;
		return json({ id => 'point' }) if $path =~ /_pit/;
		return (@pages > 1 ? shift @pages : $pages[0]) if $path =~ /_search/;
		return json({});
	};
}

sub page
{
	my (@hits) = @_;
	return json({ _shards => { failed => 0 }, hits => { hits => \@hits } });
}

sub read_all
{
	my ($answer, %read) = @_;
	return ask($answer, operation => 'read', read => read_request([ 'default', 'a' ], ['n'], %read));
}

sub fails
{
	my ($name, $step, $code, $transient, $answer, %change) = @_;
	fails_with(
		$name, $step, $code, $transient,
		ask($answer, operation => 'test', limits => { connection_timeout => 5 }, %change));
	return;
}

subtest 'what is sent' => sub {
	my $odd = 'größe 😀, "x"/?#%*';
	my $service = sub {
		my ($path) = @_;
		return json($greeting) if $path eq '/under/a%20path/';
		return json({ indices => [ { name => $odd } ] }) if $path =~ /_resolve/;
		return json({ $odd => { mappings => { properties => { n => { type => 'long' } } } } });
	};
	my @frames = ask($service, endpoint => { options => { path_prefix => 'under/a%20path/' } });
	is_deeply([ map { $_->{name} } frames_of('relation', @frames) ], [$odd], 'a name with all that is odd');
	my ($mapping) = grep { /_mapping/ } @asked;
	like(
		$mapping, qr{^GET /under/a%20path/gr%C3%B6%C3%9Fe%20%F0%9F%98%80%2C%20%22x%22%2F%3F%23%25%2A/_mapping\?},
		'is escaped, below the prefix');
	like($mapping, qr/^authorization: Basic [A-Za-z0-9+\/=]+\r$/mi, 'with the credentials');
	like($mapping, qr/^host: es\.example\.com:\d+\r$/mi, 'for the host by its name');
	my $many = sub {
		my ($count, $prefix) = @_;
		return sub {
			my ($path) = @_;
			return json($greeting) if $path eq '/';
			return json({ indices => [ map { { name => "$prefix-$_", attributes => ['open'] } } 1 .. $count ] })
				if $path =~ /_resolve/;
			return json({ indices => {} }) if $path =~ /_stats/;
			my ($names) = $path =~ m{^/(.*)/_mapping};
			return json(
				{ map { ($_ => { mappings => { properties => { n => { type => 'long' } } } }) } split /,/, $names });
		};
	};
	@frames = ask($many->(1000, 'index'));
	is(scalar(frames_of('relation', @frames)), 1000, 'a thousand indices');
	is(scalar @asked, 53, 'are few requests');
	@frames = ask($many->(100, 'x' x 200));
	is(scalar(frames_of('relation', @frames)), 100, 'long names');
	is((grep { /^([^\r]*)/ && length $1 > 4000 } @asked), 0, 'make no line that is too long (airbyte#18134, eland#52)');
};

subtest 'what a service may say' => sub {
	fails('no JSON', 'connect', 'protocol', 0, sub { ScriptedHttp::http(200, '<html>') });
	fails('another service', 'connect', 'protocol', 0, sub { json({ hello => 'world' }) });
	fails('an array', 'connect', 'protocol', 0, sub { json([]) });
	fails('deep JSON', 'connect', 'protocol', 0, sub { ScriptedHttp::http(200, '[' x 100_000) });
	fails(
		'not for this user', 'query', 'permission', 0,
		sub { ScriptedHttp::http(403, '{"error":{"type":"security_exception","reason":"' . $secret . '"}}') });
	my $listener = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', Blocking => 0) or die $!;
	fails(
		'a redirect', 'configure', 'configuration', 0,
		sub { ScriptedHttp::http(301, '', 'Location: http://127.0.0.1:' . $listener->sockport . '/') });
	is($listener->accept, undef, 'is not followed');
	fails('another protocol', 'connect', 'protocol', 0, sub { "SSH-2.0-OpenSSH_9.2\r\n" });
	fails('a connection that is closed', 'connect', 'unreachable', 1, sub { '' });
	fails(
		'an answer without an end', 'query', 'too_large', 0,
		sub { ("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n", ('x' x 1048576) x 8) });
	gzip(\('x' x 40_000_000), \my $bomb) or die;
	fails(
		'a small answer that unpacks to a large one', 'query', 'too_large', 0,
		sub { ScriptedHttp::http(200, $bomb, 'Content-Encoding: gzip') });
	for my $status (429, 503)
	{
		my @frames = ask(
			sub { $_[1] < 2 ? ScriptedHttp::http($status, '{}', 'Retry-After: 0') : json($greeting) },
			operation => 'test');
		is($frames[-1]{frame}, 'end', "$status is tried again");
		is(scalar @asked, 3, 'until it is taken');
	}
};

subtest 'mappings' => sub {
	my $described = sub {
		my ($relation) = frames_of('relation', @_);
		return $relation
			? join ' ', map { "$_->{name}:$_->{type}" } @{ $relation->{document}{columns} }
			: $_[-1]{message};
	};
	is( $described->(ask(service({
			x => 7, y => { type => 3, path => [], fields => [], properties => 'no' }, z => { type => 'long' },
			_id => { type => 'long' }
		}))),
		'_id:_id y:object z:long',
		'members of other types');
	my $deep = { type => 'long' };
	$deep = { properties => { d => $deep } } for 1 .. 24;
	is($described->(ask(service({ d => $deep }))), '_id:_id d:object', 'too many levels');
	is( $described->(ask(service(json({
			a => {
				mappings => {
					doc => { properties => { n => { type => 'long' } } },
					other => { properties => { m => { type => 'text' } } }
				}
			}
		})))),
		'_id:_id n:long m:text',
		'types of a version before 7');
	my ($skipped) = frames_of('skipped', ask(service(ScriptedHttp::http(200, '{"a":' . '[' x 200))));
	is($skipped->{reason}, 'The answer of the service cannot be read.', 'what is no JSON is skipped');
	($skipped) = frames_of('skipped', ask(service(json({ b => { mappings => {} } }))));
	is($skipped->{reason}, 'The service does not tell its mapping.', 'what is left out is no index that is gone');
	my $twice = sub {
		my ($path) = @_;
		return json($greeting) if $path eq '/';
		return json({
			indices => [ { name => 'a' }, { name => 'a' } ], aliases => [ { name => 'a', indices => ['a'] } ],
			data_streams => [ { name => 'a', backing_indices => [] } ]
		})
			if $path =~ /_resolve/;
		return json({ a => { mappings => {} } });
	};
	is(scalar(frames_of('relation', ask($twice))), 1, 'a name that is told several times');
};

subtest 'pages' => sub {
	my @hits = map { { _id => "$_", _source => { n => $_ }, sort => [$_] } } 0 .. 99;
	my @frames = read_all(service({ n => { type => 'long' } }, page(@hits), page(@hits), page()));
	is($frames[-1]{rows}, 100, 'a page that is not full is the last one');
	like(join('', @asked), qr{^DELETE /_pit}m, 'the point in time is given back');
	my @same = map { { _id => "$_", _source => { n => 1 }, sort => [7] } } 1 .. 10_000;
	fails_with(
		'documents that all have the same number', 'query', 'protocol', 0,
		read_all(service({ n => { type => 'long' } }, page(@hits), page(@same))));
	fails_with(
		'a failed shard', 'query', 'unreachable', 1,
		read_all(service({ n => { type => 'long' } }, json({ _shards => { failed => 1 }, hits => { hits => [] } }))));
	fails_with(
		'a search that takes too long', 'query', 'unreachable', 1,
		read_all(service({ n => { type => 'long' } }, json({ timed_out => JSON::PP::true, hits => { hits => [] } }))));
	fails_with('no documents at all', 'query', 'protocol', 0, read_all(service({ n => { type => 'long' } }, json({}))));
	@frames = read_all(
		service({ n => { type => 'long' } }, page(7, undef, { _source => [] }, { _source => { n => { n => 1 } } })));
	is_deeply([ rows_of(@frames) ], [ [undef], [undef], [undef], ['{"n":1}'] ], 'documents that are none');
	my $endless = "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n" . '{"hits":{"hits":[' . ('{"_id":"1"},' x 6_000_000);
	fails_with(
		'pages without an end', 'query', 'too_large', 0,
		read_all(service({ n => { type => 'long' } }, $endless)));
};

done_testing();
