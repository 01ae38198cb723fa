# Random queries over foreign tables give what they give over the tables themselves: conditions that are sent and that are
# not, joins, subqueries, aggregates, limits, parameters. SEED=7 QUERIES=1000 repeats a run, or makes a longer one.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Attached;
use Rivergen;
use Test::More;

my $seed = $ENV{SEED} // time;
my $queries = $ENV{QUERIES} // 150;
note("SEED=$seed QUERIES=$queries");
srand $seed;

my ($server, $source) = start_attached(<<'EOT');
	CREATE TABLE shop.a AS SELECT i AS id, i % 7 AS grp, CASE WHEN i % 5 > 0 THEN 'name ' || i % 20 END AS name, (i % 13) * 1.25 AS amount,
		timestamptz '2020-01-01' + i * interval '1 day' AS at, i % 3 = 0 AS flag, CASE WHEN i % 4 > 0 THEN i::float8 / 3 END AS ratio,
		md5((i % 9)::text)::uuid AS code,
		(i % 11 || ' ')::char(6) AS word FROM generate_series(1, 300) i;
	ALTER TABLE shop.a ADD PRIMARY KEY (id);
	CREATE TABLE shop.b AS SELECT (i * 3)::bigint AS id, (i % 5)::smallint AS grp, 'name ' || i AS name, NULLIF(i % 6, 0)::numeric AS amount,
		date '2020-01-01' + i AS at, i % 2 = 0 AS flag, i::float4 AS ratio, md5(i::text)::uuid AS code,
		(i % 4)::char(3) AS word FROM generate_series(1, 60) i;
	CREATE INDEX ON shop.b (grp, id);
EOT

sub one_of { return $_[ rand @_ ] }

my %constant = (
	id => sub { int rand 320 },
	grp => sub { int rand 8 },
	name => sub { "'name " . int(rand 22) . "'" },
	amount => sub { one_of('1.25', '2.5', '3', '0', '1.250') },
	at => sub { "'2020-0" . (1 + int rand 9) . "-15'" },
	flag => sub { one_of(qw(true false)) },
	ratio => sub { one_of('1', '3.5', "'NaN'", '33.333333333333336') },
	code => sub { "md5('" . int(rand 9) . "')::uuid" },
	word => sub { "'" . int(rand 12) . one_of('', ' ') . "'" });

sub comparison
{
	my ($table, $other) = @_;
	my $name = one_of(sort keys %constant);
	my $operator = one_of('=', '=', '<>', '<', '<=', '>', '>=');
	return "$table.$name IS " . one_of('', 'NOT ') . 'NULL' if rand() < 0.1;
	return one_of('', 'NOT ') . "$table.flag" if rand() < 0.1;
	return "$table.$name $operator $other.$name" if $other && rand() < 0.3;
	return "$table.$name IN (" . join(', ', map { $constant{$name}->() } 1 .. 1 + rand 4) . one_of('', ', NULL') . ')'
		if rand() < 0.2;
	return "$table.$name BETWEEN " . $constant{$name}->() . ' AND ' . $constant{$name}->() if rand() < 0.1;
	return $constant{$name}->() . " $operator $table.$name";
}

sub condition
{
	my ($table, $other) = @_;
	my @parts = map { comparison($table, $other) } 1 .. 1 + rand 3;
	return join ' AND ', @parts if rand() < 0.8;
	return '(' . join(' OR ', @parts) . ')';
}

sub from
{
	my $kind = int rand 6;
	my ($t, $u) = map { 'shop.' . one_of(qw(a b)) } 1, 2;
	return ("$t x", condition('x')) if $kind < 2;
	return (
		"$t x JOIN $u y ON " . one_of('x.id = y.id', 'x.grp = y.grp AND x.id < y.id', 'x.name = y.name'),
		condition('x', 'y')) if $kind == 2;
	return ("$t x LEFT JOIN $u y ON x.id = y.id AND " . condition('y', 'x'), condition('x')) if $kind == 3;
	return ("$t x", 'EXISTS (SELECT FROM ' . "$u y WHERE y.id = x.id AND " . condition('y', 'x') . ')') if $kind == 4;
	return (  "$t x, LATERAL (SELECT max(y.name) AS most, count(*) AS n FROM $u y WHERE y.grp = x.grp AND "
			. condition('y', 'x')
			. ') l', condition('x'));
}

sub query
{
	my ($from, $where) = from();
	my $kind = int rand 5;
	my $rows = "SELECT x.* FROM $from WHERE $where";
	$rows .= ' ORDER BY x.id, x.name LIMIT ' . int(rand 9) . ' OFFSET ' . int(rand 3)
		if $from !~ /JOIN|LATERAL/ && rand() < 0.3;
	return "SELECT count(*), md5(string_agg(q::text, ',' ORDER BY q::text)) FROM ($rows) q" if $kind < 3;
	return "SELECT count(*) FROM $from WHERE $where" if $kind == 3;
	return
		"SELECT x.grp, count(*), sum(x.amount), min(x.name), count(DISTINCT x.id) FROM $from WHERE $where GROUP BY 1 ORDER BY 1";
}

# The number of a plain limit's rows, and whether each is one of the relation's.
sub limited
{
	my $where = condition('x');
	return "SELECT count(*), bool_and($where) FROM (SELECT * FROM shop.a x WHERE $where LIMIT " . int(rand 40) . ') x';
}

# In portions: one psql each.
my @all = map { rand() < 0.1 ? limited() : query() } 1 .. $queries;
my @ways = (
	'', 'SET enable_hashjoin = off; SET enable_mergejoin = off;', 'SET enable_nestloop = off;',
	'SET enable_material = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;');
while (my @some = splice @all, 0, 10)
{
	my $way = one_of(@ways);
	my $text = "SET extra_float_digits = 0; $way " . join '; ', map { ($_, "SELECT '--'") } @some;
	my ($here, $there) = map { [ split /^--$/m, answer($_, $text) ] } $server, $source;
	is_deeply($here, $there, scalar(@some) . " queries. $way")
		or diag(
		join "\n", "SEED=$seed",
		map { $some[$_] } grep { ($here->[$_] // '') ne ($there->[$_] // '') } 0 .. $#some);
}
sql($server, 'ANALYZE shop.a; ANALYZE shop.b');
my $text = join '; ', map { query() } 1 .. 10;
is(answer($server, $text), answer($source, $text), 'after ANALYZE') or diag($text);
survives($server);
done_testing();
