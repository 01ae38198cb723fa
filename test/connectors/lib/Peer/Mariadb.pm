# The connector mysql under its second name.
package Peer::Mariadb;

use strict;
use warnings;
use parent 'Peer::Mysql';

sub type { return 'mariadb' }

1;
