# A directory of delimited text files, for the connector in small/headers.
package Peer::Headers;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use Connector;

sub write_file
{
	my ($self, $name, $content) = @_;
	open(my $file, '>:utf8', "$self->{directory}/$name") or die "$name: $!";
	print $file $content;
	close $file;
}

sub new
{
	my ($class) = @_;
	my $self = bless { directory => tempdir('rivergen-files-XXXXXX', TMPDIR => 1) }, $class;
	chmod 0755, $self->{directory};
	$self->write_file('orders.csv', "id,customer,größe 😀\r\n1,2,3\n");
	$self->write_file('customers.csv', "id,\"name\"\n" . "1,x\n" x 500_000);
	$self->write_file("o'dd \"name\".csv", 'only');
	$self->write_file('wide.csv', join(',', map { "column_$_" } 1 .. 300) . "\n");
	return $self;
}

sub DESTROY { remove_tree($_[0]{directory}) }

sub base { return { type => 'other', endpoint => { database => $_[0]{directory} } } }

sub relations
{
	return map { [ 'files', $_, 'file' ] } 'customers.csv', "o'dd \"name\".csv", 'orders.csv', 'wide.csv';
}

sub patterns { return ({ include => ['files.o*'] }, [ 'files', "o'dd \"name\".csv" ], [ 'files', 'orders.csv' ]) }

sub failures
{
	my ($self) = @_;
	return (
		[ 'no place', { endpoint => { database => undef } }, 'configure', 'configuration', 0 ],
		[   'a missing directory', { endpoint => { database => "$self->{directory}/gone" } }, 'connect',
			'database_not_found', 0 ]);
}

sub readable
{
	my @rows = ([ '1', "a\\b\tc" ], [ '2', '' ], [ '3', 'größe 😀' ], [ '4', '\\N' ]);
	$_[0]->write_file("o'dd \"name\".csv", "number,text\n" . join '', map { join(',', @$_) . "\n" } @rows);
	return {
		relation => [ 'files', "o'dd \"name\".csv" ], columns => [ 'number', 'text' ], rows => \@rows,
		conditions => [
			[ { column => 'text', op => '=', type => 'text', value => 'größe 😀' }, sub { $_[0][1] eq 'größe 😀' } ],
			[ { column => 'number', op => '>', type => 'bigint', value => '2' }, sub { $_[0][0] > 2 } ],
			[ { column => 'number', op => 'is null' }, sub { 0 } ] ]
	};
}

sub endless { return (operation => 'read', read => read_request([ 'files', 'customers.csv' ], ['id'])) }

sub hide
{
	my ($self) = @_;
	my $name = 'twice.csv';
	$self->write_file($name, "a,a\n");
	return ([ 'files', $name ], sub { unlink "$self->{directory}/$name" });
}

1;
