# Are the statements of a connector, or of a reader, in the dialect of their source? sqlglot answers, as test/peers pins it.
package SqlDialect;

use strict;
use warnings;

use Exporter 'import';
use IPC::Open3;
our @EXPORT = qw(not_in_dialect statements_of);

my $program = <<'EOT';
import json, sys, sqlglot
dialect, statements = json.load(sys.stdin)
for statement in statements:
    try:
        for parsed in sqlglot.parse(statement, read=dialect):
            if isinstance(parsed, sqlglot.exp.Command):
                print("not understood:", statement)
    except sqlglot.errors.SqlglotError as fault:
        print(fault, statement)
EOT

# What the parser has against the statements: no text if they are fine.
sub not_in_dialect
{
	my ($dialect, @statements) = @_;
	require JSON::PP;
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS} || die 'PYTHON_PEERS names no directory (test/lib/pip.sh)';
	my $pid = open3(my $in, my $out, undef, 'python3', '-c', $program);
	print $in JSON::PP::encode_json([ $dialect, \@statements ]);
	close $in;
	my $said = do { local $/; <$out> }
		// '';
	waitpid($pid, 0);
	return $? ? "python3: $said" : $said;
}

# The statements in the source text of a program in C: constants whose name ends in _sql.
sub statements_of
{
	my ($source) = @_;
	my @statements;
	while ($source =~ /\b\w+_sql\[\] =\s*((?:"(?:[^"\\]|\\.)*"\s*)+);/g)
	{
		my $text = join '', $1 =~ /"((?:[^"\\]|\\.)*)"/g;
		push @statements, $text =~ s/\\(.)/$1/gr;
	}
	return @statements;
}

1;
