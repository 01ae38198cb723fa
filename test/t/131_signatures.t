# Refreshing by signatures, end to end: what is stored of them, when, and that nothing is hidden by them.
use strict;
use warnings;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/../lib';
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $node = start_server('signatures');
my $source = start_source('signed', 'secret');
sql($source, <<~'EOT');
	CREATE SCHEMA side; CREATE TABLE side.a (id integer); CREATE TABLE b (id integer); CREATE TABLE c (id integer);
	CREATE VIEW v AS SELECT id FROM b;
	EOT
my $id = create_source($node, source_of($source, 'secret'));

sub stored
{
	return sql(
		$node, "SELECT count(*), count(*) FILTER (WHERE s.schema_signature IS NOT NULL)
		FROM rivergen_catalog.data_source_state s LEFT JOIN rivergen_catalog.relation_signature r USING (data_source_id)
		WHERE s.data_source_id = $id AND (r.relation_id IS NOT NULL OR s.schema_signature IS NULL)");
}

# Row versions of the signatures, by relation.
sub versions
{
	return sql(
		$node, "SELECT r.relation_name, s.xmin FROM rivergen_catalog.relation_signature s
		JOIN rivergen_catalog.relation r USING (relation_id) WHERE s.data_source_id = $id ORDER BY 1");
}

sub columns_of
{
	my ($table) = @_;
	return sql(
		$node, "SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM rivergen.columns
		WHERE data_source_id = $id AND table_name = '$table'");
}

discover($node, $id);
is(versions(), '', 'the first discovery fetches no signatures');
my $documents = fingerprint($node, $id);
my $total = discover($node, $id, 'refresh => true')->{data}{total_columns};
is(stored(), '4|4', 'the second one stores one for each relation, and the source\'s');
is(fingerprint($node, $id), $documents, 'the unchanged refresh writes no document');
my $versions = versions();
is(discover($node, $id, 'refresh => true')->{data}{total_columns}, $total, 'an unchanged refresh counts all columns');
is(versions(), $versions, 'an unchanged refresh writes no signature');

# That signatures are believed: a stored document that is not the source's stays as it is.
sql($node,
	"UPDATE rivergen_catalog.relation SET hash = '', document = document || '{\"comment\": \"planted\"}' WHERE relation_name = 'c'"
);
discover($node, $id, 'refresh => true');
is( sql($node, "SELECT comment FROM rivergen.tables WHERE table_name = 'c'"), 'planted',
	'an unchanged relation is not read');
discover($node, $id, 'refresh => true, "full" => true');
is(sql($node, "SELECT comment FROM rivergen.tables WHERE table_name = 'c'"), '', 'with full it is');
is(stored(), '4|4', 'a full read stores signatures again');

sql($source, 'ALTER TABLE b ADD COLUMN more text');
$versions = versions();
discover($node, $id, 'refresh => true');
is(columns_of('b'), 'id,more', 'a change is found');
is( join(' ', map { (split /\|/)[0] } grep { $versions !~ /^\Q$_\E$/m } split /\n/, versions()), 'b',
	'only the changed relation gets a new signature');

sql($source, 'CREATE SCHEMA new; ALTER TABLE side.a ADD COLUMN x integer');
discover($node, $id, "schema_name => 'side', refresh => true");
is(columns_of('a'), 'id,x', 'a scoped discovery reads');
is(stored(), '3|3', 'a discovery of one schema deletes its signatures');
discover($node, $id, 'refresh => true');
is(stored(), '4|4', 'the next whole one signs everything');

# A relation that cannot be read loses its signature, so that it is read as soon as it can be.
my $blocker = $source->background_psql('postgres');
$blocker->query_safe('BEGIN; ALTER TABLE b RENAME COLUMN more TO less');
discover($node, $id, 'refresh => true');
$blocker->query_safe('COMMIT');
$blocker->quit;
discover($node, $id, 'refresh => true');
is(columns_of('b'), 'id,less', 'a change that was not committed yet is found when it is');

# A relation whose text waits for a lock is skipped, and read the next time, though it has not changed itself.
sql($source, 'ALTER TABLE b RENAME COLUMN less TO least');
$blocker = $source->background_psql('postgres');
$blocker->query_safe('BEGIN; LOCK TABLE b');
discover($node, $id, 'refresh => true');
is(columns_of('b'), 'id,least', 'a relation is read while it is locked');
unlike(versions(), qr/^v/m, 'a view of it is not, and has no signature');
$blocker->query_safe('ALTER TABLE b RENAME COLUMN id TO number; COMMIT');
$blocker->quit;
discover($node, $id, 'refresh => true');
like(
	sql($node, "SELECT view_definition FROM rivergen.views WHERE data_source_id = $id"), qr/number/,
	'it is read the next time');

# Everything is read while a transaction has changed something, in a subtransaction, that no other session sees yet.
$blocker = $source->background_psql('postgres');
$blocker->query_safe('BEGIN; SELECT txid_current(); SAVEPOINT s; ALTER TABLE c ADD COLUMN late integer; RELEASE s');
sql($source, 'SELECT txid_current()') for 1 .. 5;
discover($node, $id, 'refresh => true, "full" => true');
sql($source, 'SELECT txid_current()');
discover($node, $id, 'refresh => true');
unlike(columns_of('c'), qr/late/, 'what is not committed is not found');
$blocker->query_safe('COMMIT');
$blocker->quit;
discover($node, $id, 'refresh => true');
like(columns_of('c'), qr/late/, 'a change is found after its commit, although it began before');

sql($source, 'DROP VIEW v; DROP TABLE b');
discover($node, $id, 'refresh => true');
is(stored(), '2|2', 'what has gone has no signature');
$source->restart;
sql($source, 'CREATE TABLE b (again integer)');
discover($node, $id, 'refresh => true');
is(columns_of('b'), 'again', 'what returns is read');
is(stored(), '3|3', 'a relation that returns gets a signature');

# A scoped discovery says nothing of other schemas but what moved out of them.
$versions = versions() =~ s/^a.*\n//r;
discover($node, $id, "schema_name => 'side', refresh => true");
is(versions(), $versions, 'a scoped discovery leaves the signatures of other schemas alone');
sql($source, 'ALTER TABLE c SET SCHEMA side');
discover($node, $id, "schema_name => 'side', refresh => true");
is( sql($node, "SELECT schema_name FROM rivergen_catalog.relation WHERE relation_name = 'c'"), 'side',
	'what moved into it is found there');
is(stored(), '1|1', 'a relation that moved has no signature yet');
sql($source, 'CREATE VIEW outer_view AS SELECT id FROM side.c');
discover($node, $id, 'refresh => true');
sql($source, 'ALTER TABLE side.c RENAME TO d');
discover($node, $id, "schema_name => 'side', refresh => true");
discover($node, $id, 'refresh => true');
like(
	sql($node, "SELECT view_definition FROM rivergen.views WHERE table_name = 'outer_view'"), qr/side\.d/,
	'what names it in another schema is read after a discovery of its schema alone');
sql($source, 'DROP VIEW outer_view; ALTER TABLE side.d RENAME TO c');
discover($node, $id, 'refresh => true');

sub set_patterns
{
	call($node, "rivergen.data_source_update($id, " . json({ metadata => { discovery => $_[0] } }) . ')');
	return discover($node, $id, 'refresh => true');
}

is(set_patterns({ exclude => ['side.a'] })->{data}{total_tables}, 2, 'with a pattern one is hidden');
is(stored(), '2|2', 'an excluded relation loses its signature');
$versions = versions();
sql($source, 'ALTER TABLE side.a ADD COLUMN hidden integer; ALTER TABLE side.c ADD COLUMN shown integer');
discover($node, $id, 'refresh => true');
is(columns_of('c'), 'id,late,shown', 'beside it changes are found');
is((split /\n/, versions())[0], (split /\n/, $versions)[0], 'an unchanged relation keeps its signature');
is(set_patterns({})->{data}{total_tables}, 3, 'a relation that is no longer excluded is back');
is(columns_of('a'), 'id,x,hidden', 'a relation that is no longer excluded is described as it is now');
is(stored(), '3|3', 'the relation gets its signature again');
clean_server($node);
done_testing();
