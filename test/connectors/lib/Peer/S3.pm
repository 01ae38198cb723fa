# Buckets of moto, a server that checks signatures and rights, for the connector s3.
package Peer::S3;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use Encode qw(encode_utf8);
use IO::Compress::Gzip qw(gzip);
use S3Server;

sub new
{
	my ($class) = @_;
	my $self = bless { server => S3Server->new }, $class;
	$self->{server}->call('create_bucket', Bucket => 'shop');
	gzip(\"a,b\n1,2\n", \my $packed) or die;
	my %content = (
		'notes.csv' => encode_utf8(
			"id,größe 😀,price,day\n1,x,2.5,2024-12-31\n2,\"a\tb\n\",,\n3,größe 😀,-1,1999-12-31\n4,\\N,0,\n"),
		'wide.csv' => join(',', map { "column_$_" } 1 .. 100) . "\n",
		'plain/packed.csv.gz' => $packed,
		encode_utf8('größe 😀/a+b=c %20~&?#.csv') => "a,b\n1,2\n",
		'ignored.png' => 'png', 'folder/' => '', '_hidden/a.csv' => "a,b\n1,2\n",
		(map { (sprintf('many/%02d.csv', $_) => "n,word\n$_,x\n") } 1 .. 20),
		map { ("sales/year=$_/region=a%2Fb/part.csv" => "n,word\n$_,x\n") } 2023,
		2024);
	$self->put($_, $content{$_}) for keys %content;
	return $self;
}

sub put
{
	my ($self, $key, $content) = @_;
	return $self->{server}->put('shop', Encode::decode_utf8($key), $content);
}

sub base { return $_[0]{server}->base('shop') }

sub relations
{
	return map { [ 'shop', $_, 'file' ] } 'notes.csv', 'wide.csv', 'plain/packed.csv.gz', 'größe 😀/a+b=c %20~&?#.csv',
		'many/', 'sales/';
}

sub patterns
{
	return ({ exclude => ['shop.m*'] }, grep { $_->[1] !~ /^m/ } $_[0]->relations);
}

sub hide
{
	my ($self) = @_;
	$self->put('secret/x.csv', "a,b\n1,2\n");
	return ([ 'shop', 'secret/x.csv' ], sub { $self->{server}->remove('shop', 'secret/x.csv') });
}

sub failures
{
	my ($self) = @_;
	return (
		[ 'no bucket', { endpoint => { database => undef } }, 'configure', 'configuration', 0 ],
		[ 'a bucket that is none', { endpoint => { database => 'a/b' } }, 'configure', 'configuration', 0 ],
		[ 'one key of two', { credentials => { secret_access_key => undef } }, 'configure', 'configuration', 0 ],
		[ 'an unknown bucket', { endpoint => { database => 'nowhere' } }, 'query', 'database_not_found', 0 ],
		[ 'an unknown prefix', { endpoint => { path => 'gone/' } }, 'query', 'database_not_found', 0 ],
		[ 'an unknown key', { endpoint => { path => 'gone.csv' } }, 'query', 'database_not_found', 0 ],
		[ 'a wrong secret', { credentials => { secret_access_key => 'wrong' } }, 'authenticate', 'authentication', 0 ],
		[   'an unknown key id', { credentials => { access_key_id => 'AKIANONE' } }, 'authenticate', 'authentication', 0
		],
		[ 'a closed port', { endpoint => { port => Peer::free_port() } }, 'connect', 'refused', 1 ],
		[ 'no TLS', { endpoint => { tls => { mode => 'require' } } }, 'tls', 'tls', 0 ]);
}

sub silence { return Peer::silent_port() }

sub sampled { return [ 'shop', 'notes.csv' ], [ 'shop', 'sales/' ] }

sub readable
{
	return {
		relation => [ 'shop', 'notes.csv', 'c109367a91dfb9eb342efd6ea5ea2cbc' ],
		columns => [ 'id', 'größe 😀', 'price', 'day' ],
		rows => [
			[ '1', 'x', '2.5', '2024-12-31' ],
			[ '2', "a\tb\n", undef, undef ],
			[ '3', 'größe 😀', '-1', '1999-12-31' ],
			[ '4', '\N', '0', undef ] ],
		conditions => [
			[ { column => 'id', op => '>=', type => 'bigint', value => '2' }, sub { $_[0][0] >= 2 } ],
			[   { column => 'größe 😀', op => '=', type => 'text', value => 'größe 😀' },
				sub { $_[0][1] eq 'größe 😀' } ],
			[ { column => 'price', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'day', op => 'is not null' }, sub { defined $_[0][3] } ] ]
	};
}

sub change
{
	my ($self) = @_;
	$self->put('notes.csv', "id,more\n1,2\n");
	return [ 'shop', 'notes.csv' ];
}

1;
