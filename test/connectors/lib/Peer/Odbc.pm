# A PostgreSQL server, for the connector odbc, which reaches it by Debian's driver.
package Peer::Odbc;

use strict;
use warnings;
use utf8;
use parent 'Peer::Postgresql';

use Connector;
use OdbcDriver;
use Source;

# The driver fetches rows by a cursor, in place of holding all of them.
sub driver
{
	my ($options) = @_;
	return odbc_driver(
		'psqlodbcw', 'braces', SSLmode => '{tls}', UseDeclareFetch => '1',
		pqopt => "{application_name=rivergen$options}");
}

sub base
{
	return {
		type => 'other', credentials => { username => 'owner', password => $password },
		endpoint => {
			host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'source',
			driver => driver('')
		}
	};
}

sub relations
{
	my %kinds = (
		table => [qw(customers orders wide events events_rest)], view => [ 'open_orders', 'endless' ],
		materialized_view => ['kept'], foreign_table => ['far']);
	return (
		(   map {
				my $kind = $_;
				map { [ 'shop', $_, $kind ] } @{ $kinds{$kind} }
			} keys %kinds),
		[ 'Odd.Schema "q"', 'Größe, "x".y 😀', 'table' ]);
}

# Without a host the driver's library would take a socket of this machine. It connects to the address, which the
# certificate does not name.
sub failures
{
	my ($self) = @_;
	my @failures = grep { $_->[0] ne 'no host' } $self->SUPER::failures;
	for my $endpoint (map { $_->[1]{endpoint} // () } @failures)
	{
		$endpoint->{driver} = driver(' sslrootcert={ca}') if ($endpoint->{tls} // {})->{ca};
	}
	return @failures;
}

# The driver waits for what PostgreSQL locks.
sub hide { return () }

sub readable
{
	my ($self) = @_;
	my $readable = $self->SUPER::readable;
	$readable->{relation} = [ 'shop', 'customers' ];
	return $readable;
}

sub queries { return () }

1;
