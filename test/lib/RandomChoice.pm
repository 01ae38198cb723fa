# Random choices, names and texts for schemas: quotes, escapes, characters of every kind, the longest names. The same seed
# makes the same ones.
package RandomChoice;

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use Exporter 'import';

our @EXPORT = qw(seed);
our @EXPORT_OK = qw(pick maybe some quote literal name forget_names text);

my $number = 0;

# The seed of this run, from the environment or the clock; the test prints it. Taken when the servers run: names of temporary
# files are random, too.
sub seed
{
	my $seed = $ENV{SEED} // time;
	srand($seed);
	return $seed;
}

sub pick { return $_[ int rand @_ ] }
sub maybe { my ($chance) = @_; return rand() < $chance }
sub some
{
	my ($most, @from) = @_;
	my @left = @from;
	return map { @left ? splice(@left, int rand @left, 1) : () } 1 .. 1 + int rand $most;
}
sub quote { my ($name) = @_; $name =~ s/"/""/g; return "\"$name\"" }
sub literal { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }

my @odd = (
	'select', 'table', 'user', 'Order', 'a"b', '""', 'back\\slash', "new\nline", "tab\there", 'größe', 'ключ', '名前',
	'😀', "e\x{301}",
	'1st', 'a.b', ' lead', 'trail ', "it's", '$1', '{VAR ', '%s', '%I', '--', '/*', "\x01", "\x7f", "\x{2028}", '*',
	'NULL', 'true',
	'a,b', '(x)', '{}', '_', 'CamelCase', "\x{feff}", 'ǅ', 'ß', 'İ');

sub name
{
	my ($kind) = @_;
	my $name = maybe(0.5) ? "$kind" . ++$number : pick(@odd) . ++$number;
	$name =
		maybe(0.5)
		? $name . 'x' x (63 - length encode_utf8($name))
		: $name . 'ä' x int((63 - length encode_utf8($name)) / 2)
		if maybe(0.06);
	return $name;
}

sub text
{
	my $text = join pick('', ' ', "\n", '\\', '"', "'"),
		map { pick(@odd, 'plain', 'words', '</script>', '\\u0041', '"}]', "\x1f", "\r\n") } 1 .. 1 + int rand 6;
	return maybe(0.03) ? $text . 'long ä ' x 3000 : $text;
}

# The next name has the number 1.
sub forget_names { $number = 0; return }

1;
