# PostgreSQL with views that are called as Oracle's data dictionary, behind Debian's ODBC driver: no package has a server of
# Oracle. The connector's way through a driver is real, the dictionary is simulated.
package Peer::Oracle;

use strict;
use warnings;
use utf8;
use parent -norequire, 'Peer::Odbc';

use Connector;
use File::Basename qw(dirname);
use OdbcDriver;
use Peer::Odbc;
use Source;

sub new
{
	my ($class) = @_;
	my $self = $class->SUPER::new;
	open(my $file, '<:utf8', dirname(__FILE__) . '/../oracle_dictionary.sql') or die $!;
	sql(do { local $/; <$file> });
	sql('ALTER DATABASE source SET search_path = ora, pg_catalog');
	return $self;
}

sub base
{
	my ($self) = @_;
	my $base = $self->SUPER::base;
	$base->{type} = 'oracle';
	push @{ $base->{endpoint}{driver}{keywords} }, @{ keywords() };
	return $base;
}

# The keywords of the driver that takes the place of Oracle's.
sub keywords
{
	return [ [ DBQ => '' ], [ SERVER => '{host}' ], [ PORT => '{port}' ], [ DATABASE => '{database}' ] ];
}

# Partitions are no objects.
sub relations
{
	my %kinds = (
		table => [qw(customers orders wide)], partitioned_table => ['events'], view => [ 'open_orders', 'endless' ],
		materialized_view => ['kept'], foreign_table => ['far'], sequence => ['customer_ids']);
	return (
		(   map {
				my $kind = $_;
				map { [ 'shop', $_, $kind ] } @{ $kinds{$kind} }
			} keys %kinds),
		[ 'Odd.Schema "q"', 'Größe, "x".y 😀', 'table' ]);
}

sub failures
{
	my ($self) = @_;
	my @failures = $self->SUPER::failures;
	for my $endpoint (map { $_->[1]{endpoint} // () } @failures)
	{
		push @{ $endpoint->{driver}{keywords} }, @{ keywords() } if $endpoint->{driver};
	}
	return @failures;
}

sub readable { my ($self) = @_; return $self->Peer::Postgresql::readable }
sub queries { my ($self) = @_; return $self->Peer::Postgresql::queries }

1;
