# A PostgreSQL server, for the connector odbc, which reaches it by Debian's driver.
package Peer::Odbc;

use strict;
use warnings;
use utf8;
use parent 'Peer::Postgresql';

use Connector;
use OdbcDriver;
use Source;

sub base
{
	return {
		type => 'other', credentials => { username => 'owner', password => $password },
		endpoint => {
			host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'source',
			driver => odbc_driver(
				'psqlodbcw', 'braces',
				SSLmode => '{tls}', pqopt => '{application_name=rivergen sslrootcert={ca}}')
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

# Without a host the driver's library would take a socket of this machine; a connection under verify-full goes to the host's
# address, and so the name of the certificate is another.
sub failures
{
	my ($self) = @_;
	return grep { $_->[0] ne 'no host' } $self->SUPER::failures;
}

# What PostgreSQL locks, the driver waits for.
sub hide { return () }

sub change { return () }

sub readable { return () }

sub endless { return () }

sub sampled { return () }

sub queries { return () }

1;
