# Workbooks of independent writers, by the connector excel: all of them have the rows that were written.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use lib dirname(__FILE__) . '/lib';
use Connector;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $here = dirname(__FILE__);
my $directory = tempdir('rivergen-writers-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chomp($ENV{PYTHON_PEERS} = `$here/../lib/pip.sh $here/../peers/python`) if !$ENV{PYTHON_PEERS};
{
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
	system('/usr/bin/python3', '-B', "$here/excel_writers.py", $directory) == 0 or die 'nothing was written';
}

sub ask
{
	my ($name, %change) = @_;
	my $run =
		start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('excel'), "$directory/$name" ]);
	local $SIG{PIPE} = 'IGNORE';
	my %endpoint = (path => "organizations/1/$name");
	send_line($run, request_line({ type => 'excel', endpoint => \%endpoint, credentials => {} }, %change));
	return @{ end_connector($run)->{frames} };
}

open(my $in, '<:encoding(UTF-8)', "$directory/rows.txt") or die $!;
my @expected = map {
	chomp;
	[ map { $_ eq '\N' ? undef : $_ } split /\t/ ]
} <$in>;

# A time of day in seconds, as a workbook has it: cut where the writer rounds.
sub seconds
{
	return map { my @row = @$_; $row[4] =~ s/\.\d+$//; \@row } @_;
}

for my $name (qw(openpyxl.xlsx openpyxl_streamed.xlsx xlsxwriter.xlsx xlsxwriter_inline_1904.xlsx xlwt.xls))
{
	my ($relation) = frames_of('relation', ask($name)) or die explain([ ask($name) ]);
	my @columns = map { $_->{name} } @{ $relation->{document}{columns} };
	is( join(', ', map { "$_->{name} $_->{type}" } @{ $relation->{document}{columns} }),
		'id integer, größe 😀 text, price number, day date, at datetime, ok boolean',
		"$name: columns");
	is($relation->{name}, $name eq 'openpyxl.xlsx' ? 'Rows_1' : 'rows', "$name: the relation");
	my $read = read_request([ @$relation{qw(schema name id)} ], \@columns);
	is_deeply([ seconds(rows_of(ask($name, operation => 'read', read => $read))) ], \@expected, "$name: rows");
}

done_testing();
