# A simulated SQL Server, for the connector sqlserver.
package Peer::Sqlserver;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use Connector;
use IO::Socket::INET;
use TdsServer;

sub notes
{
	return {
		schema => 'dbo', name => 'notes',
		columns => [
			[ 'id', 'bigint', { not_null => 1 } ],
			[ 'name', 'nvarchar(40)' ],
			[ 'note', 'nvarchar(max)' ],
			[ 'price', 'decimal(10,2)' ],
			[ 'born', 'date' ],
			[ 'at', 'datetime2(3)' ] ],
		indexes => [ { name => 'pk_notes', primary => 1, columns => ['id'] } ],
		rows => [
			[ 1, 'x', undef, 2.5, '2020-01-02', '2020-01-02 03:04:05.678' ],
			[ 2, "a\tb\\c\n", '', undef, undef, undef ],
			[ 3, 'größe 😀', '\N', -1, '1999-12-31', undef ],
			[ 4, 'X', 'x', 0, undef, undef ],
			[ 5, '\.', undef, 100, undef, undef ] ]
	};
}

sub new
{
	my ($class) = @_;
	start_tds(
		schemas => ['Odd.Schema ]q'],
		users => {
			reader => { password => $password, forbidden => ['master'] },
			stale => { password => $password, expired => 1 }
		},
		relations => [
			{   schema => 'dbo', name => 'customers', row_count => 80,
				columns => [
					[ 'id', 'bigint', { not_null => 1, identity => 1 } ],
					[ 'name', 'nvarchar(40)', { not_null => 1, default => q{(N'x')} } ] ],
				indexes => [ { name => 'pk_customers', primary => 1, columns => ['id'] } ]
			},
			{   schema => 'dbo', name => 'orders',
				columns => [ [ 'id', 'int' ], [ 'customer', 'bigint' ], [ 'status', 'varchar(10)' ] ],
				foreign_keys =>
					[ { name => 'by', columns => ['customer'], references => [ 'dbo', 'customers', ['id'] ] } ],
				checks => [ [ 'has_status', q{([status]<>'')} ] ],
				rows => [ [ 1, undef, 'new' ], [ 2, undef, 'paid' ] ]
			},
			{   schema => 'dbo', name => 'open_orders', type => 'V',
				definition => 'CREATE VIEW open_orders AS SELECT 1 AS id',
				columns => [ [ 'id', 'int' ] ]
			},
			{   schema => 'dbo', name => 'by_status', type => 'V', definition => 'CREATE VIEW by_status …',
				columns => [ [ 'id', 'int' ] ],
				indexes => [ { name => 'kept', unique => 1, kind => 'CLUSTERED', columns => ['id'] } ]
			},
			{ schema => 'dbo', name => 'wares', type => 'SN', of => '[other].[dbo].[wares]' },
			{   schema => 'dbo', name => 'numbers', type => 'SO',
				sequence => {
					start_value => 1, increment => 1, minimum_value => 1, maximum_value => '9223372036854775807',
					is_cycling => 0, cache_size => 50
				}
			},
			{   schema => 'dbo', name => 'events', columns => [ [ 'at', 'date' ] ],
				indexes => [ { name => 'by_time', kind => 'CLUSTERED', columns => ['at'], partition => 'at' } ]
			},
			{ schema => 'dbo', name => 'far', is_external => 1, columns => [ [ 'a', 'int' ] ] },
			{ schema => 'Odd.Schema ]q', name => 'Größe, [x]"".y 😀', columns => [ [ 'a.b', 'nvarchar(max)' ] ] },
			{ schema => 'dbo', name => 'wide', columns => [ map { [ "column_$_", 'text' ] } 1 .. 300 ] },
			notes() ]);
	return bless {}, $class;
}

sub base { return tds_base() }

sub relations
{
	my %kinds = (
		table => [qw(customers orders notes wide)], partitioned_table => ['events'], view => [qw(open_orders wares)],
		materialized_view => ['by_status'], sequence => ['numbers'], foreign_table => ['far']);
	return (
		(   map {
				my $kind = $_;
				map { [ 'dbo', $_, $kind ] } @{ $kinds{$kind} }
			} sort keys %kinds),
		[ 'Odd.Schema ]q', 'Größe, [x]"".y 😀', 'table' ]);
}

sub patterns
{
	return (
		{ include => [ 'dbo.*orders', '"Odd.Schema ]q"' ], exclude => ['dbo.open?orders'] },
		[ 'dbo', 'orders' ], [ 'Odd.Schema ]q', 'Größe, [x]"".y 😀' ]);
}

