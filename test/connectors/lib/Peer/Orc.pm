# An ORC file, for the connector orc.
package Peer::Orc;

use strict;
use warnings;
use parent 'Peer::Columnar';

sub type { return 'orc' }

sub written_by
{
	return "from pyarrow import orc\norc.write_table(table, sys.argv[1], compression='zstd')";
}

1;
