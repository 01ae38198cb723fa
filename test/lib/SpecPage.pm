# A page of the specification, as text: what the tests quote of it. Every quotation is struck out, and at the end
# nothing may be left: no sentence of a page goes without a test.
package SpecPage;

use strict;
use warnings;

use JSON::PP;
use Test::More;

my $json = JSON::PP->new->relaxed;

# text: the page, word by word. about: headings and lines that promise nothing, one a line.
sub new
{
	my ($class, $name, $text, $about) = @_;
	my $self = bless { name => $name, text => $text }, $class;
	$text =~ s/^\|[^\n]*\n\|-[-|]*\n//mg;    # heads of tables
	$text =~ s/^\Q$_\E$//mg for split /\n/, $about;
	$self->{left} = $text;
	return $self;
}

# The words as they are on the page, whatever white space is between them (the pages have lost some around what was
# set as code): for the names of tests.
sub quote
{
	my ($self, $words) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $pattern = join '\s*', map { quotemeta } split ' ', $words;
	$self->{text} =~ /$pattern/ or fail("$self->{name} says: $words");
	$self->{left} =~ s/$pattern/ /;
	return $words;
}

# The example of a body below a heading, decoded; mend gets its text and returns it as JSON.
sub body
{
	my ($self, $heading, $mend) = @_;
	my ($text) = $self->{text} =~ /^\Q$heading\E\n\s*(?:\.\. code-block:: rst\s*)?([\{\[].*?)(?=\n\n|\n[A-Z])/ms
		or die "$self->{name} has no $heading\n";
	$self->{left} =~ s/\Q$text\E//;
	$self->quote($heading);
	$text = $mend->($text) if $mend;
	return $json->decode($text);
}

# The example of a command line, word by word but for what differs between the page's author and this machine.
sub curl
{
	my ($self, %instead) = @_;
	my ($text) = $self->{text} =~ /^( *curl .*?)(?=\nRelated Endpoints|\n*\z)/ms
		or die "$self->{name} has no example\n";
	$self->{left} =~ s/\Q$text\E//;
	for my $word (sort keys %instead)
	{
		$text =~ s/\Q$word\E/$instead{$word}/ or die "the example of $self->{name} has no $word\n";
	}
	return $text;
}

# A test: everything was quoted.
sub is_proven
{
	my ($self) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	(my $left = $self->{left}) =~ s/^[\s|"-]+$//mg;    # what stood around the quotations
	is($left, '', "$self->{name}: every sentence of the page was quoted by a test");
}

1;
