# A simulated Redshift whose catalogs lie: values that are missing, endless, or no numbers; then whose answers a proxy damages at
# random. The connector redshift ends its answer as the protocol wants it, whatever they say.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use Peer::Redshift;
use RogueProxy;
use Source;
use Test::More;

my $connector = installed_connector('redshift');
plan(skip_all => "$connector is not built") unless -x $connector;
my $peer = Peer::Redshift->new;
sql('INSERT INTO simulated.svv_table_info VALUES (\'shop\', \'customers\', 0, 7, 1234)');
sql('ALTER ROLE reader SET search_path = lying, simulated, pg_catalog');

# Of each catalog the columns that lie, and those that do not.
my %catalogs = (
	'simulated.svv_all_tables' => [ 'table_name table_type remarks', 'database_name schema_name' ],
	'simulated.svv_all_columns' => [
		'ordinal_position column_name data_type character_maximum_length numeric_precision numeric_scale is_nullable column_default remarks',
		'database_name schema_name table_name' ],
	'simulated.svv_external_columns' =>
		[ 'columnnum columnname external_type part_key is_nullable', 'schemaname tablename' ],
	'simulated.svv_external_tables' => [ 'location input_format', 'schemaname tablename' ],
	'simulated.svv_table_info' => [ 'size tbl_rows', '"schema" "table"' ],
	'pg_catalog.pg_views' => [ 'definition', 'schemaname viewname' ],
	'pg_catalog.pg_constraint' => [ 'conname conkey confkey', 'conrelid confrelid contype' ]);
my %lies = (
	'no value' => 'NULL', 'a long text' => "repeat('größe', 20000)", 'a negative number' => "'-9223372036854775808'",
	'an array that is none' => "'{1,,99999999999999999999,{-1'");

sub lie
{
	my ($catalog, $lie) = @_;
	my ($lying, $honest) = map { [ split / / ] } @{ $catalogs{$catalog} };
	my $name = $catalog =~ s/.*\.//r;
	# Names that occur twice are for the server to refuse.
	my $columns = join ', ', @$honest,
		map { /^(?:table_name|column_?name)$/ && $lie ne 'no value' ? $_ : "$lies{$lie}::text AS $_" } @$lying;
	sql("DROP SCHEMA IF EXISTS lying CASCADE; CREATE SCHEMA lying; CREATE VIEW lying.$name AS SELECT $columns FROM $catalog;
		GRANT USAGE ON SCHEMA lying TO reader; GRANT SELECT ON lying.$name TO reader");
	return;
}

# The answer ends by itself, and by a frame.
sub answers_well
{
	my ($name, %change) = @_;
	my $answer = ask_connector(
		[$connector], request_line($peer->base, %change),
		open => ($change{operation} // '') eq 'read');
	my @frames = @{ $answer->{frames} };
	my $code = $frames[-1]{code} // 'none';
	return is(
		join(
			' ', faults_of_frames(@frames), $code =~ /^(?:none|protocol|query|relation_changed)$/ ? () : $code,
			$answer->{status} & 127),
		'0',
		$name) || diag(explain($frames[-1]));
}

for my $catalog (sort keys %catalogs)
{
	subtest "lies of $catalog" => sub {
		for my $lie (sort keys %lies)
		{
			lie($catalog, $lie);
			answers_well("$lie: discovery");
			next if $catalog !~ /columns|constraint/;
			answers_well("$lie: a read", operation => 'read', read => read_request([ 'shop', 'customers' ], ['name']));
		}
	};
}

# A proxy damages the answers. SEED repeats a run, ROGUE_ROUNDS sets its length.
my $seed = $ENV{SEED} // time;
my $rounds = $ENV{ROGUE_ROUNDS} // 12;
note("SEED=$seed");
sql('ALTER ROLE reader SET search_path = simulated, pg_catalog');

my @ways = (
	@usual_ways,
	sub {
		my ($piece) = @_;
		substr($piece, 1, 4) = pack 'N', (0, 3, 0x7fffffff, 0xffffffff)[ rand 4 ] if length $piece > 5;
		return $piece;
	},    # a message's length
	sub { my ($piece) = @_; substr($piece, rand length $piece, 2) = "\xff\xff"; return $piece }
	,    # of columns, of a value
	sub { my ($piece) = @_; substr($piece, 0, 1) = (qw(D T C E Z R S A G t n 1 s))[ rand 13 ]; return $piece },
	sub { my ($piece) = @_; return "R\0\0\0\x08\0\0\0\x03$piece" });    # a request for the password as it is

my @requests = (
	{ operation => 'test' },
	{ operation => 'discover' },
	{ operation => 'read', read => read_request([ 'shop', 'customers' ], [qw(id name note)]) },
	{ operation => 'query', query => { text => 'SELECT * FROM shop.customers' } });
my (@wrong, %ends);
srand($seed);    # not before, since names of temporary files are random, too
# A piece that an answer does not have is not damaged: more rounds, until there were enough errors.
for my $round (1 .. 10 * $rounds)
{
	last if $round > $rounds && ($ends{error} // 0) > $rounds / 5;
	my $request = $requests[ rand @requests ];
	my @how = (int(rand @ways), int(rand 24), int(rand 2));
	my $answer = through_proxy(
		$port,
		$ways[ $how[0] ],
		@how[ 1, 2 ],
		sub {
			my ($proxy) = @_;
			my @bounded = $ENV{SANITIZED} ? () : ('prlimit', '--as=200000000');
			my $limits =
				{ connection_timeout => 2, query_timeout => 1, row_bytes => 1_000_000, document_bytes => 1_000_000 };
			return ask_connector(
				[ @bounded, $connector ],
				request_line($peer->base, %$request, limits => $limits, endpoint => { port => $proxy }),
				open => $request->{operation} =~ /^(?:read|query)$/ ? 1 : 0);
		});
	my $last = $answer->{frames}[-1]{frame} // 'nothing';
	$ends{$last}++;
	push @wrong, "round $round: $request->{operation} @how: $last, status $answer->{status}"
		if $last !~ /^(?:end|error)$/ || ($answer->{status} & 127) != 0;
	push @wrong, "round $round: the password is told"
		if tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), $password);
}
is_deeply(\@wrong, [], "every answer ends with an end or an error (SEED=$seed)");
cmp_ok($ends{error} // 0, '>', $rounds / 5, 'many of them with an error') or diag(explain(\%ends));

done_testing();
