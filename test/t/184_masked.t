# Foreign tables of a data source whose values are masked: what the masks hide can be asked by no condition, no join, no
# aggregate and no plan from before.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Attached;
use Rivergen;
use Test::More;

my ($server, $source, $id) = start_attached(<<'EOT');
	CREATE TABLE shop.people (id int, email text, salary int, note text, short varchar(2), at timestamptz);
	INSERT INTO shop.people SELECT i, 'person' || i || '@example.com', i * 1000, CASE i WHEN 7 THEN 'ask ada@example.com' ELSE 'note ' || i END,
		'ab', '2026-01-01' FROM generate_series(1, 10) i;
	CREATE TABLE shop.kept (password int, id int);
	INSERT INTO shop.kept VALUES (4711, 1), (NULL, 2);
	CREATE TABLE shop.sure (password int NOT NULL, id int NOT NULL);
	INSERT INTO shop.sure VALUES (4711, 1), (4712, 2);
	CREATE VIEW shop.slow AS SELECT 'person' || i || '@example.com' AS email FROM generate_series(1, 100) i WHERE i < 50 OR pg_sleep(600) IS NOT NULL;
EOT

sub set_masking
{
	my ($masking) = @_;
	my $query = { enabled => JSON::PP::true, masking => $masking };
	call($server, "rivergen.data_source_update($id, " . json({ metadata => { query => $query } }) . ')');
	return;
}

# Statistics of what was not masked yet: of a foreign table, of a parent, and of two columns together.
sub statistics
{
	return sql(
		$server,
		"SELECT string_agg(DISTINCT tablename, ',' ORDER BY tablename) FROM (SELECT tablename, most_common_vals::text, "
			. 'histogram_bounds::text FROM pg_stats UNION ALL SELECT tablename, most_common_vals::text, NULL FROM pg_stats_ext) s '
			. "WHERE concat_ws(' ', most_common_vals, histogram_bounds) ~ 'person[0-9]+'");
}

sql($server, <<'EOT');
	CREATE TABLE everyone (id int, email text);
	CREATE TABLE parted (LIKE everyone) PARTITION BY RANGE (id);
	CREATE FOREIGN TABLE child (email text OPTIONS (type 'text')) INHERITS (everyone) SERVER rivergen_1
		OPTIONS (schema_name 'shop', table_name 'people');
	CREATE FOREIGN TABLE part PARTITION OF parted FOR VALUES FROM (1) TO (100) SERVER rivergen_1
		OPTIONS (schema_name 'shop', table_name 'people');
	CREATE STATISTICS pairs (mcv) ON salary, email FROM shop.people;
	ANALYZE shop.people, everyone, parted, child, part;
EOT
is(statistics(), 'child,everyone,part,parted,people', 'statistics have values');

my $prepared = $server->background_psql('postgres', on_error_stop => 0);
$prepared->query_safe(<<'EOT');
	SET plan_cache_mode = force_generic_plan;
	PREPARE find(text) AS SELECT id FROM shop.people WHERE email = $1;
	PREPARE count(int) AS SELECT count(*) FROM shop.kept WHERE password = $1;
	PREPARE others(text) AS SELECT count(id) FROM shop.people WHERE email <> $1 AND id > 5;
EOT

sub prepared
{
	my ($statement) = @_;
	$prepared->{stderr} = '';
	my $out = $prepared->query("EXECUTE $statement");
	return $prepared->{stderr} eq '' ? $out : $prepared->{stderr};
}

is(prepared("find('person3\@example.com')"), 3, 'without masks a condition finds a value');
is(prepared('count(4711)'), 1, 'and counts it');
is(prepared("others('person7\@example.com')"), 4, 'and others');
my $analyze = session_start($server, 'ANALYZE shop.slow');
wait_for(
	'ANALYZE to read',
	sub {
		sql($source,
			"SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%COPY%slow%' AND pid <> pg_backend_pid()");
	});
