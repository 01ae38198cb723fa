# Indices of OpenSearch for the connector elasticsearch.
package Peer::Elasticsearch;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use SearchServer;

sub new
{
	my ($class) = @_;
	my $server = SearchServer->new;
	my $self = bless { server => $server }, $class;
	$server->start_fronts;
	$server->ask(
		PUT => '/notes',
		{
			mappings => {
				properties => {
					n => { type => 'long' },
					word => { type => 'keyword' },
					price => { type => 'double' },
					day => { type => 'date', format => 'yyyy-MM-dd' },
					'größe' => { properties => { cm => { type => 'integer' } } }
				}
			}
		});
	$server->store(
		'notes',
		[ a => { n => 1, word => 'x', price => 2.5, day => '2024-12-31' } ],
		[ b => { n => 2, word => "a\tb\n", 'größe' => { cm => 7 } } ],
		[ 'c😀' => { n => 3, word => 'größe 😀', price => -1, day => '1999-12-31' } ],
		[ d => { n => 4, word => '\N', price => 0 } ]);
	$server->ask(
		PUT => '/wide',
		{ mappings => { properties => { map { ("column_$_" => { type => 'keyword' }) } 1 .. 100 } } });
	$server->ask(PUT => '/nested', { mappings => { properties => { lines => { type => 'nested' } } } });
	$server->ask(
		PUT => '/_index_template/logs',
		{   index_patterns => ['logs-*'], data_stream => {},
			template => { mappings => { properties => { message => { type => 'text' } } } }
		});
	$server->ask(POST => '/logs-shop/_doc?refresh=true', { '@timestamp' => '2024-01-01T00:00:00Z', message => 'x' });
	$server->ask(
		POST => '/_aliases',
		{ actions => [ { add => { indices => [ 'notes', 'wide' ], alias => 'both' } } ] });
	return $self;
}

sub base { return $_[0]{server}->base('front') }

sub relations
{
	return map { [ 'default', @$_ ] } [ 'notes', 'collection' ], [ 'wide', 'collection' ], [ 'nested', 'collection' ],
		[ 'logs-shop', 'collection' ], [ 'both', 'view' ];
}

sub patterns
{
	return ({ exclude => ['default.n*'] }, grep { $_->[1] !~ /^n/ } $_[0]->relations);
}

sub hide
{
	my ($self) = @_;
	$self->{server}->ask(PUT => '/secret');
	$self->{server}->ask(POST => '/secret/_close');
	return ([ 'default', 'secret' ], sub { $self->{server}->ask(DELETE => '/secret') });
}

sub failures
{
	my ($self) = @_;
	return (
		[   'a prefix that is none', { endpoint => { options => { path_prefix => '/a?b' } } }, 'configure',
			'configuration', 0 ],
		[ 'another service', { endpoint => { options => { path_prefix => '/none' } } }, 'connect', 'protocol', 0 ],
		[ 'two kinds of credentials', { credentials => { api_key => 'secret-2' } }, 'configure', 'configuration', 0 ],
		[ 'no password', { credentials => { password => undef } }, 'configure', 'configuration', 0 ],
		[ 'a wrong password', { credentials => { password => 'wrong-1' } }, 'authenticate', 'authentication', 0 ],
		[ 'an unknown user', { credentials => { username => 'nobody' } }, 'authenticate', 'authentication', 0 ],
		[   'no credentials', { credentials => { username => undef, password => undef } }, 'authenticate',
			'authentication', 0 ],
		[ 'a closed port', { endpoint => { port => Peer::free_port() } }, 'connect', 'refused', 1 ],
		[ 'no TLS', { endpoint => { tls => { mode => 'require' } } }, 'tls', 'tls', 0 ]);
}

sub silence { return Peer::silent_port() }

sub sampled { return [ 'default', 'notes' ], [ 'default', 'logs-shop' ] }

sub readable
{
	return {
		relation => [ 'default', 'notes', undef ],
		columns => [ '_id', 'n', 'word', 'price', 'day', 'größe' ],
		rows => [
			[ 'a', '1', 'x', '2.5', '2024-12-31', undef ],
			[ 'b', '2', "a\tb\n", undef, undef, '{"cm":7}' ],
			[ 'c😀', '3', 'größe 😀', '-1', '1999-12-31', undef ],
			[ 'd', '4', '\N', '0', undef, undef ] ],
		conditions => [
			[ { column => 'n', op => '>=', type => 'bigint', value => '2' }, sub { $_[0][1] >= 2 } ],
			[ { column => 'word', op => '=', type => 'text', value => 'größe 😀' }, sub { $_[0][2] eq 'größe 😀' } ],
			[ { column => '_id', op => 'in', type => 'text', values => [ 'a', 'c😀' ] }, sub { $_[0][0] =~ /a|c/ } ],
			[ { column => 'price', op => 'is null' }, sub { !defined $_[0][3] } ],
			[   { column => 'price', op => '<', type => 'double precision', value => '1' },
				sub { defined $_[0][3] && $_[0][3] < 1 } ],
			[   { column => 'day', op => '=', type => 'date', value => '1999-12-31' },
				sub { ($_[0][4] // '') eq '1999-12-31' } ],
			[ { column => 'day', op => 'is not null' }, sub { defined $_[0][4] } ] ]
	};
}

# More than the pipe to the server holds.
sub endless
{
	my ($self) = @_;
	$self->{server}->store('long', map { [ $_ => { text => 'x' x 10000 } ] } 1 .. 500) if !$self->{has_long}++;
	return (
		operation => 'read',
		read => {
			relation => { schema => 'default', name => 'long', kind => 'collection', id => undef }, columns => ['text'],
			conditions => [], limit => undef, sample => undef
		});
}

# By a simulated SQL: the plugin is not part of the peer.
sub queries
{
	return {
		text => 'SELECT _id, n, price FROM notes WHERE n > 1 ORDER BY n DESC',
		rows => [ [ 'd', '4', '0' ], [ 'c😀', '3', '-1' ], [ 'b', '2', undef ] ],
		broken => [
			'SELECT FROM FROM', 'SELECT 1; SELECT 2', 'DELETE FROM notes', 'SELECT gone FROM notes',
			'SELECT n FROM gone', '',
			'selected', ' ( ' ]
	};
}

sub change
{
	my ($self) = @_;
	$self->{server}->ask(PUT => '/notes/_mapping', { properties => { more => { type => 'keyword' } } });
	return [ 'default', 'notes' ];
}

1;
