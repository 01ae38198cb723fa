# The versions of a schema that a table itself keeps: told once as changes, with the table's own times. The tables are written and
# changed by the formats' own libraries.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use Peer::Hudi;
use Encode qw(decode_utf8);
use Rivergen;
use Test::More;
use utf8;

# What the simulated writer of Hudi writes is from 2024.
my $server = start_server('server', conf => "rivergen.schema_history_retention = '20000d'\n");
install_fake($server);
my $storage = $server->basedir . '/storage';
my $folder = "$storage/organizations/1";
mkdir $_ or die $! for $storage, "$storage/organizations", $folder;
chomp($ENV{PYTHON_PEERS} = `$FindBin::Bin/../lib/pip.sh $FindBin::Bin/../peers/python`) if !$ENV{PYTHON_PEERS};
change_settings($server, 'rivergen.storage_root' => $storage);

# Runs a program of Python on the table of that name; returns what it prints.
sub change
{
	my ($name, $program) = @_;
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
	open(
		my $output, '-|', '/usr/bin/python3', '-c',
		"import sys\nimport pyarrow as pa\nplace = sys.argv[1]\n$program",
		"$folder/$name") or die $!;
	my $said = do { local $/ = undef; <$output> };
	close $output or die 'the table could not be written';
	return $said // '';
}

sub discovered
{
	my ($name, $type) = @_;
	my $id = create_quiet_source(
		$server,
		{ name => $name, type => $type, file_path => "organizations/1/$name", credentials => {} });
	discover($server, $id);
	return $id;
}

