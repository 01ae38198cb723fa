# A file of a columnar format: written_by() is the statement by which pyarrow writes it.
package Peer::Columnar;

use strict;
use warnings;
use utf8;
use parent 'Peer::File';

sub fill
{
	my ($self) = @_;
	$self->write_table(
		"pa.table({'id': pa.array([1, 2, 3, 4], pa.int32()), 'größe 😀': ['a;\"b\"\\nc', '\\\\N', None, 'größe 😀'], "
			. "'price': pa.array([decimal.Decimal('1234.50'), decimal.Decimal('-7.50'), decimal.Decimal('0.25'), None], "
			. "pa.decimal128(9, 2)), 'day': [datetime.date(2024, 12, 31), datetime.date(2025, 1, 1), None, "
			. "datetime.date(2025, 2, 28)], 'tags': [['x', None], [], None, ['y']]})",
		$self->written_by);
	return;
}

sub readable
{
	my ($self) = @_;
	return {
		relation => ($self->relations)[0],
		columns => [ 'id', 'größe 😀', 'price', 'day', 'tags' ],
		rows => [
			[ '1', "a;\"b\"\nc", '1234.50', '2024-12-31', '["x",null]' ], [ '2', '\N', '-7.50', '2025-01-01', '[]' ],
			[ '3', undef, '0.25', undef, undef ], [ '4', 'größe 😀', undef, '2025-02-28', '["y"]' ] ],
		conditions => [
			[ { column => 'id', op => '>=', type => 'integer', value => '2' }, sub { $_[0][0] >= 2 } ],
			[   { column => 'größe 😀', op => '=', type => 'text', value => 'größe 😀' },
				sub { ($_[0][1] // '') eq 'größe 😀' } ],
			[ { column => 'price', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'day', op => 'is not null' }, sub { defined $_[0][3] } ] ]
	};
}

sub change
{
	my ($self) = @_;
	$self->write_table("pa.table({'id': [1], 'more': ['x']})", $self->written_by);
	return $self->sampled;
}

1;
