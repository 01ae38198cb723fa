# Random schemas of every kind of object: what the connector says of each relation, member by member, is what one query
# over the server's own catalogs says; and so after every random change. SEED= repeats a run, RUNS= makes more schemas.
use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/../lib';
use RandomChoice;
use RandomSchema;
use SchemaDerivation;
use Source;
use Test::More;

my $runs = $ENV{RUNS} // 2;
my $steps = 3;
my $database;

start_server();
my $seed = seed();
note("SEED=$seed");
sql('CREATE ROLE keeper SUPERUSER', database => 'postgres');

sub relation { my ($frame) = @_; return encode_utf8("$frame->{schema}.$frame->{name}") }

sub by_name
{
	return map { (relation($_) => $_) } @_;
}

sub derived
{
	return map { $json->decode(encode_utf8($_)) } grep { /^\{/ } split /\n/, sql(derivation(), database => $database);
}

# The members of two frames that differ, the document's among them.
sub differences
{
	my ($found, $expected) = @_;
	my %all = (%{ $found->{document} // {} }, %{ $expected->{document} // {} }, %$found, %$expected);
	delete $all{document};
	my $one =
		sub { my ($frame, $member) = @_; $json->allow_nonref->encode($frame->{$member} // $frame->{document}{$member}) };
	return map {
		my ($f, $e) = ($one->($found, $_), $one->($expected, $_));
		$f eq $e ? () : "$_:\n  it says    $f\n  it is      $e"
	} sort keys %all;
}

sub agrees
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @frames = connect_with(endpoint => { database => $database });
	my %found = by_name(grep { $_->{frame} eq 'relation' } @frames);
	my %expected = by_name(derived());
	my @faults = map { my @d = differences($found{$_} // {}, $expected{$_} // {}); @d ? join "\n", "$_", @d : () }
		sort keys %{ { %found, %expected } };
	is($frames[-1]{frame}, 'end', "$name: complete") or diag($json->encode($frames[-1]));
	is_deeply([ grep { $_->{frame} eq 'skipped' } @frames ], [], "$name: nothing is skipped");
	ok(!@faults && %found, "$name: " . keys(%found) . ' relations are described as they are')
		or diag("SEED=$seed\n" . join "\n", splice(@faults, 0, 5));
	unlike($json->encode(\@frames), qr/hidden/, "$name: no secret option is told");
}

for my $run (1 .. $runs)
{
	$database = "run$run";
	sql("CREATE DATABASE $database", database => 'postgres');
	my @psql_here = (@psql, $database);
	my @statements = random_schema();
	my @failed = load_statements(\@psql_here, @statements);
	cmp_ok(@failed / @statements, '<', 0.1, "run $run: " . @statements . ' statements, of which ' . @failed . ' failed')
		or diag(join "\n", @failed);
	agrees("run $run");
	for my $step (1 .. $steps)
	{
		my @step = map {
			random_step(sub {
				my $text = sql("SELECT to_jsonb(q) FROM ($_[0]) q", database => $database);
				return map { $json->decode(encode_utf8($_)) } split /\n/, $text;
			})
		} 1 .. 6;
		load_statements(\@psql_here, @step);
		agrees("run $run, step $step");
	}
}

done_testing();
