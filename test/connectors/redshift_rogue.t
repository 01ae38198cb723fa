# A simulated Redshift whose catalogs lie: values that are missing, endless, or no numbers. The connector redshift ends its answer
# as the protocol wants it, whatever they say.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use Peer::Redshift;
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

done_testing();
