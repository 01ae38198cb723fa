# A text file, for the connector csv.
package Peer::Csv;

use strict;
use warnings;
use utf8;
use parent 'Peer::File';

sub type { return 'csv' }

sub fill
{
	my ($self) = @_;
	$self->write_file("id;größe 😀;price;day;at\n"
			. "1;\"a;\"\"b\"\"\nc\";1.234,50;31.12.2024;2024-12-31 23:59:59\n"
			. "2;\\N;-7,5;01.01.2025;2025-01-01T00:00:00\n"
			. "3;;0,25;;\n"
			. "4;größe 😀;NA;28.02.2025;2025-02-28 12:00\n");
	return;
}

sub failures
{
	return (
		$_[0]->SUPER::failures,
		map { [ "metadata $_", { endpoint => { options => { $_ => '' } } }, 'configure', 'configuration', 0 ] }
			qw(encoding delimiter quote header));
}

sub readable
{
	return {
		relation => [ 'files', 'shop.csv', 'file' ], columns => [ 'id', 'größe 😀', 'price', 'day', 'at' ],
		rows => [
			[ '1', "a;\"b\"\nc", '1234.50', '2024-12-31', '2024-12-31 23:59:59' ],
			[ '2', '\N', '-7.5', '2025-01-01', '2025-01-01T00:00:00' ],
			[ '3', undef, '0.25', undef, undef ],
			[ '4', 'größe 😀', undef, '2025-02-28', '2025-02-28 12:00' ] ],
		conditions => [
			[ { column => 'id', op => '>=', type => 'bigint', value => '2' }, sub { $_[0][0] >= 2 } ],
			[   { column => 'größe 😀', op => '=', type => 'text', value => 'größe 😀' },
				sub { ($_[0][1] // '') eq 'größe 😀' } ],
			[ { column => 'price', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'day', op => 'is not null' }, sub { defined $_[0][3] } ],
			[ { column => 'price', op => '<', type => 'numeric', value => 'NaN' }, sub { defined $_[0][2] } ],
			[ { column => 'price', op => '>', type => 'numeric', value => '-Infinity' }, sub { defined $_[0][2] } ],
			[ { column => 'day', op => '<', type => 'date', value => 'infinity' }, sub { defined $_[0][3] } ],
			[ { column => 'day', op => '<>', type => 'date', value => '5874897-12-31' }, sub { defined $_[0][3] } ],
			[   { column => 'at', op => '>', type => 'timestamp without time zone', value => '-infinity' },
				sub { defined $_[0][4] } ] ]
	};
}

sub change
{
	my ($self) = @_;
	$self->write_file("id;more\n1;2\n");
	return [ 'files', 'shop.csv' ];
}

1;
