# The fenced blocks of a manual that a test runs. A comment before a block says how it is run:
#
#	<!-- run: root -->      shell lines, as root on the machine that the manual speaks of
#	<!-- run: conf -->      lines of postgresql.conf
#	<!-- run: psql -->      statements, each with what psql prints
#	<!-- run: curl -->      shell lines after "$ ", each with what it prints
#	<!-- run: install -->, <!-- run: fetch -->   what the machine of the tests has done already
#	<!-- shown -->          not run
package Manual;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Utils;

our @EXPORT = qw(blocks psql_steps curl_steps masked);

# In the order of the manual: { how, text, line, file }.
sub blocks
{
	my ($file) = @_;
	my (@blocks, $block, $how);
	my $number = 0;
	for my $line (split /\n/, slurp_file($file), -1)
	{
		$number++;
		if ($line =~ /^```/)
		{
			push @blocks, $block if $block;
			$block = $block ? undef : { how => $how // '', text => '', line => $number, file => $file =~ s{.*/}{}r };
			$how = undef;
		}
		elsif ($block) { $block->{text} .= "$line\n" }
		elsif ($line =~ /^<!-- (?:run: )?(\w+) -->$/) { $how = $1 }
	}
	return @blocks;
}

# A session of psql in pairs: a statement, which ends with the line that ends in a semicolon, and what is printed. Only
# what was printed tells where the next statement begins, so run() is called with each and returns that.
sub psql_steps
{
	my ($text, $run) = @_;
	my @lines = split /\n/, $text;
	my @steps;
	while (@lines)
	{
		my $statement = '';
		$statement .= shift(@lines) . "\n" while @lines && $statement !~ /;\n\z/;
		my $printed = $run->($statement);
		my @shown = splice @lines, 0, scalar(my @printed = split /\n/, $printed);
		push @steps, { command => $statement, shown => join("\n", @shown), printed => $printed };
		shift @lines while @lines && $lines[0] eq '';
	}
	return @steps;
}

# A session of a shell: lines after "$ ", until their quotes are closed and no backslash ends them, and what is printed.
sub curl_steps
{
	my ($text) = @_;
	my @steps;
	for my $part (split /^\$ /m, $text)
	{
		my ($command, $shown) = ('', $part);
		while ($command eq '' || ($command =~ tr/'//) % 2 || $command =~ /\\\n\z/)
		{
			$shown =~ s/\A(.*\n)// or last;
			$command .= $1;
		}
		push @steps, { command => $command, shown => $shown } if $command =~ /\S/;
	}
	return @steps;
}

# What differs from run to run, and how wide a table is.
sub masked
{
	my ($text) = @_;
	$text =~ s/\r//g;
	$text =~ s/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/TIME/g;
	$text =~ s/^Date: .*/Date: DATE/mg;
	$text =~ s/("discovery_duration_ms": )\d+/${1}MS/g;
	$text =~ s/-{2,}/--/g;
	$text =~ s/[ \t]+/ /g;
	$text =~ s/ $//mg;
	$text =~ s/\A\s+|\s+\z//g;
	return $text;
}

1;
