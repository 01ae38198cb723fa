# A server that speaks MongoDB's protocol, in a process of its own (mongo/driver.py), which MongoDB's own client fills and asks.
package MongoServer;

use strict;
use warnings;
use utf8;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2;
use JSON::PP;
use S3Server;

my $json = JSON::PP->new->allow_nonref->canonical;
my $here = dirname(abs_path(__FILE__));

# The program of a peer in Go or Java, or the folder of its jars.
sub peer
{
	my ($name, $script) = @_;
	return "$ENV{PEERS}/$name" if $ENV{PEERS};
	chomp(my $place = `$here/../../lib/$script $here/../../peers/$name`);
	return $place;
}

sub program_of
{
	my ($kind, $members) = @_;
	return $members // 1 if $kind =~ /^(?:simulated|certified)$/;
	return peer('ferretdb', 'go.sh') . '/ferretdb' if $kind eq 'ferretdb';
	return peer('mongo-java-server', 'maven.sh');
}

# kind: ferretdb; java: mongo-java-server, which knows no logins; simulated, with so many members; certified: simulated, with logins
# by X.509.
sub new
{
	my ($class, $kind, $members) = @_;
	my $self = bless {}, $class;
	local $ENV{PYTHONPATH} = S3Server::python_peers();
	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	$self->{pid} = open2(
		$self->{out}, $self->{in}, '/usr/bin/python3', "$here/mongo/driver.py", $kind,
		program_of($kind, $members));
	binmode $_, ':encoding(UTF-8)' for @$self{qw(in out)};
	my $line = readline $self->{out};
	die "$kind does not start" if !defined $line;
	%$self = (%$self, %{ $json->decode($line) });
	return $self;
}

# Runs a command, in MongoDB's extended JSON: a text, or data that has no order. Returns the answer; dies if it fails.
sub command
{
	my ($self, $database, $command) = @_;
	$command = $json->encode($command) if ref $command;
	print { $self->{in} } '{"database": ' . $json->encode($database) . ', "command": ' . $command =~ s/\s*\n\s*/ /gr,
		"}\n";
	$self->{in}->flush;
	my $line = readline $self->{out};
	die 'the server is gone' if !defined $line;
	my $answer = $json->decode($line);
	my $fine = ref $answer->{ok} ? $answer->{ok}{'$numberDouble'} : $answer->{ok};
	die "$command: $answer->{message}" if !$fine;
	return $answer;
}

# Adds documents: texts in extended JSON.
sub insert
{
	my ($self, $database, $collection, @documents) = @_;
	return $self->command(
		$database,
		'{"insert": ' . $json->encode($collection) . ', "documents": [' . join(', ', @documents) . ']}');
}

# type, endpoint and credentials of a request.
sub base
{
	my ($self, $database) = @_;
	return {
		type => 'mongodb',
		endpoint => {
			host => '127.0.0.1', port => $self->{port} + 0, addresses => ['127.0.0.1'], database => $database,
			tls => { mode => 'disable' }
		},
		credentials => { username => $self->{username}, password => $self->{password} }
	};
}

# How many connections there are to it.
sub connections
{
	my ($self) = @_;
	my $port = sprintf ':%04X', $self->{port};
	open(my $file, '<', '/proc/net/tcp') or die $!;
	return scalar grep { / [0-9A-F]{8}\Q$port\E [0-9A-F]{8}:[0-9A-F]{4} 01 / } readline $file;
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!);
	close $self->{in} if $self->{in};
	waitpid $self->{pid}, 0 if $self->{pid};
}

1;
