# A Parquet file, for the connector parquet.
package Peer::Parquet;

use strict;
use warnings;
use parent 'Peer::Columnar';

sub type { return 'parquet' }

sub written_by
{
	return "from pyarrow import parquet\nparquet.write_table(table, sys.argv[1], row_group_size=2, compression='zstd')";
}

1;
