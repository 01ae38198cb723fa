# A file of JSON, for the connector json. What the worker opens and hands over is here a redirection of the shell.
package Peer::Json;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);

sub write_file
{
	my ($self, $content) = @_;
	open(my $file, '>:utf8', "$self->{directory}/shop.json") or die $!;
	print $file $content;
	close $file;
}

sub new
{
	my ($class) = @_;
	my $self = bless { directory => tempdir('rivergen-json-XXXXXX', TMPDIR => 1) }, $class;
	chmod 0755, $self->{directory};
	$self->write_file(<<'END');
[{"id": 1, "größe 😀": "a;\"b\"\nc", "price": 1234.50, "day": "2024-12-31", "tags": ["a", "b\"c", null],
  "place": {"city": "Köln", "at": [1, 2.5]}},
 {"id": 2, "größe 😀": "\\N", "price": -7.5, "day": "2025-01-01", "tags": [], "place": null},
 {"id": 3, "price": 0.25, "day": null},
 {"id": 9223372036854775807, "größe 😀": "größe 😀", "day": "2025-02-28", "tags": ["{x}"], "place": {"city": "\t"}}]
END
	return $self;
}

sub DESTROY { remove_tree($_[0]{directory}) }

sub command
{
	my ($self, $path) = @_;
	return [ '/bin/sh', '-c', 'exec "$0" 3<"$1"', $path, "$self->{directory}/shop.json" ];
}

sub base { return { type => 'json', endpoint => { path => 'organizations/1/shop.json' } } }

sub relations { return [ 'files', 'shop.json', 'file' ] }

sub patterns { return ({ exclude => ['files.s*'] }) }

sub failures
{
	return [ 'no file', { endpoint => { path => undef } }, 'configure', 'configuration', 0 ];
}

sub sampled { return [ 'files', 'shop.json' ] }

sub readable
{
	return {
		relation => [ 'files', 'shop.json', 'file' ],
		columns => [ 'id', 'größe 😀', 'price', 'day', 'tags', 'place' ],
		rows => [
			[ '1', "a;\"b\"\nc", '1234.50', '2024-12-31', '{"a","b\"c",NULL}', '{"city":"Köln","at":[1,2.5]}' ],
			[ '2', '\N', '-7.5', '2025-01-01', '{}', undef ], [ '3', undef, '0.25', undef, undef, undef ],
			[ '9223372036854775807', 'größe 😀', undef, '2025-02-28', '{"{x}"}', '{"city":"\t"}' ] ],
		conditions => [
			[ { column => 'id', op => '>=', type => 'bigint', value => '2' }, sub { $_[0][0] >= 2 } ],
			[   { column => 'größe 😀', op => '=', type => 'text', value => 'größe 😀' },
				sub { ($_[0][1] // '') eq 'größe 😀' } ],
			[ { column => 'price', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'price', op => '<', type => 'numeric', value => '0.3' }, sub { ($_[0][2] // 1) < 0.3 } ],
			[ { column => 'place', op => 'is not null' }, sub { defined $_[0][5] } ] ]
	};
}

sub change
{
	my ($self) = @_;
	$self->write_file('[{"id": 1, "more": 2}]');
	return [ 'files', 'shop.json' ];
}

1;
