# A file below a directory of its own, for the connectors of file formats: shop.TYPE. What the worker opens and hands over is
# here a redirection of the shell. A peer of a format has a type, and fill(), which writes the file.
package Peer::File;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use Encode qw(encode_utf8);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);

sub new
{
	my ($class) = @_;
	my $self = bless { directory => tempdir('rivergen-' . $class->type . '-XXXXXX', TMPDIR => 1) }, $class;
	chmod 0755, $self->{directory};
	$self->fill;
	return $self;
}

sub DESTROY { remove_tree($_[0]{directory}) }

sub name { return 'shop.' . $_[0]->type }

sub path { return "$_[0]{directory}/" . $_[0]->name }

sub write_file
{
	my ($self, $content) = @_;
	open(my $file, '>:utf8', $self->path) or die $!;
	print $file $content;
	close $file;
	return;
}

# The file has this table, an expression of Python, and is written by this statement of Python.
sub write_table
{
	my ($self, $table, $statement) = @_;
	my $here = dirname(__FILE__);
	chomp($ENV{PYTHON_PEERS} = `$here/../../../lib/pip.sh $here/../../../peers/python`) if !$ENV{PYTHON_PEERS};
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
	my $program = "import datetime, decimal, sys\nimport pyarrow as pa\ntable = $table\n$statement\n";
	system('/usr/bin/python3', '-c', encode_utf8($program), $self->path) == 0 or die 'the file could not be written';
	return;
}

sub command
{
	my ($self, $path) = @_;
	return [ '/bin/sh', '-c', 'exec "$0" 3<"$1"', $path, $self->path ];
}

sub base { return { type => $_[0]->type, endpoint => { path => 'organizations/1/' . $_[0]->name } } }

sub relations { return [ 'files', $_[0]->name, 'file' ] }

sub patterns { return ({ exclude => ['files.s*'] }) }

sub failures { return [ 'no file', { endpoint => { path => undef } }, 'configure', 'configuration', 0 ] }

sub sampled { return [ 'files', $_[0]->name ] }

1;
