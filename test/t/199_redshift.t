# A source of type redshift from its registration to its queries, against a simulated Redshift: what the connector says is what the
# server takes.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use OlderServer;
use RedshiftCatalogs;
use Rivergen;
use Test::More;

my $server = start_server('server');
my $password = 'Tr0ub4dor-and-3';
my $source = start_source('source', $password);
sql($source, redshift_catalogs() =~ s/CREATE ROLE reader LOGIN;//r);
sql($source, <<'EOT');
CREATE SCHEMA shop;
CREATE TABLE shop.bills (id bigint PRIMARY KEY, name varchar(20), code char(4), price numeric(10,2), at timestamp, is_open boolean);
INSERT INTO shop.bills VALUES (1, 'chair', 'de', 12.5, '2024-02-29 12:30', true), (2, NULL, 'fr', 99, NULL, false);
INSERT INTO simulated.svv_external_tables VALUES ('shop', 'clicks', 's3://bucket/clicks/', 'PARQUET');
INSERT INTO simulated.svv_external_columns VALUES ('shop', 'clicks', 'at', 'timestamp', 1, 0, 'true'),
	('shop', 'clicks', 'word', 'varchar(20)', 2, 0, 'true'), ('shop', 'clicks', 'item', 'struct<id:int>', 3, 0, 'true');
GRANT USAGE ON SCHEMA shop TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA shop TO reader;
EOT
my $id = create_quiet_source(
	$server,
	source_of(
		$source, $password,
		name => 'Lake', type => 'redshift', port => start_older_server($source->port) + 0,
		metadata => { query => { enabled => JSON::PP::true } }));
discover($server, $id);
is( sql($server, q{SELECT string_agg(format('%s %s', table_name, kind), ', ' ORDER BY table_name) FROM rivergen.tables}
	),
	'bills table, clicks foreign_table',
	'it is discovered');
is_deeply(
	[   sql($server,
			"SELECT column_name || ' ' || coalesce(data_type, '') FROM rivergen.columns WHERE table_name = 'bills' ORDER BY 1"
		) =~ /^(\S+)/mg ],
	[qw(at code id is_open name price)],
	'with all columns');
call($server, "rivergen.attach($id, 'shop', ARRAY['shop'])");
is( sql($server,
		"SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'shop.bills'::regclass AND attnum > 0 ORDER BY attnum"
	),
	"bigint\ntext\nbpchar\nnumeric\ntimestamp without time zone\nboolean",
	'attached, its columns have types');
is( sql($server,
		"SELECT id, name, price FROM shop.bills WHERE price > 12 AND (name = 'chair' OR NOT is_open) ORDER BY at"),
	"1|chair|12.50\n2||99.00",
	'it is read in place');
is( sql($server, "SELECT id, code FROM shop.bills WHERE code = 'd' OR code = 'de'"),
	'1|de  ',
	'blanks behind a text of a fixed length are not compared');
my $answer = call($server, "rivergen.query($id, 'SELECT id, price FROM shop.bills ORDER BY id', 1)")->{data};
is_deeply(
	$answer,
	{   columns => [ { name => 'id', type => 'bigint' }, { name => 'price', type => 'numeric' } ],
		rows => [ [ 1, 12.5 ] ],
		truncated => JSON::PP::true
	},
	'a query in its own words') or diag(explain($answer));
call_fails(
	$server, "rivergen.query($id, 'DROP TABLE shop.bills')", 'a statement that writes', sqlstate => 'PT400',
	says => qr/none that only reads/);
call_fails(
	$server, "rivergen.query($id, 'SELECT id FROM shop.bills, FROM')", 'a fault', sqlstate => 'PT400',
	says => qr/syntax error/);
done_testing();