my $masked = json({ metadata => { query => { enabled => JSON::PP::true, masking => JSON::PP::true } } });
like(
	answer($server, "SET lock_timeout = '100ms'; SELECT rivergen.data_source_update($id, $masked)"),
	qr/lock timeout/, 'the masks wait for an ANALYZE that is under way');
sql($server, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'ANALYZE%'");
session_end($analyze);
set_masking(JSON::PP::true);
is(statistics(), '', 'no statistics have values any more');

subtest 'values' => sub {
	is( answer($server, 'SELECT id, email, note, short FROM shop.people WHERE id IN (6, 7) ORDER BY id'),
		"6|***|note 6|ab\n7|***|***|ab", 'by the name of the column, and by their look');
	is(answer($server, 'SELECT id, password, password IS NULL FROM shop.kept'), "1||t\n2||t", 'a number is null');
	is(answer($server, 'SELECT count(id), count(email) FROM shop.people'), '10|10', 'all rows are alike');
	is(answer($server, 'SELECT count(*) FROM shop.people'), 10, 'rows are counted');
	is(answer($server, 'SELECT id FROM shop.people ORDER BY id LIMIT 2'), "1\n2", 'and cut');
	sql($server, 'ALTER FOREIGN TABLE shop.people ALTER COLUMN email TYPE varchar(2)');
	is(answer($server, 'SELECT email IS NULL FROM shop.people LIMIT 1'), 't', 'null where no mask has room');
	sql($server, 'ALTER FOREIGN TABLE shop.people ALTER COLUMN email TYPE text');
	sql($server, 'ALTER FOREIGN TABLE shop.people RENAME email TO place');
	is(answer($server, 'SELECT DISTINCT place FROM shop.people'), '***', 'another name here unmasks nothing');
	sql($server, 'ALTER FOREIGN TABLE shop.people RENAME place TO email');
};

subtest 'what the masks hide cannot be asked' => sub {
	for my $condition ("email = 'person3\@example.com'", "email LIKE 'person3%'", "note LIKE '%ada%'", "email < 'a'")
	{
		my $found = answer($server, "SELECT count(*) FROM shop.people WHERE id = 7 AND ($condition)");
		is($found, $condition =~ /</ ? 1 : 0, $condition);
	}
	is(answer($server, 'SELECT count(*) FROM shop.kept WHERE password IS NOT NULL'), 0, 'which values are null');
	is(answer($server, 'SELECT id FROM shop.sure WHERE password IS NULL ORDER BY id'), "1\n2", 'also where none is');
	is(answer($server, 'SELECT count(*) FROM shop.sure WHERE password IS NOT NULL'), 0, 'and counted');
	is(answer($server, 'SELECT max(email), count(DISTINCT email) FROM shop.people'), '***|1', 'aggregates');
	is( answer($server, "SELECT count(*) FROM shop.people JOIN (VALUES ('person3\@example.com')) v(e) ON e = email"),
		0, 'joins');
	sql($server, 'ANALYZE shop.people');
	is( sql($server,
			"SELECT most_common_vals FROM pg_stats WHERE schemaname = 'shop' AND tablename = 'people' AND attname = 'email'"
		),
		'{***}',
		'statistics');
};

subtest 'plans from before' => sub {
	is(prepared("find('person3\@example.com')"), '', 'find nothing');
	is(prepared("find('***')") =~ tr/\n//, 9, 'but masks');
	is(prepared("others('person7\@example.com')"), 5, 'compare with masks');
	like(prepared('count(4711)'), qr/masked since this statement was planned/, 'and a count fails');
};

set_masking(JSON::PP::false);
is(answer($server, 'SELECT email FROM shop.people WHERE id = 3'), 'person3@example.com', 'masks end with the setting');
is(prepared('count(4711)'), 1, 'and so does the failure');
$prepared->quit;

done_testing();
