# Are statements in the dialect of their source? sqlglot answers, as test/peers pins it.
package SqlDialect;

use strict;
use warnings;

use Encode qw(encode_utf8);
use Exporter 'import';
use File::Basename qw(dirname);
use IPC::Open2;
use JSON::PP;
our @EXPORT = qw(not_in_dialect);

# What the parser has against the statements: no text if they are fine.
sub not_in_dialect
{
	my ($dialect, @statements) = @_;
	my $here = dirname(__FILE__);
	my $python = $ENV{PYTHON_PEERS};
	chomp($python = `$here/../../lib/pip.sh $here/../../peers/python`) if !$python;
	local $ENV{PYTHON_PEERS} = $python;
	my $pid = open2(my $out, my $in, '/usr/bin/python3', "$here/parse_statements.py", $dialect);
	print $in encode_utf8(JSON::PP->new->encode(\@statements));
	close $in;
	my $refused = do { local $/; <$out> }
		// '';
	waitpid($pid, 0);
	die "the parser ended with status $?" if $?;
	return $refused;
}

1;
