# Datasets of bqemulator, an independent emulator of BigQuery, for the connector bigquery (bigquery/emulator.py).
package Peer::Bigquery;

use strict;
use warnings;
use utf8;
use parent 'Peer::Program';

use JSON::PP;

my $json = JSON::PP->new->utf8->canonical;

sub program { return 'bigquery/emulator.py' }

sub fill
{
	my ($self) = @_;
	$self->dataset('sales', description => 'what was sold');
	$self->dataset('empty');
	$self->table(
		'sales', 'orders',
		schema => {
			fields => [
				{ name => 'id', type => 'INTEGER', mode => 'REQUIRED', description => 'the key' },
				{ name => 'word', type => 'STRING' },
				{ name => 'price', type => 'NUMERIC' },
				{ name => 'day', type => 'DATE' } ]
		});
	$self->insert(
		'sales', 'orders',
		{ id => 1, word => 'größe 😀', price => '2.5', day => '2024-12-31' },
		{ id => 2, word => "a\tb\n" },
		{ id => 3, word => '\N', price => '-1', day => '1999-12-31' });
	$self->table(
		'sales', 'wide',
		schema => { fields => [ map { { name => "column_$_", type => 'STRING' } } 1 .. 100 ] });
	$self->table('sales', "events_$_", schema => { fields => [ { name => 'n', type => 'INTEGER' } ] })
		for qw(20240101 20240102 20240103);
	return;
}

sub call
{
	my ($self, $method, $path, $body) = @_;
	my $answer = $self->{http}->request(
		$method,
		"http://127.0.0.1:$self->{port}/bigquery/v2/projects/shop/$path",
		{   headers => { 'content-type' => 'application/json', authorization => 'Bearer a-token' },
			defined $body ? (content => $json->encode($body)) : ()
		});
	die "$method $path: $answer->{status} $answer->{content}" if !$answer->{success};
	return length $answer->{content} ? $json->decode($answer->{content}) : {};
}

sub dataset
{
	my ($self, $name, %more) = @_;
	return $self->call('POST', 'datasets', { datasetReference => { projectId => 'shop', datasetId => $name }, %more });
}

sub table
{
	my ($self, $dataset, $name, %more) = @_;
	return $self->call(
		'POST', "datasets/$dataset/tables",
		{ tableReference => { projectId => 'shop', datasetId => $dataset, tableId => $name }, %more });
}

sub insert
{
	my ($self, $dataset, $table, @rows) = @_;
	my $answer =
		$self->call('POST', "datasets/$dataset/tables/$table/insertAll", { rows => [ map { { json => $_ } } @rows ] });
	die $json->encode($answer) if @{ $answer->{insertErrors} // [] };
	return;
}

sub base
{
	my ($self) = @_;
	return {
		type => 'bigquery',
		endpoint => {
			host => '127.0.0.1', port => $self->{port}, addresses => ['127.0.0.1'], database => 'shop',
			tls => { mode => 'disable' }
		},
		credentials => { oauth_token => 'a-token' }
	};
}

sub relations
{
	return ([ 'sales', 'orders', 'table' ], [ 'sales', 'wide', 'table' ], [ 'sales', 'events_*', 'partitioned_table' ]);
}

sub patterns
{
	return ({ exclude => ['sales.w*'] }, grep { $_->[1] !~ /^w/ } $_[0]->relations);
}

sub failures
{
	return (
		[ 'no project', { endpoint => { database => undef } }, 'configure', 'configuration', 0 ],
		[ 'a project that is none', { endpoint => { database => 'a/b' } }, 'configure', 'configuration', 0 ],
		[ 'no credentials', { credentials => { oauth_token => undef } }, 'configure', 'configuration', 0 ],
		[   'a service account that is none',
			{ credentials => { oauth_token => undef, service_account => '{' } },
			'configure', 'configuration', 0 ],
		[   'a token that is none', { credentials => { oauth_token => 'b-token' } }, 'authenticate', 'authentication', 0
		],
		[ 'a closed port', { endpoint => { port => Peer::free_port() } }, 'connect', 'refused', 1 ],
		[ 'no TLS', { endpoint => { tls => { mode => 'require' } } }, 'tls', 'tls', 0 ],
		[ 'no TLS for a token', { endpoint => { tls => { mode => 'prefer' } } }, 'tls', 'tls', 0 ]);
}

sub silence { return Peer::silent_port() }

sub sampled { return [ 'sales', 'orders' ] }

sub readable
{
	return {
		relation => [ 'sales', 'orders' ],
		columns => [ 'id', 'word', 'day' ],
		rows => [ [ '1', 'größe 😀', '2024-12-31' ], [ '2', "a\tb\n", undef ], [ '3', '\N', '1999-12-31' ] ],
		conditions => [
			[ { column => 'id', op => '>=', type => 'bigint', value => '2' }, sub { $_[0][0] >= 2 } ],
			[ { column => 'word', op => '=', type => 'text', value => 'größe 😀' }, sub { $_[0][1] eq 'größe 😀' } ],
			[ { column => 'price', op => 'is null' }, sub { $_[0][0] == 2 } ],
			[   { column => 'day', op => '<', type => 'date', value => '2024-01-01' },
				sub { ($_[0][2] // '9') lt '2024' } ] ]
	};
}

sub queries
{
	return {
		text => 'SELECT id, word FROM `shop.sales.orders` ORDER BY id',
		rows => [ [ 1, 'größe 😀' ], [ 2, "a\tb\n" ], [ 3, '\N' ] ],
		broken => [ 'SELEC 1', 'SELECT nothing FROM `shop.sales.orders`', 'DELETE FROM `shop.sales.orders` WHERE true' ]
	};
}

1;
