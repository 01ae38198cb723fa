# Relations of a simulated Redshift (lib/RedshiftCatalogs.pm) that another session changes while a read waits for it.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use Peer::Redshift;
use Reading qw(changed_meanwhile);
use Source;
use Test::More;

my $connector = installed_connector('redshift');
plan(skip_all => "$connector is not built") unless -x $connector;
my $base = Peer::Redshift->with(<<~'EOT')->base;
	CREATE FUNCTION simulated.from_varbyte(simulated.varbyte, text) RETURNS text LANGUAGE sql AS 'SELECT CAST($1 AS text)';
	CREATE FUNCTION public.digits(text) RETURNS simulated.varbyte LANGUAGE sql AS
		$$SELECT CAST(pg_catalog.encode(pg_catalog.convert_to($1, 'UTF8'), 'hex') AS simulated.varbyte)$$;
	CREATE SCHEMA shop;
	GRANT USAGE ON SCHEMA shop TO reader;
	ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO reader;
	EOT
my $run;

sub answers
{
	my (@read) = @_;
	send_line($run, request_line($base, operation => 'read', read => read_request(@read)));
	return read_answer($run);
}

# The frames of a read of shop.moving, or of a view of it. Another session changes the table while the read waits for it. Each call
# begins with new relations and a new connector.
sub waits
{
	my ($changes, @read) = @_;
	sql(<<~'EOT');
		DROP TABLE IF EXISTS shop.moving, shop.other CASCADE;
		CREATE TABLE shop.moving (id integer, word varchar(10), raw varchar(10));
		INSERT INTO shop.moving VALUES (1, 'one', 'x'), (2, 'two', 'y');
		CREATE VIEW shop.over_moving AS SELECT id, word FROM shop.moving;
		CREATE TABLE shop.other (id integer, word varchar(10), raw simulated.varbyte);
		INSERT INTO shop.other VALUES (3, 'one', public.digits('z'));
		EOT
	end_connector($run) if $run;
	$run = start_connector([$connector]);
	read_frame($run);
	$read[0] = [ @{ $read[0] }, sql("SELECT 'shop.moving'::regclass::oid") ] if $read[0][1] eq 'moving';
	return changed_meanwhile(
		$run, request_line($base, operation => 'read', read => read_request(@read)),
		'shop.moving', $changes);
}

my $word = { column => 'word', op => '=', type => 'text' };
my $to_bytes = 'ALTER TABLE shop.moving ALTER raw TYPE simulated.varbyte USING public.digits(raw)';
my $to_fixed = 'DROP VIEW shop.over_moving; ALTER TABLE shop.moving ALTER word TYPE char(5)';
my $swap = 'ALTER TABLE shop.moving RENAME TO older; ALTER TABLE shop.other RENAME TO moving';

subtest 'values' => sub {
	is_deeply(
		[ rows_of(waits($to_bytes, [ 'shop', 'moving' ], ['raw'])) ], [ ['\x78'], ['\x79'] ],
		'texts have become bytes');
	is_deeply(
		[   rows_of(waits(
				"$to_bytes", [ 'shop', 'moving' ], ['id'],
				conditions => [ { column => 'raw', op => 'is not null' } ])) ],
		[ [1], [2] ],
		'a column that is only compared');
};

subtest 'conditions' => sub {
	my @frames = waits($to_fixed, [ 'shop', 'moving' ], ['id'], conditions => [ { %$word, value => 'one  ' } ]);
	is_deeply([ rows_of(@frames) ], [ [1], [2] ], 'a text of a fixed length is not compared at the source');
	is_deeply([ map { $_->{applied} } frames_of('reading', @frames) ], [ [] ], 'and the answer says so');
	@frames = waits($to_fixed, [ 'shop', 'moving' ], [], conditions => [ { %$word, value => 'one  ' } ]);
	is_deeply([ map { $_->{applied} } frames_of('reading', @frames) ], [ [] ], 'nor for a count');
};

subtest 'another relation' => sub {
	my $end = (waits($swap, [ 'shop', 'moving' ], ['raw']))[-1];
	is_deeply([ @$end{qw(frame code)} ], [ 'error', 'relation_changed' ], 'of the same name is not read');
	sql('DROP TABLE shop.older CASCADE');
	$end = (waits('ALTER TABLE shop.moving DROP raw', [ 'shop', 'moving' ], ['raw']))[-1];
	is_deeply([ @$end{qw(frame code)} ], [ 'error', 'relation_changed' ], 'nor one without the column');
};

subtest 'a view' => sub {
	is_deeply(
		[ rows_of(waits('UPDATE shop.moving SET id = id + 1', [ 'shop', 'over_moving' ], ['id'])) ],
		[ [2], [3] ], 'is read when its table may be');
	is_deeply(
		[ rows_of(answers([ 'shop', 'over_moving' ], [ 'id', 'word' ])) ], [ [ 2, 'one' ], [ 3, 'two' ] ],
		'and again');
};

end_connector($run);
done_testing();
