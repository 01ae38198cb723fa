# What is the same relation, and the same column, although its name or its place is another: whatever could be read,
# nothing collides, nothing is there twice, and texts stay with what they were written about.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
install_fake($server);

sub relations_of
{
	my ($id) = @_;
	return sql(
		$server, "SELECT string_agg(concat(table_schema, '.', table_name), ' ' ORDER BY table_schema, table_name)
		FROM rivergen.tables WHERE data_source_id = $id");
}

sub changes_of
{
	my ($id) = @_;
	return sql(
		$server,
		"SELECT string_agg(concat_ws(' ', object_type, concat_ws('.', table_schema, table_name, object_name), change), ', ' ORDER BY change_id)
		FROM rivergen.schema_changes WHERE data_source_id = $id");
}

sub describe
{
	my ($id, $table, $changes) = @_;
	my $relation = sql(
		$server,
		"SELECT relation_id FROM rivergen.tables WHERE data_source_id = $id AND table_name = " . literal($table));
	call($server, "rivergen.table_description_update($relation, " . json($changes) . ')');
	return $relation;
}

my $schema = { frame => 'schema', name => 's' };
my $unlistable = { frame => 'skipped', schema => 's', reason => 'no listing' };
sub relation
{
	my ($name, $id, @columns) = @_;
	return {
		frame => 'relation', schema => 's', name => $name, id => "$id", kind => 'table',
		columns => scalar @columns, document => { columns => \@columns }
	};
}
sub skipped
{
	my ($name, %more) = @_;
	return { frame => 'skipped', schema => 's', name => $name, reason => 'locked', %more };
}

# A test: after a first discovery of a (1) and b (2), one that sends these frames leaves these relations.
my $sources = 0;

sub leaves
{
	my ($frames, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $fake = create_source(
		$server,
		fake_source(
			'fake ' . ++$sources, { behaviour => 'told', frames => [ $schema, relation('a', 1), relation('b', 2) ] }));
	discover($server, $fake);
	call(
		$server,
		"rivergen.data_source_update($fake, " . json({ metadata => { behaviour => 'told', frames => $frames } }) . ')');
	discover($server, $fake, 'refresh => true');
	is(relations_of($fake), $expected, $name);
	return $fake;
}

subtest 'names that are taken while their owners cannot be read' => sub {
	leaves([ $schema, skipped('a'), relation('b', 2) ], 's.a s.b', 'a skipped relation stays');
	leaves([ $schema, skipped('a'), relation('a', 2) ], 's.a', 'another was renamed to its name');
	leaves([ $schema, relation('a', 2), skipped('a') ], 's.a', 'whatever comes first');
	leaves([ $schema, skipped('a'), relation('a', 9), relation('b', 2) ], 's.a s.b', 'a new one has its name');
	leaves(
		[ $schema, $unlistable, relation('a', 2) ], 's.a',
		'one of a schema that could not be listed was renamed to it');
	leaves([ $schema, $unlistable, relation('b', 1) ], 's.b', 'a relation leaves its name to one that was not read');
	my $kept = leaves(
		[ $schema, skipped('a2', id => '1'), relation('b', 2) ], 's.a2 s.b',
		'a skipped one that was renamed is there by its new name');
	is(changes_of($kept), 'relation s.a2 renamed', 'the skipped relation is reported as renamed');
	call(
		$server,
		"rivergen.data_source_update($kept, "
			. json({ metadata => { behaviour => 'told', frames => [ $schema, relation('a2', 1), relation('b', 2) ] } })
			. ')');
	discover($server, $kept, 'refresh => true');
	is(changes_of($kept), 'relation s.a2 renamed', 'once it can be read again there is no more to tell');
	is( changes_of(
			leaves(
				[ $schema, skipped('a2', id => '1'), relation('a', 2) ], 's.a s.a2', 'and when another has its name')),
		'relation s.a renamed, relation s.a2 renamed',
		'both were renamed');
	is( changes_of(leaves(
			[ $schema, skipped('a2', id => '1'), relation('a', 9), relation('b', 2) ], 's.a s.a2 s.b',
			'or a new one')),
		'relation s.a added, relation s.a2 renamed',
		'which is new');
	is( changes_of(
			leaves([ $schema, skipped('b', id => '1'), skipped('a', id => '2') ], 's.a s.b', 'two that changed names')),
		'relation s.a renamed, relation s.b renamed',
		'are told');
	my $moved = leaves(
		[   $schema, { frame => 'schema', name => 't' }, { %{ skipped('a', id => '1') }, schema => 't' },
			relation('a', 9), relation('b', 2) ],
		's.a s.b t.a',
		'one that is in another schema now');
	is(changes_of($moved), 'relation s.a added, relation t.a renamed', 'is told too');
	leaves(
		[ $schema, { %{ skipped('a', id => '1') }, schema => 'unknown' }, relation('b', 2) ], 's.a s.b',
		'a schema that was not announced has nothing');
	leaves([ $schema, skipped('b', id => '1'), relation('b', 2) ], 's.a s.b', 'what was read has its name');
	leaves(
		[ $schema, skipped('x', id => '1'), skipped('x', id => '2') ], 's.b s.x',
		'of two with one name the first has it');
};

subtest 'from one schema to another' => sub {
	sql($source,
		'CREATE SCHEMA shop; CREATE SCHEMA archive; CREATE TABLE shop.orders (id int, total numeric); CREATE TABLE shop.other (a int)'
	);
	my $id = create_source($server, source_of($source, $password));
	discover($server, $id);
	my $orders = describe($id, 'orders', { description => 'What was bought' });
	sql($source, 'ALTER TABLE shop.orders SET SCHEMA archive');
	discover($server, $id, "schema_name => 'archive', refresh => true");
	is(relations_of($id), 'archive.orders shop.other', 'it is where it went, and nowhere else');
	is(changes_of($id), 'relation archive.orders renamed', 'the moved relation is reported as renamed');
	is( call($server, "rivergen.table_description_get($orders)")->{data}{description}, 'What was bought',
		'with its text');
	sql($source, 'ALTER TABLE archive.orders SET SCHEMA shop');
	discover($server, $id, "schema_name => 'archive', refresh => true");
	is(relations_of($id), 'shop.other', 'read first where it was');
	discover($server, $id, "schema_name => 'shop', refresh => true");
	is(relations_of($id), 'shop.orders shop.other', 'the moved relation is found where it went');
	is( call($server, "rivergen.table_description_get($orders)")->{data}{description}, 'What was bought',
		'with its text again');
	sql($source, 'CREATE TABLE archive.orders (other text)');
	discover($server, $id, "schema_name => 'archive', refresh => true");
	is(relations_of($id), 'archive.orders shop.orders shop.other', 'another one of the same name is another one');
};

subtest 'columns' => sub {
	sql($source,
		'CREATE SCHEMA c; CREATE TABLE c.t (a int, b text, gone int, d date, CONSTRAINT key UNIQUE (a, b), CONSTRAINT above CHECK (a > 0));
		CREATE INDEX i ON c.t (lower(b), d) WHERE a > 5; ALTER TABLE c.t DROP gone');
	my $id = create_source($server, source_of($source, $password, name => 'columns'));
	discover($server, $id);
	my $described = describe($id, 't', { columns => [ map { { name => $_, description => "of $_" } } qw(a b d) ] });
	my $texts =
		sub { sql($server, "SELECT column_descriptions FROM rivergen_catalog.relation WHERE relation_id = $described") };
	my $looked = '';
	my $told = sub {
		my ($statements) = @_;
		sql($source, $statements);
		discover($server, $id, 'refresh => true');
		my $changes = changes_of($id);
		(my $new = $changes) =~ s/^\Q$looked\E(?:, )?//;
		$looked = $changes;
		return $new;
	};
	is($told->('ALTER TABLE c.t RENAME b TO "B b"'), 'column c.t.B b renamed', 'renamed, with its keys and indexes');
	is($texts->(), '{"a": "of a", "d": "of d", "B b": "of b"}', 'its text follows');
	is( $told->('ALTER TABLE c.t RENAME a TO x; ALTER TABLE c.t RENAME d TO a; ALTER TABLE c.t RENAME x TO d'),
		'column c.t.a renamed, column c.t.d renamed', 'two that change names');
	is($texts->(), '{"a": "of d", "d": "of a", "B b": "of b"}', 'texts follow columns that swap names');
	is( $told->(
			'ALTER TABLE c.t DROP a; ALTER TABLE c.t RENAME "B b" TO a; ALTER TABLE c.t ALTER a TYPE varchar(10), ADD b text'
		),
		'column c.t.a renamed, column c.t.a removed, column c.t.a changed, column c.t.b added, index c.t.i removed',
		'one takes the name of another, and changes');
	is($texts->(), '{"a": "of b", "d": "of a"}', 'its text is the one that stays');
	is( $told->(
			'DROP TABLE c.t; CREATE TABLE c.t (b text, a varchar(10), d int CONSTRAINT above CHECK (d > 0), CONSTRAINT key UNIQUE (d, a))'
		),
		'',
		'made again with other numbers, nothing changed');
	is( $told->(
			'ALTER TABLE c.t RENAME b TO e; DROP TABLE c.t; CREATE TABLE c.t (e text, a varchar(10), d int
				CONSTRAINT above CHECK (d > 0), CONSTRAINT key UNIQUE (d, a))'
		),
		'column c.t.b removed, column c.t.e added',
		'made again with another name');

	# A document of an earlier version.
	sql($server, "UPDATE rivergen_catalog.relation SET hash = '', document = jsonb_set(document, '{columns}',
		(SELECT jsonb_agg(c - 'id') FROM jsonb_array_elements(document -> 'columns') c)) WHERE data_source_id = $id AND document ? 'columns'"
	);
	sql($server,
		"UPDATE rivergen_catalog.data_source_state SET schema_signature = 'of that version' WHERE data_source_id = $id"
	);
	is($told->(''), '', 'numbers that are new are no change');
	is( sql($server,
			"SELECT document #>> '{columns,0,id}' FROM rivergen_catalog.relation WHERE relation_id = $described"),
		1,
		'the new column ids are stored');
};

clean_server($server);
survives($server);
done_testing();
