# A table of Iceberg, for the connector iceberg. What the worker opens and hands over is here a redirection of the shell.
# (connectors/iceberg.t has tables that Iceberg's own library writes.)
package Peer::Iceberg;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use JSON::PP;

sub write_metadata
{
	my ($self, $number, @names) = @_;
	my $position = 0;
	my @fields = map { { id => ++$position, name => $_, required => JSON::PP::false, type => 'long' } } @names;
	open(my $file, '>:raw', "$self->{directory}/shop/metadata/v$number.metadata.json") or die $!;
	print $file encode_json({
		'format-version' => 2, 'table-uuid' => '9c12d441-03fe-4693-9a96-a0705ddf69c1',
		location => 's3://elsewhere/shop',
		'last-updated-ms' => $number, 'last-partition-id' => 999, 'current-schema-id' => 0,
		schemas => [ { type => 'struct', 'schema-id' => 0, fields => \@fields } ],
		'partition-specs' => [ { 'spec-id' => 0, fields => [] } ], 'default-spec-id' => 0
	});
	close $file;
	return;
}

sub new
{
	my ($class) = @_;
	my $self = bless { directory => tempdir('rivergen-iceberg-XXXXXX', TMPDIR => 1) }, $class;
	make_path("$self->{directory}/shop/metadata");
	chmod 0755, $self->{directory};
	$self->write_metadata(1, 'id', 'größe 😀');
	return $self;
}

sub DESTROY { remove_tree($_[0]{directory}) }

sub command
{
	my ($self, $path) = @_;
	return [ '/bin/sh', '-c', 'exec "$0" 3<"$1"', $path, "$self->{directory}/shop" ];
}

sub base { return { type => 'iceberg', endpoint => { path => 'organizations/1/shop' } } }

sub relations { return [ 'files', 'shop', 'table' ] }

sub patterns { return ({ exclude => ['files.s*'] }) }

sub failures { return [ 'no folder', { endpoint => { path => undef } }, 'configure', 'configuration', 0 ] }

sub change
{
	my ($self) = @_;
	$self->write_metadata(2, 'id', 'more');
	return [ 'files', 'shop' ];
}

1;
