# What is not a change of the schema is not told, and writes no row: the source's settings, upkeep, another user, and
# the same schema in a database that was restored.
use strict;
use warnings;

use IPC::Run;
use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
sql($source, <<'EOT');
CREATE SCHEMA shop;
CREATE TYPE shop.state AS ENUM ('new', 'paid');
CREATE DOMAIN shop.amount AS numeric(10,2) CHECK (VALUE > 0.1) NOT NULL;
CREATE FUNCTION shop.vat(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN $1 * 1.2;
CREATE TABLE shop.customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Name" text COLLATE "C", gone int, since date DEFAULT '2020-02-01');
ALTER TABLE shop.customer DROP gone;
CREATE TABLE shop.orders (id bigserial PRIMARY KEY, customer int REFERENCES shop.customer ON DELETE CASCADE, state shop.state DEFAULT 'new',
	price shop.amount, gross numeric GENERATED ALWAYS AS (shop.vat(price)) STORED, at timestamptz DEFAULT '2020-06-01 12:00+02',
	lasts interval DEFAULT '1 day 02:03:04', secret bytea DEFAULT '\x00ff', weight float8 DEFAULT 0.1, cost money DEFAULT 12.5::money,
	note text DEFAULT E'a\\b''c', CHECK (at > '2019-01-01 00:00+00'), CHECK (note <> E'\\'));
CREATE INDEX orders_recent ON shop.orders (lower(note), at DESC) WHERE at > '2020-01-01 00:00+00' AND weight > 0.3;
CREATE VIEW shop.recent AS SELECT o.id, c."Name", o.lasts FROM shop.orders o
	JOIN shop.customer c ON c.id = o.customer WHERE o.at > '2020-03-04 05:06:07+00';
CREATE MATERIALIZED VIEW shop.total AS SELECT customer, sum(price) AS sum FROM shop.orders GROUP BY 1;
CREATE TABLE shop.measure (at timestamptz NOT NULL, v int) PARTITION BY RANGE (at);
CREATE TABLE shop.measure_1 PARTITION OF shop.measure FOR VALUES FROM ('2026-01-01 00:00+01') TO ('2026-02-01 00:00+01');
COMMENT ON TABLE shop.orders IS 'What was bought';
COMMENT ON COLUMN shop.orders.price IS E'With\ttab and \\';
ANALYZE;
EOT
my $id = create_source($server, source_of($source, $password));
discover($server, $id);
my $print = fingerprint($server, $id);
isnt(sql($server, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $id"), 0, 'something is there');

sub told { return sql($server, "SELECT count(*) FROM rivergen.schema_changes WHERE data_source_id = $id") }

# A test: a full discovery finds what is stored, to the byte, and writes nothing.
sub unchanged
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	discover($server, $id, 'refresh => true, "full" => true');
	my $now = fingerprint($server, $id);
	ok($now eq $print, $name) or diag(join "\n", grep { index($print, $_) < 0 } split /\n/, $now);
}

my @settings = (
	[ search_path => 'shop, public' ], [ DateStyle => "'German'" ], [ IntervalStyle => "'sql_standard'" ],
	[ TimeZone => "'Asia/Tokyo'" ],
	[ quote_all_identifiers => 'on' ], [ extra_float_digits => '-5' ], [ bytea_output => "'escape'" ],
	[ xmlbinary => "'hex'" ],
	[ client_encoding => "'LATIN1'" ], [ standard_conforming_strings => 'off' ], [ backslash_quote => "'on'" ],
	[ row_security => 'off' ],
	[ lc_numeric => "'C.UTF-8'" ], [ lc_monetary => "'C.UTF-8'" ], [ lc_time => "'C.UTF-8'" ],
	[ transform_null_equals => 'on' ],
	[ default_transaction_isolation => "'serializable'" ], [ default_transaction_read_only => 'on' ],
	[ default_toast_compression => "'pglz'" ],
	[ array_nulls => 'off' ], [ enable_indexscan => 'off' ], [ plan_cache_mode => "'force_custom_plan'" ],
	[ work_mem => "'64kB'" ],
	[ statement_timeout => "'50s'" ], [ synchronize_seqscans => 'off' ], [ escape_string_warning => 'on' ],
	[ default_tablespace => "''" ]);

for my $of ('ROLE reader', 'DATABASE postgres')
{
	sql($source, join '', map { "ALTER $of SET $_->[0] = $_->[1];" } @settings);
	unchanged("settings of $of");
	sql($source, "SET default_transaction_read_only = off; ALTER $of RESET ALL");
}
for my $setting (@settings)
{
	sql($source, "ALTER ROLE reader SET $setting->[0] = $setting->[1]");
	unchanged("$setting->[0] alone");
	sql($source, 'ALTER ROLE reader RESET ALL');
}

sql($source, $_) for 'VACUUM FULL', 'ANALYZE', 'REINDEX SCHEMA shop', 'CLUSTER shop.orders USING orders_pkey',
	'REFRESH MATERIALIZED VIEW shop.total';
discover($server, $id, 'refresh => true');    # the statistics of what was rewritten
$print = fingerprint($server, $id);
unchanged('upkeep');
sql($source, 'ALTER TABLE shop.orders CLUSTER ON orders_pkey; ALTER TABLE shop.orders SET (autovacuum_enabled = off)');
unchanged('what documents do not say');
sql($source, 'CREATE ROLE another LOGIN SUPERUSER PASSWORD ' . literal($password));
call(
	$server,
	"rivergen.data_source_update_credentials($id, " . json({ username => 'another', password => $password }) . ')');
unchanged('another user, who may do everything');
call(
	$server,
	"rivergen.data_source_update_credentials($id, " . json({ username => 'reader', password => $password }) . ')');
is(told(), 0, 'no change is reported');

# Objects that come and go all the time in other sessions, and the same ones again under other numbers.
subtest 'restored' => sub {
	my $dump = $source->data_dir . '/../dump.sql';
	IPC::Run::run([ 'pg_dump', '-d', $source->connstr('postgres'), '-n', 'shop', '-f', $dump ]) or die 'pg_dump';
	sql($source, 'DROP SCHEMA shop CASCADE');
	IPC::Run::run(
		[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $source->connstr('postgres'), '-f', $dump ], '>',
		\my $out) or die 'psql';
	sql($source, 'ANALYZE');
	discover($server, $id, 'refresh => true, "full" => true');
	is(told(), 0, 'made again by dump and restore, no change is reported')
		or diag(sql(
		$server,
		"SELECT object_type, table_name, object_name, change, before, after FROM rivergen.schema_changes WHERE data_source_id = $id"
		));
	$print = fingerprint($server, $id);
	unchanged('a refresh after dump and restore writes nothing');
};

clean_server($server);
survives($server);
done_testing();
