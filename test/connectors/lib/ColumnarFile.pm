# A small file of Parquet or ORC, two columns and three rows, as pyarrow writes it.
package ColumnarFile;

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use Exporter 'import';
use File::Basename qw(dirname);

our @EXPORT = qw(columnar_file);

my %written_by = (parquet => 'parquet.write_table(table, out, row_group_size=2)', orc => 'orc.write_table(table, out)');

sub columnar_file
{
	my ($format) = @_;
	my $here = dirname(__FILE__);
	my $program =
		  "import sys\nimport pyarrow as pa\nfrom pyarrow import $format\n"
		. "table = pa.table({'n': [1, 2, None], 'word': ['a', None, 'ß']})\n"
		. "out = pa.BufferOutputStream()\n$written_by{$format}\nsys.stdout.buffer.write(out.getvalue())\n";
	chomp($ENV{PYTHON_PEERS} = `$here/../../lib/pip.sh $here/../../peers/python`) if !$ENV{PYTHON_PEERS};
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
	open(my $file, '-|:raw', '/usr/bin/python3', '-c', encode_utf8($program)) or die $!;
	local $/;
	my $bytes = readline $file;
	close $file or die "no file of $format";
	return $bytes;
}

1;
