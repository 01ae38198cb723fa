# A table of Iceberg that Iceberg's own library in Python writes, for the connector iceberg.
package Peer::Iceberg;

use strict;
use warnings;
use parent 'Peer::Columnar';

use JSON::PP;

sub type { return 'iceberg' }

sub name { return 'shop' }

# The catalog lies beside the table, and is not read.
sub written_by
{
	return <<'PYTHON';
import os, shutil
from pyiceberg.catalog.sql import SqlCatalog
folder = sys.argv[1]
catalog = SqlCatalog('peer', uri='sqlite:///' + folder + '.db', warehouse='file://' + folder)
catalog.create_namespace_if_not_exists('peer')
if catalog.table_exists('peer.shop'):
    catalog.drop_table('peer.shop')
shutil.rmtree(folder, ignore_errors=True)
catalog.create_table('peer.shop', table.schema, location='file://' + folder).append(table)
PYTHON
}

# The table has an id of its own.
sub id
{
	my ($self) = @_;
	my ($metadata) = glob $self->path . '/metadata/*.metadata.json';
	open(my $in, '<:raw', $metadata) or die $!;
	local $/;
	return decode_json(<$in>)->{'table-uuid'};
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
