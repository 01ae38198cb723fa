# The connector iceberg by itself: tables that pyiceberg makes and changes step by step, read by both after each step: columns,
# all rows, and the rows of conditions. SEED=... chooses the values.
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use lib dirname(__FILE__) . '/lib';
use Connector;
use JSON::PP;
use Test::More;

my $here = dirname(__FILE__);
my $directory = tempdir('rivergen-iceberg-XXXXXX', TMPDIR => 1, CLEANUP => 1);
local $ENV{SEED} = $ENV{SEED} // time;
chomp($ENV{PYTHON_PEERS} = `$here/../lib/pip.sh $here/../peers/python`) if !$ENV{PYTHON_PEERS};
local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
diag("SEED=$ENV{SEED}");

# What is refused, and why. pyiceberg refuses it, too.
my %refused = (
	equality_deletes => qr/^The Iceberg table has equality deletes, which are not read\.$/,
	file_of_avro => qr/has a format that is not read\. The format is AVRO\.$/,
	file_without_ids => qr/^A file of the Iceberg table has no ids of columns\. data\/x\.parquet$/,
	file_elsewhere =>
		qr/lies outside of the table's folder\. The file is .*elsewhere2.*, and the table's location .*elsewhere\./,
	file_upwards => qr/lies outside of the table's folder/,
	file_of_another_type => qr/The column "id" cannot be read\. .*another type in this file than in the table/,
	file_missing => qr/^A file of the Iceberg table is missing\. The file is data\/.*\.parquet\.$/,
	vector_broken => qr/deletion vector of the Iceberg table is broken\. .*its checksum differs/);

my %folders;

subtest 'tables that are changed' => sub {
	open(
		my $steps, '-|', '/usr/bin/python3', "$here/lib/iceberg_changes.py", $directory,
		installed_connector('iceberg')) or die $!;
	while (my $line = <$steps>)
	{
		my $step = decode_json($line);
		my ($name, $verdict, $said) = ($step->{step}, $step->{verdict}, $step->{said} // '');
		$folders{$name} = $step->{folder};
		if ($refused{$name})
		{
			is($verdict, 'refused by both', $name);
			like($said, $refused{$name}, "$name: it is told");
		}
		else
		{
			is("$verdict $said", 'agree ', $name);
		}
	}
	close $steps;
	is($?, 0, 'all steps were made');
	is(scalar keys %folders, 33, '33 of them');
};

# A connector that reads all of the table with vectors; it waits after the first rows until they are taken.
sub begin_reading
{
	my ($folder) = @_;
	my $run = start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('iceberg'), $folder ]);
	send_line(
		$run,
		request_line(
			{ type => 'iceberg', endpoint => { path => 'organizations/1/vectors' }, credentials => {} },
			operation => 'read', read => read_request([ 'files', 'vectors' ], [ 'id', 'half' ]),
			limits => { row_bytes => 1 << 28 }));
	while (my $frame = read_frame($run)) { last if $frame->{frame} eq 'rows' }
	return $run;
}

subtest 'a table that is rewritten while it is read' => sub {
	my $folder = $folders{vectors} or return fail('there is such a table');
	my ($newest) = reverse sort glob "$folder/metadata/*.metadata.json";
	(my $newer = $newest) =~ s{[^/]*$}{00099-a.metadata.json};
	open(my $in, '<:raw', $newest) or die $!;
	my $document = decode_json(do { local $/; <$in> });
	close $in;
	$document->{'last-updated-ms'}++;
	my $run = begin_reading($folder);
	open(my $out, '>:raw', $newer) or die $!;
	print $out encode_json($document);
	close $out;
	unlink $newest;
	is(end_connector($run)->{frames}[-1]{rows}, 300_000 - 40 - 103_333, 'a commit alone does no harm');

	$run = begin_reading($folder);
	$document->{'last-updated-ms'}++;
	open($out, '>:raw', $newer =~ s/99-a/98-b/r) or die $!;
	print $out encode_json($document);
	close $out;
	unlink $_ for glob "$folder/data/*.parquet";
	my $error = end_connector($run)->{frames}[-1];
	is( "$error->{frame} $error->{code} $error->{transient}", 'error relation_changed 1',
		'a file that is gone: an error');
	like($error->{message}, qr/was rewritten while it was read/, 'it is told');
};

done_testing();
