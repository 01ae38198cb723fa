# A table of Hudi, for the connector hudi. What the worker opens and hands over is here a redirection of the shell.
package Peer::Hudi;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use JSON::PP;

sub write_file
{
	my ($self, $name, $content) = @_;
	open(my $file, '>:raw', "$self->{directory}/shop/.hoodie/$name") or die $!;
	print $file $content;
	close $file;
	return;
}

# An instant after which the table has columns of these names.
sub write_commit
{
	my ($self, $time, @names) = @_;
	my @fields = map { { name => $_, type => [ 'null', 'long' ] } } @names;
	$self->write_file(
		"$time.commit",
		encode_json({
			extraMetadata =>
				{ schema => JSON::PP->new->encode({ type => 'record', name => 'shop', fields => \@fields }) }
		}));
	return;
}

sub new
{
	my ($class) = @_;
	my $self = bless { directory => tempdir('rivergen-hudi-XXXXXX', TMPDIR => 1) }, $class;
	make_path("$self->{directory}/shop/.hoodie");
	chmod 0755, $self->{directory};
	$self->write_file(
		'hoodie.properties',
		"hoodie.table.name=shop\nhoodie.table.version=6\nhoodie.table.type=COPY_ON_WRITE\n");
	$self->write_commit('20240101000000000', 'id', 'größe 😀');
	return $self;
}

sub DESTROY { remove_tree($_[0]{directory}) }

sub command
{
	my ($self, $path) = @_;
	return [ '/bin/sh', '-c', 'exec "$0" 3<"$1"', $path, "$self->{directory}/shop" ];
}

sub base { return { type => 'hudi', endpoint => { path => 'organizations/1/shop' } } }

sub relations { return [ 'files', 'shop', 'table' ] }

sub patterns { return ({ exclude => ['files.s*'] }) }

sub failures { return [ 'no folder', { endpoint => { path => undef } }, 'configure', 'configuration', 0 ] }

sub change
{
	my ($self) = @_;
	$self->write_commit('20240102000000000', 'id', 'more');
	return [ 'files', 'shop' ];
}

1;
