# What discoveries find to have changed: rivergen.schema_changes, and rivergen.schema_as_of.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
sql($source, <<'EOT');
CREATE SCHEMA shop;
CREATE SCHEMA archive;
CREATE TYPE shop.state AS ENUM ('new', 'paid');
CREATE TABLE shop.customer (id int PRIMARY KEY, email text NOT NULL, name varchar(20), state shop.state, score int DEFAULT 0 NOT NULL);
CREATE TABLE shop.orders (id int, customer_id int, total numeric, note text, CONSTRAINT orders_key UNIQUE (id));
CREATE INDEX orders_total ON shop.orders (total);
CREATE VIEW shop.big AS SELECT id, total FROM shop.orders WHERE total > 1000;
CREATE TABLE shop.left_alone (id int PRIMARY KEY, at date);
CREATE TABLE shop.one (a int);
CREATE TABLE shop.two (b text);
CREATE TABLE shop.measure (at date, v int) PARTITION BY RANGE (at);
CREATE TABLE shop.measure_1 PARTITION OF shop.measure FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
EOT
my $id = create_source($server, source_of($source, $password));

# What changed since the last look, a line each: breaking (!) or compatible (.), type, object, change, before, after.
my $looked = 0;

sub changes
{
	my $rows = sql(
		$server, "SELECT concat_ws(' ', CASE classification WHEN 'breaking' THEN '!' ELSE '.' END, object_type,
		concat_ws('.', table_schema, table_name, object_name), change, before, '->', after)
		FROM rivergen.schema_changes WHERE data_source_id = $id AND change_id > $looked ORDER BY change_id");
	$looked = sql($server, 'SELECT coalesce(max(change_id), 0) FROM rivergen.schema_changes');
	return $rows;
}

