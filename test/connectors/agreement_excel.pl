# Compares what the connector excel makes of real workbooks with what an independent reader made of them: make
# check-agreement TYPE=excel FILES=/folder, where the folder has expected.json, { "path": { sheets: [{ name, state, tables,
# first_rows … }], error … } }, and the files that it names. Sheets, whether they are hidden, tables with their columns, and the
# values of the first rows are compared. Prints each difference, and counts.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;

binmode(STDOUT, ':encoding(UTF-8)');

my ($folder) = @ARGV;
die "usage: agreement_excel.pl FOLDER (with expected.json)\n" if !defined $folder || !-f "$folder/expected.json";
open(my $in, '<', "$folder/expected.json") or die $!;
my $expected = $json->decode(join '', <$in>);

# The frames about a file, whose sheets have no header: so that every row is a row.
sub ask
{
	my ($path, %change) = @_;
	my $run = start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('excel'), "$folder/$path" ]);
	local $SIG{PIPE} = 'IGNORE';
	my %endpoint = (path => 'organizations/1/book', options => { header => JSON::PP::false });
	send_line($run, request_line({ type => 'excel', endpoint => \%endpoint, credentials => {} }, %change));
	return end_connector($run)->{frames};
}

# A value as both may write it; the other reader's are cut after 60 characters.
sub plain
{
	my ($value) = @_;
	return $value if !defined $value;
	$value =~ s/(:\d\d\.\d*?)0+$/$1/;
	$value =~ s/^(\d+) days, (\d+)/24 * $1 + $2/e;
	$value =~ s/[ T]00:00:00(?:\.0+)?$//;
	$value = lc $value if $value =~ /^(?:true|false)$/i;
	return substr($value, 0, 60) if length $value > 60;
	return $value =~ /^-?[\d.]+(?:[eE][-+]?\d+)?$/ && $value =~ /\d/ ? sprintf('%.10g', $value) : $value;
}

# Of .xls dates are numbers, whichever day they are counted from, so that they say nothing; and booleans are 0 or 1.
sub expected_value
{
	my ($cell) = @_;
	return undef if $cell->[0] eq '3';
	return $cell->[0] eq '4' ? ($cell->[1] ? 'true' : 'false') : plain($cell->[1]);
}

# The first rows that are not empty, each without its empty cells.
sub expected_rows
{
	my ($sheet) = @_;
	my @rows = map {
		[ map { expected_value($_) } grep { defined $_->[1] && $_->[1] ne '' } @$_ ]
	} @{ $sheet->{first_rows} // [] };
	return grep { @$_ } @rows;
}

sub found_rows
{
	my ($path, $relation, $count) = @_;
	my @columns = map { $_->{name} } @{ $relation->{document}{columns} // [] } or return ();
	my $read = read_request([ @$relation{qw(schema name id)} ], \@columns, limit => $count);
	return map {
		[ map { plain($_) } grep { defined && $_ ne '' } @$_ ]
	} rows_of(@{ ask($path, operation => 'read', read => $read) });
}

sub values_differ
{
	my ($path, $sheet, $relation) = @_;
	my @theirs = expected_rows($sheet);
	my @ours = found_rows($path, $relation, scalar @theirs);
	for my $number (0 .. $#theirs)
	{
		my ($our, $their) = ($ours[$number] // [], $theirs[$number]);
		for my $place (0 .. $#$their)
		{
			my ($found, $wanted) = ($our->[$place] // 'nothing', $their->[$place] // next);
			return "$sheet->{name}: $found, expected $wanted" if $found ne $wanted;
		}
	}
	return undef;
}

sub sheet_differs
{
	my ($path, $sheet, $relations) = @_;
	my ($relation) = grep { $_->{id} eq "sheet $sheet->{name}" } @$relations;
	for my $table (@{ $sheet->{tables} // [] })
	{
		my ($found) = grep { $_->{id} eq "table $table->[0]" } @$relations
			or return "table $table->[0] is missing";
		my $count = @{ $found->{document}{columns} // [] };
		return "table $table->[0]: $count columns, expected " . @{ $table->[2] } if $count != @{ $table->[2] };
	}
	return undef if @{ $sheet->{tables} // [] };
	return expected_rows($sheet) ? "sheet $sheet->{name} is missing" : undef if !$relation;
	my $state = $sheet->{state} // ($sheet->{visibility} ? 'hidden' : 'visible');
	my $is_hidden = $relation->{document}{options}{hidden} ? 1 : 0;
	return "$sheet->{name}: hidden $is_hidden, expected $state" if $is_hidden != ($state ne 'visible');
	$sheet->{first_rows} //= [ $sheet->{first_row} ];
	return values_differ($path, $sheet, $relation);
}

my %count = map { $_ => 0 } qw(files agree differ refused expected_error unknown);
for my $path (sort keys %$expected)
{
	next if !-f "$folder/$path";
	$count{files}++;
	my $truth = $expected->{$path};
	my $frames = ask($path);
	my @relations = frames_of('relation', @$frames);
	if ($frames->[-1]{frame} ne 'end')
	{
		my $message = $frames->[-1]{message} // $frames->[-1]{frame};
		print "$path: refused: $message" . (defined $truth->{error} ? " (the other reader fails, too)\n" : "\n");
		$count{refused}++;
		next;
	}
	if (!$truth->{sheets})
	{
		$count{ defined $truth->{error} ? 'expected_error' : 'unknown' }++;
		next;
	}
	my ($difference) = grep { defined } map { sheet_differs($path, $_, \@relations) } @{ $truth->{sheets} };
	print "$path: $difference\n" if defined $difference;
	$count{ defined $difference ? 'differ' : 'agree' }++;
}
print "$count{files} files: $count{agree} agree, $count{differ} differ, $count{refused} refused; ",
	"$count{expected_error} that the other reader cannot read are read, and $count{unknown} of kinds that it does not know\n";
