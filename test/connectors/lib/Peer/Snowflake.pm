# An account of the simulated Snowflake, for the connector snowflake (snowflake/service.py).
package Peer::Snowflake;

use strict;
use warnings;
use utf8;
use parent 'Peer::Program';

use JSON::PP;

my $json = JSON::PP->new->utf8->canonical;

sub program { return 'snowflake/service.py' }

sub fill
{
	my ($self) = @_;
	$self->control(
		schemas => { SALES => 'what was sold', EMPTY => '' },
		create => [
			{   schema => 'SALES', name => 'ORDERS', comment => 'one a line',
				columns => [
					[ 'ID', 'NUMBER(10,0)', { not_null => JSON::PP::true, comment => 'the key' } ],
					[ 'WORD', 'VARCHAR' ],
					[ 'PRICE', 'NUMBER(12,2)' ],
					[ 'DAY', 'DATE' ],
					[ 'AT', 'TIMESTAMP_NTZ(9)' ] ],
				rows => [
					[ 1, 'größe 😀', '2.5', '2024-12-31', '2024-12-31 23:59:59.999999999' ],
					[ 2, "a\tb\n", undef, undef, undef ],
					[ 3, '\N', '-1', '1999-12-31', '1999-12-31 00:00:00.5' ] ]
			},
			{ schema => 'SALES', name => 'wide', columns => [ map { [ "column_$_", 'VARCHAR(100)' ] } 1 .. 100 ] },
			{   schema => 'SALES', name => 'TOTALS', kind => 'VIEW', columns => [ [ 'TOTAL', 'NUMBER(38,2)' ] ],
				text => 'CREATE VIEW totals AS SELECT sum(price) AS total FROM orders', rows => [ ['1.50'] ]
			} ]);
	return;
}

# Tells the service what it has and how it behaves; returns what it was asked.
sub control
{
	my ($self, %told) = @_;
	my $answer =
		$self->{http}->post("http://127.0.0.1:$self->{port}/control", { content => $json->encode(\%told) });
	die "$answer->{status} $answer->{content}" if !$answer->{success};
	return @{ $json->decode($answer->{content})->{asked} };
}

sub base
{
	my ($self) = @_;
	return {
		type => 'snowflake',
		endpoint => {
			host => 'acme-shop.example.com', port => $self->{port}, addresses => ['127.0.0.1'], database => 'SHOP',
			tls => { mode => 'disable' }
		},
		credentials => { username => 'reader', private_key => $self->{key}, warehouse => 'SMALL', role => 'ANALYST' }
	};
}

sub relations
{
	return ([ 'SALES', 'ORDERS', 'table' ], [ 'SALES', 'wide', 'table' ], [ 'SALES', 'TOTALS', 'view' ]);
}

sub patterns
{
	return ({ exclude => ['SALES.w*'] }, grep { $_->[1] !~ /^w/ } $_[0]->relations);
}

sub failures
{
	my ($self) = @_;
	return (
		[ 'no host', { endpoint => { host => undef } }, 'configure', 'configuration', 0 ],
		[ 'no database', { endpoint => { database => undef } }, 'configure', 'configuration', 0 ],
		[ 'another database', { endpoint => { database => 'shop' } }, 'query', 'database_not_found', 0 ],
		[ 'no account', { endpoint => { host => '127.0.0.1' } }, 'configure', 'configuration', 0 ],
		[   'another account', { endpoint => { options => { account => 'other' } } }, 'authenticate', 'authentication',
			0 ],
		[ 'no credentials', { credentials => { private_key => undef } }, 'configure', 'configuration', 0 ],
		[   'only a password',
			{ credentials => { private_key => undef, password => 'a' } },
			'configure', 'configuration', 0 ],
		[ 'a key that is none', { credentials => { private_key => 'a' } }, 'configure', 'configuration', 0 ],
		[   'another key',
			{ credentials => { private_key => $self->{other_key} } },
			'authenticate', 'authentication', 0 ],
		[   'another token',
			{ credentials => { private_key => undef, api_key => 'a' } },
			'authenticate', 'authentication', 0 ],
		[ 'another role', { credentials => { role => 'analyst' } }, 'authenticate', 'configuration', 0 ],
		[ 'a closed port', { endpoint => { port => Peer::free_port() } }, 'connect', 'refused', 1 ],
		[ 'no TLS', { endpoint => { tls => { mode => 'require' } } }, 'tls', 'tls', 0 ],
		[   'no TLS, which the source does not switch off', { endpoint => { tls => { mode => 'prefer' } } }, 'tls',
			'tls', 0 ]);
}

sub silence { return Peer::silent_port() }

sub sampled { return [ 'SALES', 'ORDERS' ] }

sub readable
{
	return {
		relation => [ 'SALES', 'ORDERS' ],
		columns => [ 'ID', 'WORD', 'DAY' ],
		rows => [ [ '1', 'größe 😀', '2024-12-31' ], [ '2', "a\tb\n", undef ], [ '3', '\N', '1999-12-31' ] ],
		conditions => [
			[ { column => 'ID', op => '>=', type => 'bigint', value => '2' }, sub { $_[0][0] >= 2 } ],
			[ { column => 'WORD', op => '=', type => 'text', value => 'größe 😀' }, sub { $_[0][1] eq 'größe 😀' } ],
			[ { column => 'WORD', op => '<>', type => 'text', value => '\N' }, sub { $_[0][1] ne '\N' } ],
			[ { column => 'PRICE', op => 'is null' }, sub { $_[0][0] == 2 } ],
			[ { column => 'PRICE', op => '<', type => 'numeric', value => '2.5' }, sub { $_[0][0] == 3 } ],
			[   { column => 'DAY', op => '<', type => 'date', value => '2024-01-01' },
				sub { ($_[0][2] // '9') lt '2024' } ],
			[   {   column => 'AT', op => '=', type => 'timestamp without time zone',
					value => '2024-12-31 23:59:59.999999'
				},
				sub { $_[0][0] == 1 } ] ]
	};
}

1;
