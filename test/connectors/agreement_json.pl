# Compares what the connector json makes of real files with what an independent reader made of them, and with what the names
# of a suite of tests say (y_ must be accepted, n_ refused, i_ either): make check-agreement FILES=/folder TYPE=json, where the
# folder has expected.json, { "path": { columns: [[name, type]], rows, error } }, and the files that it names. Prints each
# difference, and counts.
use strict;
use warnings;

use File::Basename qw(dirname basename);
use lib dirname(__FILE__) . '/lib';
use Connector;

my ($folder) = @ARGV;
die "usage: agreement_json.pl FOLDER (with expected.json)\n" if !defined $folder || !-f "$folder/expected.json";
open(my $in, '<', "$folder/expected.json") or die $!;
my $expected = $json->decode(join '', <$in>);

# The reader's types, as families that both know. What is nested is nested.
my %family = (
	VARCHAR => 'text', BIGINT => 'number', UBIGINT => 'number', HUGEINT => 'number', DOUBLE => 'number',
	BOOLEAN => 'boolean', DATE => 'date', TIMESTAMP => 'timestamp', 'TIMESTAMP WITH TIME ZONE' => 'timestamptz',
	UUID => 'uuid', JSON => 'json', integer => 'number');

sub their_family
{
	my ($type) = @_;
	return 'array' if $type =~ /\[\]$/;
	return 'object' if $type =~ /^(?:STRUCT|MAP)\(/;
	return $family{$type} // $type;
}

sub our_family
{
	my ($column) = @_;
	return 'array' if $column->{repeated} || $column->{type} eq 'array';
	return 'json' if $column->{type} =~ / \| / || $column->{type} eq 'null';
	return $family{ $column->{type} } // $column->{type};
}

sub discover
{
	my ($path) = @_;
	my $run = start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('json'), "$folder/$path" ]);
	local $SIG{PIPE} = 'IGNORE';
	send_line(
		$run,
		request_line({ type => 'json', endpoint => { path => "organizations/1/$path" }, credentials => {} }));
	return end_connector($run)->{frames};
}

sub difference
{
	my ($truth, $relation) = @_;
	my ($ours, $theirs) = ($relation->{document}{columns} // [], $truth->{columns});
	my $options = $relation->{document}{options};
	return "rows are the elements of \"$options->{member}\", expected one row" if $options->{member};
	return "rows: " . ($relation->{row_estimate} // 'unknown') . ", expected $truth->{rows}"
		if ($relation->{row_estimate} // -1) != $truth->{rows};
	my @names = map { $_->{name} } @$ours;
	return "columns: " . join(' ', @names[ 0 .. ($#names < 9 ? $#names : 9) ]) . ", expected " . @$theirs
		if @$ours != @$theirs;
	my @types =
		map { [ $ours->[$_]{type}, our_family($ours->[$_]), their_family($theirs->[$_][1]), @{ $theirs->[$_] } ] }
		0 .. $#$ours;
	my @others = map { "$_->[3]: $_->[0], expected " . substr($_->[4], 0, 60) } grep { $_->[1] ne $_->[2] } @types;
	return @others ? 'types: ' . join('; ', @others[ 0 .. ($#others < 3 ? $#others : 3) ]) : undef;
}

my %count = map { $_ => 0 } qw(files agree differ refused expected_error suite broken);

# Of the suite the name is the truth.
sub judge_by_name
{
	my ($path, $frames) = @_;
	my $is_accepted = frames_of('relation', @$frames) > 0;
	my $is_refused = $frames->[-1]{frame} eq 'error';
	my $name = substr(basename($path), 0, 1);
	my $is_fine = $name eq 'y' ? $is_accepted : $name eq 'n' ? $is_refused : $is_accepted || $is_refused;
	print "$path: " . ($is_accepted ? 'accepted' : $is_refused ? "refused: $frames->[-1]{message}" : 'crashed') . "\n"
		if !$is_fine;
	$count{suite}++;
	$count{broken}++ if !$is_fine;
	return;
}

sub judge
{
	my ($path, $truth, $frames) = @_;
	my ($relation) = frames_of('relation', @$frames);
	if (!$relation)
	{
		print "$path: refused: "
			. ($frames->[-1]{message} // $frames->[-1]{frame}) . ' '
			. ($frames->[-1]{detail} // ''),
			defined $truth->{error} ? " (the other reader fails, too)\n" : "\n";
		return $count{refused}++;
	}
	return $count{expected_error}++ if defined $truth->{error};
	my $difference = difference($truth, $relation);
	print "$path: $difference\n" if $difference;
	return $count{ $difference ? 'differ' : 'agree' }++;
}

for my $path (sort keys %$expected)
{
	next if !-f "$folder/$path";
	$count{files}++;
	my $frames = discover($path);
	if (basename($path) =~ /^[yni]_/) { judge_by_name($path, $frames) }
	else { judge($path, $expected->{$path}, $frames) }
}
print
	"$count{files} files, $count{suite} of them judged by their names: $count{broken} of these are wrong; of the others ",
	"$count{agree} agree, $count{differ} differ, $count{refused} refused, ",
	"$count{expected_error} that the other reader cannot read are read\n";
