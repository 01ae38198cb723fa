# A table of Hudi, for the connector hudi: one instant and one base file. (connectors/hudi_written.t has more of them.)
package Peer::Hudi;

use strict;
use warnings;
use utf8;
use parent 'Peer::Columnar';

use File::Path qw(make_path);
use JSON::PP;

my $first = '20240101000000000';

sub type { return 'hudi' }

sub name { return 'shop' }

sub written_by
{
	return "from pyarrow import parquet\nparquet.write_table(table, sys.argv[1] + '/a-0_0-1-2_$first.parquet')";
}

sub write_below
{
	my ($self, $name, $content) = @_;
	open(my $file, '>:raw', $self->path . "/$name") or die $!;
	print $file $content;
	close $file;
	return;
}

# An instant after which the table has these columns.
sub write_commit
{
	my ($self, $time, @fields) = @_;
	my $schema = JSON::PP->new->encode({ type => 'record', name => 'shop', fields => \@fields });
	$self->write_below(".hoodie/$time.commit", encode_json({ extraMetadata => { schema => $schema } }));
	return;
}

sub field { return { name => $_[0], type => [ 'null', $_[1] ] } }

sub fill
{
	my ($self) = @_;
	make_path($self->path . '/.hoodie');
	$self->write_below(
		'.hoodie/hoodie.properties',
		"hoodie.table.name=shop\nhoodie.table.version=6\nhoodie.table.type=COPY_ON_WRITE\nhoodie.populate.meta.fields=false\n"
	);
	$self->write_below('.hoodie_partition_metadata', "partitionDepth=0\n");
	$self->write_commit(
		$first,
		field('id', 'int'),
		field('größe 😀', 'string'),
		field('price', { type => 'bytes', logicalType => 'decimal', precision => 9, scale => 2 }),
		field('day', { type => 'int', logicalType => 'date' }),
		field('tags', { type => 'array', items => [ 'null', 'string' ] }));
	return $self->SUPER::fill;
}

sub relations { return [ 'files', 'shop', 'table' ] }

sub change
{
	my ($self) = @_;
	$self->write_commit('20240102000000000', field('id', 'int'), field('more', 'string'));
	return $self->sampled;
}

1;
