# Foreign data wrappers of Debian's packages, also for a server that is not the one that they were installed for.
package Wrapper;

use strict;
use warnings;

use Exporter 'import';
use Rivergen qw(sql);

our @EXPORT = qw(load_wrapper);

sub load_wrapper
{
	my ($node, $name) = @_;
	my $config = $ENV{PG_CONFIG} // 'pg_config';
	chomp(my $own = `$config --pkglibdir`);
	my ($major) = `$config --version` =~ /(\d+)/;
	my ($library) = grep { -e } "$own/$name.so", "/usr/lib/postgresql/$major/lib/$name.so";
	die "$name.so is missing: test/lib/packages.sh installs it" if !$library;
	sql($node, <<~"EOT");
		CREATE FUNCTION ${name}_handler() RETURNS fdw_handler AS '$library', '${name}_handler' LANGUAGE C STRICT;
		CREATE FUNCTION ${name}_validator(text[], oid) RETURNS void AS '$library', '${name}_validator' LANGUAGE C STRICT;
		CREATE FOREIGN DATA WRAPPER $name HANDLER ${name}_handler VALIDATOR ${name}_validator;
		EOT
	return;
}

1;
