# Compares what the connector parquet makes of real files with what independent readers made of them: make check-agreement
# FILES=/folder TYPE=parquet, where the folder has expected.json, { "path": { columns: [[name, type]], rows, error, pyarrow:
# [[name, type, is it nullable?]] } }, and the files that it names. All values are read. Prints each difference, and counts.
use strict;
use warnings;

use File::Basename qw(basename dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;

my ($folder) = @ARGV;
die "usage: agreement_parquet.pl FOLDER (with expected.json)\n" if !defined $folder || !-f "$folder/expected.json";
open(my $in, '<', "$folder/expected.json") or die $!;
my $expected = $json->decode(join '', <$in>);

# What the other reader makes of our types. A type that it has not is what stands here for it.
my %theirs = (
	boolean => 'BOOLEAN', int8 => 'TINYINT', int16 => 'SMALLINT', int32 => 'INTEGER', int64 => 'BIGINT',
	uint8 => 'UTINYINT', uint16 => 'USMALLINT', uint32 => 'UINTEGER', uint64 => 'UBIGINT', float => 'FLOAT',
	float16 => 'FLOAT', double => 'DOUBLE', string => 'VARCHAR', enum => 'VARCHAR', json => 'JSON', binary => 'BLOB',
	bson => 'BLOB', date => 'DATE', uuid => 'UUID', interval => 'INTERVAL', int96 => 'TIMESTAMP', variant => 'VARIANT',
	struct => 'STRUCT');

sub their_type
{
	my ($column) = @_;
	my ($type) = $column->{type} =~ /^([a-z0-9]+)/;
	return 'LIST' if $column->{repeated};
	return 'MAP' if $type eq 'map';
	return 'BLOB' if $type eq 'fixed';
	return 'GEOMETRY' if $type eq 'geometry' || $type eq 'geography';
	return "DECIMAL$1" if $column->{type} =~ /^decimal(\(.*\))$/;
	return uc($type) . ($column->{type} =~ /, utc\)/ ? ' WITH TIME ZONE' : '')
		if $type eq 'timestamp' || $type eq 'time';
	return $theirs{$type} // $type;
}

sub shape
{
	my ($type) = @_;
	return 'LIST' if $type =~ /\[\]$/;
	return $type =~ /^(STRUCT|MAP)\(/ ? $1 : $type =~ /^TIMESTAMP_/ ? 'TIMESTAMP' : $type =~ s/^(GEOMETRY)\(.*/$1/r;
}

sub ask
{
	my ($path, %change) = @_;
	my $run =
		start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('parquet'), "$folder/$path" ]);
	local $SIG{PIPE} = 'IGNORE';
	my $place = 'organizations/1/' . basename($path);
	send_line($run, request_line({ type => 'parquet', endpoint => { path => $place }, credentials => {} }, %change));
	return @{ end_connector($run)->{frames} };
}

sub failure
{
	my ($frame) = @_;
	return join ' ', grep { defined } @$frame{qw(message detail reason)};
}

# Other readers call what stands twice by other names.
sub difference
{
	my ($truth, $relation) = @_;
	my @ours = map { [ $_->{name}, their_type($_) ] } @{ $relation->{document}{columns} // [] };
	my @others = map { [ $_->[0], shape($_->[1]) ] } @{ $truth->{columns} };
	return 'columns: ' . @ours . ', expected ' . @others if @ours != @others;
	my @wrong = grep { $ours[$_][0] ne $others[$_][0] || $ours[$_][1] ne $others[$_][1] } 0 .. $#ours;
	return join '; ', map { "$ours[$_][0] $ours[$_][1], expected $others[$_][0] $others[$_][1]" } @wrong if @wrong;
	return $relation->{row_estimate} == $truth->{rows}
		? undef
		: "rows: $relation->{row_estimate}, expected $truth->{rows}";
}

# The last frame of an answer that has all values.
sub read_all
{
	my ($path, $relation) = @_;
	my @names = map { $_->{name} } @{ $relation->{document}{columns} // [] };
	my @frames =
		ask($path, operation => 'read', read => read_request([ 'files', $relation->{name}, $relation->{id} ], \@names));
	return $frames[-1] // { message => 'no answer' };
}

# What comes of a file: a word that is counted, and what there is to say.
sub judge
{
	my ($path, $truth) = @_;
	my @frames = ask($path);
	my ($relation) = frames_of('relation', @frames);
	my ($skipped) = frames_of('skipped', @frames);
	return (defined $truth->{error} ? 'refused by both' : 'refused', failure($skipped // $frames[-1])) if !$relation;
	my $end = read_all($path, $relation);
	my $is_read = defined $end->{rows};
	return ('refused by both', failure($end)) if defined $truth->{error} && !$is_read;
	return ('read although the other reader cannot', $truth->{error}) if defined $truth->{error};
	my $difference = difference($truth, $relation);
	return ('differ', $difference) if $difference;
	return ('described, not read', failure($end)) if !$is_read;
	return ('differ', "$end->{rows} rows are read, expected $truth->{rows}") if $end->{rows} != $truth->{rows};
	return ('agree');
}

my %count;
my $files = 0;
for my $path (sort keys %$expected)
{
	next if !-f "$folder/$path";
	my ($verdict, $says) = judge($path, $expected->{$path});
	print "$path: $verdict: $says\n" if defined $says;
	$count{$verdict}++;
	$files++;
}
print "$files files: ", join(', ', map { "$count{$_} $_" } sort keys %count), "\n";
