# A table of Delta Lake that Delta's own library in Rust writes, for the connector delta_lake.
package Peer::DeltaLake;

use strict;
use warnings;
use parent 'Peer::Columnar';

use JSON::PP;

sub type { return 'delta_lake' }

sub name { return 'shop' }

sub written_by
{
	return "from deltalake import write_deltalake\n"
		. "write_deltalake(sys.argv[1], table, mode='overwrite', schema_mode='overwrite')";
}

# The table has an id of its own.
sub id
{
	my ($self) = @_;
	open(my $commit, '<:raw', $self->path . sprintf('/_delta_log/%020d.json', 0)) or die $!;
	my ($id) = map { $_->{metaData} ? $_->{metaData}{id} : () } map { decode_json($_) } <$commit>;
	close $commit;
	return $id;
}

sub relations { return [ 'files', 'shop', 'table' ] }

sub readable
{
	my ($self) = @_;
	return { %{ $self->SUPER::readable }, relation => [ 'files', 'shop', $self->id ] };
}

sub change
{
	my ($self) = @_;
	$self->SUPER::change;
	return [ 'files', 'shop' ];
}

1;