# A test: after these statements in the source a discovery finds exactly these changes.
sub changes_are
{
	my ($statements, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	sql($source, $statements) if $statements;
	discover($server, $id, 'refresh => true');
	is(changes(), join("\n", @$expected), $name);
}

sub now
{
	return sql($server, 'SELECT clock_timestamp()');
}

sub as_of
{
	my ($at, $select) = @_;
	return sql($server, "SELECT $select FROM rivergen.schema_as_of($id, " . literal($at) . ')');
}

my $names = q(string_agg(concat(table_schema, '.', table_name), ' ' ORDER BY table_schema, table_name));
my $before = now();
call_fails(
	$server, "* FROM rivergen.schema_as_of($id, now())", 'no discovery, no history', sqlstate => 'PT404',
	says => qr/not been discovered/);
discover($server, $id);
my $at_first = now();

subtest 'nothing changed' => sub {
	is(changes(), '', 'the first discovery writes no rows');
	changes_are('', [], 'a second discovery of the same writes no rows');
	changes_are('INSERT INTO shop.one SELECT generate_series(1, 10000)', [], 'statistics are no change');
	sql($source, $_) for 'VACUUM shop.one', 'ANALYZE';
	changes_are('', [], 'VACUUM and ANALYZE are no change');
	changes_are(
		'ALTER TABLE shop.one SET (fillfactor = 50); REINDEX TABLE shop.customer', [],
		'facts that no document has are no change');
	discover($server, $id, 'refresh => true, "full" => true');
	is(changes(), '', 'a full read finds no change');
	is(sql($server, 'SELECT count(*) FROM rivergen_catalog.relation_version'), 0, 'no version is stored');
};

subtest 'columns' => sub {
	sql($source, "ALTER TYPE shop.state ADD VALUE 'sent'");
	changes_are(
		<<'EOT',
ALTER TABLE shop.customer ADD city text, ADD born date NOT NULL, ADD rank int NOT NULL DEFAULT 1, DROP name,
	ALTER score TYPE bigint, ALTER email DROP NOT NULL;
COMMENT ON COLUMN shop.customer.id IS 'Their number';
EOT
		[   '! column shop.customer.born added -> {"type": "date", "not_null": true}',
			'. column shop.customer.city added -> {"type": "text"}',
			'. column shop.customer.email changed {"not_null": true} -> {}',
			'. column shop.customer.id changed {} -> {"comment": "Their number"}',
			'! column shop.customer.name removed {"type": "character varying(20)"} ->',
			'. column shop.customer.rank added -> {"type": "integer", "default": "1", "not_null": true}',
			'! column shop.customer.score changed {"type": "integer"} -> {"type": "bigint"}',
			'. column shop.customer.state changed {"enum": ["new", "paid"]} -> {"enum": ["new", "paid", "sent"]}',
		],
		'added, removed, changed');
	changes_are(
		"ALTER TABLE shop.customer ALTER score DROP DEFAULT, ALTER email SET NOT NULL, ALTER city SET DEFAULT 'Basel'",
		[   q(. column shop.customer.city changed {} -> {"default": "'Basel'::text"}),
			'! column shop.customer.email changed {} -> {"not_null": true}',
			'! column shop.customer.score changed {"default": "0"} -> {}',
		],
		'defaults and NOT NULL');
	changes_are(
		'ALTER TABLE shop.left_alone ADD n int', ['. column shop.left_alone.n added -> {"type": "integer"}'],
		'a new last one');
	changes_are(
		'ALTER TABLE shop.left_alone DROP at; ALTER TABLE shop.left_alone ADD at date', [],
		'another place is no change');
	changes_are(
		'ALTER TABLE shop.customer RENAME city TO town',
		[   '! column shop.customer.town renamed {"name": "city"} -> {"name": "town"}',
		],
		'a rename');
};

subtest 'keys and indexes' => sub {
	changes_are(
		<<'EOT',
ALTER TABLE shop.orders ADD PRIMARY KEY (id), ADD CONSTRAINT positive CHECK (total > 0),
	ADD CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES shop.customer NOT VALID,
	ADD CONSTRAINT apart EXCLUDE (note WITH =);
CREATE INDEX orders_note ON shop.orders (note);
CREATE UNIQUE INDEX orders_pair ON shop.orders (customer_id, note);
EOT
		[   '! column shop.orders.id changed {} -> {"not_null": true}',
			'! check shop.orders.positive added -> {"definition": "CHECK ((total > (0)::numeric))"}',
			'! exclusion shop.orders.apart added -> {"definition": "EXCLUDE USING btree (note WITH =)"}',
			'! foreign_key shop.orders.buyer added -> {"table": "customer", "schema": "shop", "columns": ["customer_id"], '
				. '"not_valid": true, "referenced_columns": ["id"]}',
			'. index shop.orders.orders_note added -> {"method": "btree", "columns": ["note"], "definition": "USING btree (note)"}',
			'! index shop.orders.orders_pair added -> {"method": "btree", "unique": true, "columns": ["customer_id", "note"], '
				. '"definition": "USING btree (customer_id, note)"}',
			'! primary_key shop.orders.orders_pkey added -> {"columns": ["id"]}',
		],
		'added; the index of a key is the key');
	changes_are(
		<<'EOT',
ALTER TABLE shop.orders VALIDATE CONSTRAINT buyer;
ALTER TABLE shop.orders RENAME CONSTRAINT positive TO above_zero;
ALTER TABLE shop.orders RENAME CONSTRAINT orders_pkey TO orders_id;
ALTER INDEX shop.orders_note RENAME TO orders_remark;
EOT
		[   '. check shop.orders.above_zero renamed {"name": "positive"} -> {"name": "above_zero"}',
			'. foreign_key shop.orders.buyer changed {"not_valid": true} -> {}',
			'. index shop.orders.orders_remark renamed {"name": "orders_note"} -> {"name": "orders_remark"}',
			'. primary_key shop.orders.orders_id renamed {"name": "orders_pkey"} -> {"name": "orders_id"}',
		],
		'validated and renamed');
	changes_are(
		<<'EOT',
ALTER TABLE shop.orders DROP CONSTRAINT buyer, DROP CONSTRAINT orders_key, DROP CONSTRAINT above_zero, DROP CONSTRAINT apart;
ALTER TABLE shop.orders ADD CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES shop.customer ON DELETE CASCADE;
DROP INDEX shop.orders_total, shop.orders_pair;
EOT
		[   '. check shop.orders.above_zero removed {"definition": "CHECK ((total > (0)::numeric))"} ->',
			'. exclusion shop.orders.apart removed {"definition": "EXCLUDE USING btree (note WITH =)"} ->',
			'! foreign_key shop.orders.buyer changed {} -> {"on_delete": "cascade"}',
			'! index shop.orders.orders_pair removed {"method": "btree", "unique": true, "columns": ["customer_id", "note"], '
				. '"definition": "USING btree (customer_id, note)"} ->',
			'. index shop.orders.orders_total removed {"method": "btree", "columns": ["total"], "definition": "USING btree (total)"} ->',
			'! unique shop.orders.orders_key removed {"columns": ["id"]} ->',
		],
		'removed, and made again otherwise');
};

subtest 'what constraints are beside their columns' => sub {
	changes_are(
		<<'EOT',
CREATE TABLE shop.seat (hall int, row_no int, seat_no int, during int4range, UNIQUE (row_no, seat_no),
	CONSTRAINT apart EXCLUDE USING gist (during WITH &&), CONSTRAINT numbered CHECK (seat_no > 0), PRIMARY KEY (hall, row_no));
CREATE TABLE shop.ticket (hall int NOT NULL, row_no int, CONSTRAINT at FOREIGN KEY (hall, row_no) REFERENCES shop.seat ON DELETE SET NULL (row_no));
EOT
		[   '. relation shop.seat added -> {"kind": "table", "owner": "postgres", "columns_count": 4}',
			'. relation shop.ticket added -> {"kind": "table", "owner": "postgres", "columns_count": 2}',
		],
		'two tables');
	is( sql($server,
			"SELECT concat_ws(' ', delete_rule, delete_columns) FROM rivergen.constraints WHERE data_source_id = $id AND constraint_name = 'at'"
		),
		'SET NULL {row_no}',
		'the columns that ON DELETE sets');
	changes_are(
		<<'EOT',
ALTER TABLE shop.seat DROP CONSTRAINT seat_row_no_seat_no_key, ADD UNIQUE (row_no, seat_no) DEFERRABLE INITIALLY DEFERRED,
	DROP CONSTRAINT apart, ADD CONSTRAINT apart EXCLUDE USING gist (during WITH &&) DEFERRABLE,
	DROP CONSTRAINT numbered, ADD CONSTRAINT numbered CHECK (seat_no > 0) NOT VALID;
EOT
		[   '. check shop.seat.numbered changed {} -> {"not_valid": true}',
			'. exclusion shop.seat.apart changed {} -> {"deferrable": true}',
			'. unique shop.seat.seat_row_no_seat_no_key changed {} -> {"deferred": true, "deferrable": true}',
		],
		'what becomes deferrable refuses nothing more, and what is not validated neither');
	is( sql($server,
			"SELECT string_agg(concat_ws(' ', constraint_name, is_deferrable, initially_deferred, is_valid, is_enforced), ', '
				ORDER BY constraint_name)
		FROM rivergen.constraints WHERE data_source_id = $id AND table_name = 'seat' AND constraint_type <> 'PRIMARY KEY'"),
		'apart t f t YES, numbered f f f YES, seat_row_no_seat_no_key t t t YES',
		'deferrable and validated, as the source says');
	changes_are(
		<<'EOT',
ALTER TABLE shop.seat VALIDATE CONSTRAINT numbered,
	DROP CONSTRAINT seat_row_no_seat_no_key, ADD UNIQUE (row_no, seat_no) DEFERRABLE,
	DROP CONSTRAINT apart, ADD CONSTRAINT apart EXCLUDE USING gist (during WITH &&);
ALTER TABLE shop.ticket DROP CONSTRAINT at, ADD CONSTRAINT at FOREIGN KEY (hall, row_no) REFERENCES shop.seat ON DELETE SET NULL;
EOT
		[   '. check shop.seat.numbered changed {"not_valid": true} -> {}',
			'! exclusion shop.seat.apart changed {"deferrable": true} -> {}',
			'! unique shop.seat.seat_row_no_seat_no_key changed {"deferred": true} -> {}',
			'! foreign_key shop.ticket.at changed {"on_delete_columns": ["row_no"]} -> {}',
		],
		'validated; what must hold sooner; other columns that are set');
	sql($source, 'DROP TABLE shop.ticket, shop.seat');
	discover($server, $id, 'refresh => true');
	changes();
};

subtest 'options of views' => sub {
	changes_are(
		'ALTER VIEW shop.big SET (security_barrier)',
		['. relation shop.big changed {} -> {"options": {"security_barrier": "true"}}'],
		'a barrier hides, and breaks nothing');
	changes_are(
		'ALTER VIEW shop.big SET (security_invoker = on, check_option = cascaded)',
		[         '! relation shop.big changed {"options": {"security_barrier": "true"}} -> '
				. '{"options": {"check_option": "cascaded", "security_barrier": "true", "security_invoker": "on"}}' ],
		'other rights, and a check of what is written');
	is( sql($server,
			"SELECT concat_ws(' ', check_option, is_security_barrier, is_security_invoker, options ->> 'check_option')
				FROM rivergen.views WHERE data_source_id = $id"
		),
		'CASCADED t t cascaded',
		'the view of views shows them');
	changes_are(
		'ALTER VIEW shop.big RESET (check_option)',
		[   '. relation shop.big changed {"options": {"check_option": "cascaded", "security_barrier": "true", "security_invoker": "on"}} -> '
				. '{"options": {"security_barrier": "true", "security_invoker": "on"}}' ],
		'a check that is gone');
};

subtest 'relations' => sub {
	sql($source, "COMMENT ON TABLE shop.one IS 'First'; CREATE TABLE shop.note (id int PRIMARY KEY, body text);
		ALTER TABLE shop.orders RENAME TO purchase; ALTER TABLE shop.measure DETACH PARTITION shop.measure_1");
	discover($server, $id, 'refresh => true');
	my $rows = changes();
	is( join("\n", map { /^(. \S+ \S+ \S+)/ } split /\n/, $rows),
		join(
			"\n",
			'. relation shop.measure_1 changed', '. relation shop.note added', '. relation shop.one changed',
			'! relation shop.purchase renamed'),
		'added, renamed, changed; a renamed table keeps its indexes, and views follow it');
	like(
		$rows,
		qr/shop\.purchase renamed \{"name": "orders", "schema": "shop"\} -> \{"name": "purchase", "schema": "shop"\}$/m,
		'from where to where');
	like($rows, qr/shop\.note added -> \{"kind": "table", "owner": "\w+", "columns_count": 2\}$/m, 'what came');
	like($rows, qr/shop\.one changed \{\} -> \{"comment": "First"\}$/m, 'what is said of it now');

	changes_are(
		'ALTER TABLE shop.one RENAME TO x; ALTER TABLE shop.two RENAME TO one; ALTER TABLE shop.x RENAME TO two',
		[   '! relation shop.one renamed {"name": "two", "schema": "shop"} -> {"name": "one", "schema": "shop"}',
			'! relation shop.two renamed {"name": "one", "schema": "shop"} -> {"name": "two", "schema": "shop"}',
		],
		'two that change names');
	changes_are(
		'ALTER TABLE shop.note SET SCHEMA archive',
		['! relation archive.note renamed {"name": "note", "schema": "shop"} -> {"name": "note", "schema": "archive"}'],
		'another schema');
	changes_are(
		'DROP TABLE archive.note; CREATE TABLE archive.note (id int PRIMARY KEY, body text)', [],
		'made again as it was');

	sql($source, 'DROP TABLE archive.note');
	discover($server, $id, 'refresh => true');
	like(changes(), qr/^! relation archive\.note removed \{.*"columns_count": 2\} ->$/, 'removed');
	sql($source, 'CREATE TABLE archive.note (id int)');
	discover($server, $id, 'refresh => true');
	like(
		changes(), qr/^\. relation archive\.note added -> \{.*"columns_count": 1\}$/,
		'a relation that returns is added');

	sql($source, 'CREATE SCHEMA young; CREATE TABLE young.t (a int)');
	discover($server, $id, 'refresh => true');
	like(changes(), qr/^\. relation young\.t added -> [^\n]*$/, 'in a schema that was not there');
};

subtest 'as of' => sub {
	is( as_of($at_first, $names),
		join(' ', map { "shop.$_" } qw(big customer left_alone measure measure_1 one orders two)),
		'the relations of the first discovery');
	is( as_of(
			$at_first, q(count(*) FILTER (WHERE table_name = 'customer' AND document #>> '{columns,2,name}' = 'name'))),
		1,
		'as they were');
	is( as_of(now(), $names),
		sql($server, "SELECT string_agg(concat(table_schema, '.', table_name), ' ' ORDER BY table_schema, table_name)
		FROM rivergen.tables WHERE data_source_id = $id"),
		'now is what the views show');
	is(as_of('infinity', 'count(*)'), as_of(now(), 'count(*)'), 'a time in the future shows the current state');
	call_fails(
		$server, "* FROM rivergen.schema_as_of($id, " . literal($before) . ')', 'before the first discovery',
		sqlstate => 'PT404', says => qr/not known.*begins at/);
	call_fails(
		$server, "* FROM rivergen.schema_as_of($id, NULL)", 'at no time', sqlstate => 'PT400',
		says => qr/at: must not be null/);
	call_fails($server, '* FROM rivergen.schema_as_of(987654321, NULL)', 'of no source', sqlstate => 'PT404');
	is( sql($server,
			"SELECT count(*) FROM rivergen.schema_changes c WHERE data_source_id = $id AND object_type = 'relation'
		AND (change = 'removed') = EXISTS (SELECT FROM rivergen.schema_as_of($id, c.changed_at) r
			WHERE (r.table_schema, r.table_name) = (c.table_schema, c.table_name))"),
		0,
		'at each change it agrees with the change');
};

subtest 'schema by schema' => sub {
	my $scoped = create_source($server, source_of($source, $password, name => 'scoped'));
	my $count = sub { sql($server, "SELECT count(*) FROM rivergen.schema_changes WHERE data_source_id = $scoped") };
	discover($server, $scoped, "schema_name => 'archive'");
	discover($server, $scoped, "schema_name => 'shop'");
	discover($server, $scoped, 'refresh => true');
	is($count->(), 0, 'what was not looked at before is not added');
	sql($source, 'CREATE TABLE archive.later (a int)');
	discover($server, $scoped, "schema_name => 'archive', refresh => true");
	is($count->(), 1, 'what is new where it was looked, is');
	sql($source, 'DROP TABLE archive.later');
};

subtest 'what was skipped is not new' => sub {
	my $skipped = create_source($server, source_of($source, $password, name => 'skipped'));
	my $lock = $source->background_psql('postgres');
	$lock->query_safe('BEGIN; LOCK TABLE shop.big, shop.purchase');
	ok(discover($server, $skipped)->{data}{skipped}, 'something is locked');
	$lock->query_safe('ROLLBACK');
	$lock->quit;
	is(discover($server, $skipped, 'refresh => true')->{data}{skipped}, undef, 'the second discovery skips nothing');
	is( sql($server, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $skipped AND table_name = 'big'"), 1,
		'it is there');
	is( sql($server, "SELECT count(*) FROM rivergen.schema_changes WHERE data_source_id = $skipped"), 0,
		'a relation that was skipped before is no change');
	is( sql($server, "SELECT skipped FROM rivergen_catalog.schema_history WHERE data_source_id = $skipped"), '',
		'the list of skipped relations is empty');
};

subtest 'retention' => sub {
	discover($server, $id, 'refresh => true');
	sql($server,
		"UPDATE rivergen_catalog.relation_version SET valid_from = valid_from - interval '2 years', valid_to = valid_to - interval '2 years'
		WHERE data_source_id = $id; UPDATE rivergen_catalog.schema_change SET changed_at = changed_at - interval '2 years'
		WHERE data_source_id = $id AND change = 'removed'; UPDATE rivergen_catalog.schema_history
		SET begins_at = begins_at - interval '3 years' WHERE data_source_id = $id");
	my $last = sql($server, "SELECT max(valid_to) FROM rivergen_catalog.relation_version WHERE data_source_id = $id");
	cmp_ok(as_of($last, 'count(*)'), '>=', 0, 'what is still kept can be read');
	discover($server, $id, 'refresh => true');
	is( sql($server, "SELECT count(*) FROM rivergen_catalog.relation_version WHERE data_source_id = $id"), 0,
		'old versions go');
	is( sql($server, "SELECT count(*) FROM rivergen.schema_changes WHERE data_source_id = $id AND change = 'removed'"),
		0, 'old changes are deleted');
	cmp_ok(
		sql($server, "SELECT count(*) FROM rivergen.schema_changes WHERE data_source_id = $id"), '>', 0,
		'young ones stay');
	is( sql($server, "SELECT begins_at FROM rivergen_catalog.schema_history WHERE data_source_id = $id"), $last,
		'the history begins later');
	call_fails(
		$server, "* FROM rivergen.schema_as_of($id, " . literal($last) . "::timestamptz - interval '1 second')",
		'before that',
		sqlstate => 'PT404', says => qr/schema_history_retention/);
};

is( sql($server,
		'SELECT count(*) FROM rivergen_catalog.schema_change c WHERE NOT EXISTS (SELECT FROM rivergen.jobs j WHERE j.job_id = c.job_id)'
	),
	0,
	'every change names its job');
clean_server($server);
survives($server);
done_testing();
