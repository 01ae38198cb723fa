# A workbook, for the connector excel.
package Peer::Excel;

use strict;
use warnings;
use utf8;
use parent 'Peer::File';

use Xlsx;

sub type { return 'excel' }
sub name { return 'shop.xlsx' }

sub write_file
{
	my ($self, @sheets) = @_;
	open(my $file, '>:raw', $self->path) or die $!;
	print $file workbook(\@sheets, formats => [ 'yyyy-mm-dd', 'yyyy-mm-dd hh:mm:ss' ]);
	close $file;
	return;
}

sub date { return [ ' s="1"', "<v>$_[0]</v>" ] }
sub moment { return [ ' s="2"', "<v>$_[0]</v>" ] }

sub fill
{
	my ($self) = @_;
	$self->write_file({
		name => 'orders',
		rows => [
			[ 'id', 'größe 😀', 'price', 'day', 'at' ],
			[ 1, "a;\"b\"\nc\\\t", 1234.5, date(45657), moment(45657.75) ],
			[ 2, '\N', -7.5, date(45658), moment(45658) ],
			[ 3, undef, 0.25 ],
			[ 4, 'größe 😀', [ ' t="e"', '<v>#N/A</v>' ], date(45716), moment(45716.5) ] ]
	});
	return;
}

sub relations { return [ 'files', 'orders', 'file' ] }

sub patterns { return ({ exclude => ['files.o*'] }) }

sub failures
{
	return (
		$_[0]->SUPER::failures,
		map { [ "metadata $_", { endpoint => { options => { $_ => 1 } } }, 'configure', 'configuration', 0 ] }
			qw(sheet header));
}

sub sampled { return [ 'files', 'orders' ] }

sub readable
{
	return {
		relation => [ 'files', 'orders', 'sheet orders' ], columns => [ 'id', 'größe 😀', 'price', 'day', 'at' ],
		rows => [
			[ '1', "a;\"b\"\nc\\\t", '1234.5', '2024-12-31', '2024-12-31 18:00:00' ],
			[ '2', '\N', '-7.5', '2025-01-01', '2025-01-01 00:00:00' ],
			[ '3', undef, '0.25', undef, undef ],
			[ '4', 'größe 😀', undef, '2025-02-28', '2025-02-28 12:00:00' ] ],
		conditions => [
			[ { column => 'id', op => '>=', type => 'bigint', value => '2' }, sub { $_[0][0] >= 2 } ],
			[   { column => 'größe 😀', op => '=', type => 'text', value => 'größe 😀' },
				sub { ($_[0][1] // '') eq 'größe 😀' } ],
			[ { column => 'price', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'day', op => 'is not null' }, sub { defined $_[0][3] } ] ]
	};
}

sub change
{
	my ($self) = @_;
	$self->write_file({ name => 'orders', rows => [ [ 'id', 'more' ], [ 1, 2 ] ] });
	return [ 'files', 'orders' ];
}

1;
