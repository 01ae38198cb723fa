# A throwaway server of Redis that a connector describes: alone, with TLS, with users, or as a node of a cluster.
package RedisServer;

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use Exporter 'import';
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Ports qw(free_port);
use POSIX qw(_exit);

our @EXPORT_OK = qw(free_port content make_certificate);

sub content
{
	my ($name) = @_;
	open(my $file, '<', $name) or die "$name: $!";
	local $/;
	return scalar <$file>;
}

# A key and a certificate that is signed by itself, as NAME.key and NAME.crt.
sub make_certificate
{
	my ($directory, $name, $subject) = @_;
	my $files = "-keyout '$directory/$name.key' -out '$directory/$name.crt'";
	my $names = "-subj '/CN=$subject' -addext 'subjectAltName=DNS:$subject'";
	my $said = qx{openssl req -x509 -newkey rsa:2048 -nodes -days 2 $names $files 2>&1};
	die "no certificate: $said" if $?;
	return;
}

# settings: lines of redis.conf. password: of the user default. tls => 1: a second port with TLS, whose certificate is for source.test.
sub new
{
	my ($class, %how) = @_;
	my $home = tempdir('rivergen-redis-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $self = bless { home => $home, port => free_port(), owner => $$, password => $how{password} }, $class;
	my @settings = ("port $self->{port}", 'bind 127.0.0.1', 'save ""', "dir $home", @{ $how{settings} // [] });
	push @settings, qq(requirepass "$how{password}") if defined $how{password};
	if ($how{tls})
	{
		make_certificate($home, 'server', 'source.test');
		$self->{tls_port} = free_port();
		push @settings, "tls-port $self->{tls_port}", "tls-cert-file $home/server.crt", "tls-key-file $home/server.key",
			"tls-ca-cert-file $home/server.crt", 'tls-auth-clients ' . ($how{clients} // 'no');
	}
	open(my $conf, '>', "$home/redis.conf") or die $!;
	print $conf map { "$_\n" } @settings;
	close $conf;
	defined($self->{pid} = fork) or die $!;
	if ($self->{pid} == 0)
	{
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$home/log";
		open STDERR, '>&', \*STDOUT;
		exec('redis-server', "$home/redis.conf") or _exit(127);
	}
	$self->wait_until_up;
	return $self;
}

sub wait_until_up
{
	my ($self) = @_;
	for (1 .. 6000)
	{
		return if eval { $self->call('PING'); 1 };
		die "the server has ended: " . content("$self->{home}/log") if waitpid($self->{pid}, 1);
		select undef, undef, undef, 0.05;
	}
	die 'the server does not answer: ' . content("$self->{home}/log");
}

# ---- commands ----

sub socket_of
{
	my ($self) = @_;
	return $self->{socket} if $self->{socket};
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}) or die "no connection: $!";
	if (defined $self->{password})
	{
		print $socket encoded('AUTH', $self->{password});
		$socket->flush;
		answer($socket);
	}
	return $self->{socket} = $socket;
}

sub encoded
{
	return join '', '*' . @_ . "\r\n", map { '$' . length($_) . "\r\n$_\r\n" } @_;
}

# Sends a command, whose words are bytes, and returns its answer. An error dies.
sub call
{
	my ($self, @words) = @_;
	return ($self->calls([@words]))[0];
}

# Many commands at once.
sub calls
{
	my ($self, @commands) = @_;
	my $socket = $self->socket_of;
	local $SIG{PIPE} = 'IGNORE';
	my @answers;
	while (my @some = splice @commands, 0, 1000)
	{
		print $socket map {
			encoded(map { utf8::is_utf8($_) ? encode_utf8($_) : $_ } @$_)
		} @some;
		$socket->flush;
		push @answers, map { answer($socket) } @some;
	}
	return @answers;
}

sub answer
{
	my ($socket) = @_;
	local $/ = "\r\n";
	my $line = readline $socket // die 'the server has closed the connection';
	chomp $line;
	my ($mark, $rest) = $line =~ /^(.)(.*)$/s;
	die "$rest\n" if $mark eq '-';
	return $rest if $mark eq '+' || $mark eq ':';
	return undef if $rest < 0;
	return [ map { answer($socket) } 1 .. $rest ] if $mark eq '*';
	read $socket, my $bytes, $rest + 2;
	return substr $bytes, 0, $rest;
}

sub stop
{
	my ($self) = @_;
	local ($?, $!);
	return if !$self->{pid} || $self->{owner} != $$;
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
	delete $self->{pid};
	return;
}

sub DESTROY { $_[0]->stop; return }

1;
