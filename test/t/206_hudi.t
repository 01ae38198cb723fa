# A source of type hudi from its registration to its rows, in the connector's confinement.
use strict;
use warnings;
use utf8;

use Encode qw(decode_utf8);
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use Peer::Hudi;
use Rivergen;
use Test::More;

my $server = start_server('server');
my $storage = $server->basedir . '/storage';
my $peer = Peer::Hudi->new;
mkdir $_ or die $! for $storage, "$storage/organizations", "$storage/organizations/1";
rename $peer->path, "$storage/organizations/1/shop" or die $!;
symlink "$storage/organizations/1/shop", $peer->path or die $!;
change_settings($server, 'rivergen.storage_root' => $storage);

my $id = create_quiet_source(
	$server,
	{   name => 'Shop', type => 'hudi', file_path => 'organizations/1/shop', credentials => {},
		metadata => { query => { enabled => JSON::PP::true } }
	});
ok(call($server, "rivergen.data_source_test($id)")->{success}, 'it is tested');
discover($server, $id);
is( sql($server, q{SELECT format('%s %s', table_name, kind) FROM rivergen.tables}),
	'shop table', 'it is discovered');
is( decode_utf8(sql(
		$server, q{SELECT string_agg(format('%s %s', column_name, data_type), ', ' ORDER BY ordinal_position)
		FROM rivergen.columns})),
	'id int, größe 😀 string, price decimal(9,2), day date, tags string',
	'with its columns');
call($server, "rivergen.attach($id, 'lake')");
is( sql($server, q{SELECT id, price, day, tags ->> 0 FROM lake.shop WHERE price > -10 ORDER BY id}),
	"1|1234.50|2024-12-31|x\n2|-7.50|2025-01-01|\n3|0.25||", 'it is read in place');
is(sql($server, q{SELECT count(*), count(day) FROM lake.shop WHERE id > 1}), '3|2', 'with conditions');

$peer->change;
discover_attached($server, $id);
is( sql($server, "SELECT string_agg(concat_ws(' ', object_name, change), ', ' ORDER BY object_name)
		FROM rivergen.schema_changes WHERE data_source_id = $id AND object_name IN ('more', 'price')"),
	'more added, price removed',
	'another schema is told as changes');
is( sql($server, q{SELECT id, more FROM lake.shop ORDER BY id LIMIT 2}),
	"1|\n2|", 'what the files lack is null');
done_testing();
