# The connector hudi reads tables that a simulated writer of Hudi makes and changes: the writer is held against hudi-rs after each
# step, the connector against the writer. (make check-lakes has Hudi itself write the tables.)
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use lib dirname(__FILE__) . '/lib';
use Connector;
use JSON::PP;
use Test::More;

my $here = dirname(__FILE__);
my $directory = tempdir('rivergen-hudi-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chomp($ENV{PYTHON_PEERS} = `$here/../lib/pip.sh $here/../peers/python`) if !$ENV{PYTHON_PEERS};
local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
open(my $steps, '-|', '/usr/bin/python3', "$here/lib/hudi_tables.py", installed_connector('hudi'), $directory)
	or die $!;
my $count = 0;
while (my $line = <$steps>)
{
	my $step = decode_json($line);
	$count++;
	is($step->{reader}, undef, "simulated writer: $step->{step}: hudi-rs reads what was meant");
	is($step->{connector}, undef, "simulated writer: $step->{step}: so does the connector");
}
close $steps;
is($?, 0, 'the writer made all steps');
is($count, 56, 'nine steps of six tables, and one of two others');

done_testing();
