# The simulated Cassandra (cassandra/server.py), for refusals and faults: a real one is in CassandraServer.pm.
package CqlServer;

use strict;
use warnings;
use utf8;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2;
use JSON::PP;

my $json = JSON::PP->new->utf8->allow_nonref;
my $here = dirname(abs_path(__FILE__));

our $password = q{correct "horse" \\battery; größe};
our $authenticator = 'org.apache.cassandra.auth.PasswordAuthenticator';

sub new
{
	my ($class, %definition) = @_;
	my $self = bless {}, $class;
	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	$self->{pid} = open2($self->{out}, $self->{in}, '/usr/bin/python3', "$here/cassandra/server.py");
	print { $self->{in} }
		$json->encode({ authenticator => $authenticator, users => { reader => $password }, %definition }), "\n";
	$self->{in}->flush;
	my $out = $self->{out};
	chomp($self->{port} = <$out> // die 'the simulated server does not start');
	return $self;
}

# Changes what it does; returns what it was asked since: [statement, values, rows of a page].
sub order
{
	my ($self, %order) = @_;
	my ($in, $out) = @$self{qw(in out)};
	print $in $json->encode(\%order), "\n";
	$in->flush;
	return @{ $json->decode(<$out> // die 'the simulated server has ended')->{asked} };
}

sub base
{
	my ($self) = @_;
	return {
		type => 'cassandra', credentials => { username => 'reader', password => $password },
		endpoint => { host => '127.0.0.1', port => $self->{port} + 0, addresses => ['127.0.0.1'], database => 'shop' }
	};
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!, $@);
	close $self->{in} if $self->{in};
	waitpid $self->{pid}, 0 if $self->{pid};
	return;
}

1;
