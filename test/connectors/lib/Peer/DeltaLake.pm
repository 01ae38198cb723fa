# A table of Delta Lake, for the connector delta_lake. What the worker opens and hands over is here a redirection of the shell.
# (connectors/delta_lake.t has tables that an independent library writes.)
package Peer::DeltaLake;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use JSON::PP;

# A commit that says which columns the table has.
sub write_commit
{
	my ($self, $version, @names) = @_;
	my @fields = map { { name => $_, type => 'long', nullable => JSON::PP::true, metadata => {} } } @names;
	open(my $file, '>:raw', sprintf("%s/shop/_delta_log/%020d.json", $self->{directory}, $version)) or die $!;
	print $file encode_json($_), "\n"
		for (
		{ protocol => { minReaderVersion => 1, minWriterVersion => 2 } },
		{
			metaData => {
				id => '9c12d441-03fe-4693-9a96-a0705ddf69c1', format => { provider => 'parquet', options => {} },
				schemaString => text_of({ type => 'struct', fields => \@fields }), partitionColumns => [],
				configuration => {}
			}
		});
	close $file;
	return;
}

# The schema is a text within the document.
sub text_of { return JSON::PP->new->encode($_[0]) }

sub new
{
	my ($class) = @_;
	my $self = bless { directory => tempdir('rivergen-delta-XXXXXX', TMPDIR => 1) }, $class;
	make_path("$self->{directory}/shop/_delta_log");
	chmod 0755, $self->{directory};
	$self->write_commit(0, 'id', 'größe 😀');
	return $self;
}

sub DESTROY { remove_tree($_[0]{directory}) }

sub command
{
	my ($self, $path) = @_;
	return [ '/bin/sh', '-c', 'exec "$0" 3<"$1"', $path, "$self->{directory}/shop" ];
}

sub base { return { type => 'delta_lake', endpoint => { path => 'organizations/1/shop' } } }

sub relations { return [ 'files', 'shop', 'table' ] }

sub patterns { return ({ exclude => ['files.s*'] }) }

sub failures { return [ 'no folder', { endpoint => { path => undef } }, 'configure', 'configuration', 0 ] }

sub change
{
	my ($self) = @_;
	$self->write_commit(1, 'id', 'more');
	return [ 'files', 'shop' ];
}

1;
