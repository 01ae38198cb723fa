# A peer that is a program in Python. Its first line on standard output is an object that says where it is, and more; it ends with
# standard input.
package Peer::Program;

use strict;
use warnings;
use parent 'Peer';

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use HTTP::Tiny;
use IPC::Open2;
use JSON::PP;

my $here = dirname(abs_path(__FILE__));

# What the program has said of itself are members of the peer, and `told` is the line.
sub new
{
	my ($class) = @_;
	my $self = bless { http => HTTP::Tiny->new(timeout => 120) }, $class;
	chomp($ENV{PYTHON_PEERS} = `$here/../../../lib/pip.sh $here/../../../peers/python`) if !$ENV{PYTHON_PEERS};
	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	$self->{pid} = open2($self->{out}, $self->{in}, '/usr/bin/python3', "$here/../" . $self->program);
	$self->{told} = readline($self->{out}) // die $self->program . ' does not start';
	%$self = (%$self, %{ JSON::PP->new->utf8->decode($self->{told}) });
	$self->fill;
	return $self;
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!);
	close $self->{in} if $self->{in};
	waitpid $self->{pid}, 0 if $self->{pid};
	return;
}

1;
