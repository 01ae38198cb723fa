# Files that pyarrow writes of random values, by TYPE_files.py, and what the connector of that type answers about them:
# use WrittenFiles 'orc'. SEED=... chooses the values.
package WrittenFiles;

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Connector;
use Test::More;
our ($type, $directory, $seed);

sub import
{
	my ($class, $wanted) = @_;
	my $here = dirname(__FILE__);
	my $caller = caller;
	$type = $wanted;
	$seed = $ENV{SEED} // time;
	$directory = tempdir("rivergen-$type-XXXXXX", TMPDIR => 1, CLEANUP => 1);
	diag("SEED=$seed");
	chomp($ENV{PYTHON_PEERS} = `$here/../../lib/pip.sh $here/../../peers/python`) if !$ENV{PYTHON_PEERS};
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
	system('/usr/bin/python3', "$here/${type}_files.py", $directory, $seed) == 0
		or die 'the files could not be written';
	no strict 'refs';    ## the functions below are the caller's
	*{"${caller}::$_"} = \&$_ for qw(content write_file ask relation read_columns);
	*{"${caller}::seed"} = \$seed;
	*{"${caller}::directory"} = \$directory;
	return;
}

sub content
{
	my ($name) = @_;
	open(my $file, '<:raw', "$directory/$name") or die $!;
	local $/;
	return scalar <$file>;
}

sub write_file
{
	my ($name, $bytes) = @_;
	open(my $file, '>:raw', "$directory/$name") or die $!;
	print $file $bytes;
	close $file;
	return;
}

# The frames of the answer about a file.
sub ask
{
	my ($name, %change) = @_;
	my $run = start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector($type), "$directory/$name" ]);
	local $SIG{PIPE} = 'IGNORE';
	send_line(
		$run,
		request_line({ type => $type, endpoint => { path => "organizations/1/$name" }, credentials => {} }, %change));
	return end_connector($run)->{frames};
}

sub relation
{
	my ($name) = @_;
	my ($relation) = frames_of('relation', @{ ask($name) });
	return $relation;
}

sub read_columns
{
	my ($name, $columns, %change) = @_;
	return @{ ask($name, operation => 'read', read => read_request([ 'files', $name, 'file' ], $columns, %change)) };
}

1;