# The changes in the order in which they were stored.
sub changes
{
	my ($id, $after) = @_;
	my $known = $after // 0;
	return sql(
		$server,
		"SELECT concat_ws(' ', (extract(epoch FROM changed_at) * 1000)::bigint, object_type, object_name, change)
		FROM rivergen.schema_changes WHERE data_source_id = $id AND change_id > $known ORDER BY change_id");
}

my $delta = "from deltalake import DeltaTable, write_deltalake\nfrom deltalake.schema import Field, PrimitiveType\n";
my $times_of_delta = "print('\\n'.join(str(c['timestamp']) for c in reversed(DeltaTable(place).history())))\n";

subtest 'delta_lake' => sub {
	my @times = split /\n/,
		change(
		'parcels',
		$delta
			. "t = pa.table({'id': [1], 'town': ['Ulm']})\n"
			. "write_deltalake(place, t)\n"
			. "write_deltalake(place, t, mode='append')\n"
			. "DeltaTable(place).alter.add_columns([Field('weight', PrimitiveType('double'))])\n"
			. "write_deltalake(place, t, mode='append', schema_mode='merge')\n"
			. "write_deltalake(place, pa.table({'id': [1], 'weight': [1.5]}), mode='overwrite', schema_mode='overwrite')\n"
			. "DeltaTable(place).alter.set_table_description('what was sent')\n"
			. $times_of_delta);
	my $id = discovered('parcels', 'delta_lake');
	my $expected = "$times[2] column weight added\n$times[4] column town removed\n$times[5] relation changed";
	is(changes($id), $expected, 'the changes before the first discovery, with the times of the commits');
	is( sql($server,
			"SELECT string_agg(concat(length(document::text) > 0, jsonb_path_query_array(document, '\$.columns[*].name')), ' ')
			FROM rivergen.schema_as_of($id, timestamptz 'epoch' + $times[3] * interval '1 ms')"),
		't["id", "town", "weight"]',
		'the table as it was between two of them');
	is( sql($server, "SELECT jsonb_path_query_array(document, '\$.columns[*].name')
			FROM rivergen.schema_as_of($id, timestamptz 'epoch' + ($times[5] + 1) * interval '1 ms')"),
		'["id", "weight"]',
		'and as it was found, from its own time on');
	call_fails(
		$server, "* FROM rivergen.schema_as_of($id, timestamptz 'epoch' + ($times[0] - 1) * interval '1 ms')",
		'before its first commit', sqlstate => 'PT404');
	discover($server, $id, 'refresh => true');
	discover($server, $id, 'refresh => true, "full" => true');
	is(changes($id), $expected, 'nothing is told again');

	my $last = sql($server, "SELECT max(change_id) FROM rivergen.schema_changes WHERE data_source_id = $id");
	@times = split /\n/,
		change(
		'parcels',
		$delta
			. "DeltaTable(place).alter.add_columns([Field('colour', PrimitiveType('string'))])\n"
			. "DeltaTable(place).alter.add_columns([Field('size', PrimitiveType('integer'))])\n"
			. $times_of_delta);
	discover($server, $id, 'refresh => true');
	is( changes($id, $last),
		"$times[-2] column colour added\n$times[-1] column size added",
		'two versions between two discoveries are told one by one');
	is( sql($server, "SELECT jsonb_path_query_array(document, '\$.columns[*].name')
			FROM rivergen.schema_as_of($id, timestamptz 'epoch' + $times[-2] * interval '1 ms')"),
		'["id", "weight", "colour"]',
		'and the one in between is kept');
	discover($server, $id, 'refresh => true');
	is(changes($id, $last), "$times[-2] column colour added\n$times[-1] column size added", 'once');
};

my $iceberg = <<'PROGRAM';
import logging, os
logging.disable(logging.WARNING)
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import DoubleType, IntegerType, LongType, NestedField, StringType
folder, name = os.path.split(place)
catalog = SqlCatalog("test", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
def times(table):
    print("\n".join(str(entry.timestamp_ms) for entry in table.metadata.metadata_log))
    print(table.metadata.last_updated_ms)
PROGRAM

subtest 'iceberg' => sub {
	my @times = split /\n/, change('stock', $iceberg . <<'PROGRAM');
catalog.create_namespace("shop")
table = catalog.create_table("shop.stock", location=f"file://{place}", schema=Schema(
    NestedField(1, "id", LongType()), NestedField(2, "town", StringType()), NestedField(3, "small", IntegerType())))
table.append(pa.table({"id": pa.array([1], pa.int64()), "town": ["Ulm"], "small": pa.array([1], pa.int32())}))
with table.update_schema() as update:
    update.rename_column("town", "city")
with table.update_schema() as update:
    update.add_column("weight", DoubleType())
    update.update_column("small", LongType())
table.append(pa.table({"id": pa.array([1], pa.int64()), "city": ["Ulm"], "small": pa.array([1], pa.int64()), "weight": [1.0]}))
with table.update_spec() as update:
    update.add_field("city", IdentityTransform())
with table.update_schema() as update:
    update.rename_column("city", "place")
with table.update_schema() as update:
    update.delete_column("weight")
times(table)
PROGRAM
	my $id = discovered('stock', 'iceberg');
	my $expected = join "\n", "$times[2] column city renamed", "$times[3] column small changed",
		"$times[3] column weight added", "$times[5] relation changed", "$times[6] column place renamed",
		"$times[7] column weight removed";
	is(changes($id), $expected, 'the changes before the first discovery; the key of partitions follows its column');
	is( sql($server,
			"SELECT before || after FROM rivergen.schema_changes WHERE data_source_id = $id AND object_name = 'city'"),
		'{"name": "city"}',
		'a rename is told as one');
	discover($server, $id, 'refresh => true, "full" => true');
	is(changes($id), $expected, 'they are told once');

	my $last = sql($server, "SELECT max(change_id) FROM rivergen.schema_changes WHERE data_source_id = $id");
	@times = split /\n/, change('stock', $iceberg . <<'PROGRAM');
table = catalog.load_table("shop.stock")
with table.update_schema() as update:
    update.rename_column("place", "where")
table.append(pa.table({"id": pa.array([1], pa.int64()), "where": ["Ulm"], "small": pa.array([1], pa.int64())}))
with table.update_schema() as update:
    update.add_column("note", StringType())
times(table)
PROGRAM
	discover($server, $id, 'refresh => true');
	is( changes($id, $last),
		"$times[-3] column where renamed\n$times[-1] column note added",
		'later ones are told one by one, too');
};

subtest 'hudi, simulated writer' => sub {
	my $peer = Peer::Hudi->new;
	rename $peer->path, "$folder/shop" or die $!;
	symlink "$folder/shop", $peer->path or die $!;
	$peer->change;
	my $id = discovered('shop', 'hudi');
	my $second = 1704153600000;
	my $expected = join "\n", map { "$second column $_" } 'day removed', "größe \x{1F600} removed", 'more added',
		'price removed', 'tags removed';
	is(decode_utf8(changes($id)), $expected, 'the change between two instants');
	discover($server, $id, 'refresh => true, "full" => true');
	is(decode_utf8(changes($id)), $expected, 'once');
};

my $sources = 0;

# A source that tells a relation as it is, and was.
sub told
{
	my ($relation, @more) = @_;
	my $metadata = {
		behaviour => 'told',
		frames => [
			{ frame => 'schema', name => 's' },
			{ frame => 'relation', schema => 's', name => 'r', id => '1', kind => 'table', %$relation }, @more ]
	};
	return create_quiet_source($server, fake_source('fake ' . ++$sources, $metadata));
}

sub columns
{
	my (@names) = @_;
	return (columns => scalar @names, document => { columns => [ map { { name => $_, type => 'text' } } @names ] });
}

subtest 'what breaks the protocol' => sub {
	my $now = time * 1000;
	my %faults = (
		'times that do not rise' => [
			{   columns('a'), changed_at => 9,
				versions => [ { columns(), changed_at => 3 }, { columns('a'), changed_at => 3 } ]
			},
			qr/not in the order of their times/ ],
		'a version that is not older than the relation' => [
			{ columns('a'), changed_at => 9, versions => [ { columns(), changed_at => 9 } ] }, qr/is not older than/ ],
		'versions without a time of the relation' =>
			[ { columns('a'), versions => [ { columns(), changed_at => 9 } ] }, qr/no member changed_at/ ],
		'too many versions' => [
			{ columns('a'), changed_at => 900, versions => [ map { { columns(), changed_at => $_ } } 1 .. 201 ] },
			qr/more than 200/ ],
		'a version without a document' => [
			{ columns('a'), changed_at => 9, versions => [ { columns => 0, changed_at => 1 } ] },
			qr/changed_at, columns and a document/ ],
		'a broken document of a version' => [
			{   columns('a'), changed_at => 9,
				versions => [ { columns => 1, document => { columns => [ {} ] }, changed_at => 1 } ]
			},
			qr/a column of a document has no name/ ],
		'a wrong count of a version' => [
			{ columns('a'), changed_at => 9, versions => [ { columns => 3, document => {}, changed_at => 1 } ] },
			qr/does not count/ ]);
	discover_fails($server, told($faults{$_}[0]), $_, code => 'protocol', sqlstate => 'PT502', says => $faults{$_}[1])
		for sort keys %faults;
};

subtest 'times that do not count' => sub {
	my $later = (time + 3600) * 1000;
	my $id = told({
		columns('a', 'b'), changed_at => $later + 1,
		versions => [ { columns('a'), changed_at => 1000000000000 }, { columns('a', 'c'), changed_at => $later } ]
	});
	discover($server, $id);
	is( sql($server,
			"SELECT concat_ws(' ', changed_at = (SELECT changed_at FROM rivergen.tables WHERE data_source_id = $id), object_name, change)
			FROM rivergen.schema_changes WHERE data_source_id = $id"),
		't b added',
		'a change of the future is told as of its discovery, and a version of the future not at all');
	is(sql($server, "SELECT count(*) FROM rivergen.schema_as_of($id, '2002-01-01')"), '1', 'what was before is known');
	$id = told({ columns('a'), changed_at => '9223372036854775807', versions => [ { columns(), changed_at => 0 } ] });
	sql($server,
		"UPDATE rivergen_catalog.data_source SET metadata = replace(metadata::text, "
			. " '\"9223372036854775807\"', '9223372036854775807')::jsonb WHERE data_source_id = $id");
	discover($server, $id);
	is( sql($server,
			"SELECT count(*) FROM rivergen.schema_changes WHERE data_source_id = $id AND changed_at > now() - interval '1 hour'"
		),
		'1',
		'nor does the largest of all times do harm');
};

subtest 'as many versions as there may be' => sub {
	my @versions = map { { columns('b' . $_ % 20), changed_at => 1600000000000 + $_ } } 0 .. 199;
	my $id = told({ columns('a'), changed_at => 1700000000000, versions => \@versions });
	discover($server, $id);
	is( sql($server, "SELECT count(*) FROM rivergen_catalog.relation_version WHERE data_source_id = $id"), '201',
		'all are kept');
	is( sql($server, "SELECT count(DISTINCT changed_at) FROM rivergen.schema_changes WHERE data_source_id = $id"),
		'200', 'and told');
};

done_testing();
