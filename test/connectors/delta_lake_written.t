# The connector delta_lake by itself: tables that Delta's own library in Rust makes and changes step by step, read by both after
# each step: columns, partitions and rows; and tables of what that library cannot write, with what must be read of them.
# SEED=... chooses the values.
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use lib dirname(__FILE__) . '/lib';
use Connector;
use JSON::PP;
use Test::More;

my $here = dirname(__FILE__);
my $directory = tempdir('rivergen-delta-XXXXXX', TMPDIR => 1, CLEANUP => 1);
local $ENV{SEED} = $ENV{SEED} // time;
chomp($ENV{PYTHON_PEERS} = `$here/../lib/pip.sh $here/../peers/python`) if !$ENV{PYTHON_PEERS};
local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
diag("SEED=$ENV{SEED}");

sub steps_of
{
	my ($program, $count) = @_;
	open(my $steps, '-|', '/usr/bin/python3', "$here/lib/$program", $directory, installed_connector('delta_lake'))
		or die $!;
	my $told = 0;
	while (my $line = <$steps>)
	{
		my $step = decode_json($line);
		is("$step->{verdict} " . ($step->{said} // ''), 'agree ', $step->{step});
		$told++;
	}
	close $steps;
	is($?, 0, 'all steps were made');
	return is($told, $count, "$count of them");
}

subtest 'tables that are changed' => sub { steps_of('delta_tables.py', 20) };

subtest 'a table that is changed at random' => sub { steps_of('delta_random.py', 15) };

subtest 'what is rare' => sub { steps_of('delta_special.py', 63) };

done_testing();
