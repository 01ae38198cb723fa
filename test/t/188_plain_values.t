# Values that are read without their input function are the same, byte for byte: random ones as their output functions write
# them, the edges of their types, and texts in which something is changed. SEED=7 VALUES=100000 repeats a run, or makes a longer one.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{SEED} // time % 1000000;
my $values = $ENV{VALUES} // 3000;
note("SEED=$seed VALUES=$values");

my ($lib, $config) = ("$FindBin::Bin/../lib", $ENV{PG_CONFIG} // 'pg_config');
my $directory = PostgreSQL::Test::Utils::tempdir();
chomp(my $headers = `$config --includedir-server`);
chmod 0755, $directory;
system($ENV{CC} // 'cc', '-std=gnu11', '-O1', '-fPIC', '-shared', "-I$lib/../../src", "-I$headers", '-o',
	"$directory/values.so", "$lib/values.c", map { "$lib/../../src/$_.c" } qw(stream/value wire/plain_value)) == 0
	or die 'cannot build values.c';
my $server = PostgreSQL::Test::Cluster->new('values');
$server->init(extra => [qw(--locale=C --encoding=UTF8)]);
$server->start;
$server->safe_psql('postgres', <<"EOT");
	CREATE FUNCTION reading_of(oid, int, text) RETURNS text LANGUAGE c AS '$directory/values.so';
	CREATE TABLE texts (type regtype, text text);
EOT

# The readings other than these, each with an example.
sub others
{
	my ($expected, $from) = @_;
	return $server->safe_psql(
		'postgres', "SELECT * FROM (SELECT *, reading_of(type, modifier, text) AS reading FROM $from) r
		WHERE NOT reading = ANY ('{$expected}') LIMIT 5");
}

# As output functions write them under the settings of the protocol: all are read the quick way.
my $settings = "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SELECT setseed(0.$seed)";
my $moment = "timestamp '0001-01-01' + random() * interval '3652058 days'";
my %random = (
	smallint => 'round((random() - 0.5) * 65535)',
	integer => 'round((random() - 0.5) * 10 ^ (i % 10))',
	bigint => 'round((random() - 0.5) * 10 ^ (i % 19))',
	boolean => 'random() < 0.5',
	uuid => 'gen_random_uuid()',
	numeric => 'round(((random() - 0.5) * 10 ^ (i % 9))::numeric, i % 7)',
	date => "date '0001-01-01' + (random() * 3652058)::int",
	timestamp => "date_trunc((ARRAY['second', 'milliseconds', 'microseconds'])[i % 3 + 1], $moment)",
	timestamptz => "($moment) AT TIME ZONE 'UTC'",
	text => "repeat(chr(97 + i % 26) || chr(8364), i % 12)",
	varchar => "repeat(chr(97 + i % 26), i % 12)");
my @insert = map { "INSERT INTO texts SELECT '$_', format('%s', ($random{$_})::$_) FROM generate_series(1, $values) i" }
	sort keys %random;
$server->safe_psql('postgres', join ";\n", $settings, @insert);
is(others('same', '(SELECT type, -1 AS modifier, text FROM texts) t'), '', 'random values');

# The modifiers of numeric(precision, scale), varchar(n) and timestamp(n) among them.
my %modifiers = (
	numeric => '12 << 16 | 2, 3 << 16, 1 << 16 | 1, 4 << 16 | 6, 5 << 16 | (2048 - 2)', varchar => '1, 5, 30',
	timestamp => '-4, -1, 2', timestamptz => '-4, -1, 2');
my $modifiers = '(' . join(
	' UNION ALL ',
	map {
		"SELECT type, m + 4 AS modifier, text FROM texts, unnest(ARRAY[$modifiers{$_}]) m WHERE type = '$_'::regtype"
		}
		sort keys %modifiers) . ') t';
is(others('same,input', $modifiers), '', 'with modifiers');
is( $server->safe_psql(
		'postgres', "SELECT count(DISTINCT modifier) FROM $modifiers WHERE type = 'numeric'::regtype
		AND reading_of(type, modifier, text) = 'same'"),
	3,
	'numbers of a scale within the precision the quick way');

# A character is changed, left out, put in; every text as every type.
srand $seed;
my @letters = (0 .. 9, split //, '0019-+:. eEtfT,_abcfgzZ');
my @texts = split /\n/,
	$server->safe_psql(
	'postgres',
	"SELECT text FROM texts WHERE type <> 'text'::regtype ORDER BY random() LIMIT $values");
for (@texts)
{
	for my $time (1 .. 1 + rand 3)
	{
		my $letter = rand() < 0.3 ? '' : $letters[ rand @letters ];
		substr($_, rand(1 + length), int rand 2) = $letter;
	}
}
my @edges = (
	qw(0 -0 00 +1 - -- 1. .5 -.5 . 1e5 0x10 1_000 007 -007 0.0 -0.00 000.10 32767 32768 -32768 -32769 2147483647 2147483648 -2147483648
		-2147483649 999999999999999999 1000000000000000000 9223372036854775807 9223372036854775808 -9223372036854775808 99999999999999999.9
		0.999999999999999999 0.0000000000000000001 NaN Infinity -Infinity infinity T F true on 2020-02-29 2019-02-29 1900-02-29 2000-02-29
		2020-04-31 2020-00-10 2020-10-00 2020-13-01 0000-01-01 0001-01-01 9999-12-31 10000-01-01 294276-12-31 20200101 2020-1-1
		2020-01-01T00:00:00 4714-11-24 epoch now today), '', ' ', '1 ', ' 1', '2020-01-01 BC', '2020-01-01 00:00',
	'2020-01-01 24:00:00',
	'2020-01-01 23:59:60', '2020-01-01 23:59:59.9999999', '2020-01-01 23:59:59.', '2020-01-01 23:59:59.999999',
	'2020-01-01 00:00:00.1+00', '2020-01-01 00:00:00+01', '2020-01-01 00:00:00+00:00', '2020-01-01 00:00:00+0',
	'2020-01-01 00:00:00+', '2020-01-01 00:00:00Z',
	'2020-01-01 00:00:00-00', '2020-01-01 00:00:00+00 BC', '2020-01-01+00', '2020-01-01 00:00:00 +00', '01-02-2020',
	'99-01-01');
$server->safe_psql('postgres', 'CREATE TABLE changed (text text)');
$server->safe_psql(
	'postgres', 'INSERT INTO changed VALUES ' . join ', ', map { "('" . s/'/''/gr . "')" } @texts,
	@edges);
my $types = join ', ', map { "('$_'::regtype)" } sort keys %random;
is( others('same,input', "(SELECT type, -1 AS modifier, text FROM changed, (VALUES $types) v (type)) t"), '',
	'changed texts');

done_testing();
