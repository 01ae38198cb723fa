# Compares what the connector csv makes of real files with what an independent reader made of them: make
# check-agreement FILES=/folder, where the folder has expected.json, { "path": { delimiter, header, columns, error … } },
# and the files that it names. Prints each difference, and counts.
use strict;
use warnings;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;

my ($folder) = @ARGV;
die "usage: agreement_csv.pl FOLDER (with expected.json)\n" if !defined $folder || !-f "$folder/expected.json";
open(my $in, '<', "$folder/expected.json") or die $!;
my $expected = $json->decode(join '', <$in>);

# The reader's types, as families that both know.
my %family = (
	VARCHAR => 'text', BIGINT => 'number', DOUBLE => 'number', BOOLEAN => 'boolean', DATE => 'date',
	TIMESTAMP => 'timestamp', TIME => 'time', 'TIMESTAMP WITH TIME ZONE' => 'timestamptz', UUID => 'uuid',
	integer => 'number', decimal => 'number', number => 'number');

sub family { return $family{ $_[0] } // $_[0] }

sub discover
{
	my ($path) = @_;
	my $run = start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('csv'), "$folder/$path" ]);
	local $SIG{PIPE} = 'IGNORE';
	send_line(
		$run,
		request_line({ type => 'csv', endpoint => { path => "organizations/1/$path" }, credentials => {} }));
	return end_connector($run)->{frames};
}

sub difference
{
	my ($truth, $document) = @_;
	my ($delimiter) = $document->{options}{delimiter};
	my ($ours, $theirs) = ($document->{columns} // [], $truth->{columns});
	return "$truth->{error}: read all the same" if defined $truth->{error};
	return "columns: " . @$ours . " ($delimiter), expected " . @$theirs . " ($truth->{delimiter})"
		if @$ours != @$theirs;
	my $header = $truth->{header} ? 'true' : 'false';
	return "header: $document->{options}{header}, expected $header" if $document->{options}{header} ne $header;
	my @types = map { [ family($ours->[$_]{type}), family($theirs->[$_][1]), $theirs->[$_][0] ] } 0 .. $#$ours;
	my @others = map { "$_->[2]: $_->[0], expected $_->[1]" } grep { $_->[0] ne $_->[1] } @types;
	return @others ? 'types: ' . join('; ', @others[ 0 .. ($#others < 3 ? $#others : 3) ]) : undef;
}

my %count = map { $_ => 0 } qw(files agree differ refused expected_error);
for my $path (sort keys %$expected)
{
	next if !-f "$folder/$path";
	$count{files}++;
	my $truth = $expected->{$path};
	my $frames = discover($path);
	my ($relation) = frames_of('relation', @$frames);
	if (!$relation)
	{
		my $message = $frames->[-1]{message} // $frames->[-1]{frame};
		print "$path: refused: $message" . (defined $truth->{error} ? " (the other reader fails, too)\n" : "\n");
		$count{refused}++;
		next;
	}
	if (defined $truth->{error})
	{
		$count{expected_error}++;
		next;
	}
	my $difference = difference($truth, $relation->{document});
	print "$path: $difference\n" if $difference;
	$count{ $difference ? 'differ' : 'agree' }++;
}
print "$count{files} files: $count{agree} agree, $count{differ} differ, $count{refused} refused; ",
	"$count{expected_error} that the other reader cannot read are read\n";
