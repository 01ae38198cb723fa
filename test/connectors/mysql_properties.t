# Random schemas of every kind of object: what the connector says of each relation, member by member, is what MariaDB's SHOW
# statements say; and so after every random change. SEED= repeats a run, RUNS= makes more schemas.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use MariadbServer;
use RandomTables;
use ShownTables;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = installed_connector('mysql');
plan(skip_all => "$connector is not built") unless -x $connector;
my $seed = $ENV{SEED} // time;
my $plain = JSON::PP->new->canonical->allow_nonref;
note("SEED=$seed");
start_mariadb();
srand($seed);    # not before, since names of temporary files are random, too
sql("CREATE USER reader; SET PASSWORD FOR reader = PASSWORD('correct \"horse\" \\\\battery'); GRANT SELECT, SHOW VIEW ON *.* TO reader"
);

sub ask
{
	my $base = {
		type => 'mysql', credentials => { username => 'reader', password => $password },
		endpoint =>
			{ host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'information_schema' }
	};
	my $answer = ask_connector([$connector], request_line($base, @_));
	is(join("\n", faults_of_frames(@{ $answer->{frames} })), '', 'the frames are as they must be');
	return @{ $answer->{frames} };
}

# Makes what can be made of it; returns the errors of the others.
sub load
{
	my (undef, @errors) =
		sql_all(join ";\n", "SET sql_mode = 'NO_ENGINE_SUBSTITUTION', innodb_strict_mode = 0", @_, '');
	return @errors;
}

# Lists of things with names have no order of their own in SHOW, which also leaves out the blanks at the beginning of an alias.
sub in_order
{
	my ($document) = @_;
	my %document = %$document;
	for my $list (grep { ref $document{$_} } qw(unique foreign_keys checks indexes))
	{
		$document{$list} = [ sort { $a->{name} cmp $b->{name} } @{ $document{$list} } ];
	}
	$document{definition} =~ s/ AS `[\x01- ]+/ AS `/g if defined $document{definition};
	return \%document;
}

sub differences
{
	my ($found, $expected) = map { in_order($_->{document} // {}) } @_;
	my @kinds = map { $_->{kind} // 'none' } @_;
	my %all = (%$found, %$expected);
	return (
		($kinds[0] eq $kinds[1] ? () : "it says it is $kinds[0], it is $kinds[1]"),
		map {
			my ($f, $e) = map { $plain->encode($_) } ($found->{$_}, $expected->{$_});
			$f eq $e ? () : "$_:\n  it says    $f\n  it is      $e"
		} sort keys %all);
}

sub agrees
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @frames = ask();
	my %found = map { ("$_->{schema}.$_->{name}" => $_) } frames_of('relation', @frames);
	my %expected = shown_relations();
	my %broken = map { ("$_->{schema}.$_->{name}" => 1) } frames_of('skipped', @frames);
	my @faults = map {
		my @d = $broken{$_} ? () : differences($found{$_} // {}, $expected{$_} // {});
		@d ? join "\n", $_, @d : ()
	} sort keys %{ { %found, %expected } };
	is($frames[-1]{frame}, 'end', "$name: complete") or diag(explain($frames[-1]));
	is_deeply([ grep { $expected{$_} } keys %broken ], [], "$name: what is skipped cannot be shown either");
	ok(!@faults && %found, "$name: " . keys(%found) . ' relations are described as they are')
		or diag("SEED=$seed\n" . join "\n", splice(@faults, 0, 5));
	is_deeply([ ask() ], \@frames, "$name: the same again is the same");
}

for my $run (1 .. $ENV{RUNS} // 1)
{
	my @statements = random_tables();
	my @failed = load(@statements);
	cmp_ok(@failed / @statements, '<', 0.3, "run $run: " . @statements . ' statements, of which ' . @failed . ' failed')
		or diag(join "\n", @failed);
	agrees("run $run");
	for my $step (1 .. 2)
	{
		load(map { random_alteration() } 1 .. 8);
		agrees("run $run, step $step");
	}
	sql(join '', 'SET foreign_key_checks = 0;', map { 'DROP DATABASE `' . s/`/``/gr . '`;' } schemas());
}

done_testing();
