# Connectors that were written by src/wire/README.md alone, in Perl and in Python, under the server: what they describe is
# in the views, and a refresh believes signatures of any type.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use File::Copy qw(copy);
use lib dirname(__FILE__) . '/lib', dirname(__FILE__) . '/../lib';
use Peer::Headers;
use Peer::Sqlite;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $server = start_server('server');

# Installs one of them for sources of type `other`; returns the id of a source of its peer.
sub source_for
{
	my ($name, $peer) = @_;
	my $target = connector_path($server, 'other');
	copy(dirname(__FILE__) . "/small/$name", $target) or die "$target: $!";
	chmod 0755, $target;
	may_read($server, 'other', $peer->base->{endpoint}{database});
	return create_source(
		$server,
		{   name => $name, type => 'other', database_name => $peer->base->{endpoint}{database},
			schema_auto_refresh => JSON::PP::false, max_retries => 0, credentials => { password => 'unused' }
		});
}

# schema.table kind of a source, as the views have them.
sub tables_of
{
	my ($id) = @_;
	my $said = sql(
		$server,
		"SELECT format('%s.%s', table_schema, table_name) FROM rivergen.tables WHERE data_source_id = $id");
	utf8::decode($said);
	return [ sort split /\n/, $said ];
}

sub columns_of
{
	my ($id, $table) = @_;
	return sql(
		$server,
		"SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) FROM rivergen.columns
		WHERE data_source_id = $id AND table_name = '$table'");
}

sub expected
{
	return [ sort map { "$_->[0].$_->[1]" } $_[0]->relations ];
}

subtest 'a connector in Perl' => sub {
	my $files = Peer::Headers->new;
	my $id = source_for('headers', $files);
	ok(call($server, "rivergen.data_source_test($id)")->{data}{success}, 'its connection is tested');
	is(discover($server, $id)->{data}{total_tables}, 4, 'it is discovered');
	is_deeply(tables_of($id), expected($files), 'every file is a table');
	is(columns_of($id, 'customers.csv'), 'id text, "name" text', 'with the columns of its header');
	$files->write_file('customers.csv', "id,name,since\n");
	my ($hidden, $end) = $files->hide;
	discover($server, $id, 'refresh => true');
	is(columns_of($id, 'customers.csv'), 'id text, name text, since text', 'a change is found');
	is_deeply(tables_of($id), expected($files), 'a file that cannot be told is left out');
	unlink $files->base->{endpoint}{database} . '/wide.csv';
	is(discover($server, $id, 'refresh => true')->{data}{total_tables}, 3, 'a file that has gone is gone');
	my $scan = call($server, "rivergen.table_description_scan(db_connection_id => $id)")->{data}{jobs}[0]{job_id};
	like(
		wait_job($server, $scan, 'failed')->{error_message}, qr/cannot scan tables/,
		'it is not asked for what it does not offer');
	clean_server($server);
};

subtest 'a connector in Python, with signatures' => sub {
	my $database = Peer::Sqlite->new;
	my $id = source_for('sqlite', $database);
	my $planted = sub {
		sql($server,
			"SELECT coalesce(max(comment), '') FROM rivergen.tables WHERE data_source_id = $id AND table_name = 'orders'"
		);
	};
	is(discover($server, $id)->{data}{total_tables}, 4, 'it is discovered');
	is_deeply(tables_of($id), expected($database), 'every table and view');
	my $relation = sql($server, "SELECT relation_id FROM rivergen_catalog.relation WHERE native_id = '7f3b'");
	discover($server, $id, 'refresh => true');
	is( sql($server, "SELECT count(*) FROM rivergen_catalog.relation_signature WHERE data_source_id = $id"), 5,
		'a refresh stores signatures');
	sql($server, "UPDATE rivergen_catalog.relation SET hash = '', document = document || '{\"comment\": \"planted\"}'
		WHERE data_source_id = $id AND relation_name = 'orders'");
	$database->change;
	discover($server, $id, 'refresh => true');
	is($planted->(), 'planted', 'what they stand for is not read again');
	is(columns_of($id, 'customers'), 'id INTEGER, name VARCHAR(40), more TEXT', 'a change is');
	discover($server, $id, 'refresh => true, "full" => true');
	is($planted->(), '', 'planted signatures are not believed by a full read');
	$database->execute('ALTER TABLE orders RENAME TO purchases');
	discover($server, $id, 'refresh => true');
	is( sql($server, "SELECT relation_name FROM rivergen_catalog.relation WHERE relation_id = $relation"),
		'purchases', 'under its id a relation is the same whatever its name');
	clean_server($server);
};

survives($server);
done_testing();
