# A workbook, for the connector excel. What the worker opens and hands over is here a redirection of the shell.
package Peer::Excel;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use Xlsx;

sub write_file
{
	my ($self, @sheets) = @_;
	open(my $file, '>:raw', "$self->{directory}/shop.xlsx") or die $!;
	print $file workbook(\@sheets, formats => [ 'yyyy-mm-dd', 'yyyy-mm-dd hh:mm:ss' ]);
	close $file;
	return;
}

sub date { return [ ' s="1"', "<v>$_[0]</v>" ] }
sub moment { return [ ' s="2"', "<v>$_[0]</v>" ] }

sub new
{
	my ($class) = @_;
	my $self = bless { directory => tempdir('rivergen-excel-XXXXXX', TMPDIR => 1) }, $class;
	chmod 0755, $self->{directory};
	$self->write_file({
		name => 'orders',
		rows => [
			[ 'id', 'größe 😀', 'price', 'day', 'at' ],
			[ 1, "a;\"b\"\nc\\\t", 1234.5, date(45657), moment(45657.75) ],
			[ 2, '\N', -7.5, date(45658), moment(45658) ],
			[ 3, undef, 0.25 ],
			[ 4, 'größe 😀', [ ' t="e"', '<v>#N/A</v>' ], date(45716), moment(45716.5) ] ]
	});
	return $self;
}

sub DESTROY { remove_tree($_[0]{directory}); return }

sub command
{
	my ($self, $path) = @_;
	return [ '/bin/sh', '-c', 'exec "$0" 3<"$1"', $path, "$self->{directory}/shop.xlsx" ];
}

sub base { return { type => 'excel', endpoint => { path => 'organizations/1/shop.xlsx' } } }

sub relations { return [ 'files', 'orders', 'file' ] }

sub patterns { return ({ exclude => ['files.o*'] }) }

sub failures
{
	return (
		[ 'no file', { endpoint => { path => undef } }, 'configure', 'configuration', 0 ],
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
