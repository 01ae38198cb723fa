# Relations that another session changes while a read waits for them, through an ODBC driver: by the connector odbc, and by
# the connector oracle with a simulated dictionary.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use Peer::Oracle;
use Reading qw(changed_meanwhile);
use Source;
use Test::More;

my $peer = Peer::Oracle->new;
my %base = (other => Peer::Odbc->base, oracle => $peer->base);

# The frames of a read of shop.moving, which another session changes while the read waits for it. Each call begins with a new table.
sub waits
{
	my ($type, $change, @read) = @_;
	sql(<<~'EOT');
		DROP TABLE IF EXISTS shop.moving;
		CREATE TABLE shop.moving (id integer, raw varchar(10), bytes bytea);
		INSERT INTO shop.moving VALUES (1, 'x', 'y');
		EOT
	my $run = start_connector([ installed_connector($type eq 'other' ? 'odbc' : $type) ]);
	read_frame($run);
	my $line = request_line($base{$type}, operation => 'read', read => read_request(@read));
	my @frames = changed_meanwhile($run, $line, 'shop.moving', $change);
	end_connector($run);
	return @frames;
}

for my $type (sort keys %base)
{
	my @moving = ([ 'shop', 'moving' ], [ 'id', 'raw', 'bytes' ]);
	subtest $type => sub {
		plan(skip_all => 'it is not built') unless -x installed_connector($type eq 'other' ? 'odbc' : $type);
		is_deeply(
			[ rows_of(waits($type, "ALTER TABLE shop.moving ALTER raw TYPE bytea USING raw::bytea", @moving)) ],
			[ [ 1, '\x78', '\x79' ] ], 'texts have become bytes');
		is_deeply(
			[ rows_of(waits($type, "ALTER TABLE shop.moving ALTER id TYPE numeric(10,2)", @moving)) ],
			[ [ '1.00', 'x', '\x79' ] ], 'whole numbers have become others');
		my $end = (waits($type, 'ALTER TABLE shop.moving DROP raw', @moving))[-1];
		is_deeply([ @$end{qw(frame code)} ], [ 'error', 'relation_changed' ], 'a column is gone');
	};
}

done_testing();
