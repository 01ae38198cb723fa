# A source of type delta_lake from its registration to its rows, in the connector's confinement: a table that Delta's own library
# writes and changes.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server');
my $storage = $server->basedir . '/storage';
my $table = "$storage/organizations/1/orders";
mkdir $_ or die $! for $storage, "$storage/organizations", "$storage/organizations/1";
chomp($ENV{PYTHON_PEERS} = `$FindBin::Bin/../lib/pip.sh $FindBin::Bin/../peers/python`) if !$ENV{PYTHON_PEERS};

sub change
{
	my ($program) = @_;
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
	system(
		'/usr/bin/python3', '-c',
		"import sys, datetime\nimport pyarrow as pa\nfrom deltalake import DeltaTable, write_deltalake\n"
			. "place = sys.argv[1]\n$program",
		$table) == 0
		or die 'the table could not be written';
	return;
}

sub table_for
{
	my ($days) = @_;
	return "pa.table({'id': list(range(1, 7)), 'day': [datetime.date(2024, 1, 1 + n % 2) for n in range(6)], "
		. "'item': [{'sku': f's{n}', 'tags': ['a']} for n in range(6)], 'town': ['Köln', None] * 3})";
}

change('write_deltalake(place, ' . table_for() . ", partition_by=['day'], description='all orders')");
change_settings($server, 'rivergen.storage_root' => $storage);
my $id = create_quiet_source(
	$server,
	{   name => 'Orders', type => 'delta_lake', file_path => 'organizations/1/orders', credentials => {},
		metadata => { query => { enabled => JSON::PP::true } }
	});
ok(call($server, "rivergen.data_source_test($id)")->{success}, 'it is tested');
discover($server, $id);
is( sql($server, q{SELECT format('%s %s %s', table_name, kind, row_estimate) FROM rivergen.tables}),
	'orders partitioned_table 6',
	'it is discovered');
is( sql($server, q{SELECT string_agg(format('%s %s', field_path, data_type), ', ' ORDER BY ordinal_position)
		FROM rivergen.column_field_paths}),
	'id long, day date, item struct<sku:string,tags:array<string>>, item.sku string, item.tags string, town string',
	'with its columns');
call($server, "rivergen.attach($id, 'lake')");
is( sql($server, q{SELECT id, day, item ->> 'sku', town FROM lake.orders WHERE day = '2024-01-02' ORDER BY id}),
	"2|2024-01-02|s1|\n4|2024-01-02|s3|\n6|2024-01-02|s5|",
	'it is read in place');
is(sql($server, q{SELECT count(*), count(town) FROM lake.orders WHERE id > 1}), '5|2', 'with conditions');

change(   "DeltaTable(place).delete('id <= 2')\n"
		. "write_deltalake(place, pa.table({'id': [9], 'day': [None], 'weight': [1.5]}, schema=pa.schema([('id', pa.int64()), "
		. "('day', pa.date32()), ('weight', pa.float64())])), mode='append', schema_mode='merge')");
is( sql($server, q{SELECT string_agg(id::text, ' ' ORDER BY id) FROM lake.orders}), '3 4 5 6 9',
	'a new version is read at once');
discover($server, $id, 'refresh => true');
is( sql($server, "SELECT string_agg(concat_ws(' ', object_type, object_name, change), ', ')
		FROM rivergen.schema_changes WHERE data_source_id = $id AND object_name = 'weight'"),
	'column weight added',
	'the new column is told as a change');
is(sql($server, q{SELECT row_estimate FROM rivergen.tables}), '5', 'and its rows are counted again');
done_testing();
