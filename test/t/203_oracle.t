# A source of type oracle from its registration to its queries, by the operator's setting for its driver: PostgreSQL with views of
# the dictionary's names, behind PostgreSQL's own driver (connectors/lib/oracle_dictionary.sql).
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my ($library) = grep { -e } glob '/usr/lib/*/odbc/psqlodbcw.so';
my $server = start_server('server');
my $keywords = 'DBQ= SERVER={host} PORT={port} DATABASE={database} SSLmode=disable UseDeclareFetch=1';
change_settings($server, 'rivergen.odbc_drivers' => "postgres = $library braces $keywords");
my $password = 'Tr0ub4dor-and-3';
my $source = start_source('source', $password);
sql($source, Rivergen::read_file("$FindBin::Bin/../connectors/lib/oracle_dictionary.sql"));
sql($source, <<'EOT');
ALTER DATABASE postgres SET search_path = ora, pg_catalog;
CREATE SCHEMA sales;
CREATE TABLE sales.bills (id bigint PRIMARY KEY, name varchar(20), price numeric(10,2), at timestamp, bytes bytea, code char(4));
INSERT INTO sales.bills VALUES (1, 'chair', 12.5, '2024-02-29 12:30', '\x00ff', 'de'), (2, NULL, 99, NULL, NULL, 'fr');
GRANT USAGE ON SCHEMA ora, sales TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA ora, sales TO reader;
EOT
my $id = create_quiet_source(
	$server,
	source_of(
		$source, $password,
		name => 'Books', type => 'oracle', metadata => { driver => 'postgres', query => { enabled => JSON::PP::true } })
);
discover($server, $id);
is( sql($server,
		q{SELECT string_agg(format('%s %s', table_name, kind), ', ') FROM rivergen.tables WHERE table_schema = 'sales'}
	),
	'bills table',
	'it is discovered');
call($server, "rivergen.attach($id, 'sales', ARRAY['sales'])");
is( sql($server,
		"SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'sales.bills'::regclass AND attnum > 0 ORDER BY attnum"
	),
	"bigint\ntext\nnumeric\ntimestamp without time zone\nbytea\nbpchar",
	'attached, its columns have types');
is( sql($server,
		"SELECT id, name, price, bytes FROM sales.bills WHERE price > 12 AND (name = 'chair' OR at IS NULL) ORDER BY id"
	),
	"1|chair|12.50|\\x00ff\n2||99.00|",
	'it is read in place');
is( sql($server, "SELECT id, code FROM sales.bills WHERE code = 'de'"),
	'1|de  ', 'blanks behind a text of a fixed length are not compared');
is_deeply(
	call($server, "rivergen.query($id, 'SELECT id, price FROM sales.bills ORDER BY id', 1)")->{data},
	{   columns => [ { name => 'id', type => 'bigint' }, { name => 'price', type => 'numeric' } ],
		rows => [ [ 1, 12.5 ] ],
		truncated => JSON::PP::true
	},
	'a query in its own words');
call_fails(
	$server, "rivergen.query($id, 'DROP TABLE sales.bills')", 'a statement that writes', sqlstate => 'PT400',
	says => qr/none that only reads/);
done_testing();
