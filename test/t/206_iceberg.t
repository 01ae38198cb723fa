# A source of type iceberg from its registration to its rows, in the connector's confinement: a table that Iceberg's own library
# in Python writes and changes.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use PostgreSQL::Test::Utils;
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
		"import sys, datetime\nimport pyarrow as pa\nfrom pyiceberg.catalog.sql import SqlCatalog\n"
			. "from pyiceberg.transforms import IdentityTransform\nfrom pyiceberg.types import DoubleType\n"
			. "place = sys.argv[1]\ncatalog = SqlCatalog('c', uri='sqlite:///' + sys.argv[2], warehouse='file://' + place)\n"
			. $program,
		$table, $server->basedir . '/catalog.db') == 0
		or die 'the table could not be written';
	return;
}

change(<<'PYTHON');
rows = pa.table({'id': list(range(1, 7)), 'day': [datetime.date(2024, 1, 1 + n % 2) for n in range(6)],
                 'item': [{'sku': f's{n}', 'tags': ['a']} for n in range(6)], 'town': ['Köln', None] * 3})
catalog.create_namespace('shop')
table = catalog.create_table('shop.orders', rows.schema, location='file://' + place, properties={'comment': 'all orders'})
with table.update_spec() as update:
    update.add_field('day', IdentityTransform(), 'day')
table.append(rows)
PYTHON
change_settings($server, 'rivergen.storage_root' => $storage);
my $id = create_quiet_source(
	$server,
	{   name => 'Orders', type => 'iceberg', file_path => 'organizations/1/orders', credentials => {},
		metadata => { query => { enabled => JSON::PP::true } }
	});
ok(call($server, "rivergen.data_source_test($id)")->{success}, 'it is tested');
discover($server, $id);
is( sql($server, q{SELECT format('%s %s %s', table_name, kind, row_estimate) FROM rivergen.tables}),
	'orders partitioned_table 6',
	'it is discovered');
is( sql($server, q{SELECT string_agg(format('%s %s', field_path, data_type), ', ' ORDER BY ordinal_position)
		FROM rivergen.column_field_paths}),
	'id long, day date, item struct<sku: string, tags: list<string>>, item.sku string, item.tags string, town string',
	'with its columns');
like(slurp_file($server->logfile), qr/the newest metadata file is taken/, 'the log says which metadata is described');
my $log_end = -s $server->logfile;
call($server, "rivergen.attach($id, 'lake')");
is( sql($server, q{SELECT id, day, item ->> 'sku', town FROM lake.orders WHERE day = '2024-01-02' ORDER BY id}),
	"2|2024-01-02|s1|\n4|2024-01-02|s3|\n6|2024-01-02|s5|",
	'it is read in place');
is(sql($server, q{SELECT count(*), count(town) FROM lake.orders WHERE id > 1}), '5|2', 'with conditions');
unlike(slurp_file($server->logfile, $log_end), qr/the newest metadata file/, 'and not each reading again');

change(<<'PYTHON');
table = catalog.load_table('shop.orders')
table.delete('id <= 2')
with table.update_schema() as update:
    update.rename_column('town', 'place')
    update.add_column('weight', DoubleType())
table.append(pa.Table.from_pylist([{'id': 9, 'weight': 1.5}], schema=table.schema().as_arrow()))
PYTHON
is( sql($server, q{SELECT string_agg(id::text, ' ' ORDER BY id) FROM lake.orders}), '3 4 5 6 9',
	'a new snapshot is read at once');
discover_attached($server, $id);
is( sql($server, "SELECT string_agg(concat_ws(' ', object_type, object_name, change), ', ' ORDER BY object_name)
		FROM rivergen.schema_changes WHERE data_source_id = $id AND object_name IN ('weight', 'place')"),
	'column place renamed, column weight added',
	'a column that was renamed is told as such');
is( sql($server, q{SELECT string_agg(concat_ws(' ', id, length(place), weight), ', ' ORDER BY id) FROM lake.orders}),
	'3 4, 4, 5 4, 6, 9 1.5', 'and has its rows under its new name');
done_testing();