sub failures
{
	make_certificate('other', 'other authority');
	my $tls = sub {
		my ($host, $mode, $authority) = @_;
		return { endpoint => { host => $host, tls => { mode => $mode, ca => $authority } } };
	};
	return (
		[   'a wrong password', { credentials => { password => 'battery, wrong' } }, 'authenticate', 'authentication', 0
		],
		[ 'an unknown user', { credentials => { username => 'stranger' } }, 'authenticate', 'authentication', 0 ],
		[ 'an old password', { credentials => { username => 'stale' } }, 'authenticate', 'authentication', 0 ],
		[ 'a user of Windows', { credentials => { username => 'HOME\\me' } }, 'configure', 'configuration', 0 ],
		[ 'a port where nothing listens', { endpoint => { port => free_port() } }, 'connect', 'refused', 1 ],
		[ 'an unknown database', { endpoint => { database => 'gone' } }, 'connect', 'database_not_found', 0 ],
		[ 'a database that may not be used', { endpoint => { database => 'master' } }, 'connect', 'permission', 0 ],
		[ 'no host', { endpoint => { host => undef } }, 'configure', 'configuration', 0 ],
		[ 'an instance', { endpoint => { host => 'source\\shop' } }, 'configure', 'configuration', 0 ],
		[ 'a host that is more than one', { endpoint => { host => "a\nhost = b" } }, 'configure', 'configuration', 0 ],
		[   'another name in the certificate', $tls->('other.test', 'verify-full', content("$home/server.crt")),
			'tls', 'tls', 0 ],
		[ 'another authority', $tls->('source.test', 'verify-full', content("$home/other.crt")), 'tls', 'tls', 0 ],
		[ 'an authority that is none', $tls->('source.test', 'verify-ca', 'nonsense'), 'tls', 'tls', 0 ],
		[ 'a TLS mode that is none', $tls->('source.test', 'perhaps', undef), 'configure', 'configuration', 0 ]);
}

# A view whose columns may not be seen.
sub hide
{
	order_tds(relation => { schema => 'dbo', name => 'hidden', type => 'V' });
	return (
		[ 'dbo', 'hidden' ],
		sub { order_tds(sql => q{DELETE FROM sys.objects WHERE name = 'hidden'}) });
}

# Accepts, and says nothing.
sub silence
{
	my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	return (
		{ endpoint => { port => $silent->sockport }, limits => { connection_timeout => 1 } }, 'connect', 'timeout',
		sub { close $silent });
}

sub sessions { return order_tds()->{sessions} }

sub readable
{
	my $condition = sub {
		my ($column, $op, $type, $value, $holds) = @_;
		return [ { column => $column, op => $op, type => $type, (ref $value ? 'values' : 'value') => $value }, $holds ];
	};
	return {
		relation => [ 'dbo', 'notes', order_tds(id_of => [ 'dbo', 'notes' ]) ],
		columns => [qw(id name note price born at)],
		rows => [ map { [ map { defined ? "$_" : undef } @$_ ] } @{ notes()->{rows} } ],
		conditions => [
			$condition->('name', '=', 'text', 'größe 😀', sub { $_[0][1] eq 'größe 😀' }),
			$condition->('name', '=', 'text', 'x', sub { $_[0][1] eq 'x' }),
			$condition->('name', '<>', 'text', 'x', sub { $_[0][1] ne 'x' }),
			$condition->('note', 'in', 'text', [ '', '\N', "'; DROP" ], sub { ($_[0][2] // 'no') =~ /^(?:\\N)?$/ }),
			$condition->('id', '>=', 'bigint', '3', sub { $_[0][0] >= 3 }),
			$condition->('id', 'in', 'bigint', [ '1', '9' ], sub { $_[0][0] == 1 }),
			$condition->('price', '<', 'numeric', '2.6', sub { ($_[0][3] // 9) < 2.6 }),
			$condition->('price', '<', 'numeric', 'NaN', sub { defined $_[0][3] }),
			$condition->('born', '>', 'date', '2000-01-01', sub { ($_[0][4] // '') gt '2000' }),
			$condition->('at', '=', 'timestamp without time zone', '2020-01-02 03:04:05.678', sub { defined $_[0][5] }),
			[ { column => 'note', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'note', op => 'is not null' }, sub { defined $_[0][2] } ] ]
	};
}

sub sampled { return [ 'dbo', 'orders' ] }

1;
