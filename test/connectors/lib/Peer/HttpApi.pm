# PostgREST over tables of a PostgreSQL server, for the connector http_api: it describes itself in OpenAPI 2.0. Who asks needs a
# token.
package Peer::HttpApi;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use Connector;
use Digest::SHA qw(hmac_sha256);
use HTTP::Tiny;
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use POSIX qw(_exit);
use Source;
use Time::HiRes qw(sleep);

my $secret = 'a secret of at least thirty-two bytes';
my @as_postgres = $> == 0 ? ('runuser', '-u', 'postgres', '--') : ();

# A token for a role of the database; another secret makes one that is refused.
sub token
{
	my ($role, $signed_with) = @_;
	my $text = join '.', map { encode_base64url($_) } '{"alg":"HS256","typ":"JWT"}', qq({"role":"$role"});
	return $text . '.' . encode_base64url(hmac_sha256($text, $signed_with // $secret));
}

sub new
{
	my ($class) = @_;
	start_server();
	sql('CREATE DATABASE source', database => 'postgres');
	sql(<<~'EOT');
		CREATE SCHEMA api;
		CREATE ROLE reader;
		CREATE ROLE stranger;
		GRANT USAGE ON SCHEMA api TO reader;
		CREATE TYPE api.state AS ENUM ('new', 'paid');
		CREATE TABLE api.orders (
			id bigint PRIMARY KEY, state api.state NOT NULL DEFAULT 'new', price numeric, "größe 😀" text, open boolean, day date,
			at timestamptz, tags text[], more jsonb);
		COMMENT ON TABLE api.orders IS 'What was ordered';
		INSERT INTO api.orders VALUES
			(1, 'new', 2.50, E'a\tb\\c\n', true, '2024-12-31', '2024-12-31 23:59:59+00', '{a,"b\"c",NULL}', '{"a": [1]}'),
			(2, 'paid', -12345678901234567890.125, '', false, '1999-01-01', NULL, '{}', NULL),
			(3, 'paid', NULL, 'größe 😀', NULL, NULL, NULL, NULL, 'null'),
			(4, 'new', 0, '\N', NULL, NULL, NULL, NULL, NULL);
		CREATE TABLE api.numbers AS SELECT i AS n, 'text ' || i AS t FROM generate_series(1, 2500) i;
		CREATE VIEW api.paid AS SELECT id, price FROM api.orders WHERE state = 'paid';
		GRANT SELECT ON api.orders, api.numbers, api.paid TO reader;
		EOT
	sql(      'CREATE TABLE api.wide ('
			. join(', ', map { "column_$_ text" } 1 .. 300)
			. '); GRANT SELECT ON api.wide TO reader');
	my $self = bless { port => free_port() }, $class;
	$self->start;
	return $self;
}

sub start
{
	my ($self) = @_;
	my $program = $ENV{POSTGREST} or die "POSTGREST does not name PostgREST\n";
	my %setting = (
		PGRST_DB_URI => "host=127.0.0.1 port=$port user=owner dbname=source password='"
			. ($password =~ s/([\\'])/\\$1/gr) . "'",
		PGRST_DB_SCHEMAS => 'api',
		PGRST_JWT_SECRET => $secret,
		PGRST_SERVER_HOST => '127.0.0.1',
		PGRST_SERVER_PORT => $self->{port});
	$self->{pid} = fork // die $!;
	if ($self->{pid} == 0)
	{
		open STDOUT, '>', '/dev/null' or _exit(1);
		open STDERR, '>&', \*STDOUT or _exit(1);
		exec @as_postgres, 'env', (map { "$_=$setting{$_}" } keys %setting), $program or _exit(1);
	}
	$self->wait_for(sub { $_[0] =~ /numbers/ });
	return;
}

# Until what it says of itself is so.
sub wait_for
{
	my ($self, $holds) = @_;
	my $answer;
	for (1 .. 600)
	{
		$answer = HTTP::Tiny->new->get(
			"http://127.0.0.1:$self->{port}/",
			{ headers => { authorization => 'Bearer ' . token('reader') } });
		return if $answer->{success} && $holds->($answer->{content});
		sleep 0.1;
	}
	die "PostgREST does not serve: $answer->{content}";
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!);
	kill 'TERM', $self->{pid};
	waitpid $self->{pid}, 0;
	return;
}

sub base
{
	my ($self) = @_;
	return {
		type => 'http_api',
		endpoint =>
			{ host => '127.0.0.1', port => $self->{port}, addresses => ['127.0.0.1'], tls => { mode => 'disable' } },
		credentials => { oauth_token => token('reader') }
	};
}

sub relations
{
	return [ 'Introspection', '/', 'endpoint' ], map { [ $_, "/$_", 'endpoint' ] } qw(numbers orders paid wide);
}

sub patterns
{
	return ({ exclude => [ 'wide.*', 'Intro*' ] }, grep { $_->[0] !~ /^(?:wide|Intro)/ } $_[0]->relations);
}

sub failures
{
	my ($self) = @_;
	return (
		[ 'no host', { endpoint => { host => undef } }, 'configure', 'configuration', 0 ],
		[   'two kinds of credentials',
			{ credentials => { username => 'a', password => 'b' } },
			'configure', 'configuration', 0 ],
		[   'no URL for a token', { credentials => { oauth_token => undef, client_id => 'a', client_secret => 'b' } },
			'configure', 'configuration', 0 ],
		[   'a path that is none',
			{ endpoint => { options => { openapi_path => '//elsewhere/' } } },
			'configure', 'configuration', 0 ],
		[   'a wrong token',
			{ credentials => { oauth_token => token('reader', 'another secret, of thirty-two bytes') } },
			'authenticate', 'authentication', 0 ],
		[   'a document that is not there',
			{ endpoint => { options => { openapi_path => '/openapi.json' } } },
			'query', 'query', 0 ],
		[ 'a closed port', { endpoint => { port => Peer::free_port() } }, 'connect', 'refused', 1 ],
		# PostgreSQL's own port: PostgREST keeps a client waiting that says hello in TLS.
		[ 'no TLS', { endpoint => { port => $port + 0, tls => { mode => 'require' } } }, 'tls', 'tls', 0 ]);
}

sub silence { return Peer::silent_port() }

sub sampled { return [ 'orders', '/orders' ], [ 'paid', '/paid' ] }

sub readable
{
	return {
		relation => [ 'orders', '/orders', 'GET /orders' ],
		columns => [ 'id', 'state', 'price', 'größe 😀', 'open', 'day', 'tags' ],
		rows => [
			[ 1, 'new', '2.50', "a\tb\\c\n", 't', '2024-12-31', '{"a","b\"c",NULL}' ],
			[ 2, 'paid', '-12345678901234567890.125', '', 'f', '1999-01-01', '{}' ],
			[ 3, 'paid', undef, 'größe 😀', undef, undef, undef ],
			[ 4, 'new', '0', '\N', undef, undef, undef ] ],
		conditions => [
			[ { column => 'id', op => '=', type => 'bigint', value => '2' }, sub { $_[0][0] == 2 } ],
			[ { column => 'id', op => '>=', type => 'bigint', value => '3' }, sub { $_[0][0] >= 3 } ],
			[ { column => 'state', op => '=', type => 'text', value => 'paid' }, sub { $_[0][1] eq 'paid' } ],
			[ { column => 'price', op => '<', type => 'numeric', value => '1' }, sub { ($_[0][2] // 9) < 1 } ],
			[ { column => 'größe 😀', op => '=', type => 'text', value => 'größe 😀' }, sub { $_[0][3] eq 'größe 😀' } ],
			[ { column => 'open', op => '=', type => 'boolean', value => 't' }, sub { ($_[0][4] // '') eq 't' } ],
			[ { column => 'day', op => 'is null' }, sub { !defined $_[0][5] } ],
			[   { column => 'day', op => '=', type => 'date', value => '1999-01-01' },
				sub { ($_[0][5] // '') eq '1999-01-01' } ] ]
	};
}

sub change
{
	my ($self) = @_;
	sql(q{ALTER TABLE api.orders ADD added integer; NOTIFY pgrst, 'reload schema'});
	$self->wait_for(sub { $_[0] =~ /"added"/ });
	return [ 'orders', '/orders' ];
}

1;
