# A server with the extension behind PostgREST and nginx, configured by the files of src/gateway; tokens; and a client.
# Everything listens on 127.0.0.1 or in a private directory, and ends with the test, however that ends.
#
#	my $gateway = Gateway->start('http');               # $gateway->{node} is the server: sql($gateway->{node}, …)
#	my $headers = $gateway->as('ann', organization_id => 1);
#	my ($status, $answered, $body) = $gateway->request(POST => '/api/v1/data-sources', $headers, { name => … });
package Gateway;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use File::Basename qw(dirname);
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use POSIX ();
use lib dirname(__FILE__) . '/../connectors/lib';
use Ports qw(free_port);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Rivergen;

my $json = JSON::PP->new->utf8->allow_nonref->canonical;
my $library = dirname(__FILE__);
my $templates = "$library/../../src/gateway";
my %running;    # processes of every gateway, by number

# A server, as start_server makes it with the options given, and the gateway before it. Option keys => 'rs256': tokens
# are verified with a set of keys (JWKS) instead of the secret.
sub start
{
	my ($class, $name, %option) = @_;
	my $keys = delete $option{keys} // 'hs256';
	my $conf = "rivergen.gateway_roles = 'rivergen_gateway'\n" . ($option{conf} // '');
	my $node = start_server($name, %option, conf => $conf);
	return $class->before($node, keys => $keys);
}

# A gateway before a server that is there, whose rivergen.gateway_roles names rivergen_gateway.
sub before
{
	my ($class, $node, %option) = @_;
	my $self = bless {
		node => $node,
		directory => PostgreSQL::Test::Utils::tempdir_short(),
		port => free_port(),
		secret => join('', map { ('a' .. 'z')[ rand 26 ] } 1 .. 40),
	}, $class;
	$self->{base} = "http://127.0.0.1:$self->{port}";
	$node->safe_psql('postgres', slurp_file("$templates/roles.sql"));
	$self->make_keys;
	$self->configure($option{keys} // 'hs256');
	$self->start_postgrest;
	$self->start_nginx;
	return $self;
}

# Which keys PostgREST verifies tokens with; for one that is started afterwards.
sub configure
{
	my ($self, $keys) = @_;
	my $file = $self->{directory} . ($keys eq 'rs256' ? '/jwks.json' : '/jwt.secret');
	my $uri = 'postgresql://rivergen_gateway@:' . $self->{node}->port . '/postgres?host=' . $self->{node}->host;
	system(
		'bash', "$library/gateway.sh", 'gateway_configuration', $templates, $self->{directory}, $self->{port}, $uri,
		"\@$file") == 0
		or die "the gateway could not be configured\n";
}

# The secret, and an RSA key with the set that verifies what it signs.
sub make_keys
{
	my ($self) = @_;
	my $directory = $self->{directory};
	write_file("$directory/jwt.secret", $self->{secret});
	$self->{private_key} = "$directory/private.pem";
	run_log([ 'openssl', 'genrsa', '-out', $self->{private_key}, '2048' ]) or die "openssl genrsa\n";
	chomp(my $modulus = `openssl rsa -in $self->{private_key} -noout -modulus`);
	$modulus =~ s/^Modulus=//;
	my $key = {
		kty => 'RSA', alg => 'RS256', use => 'sig', kid => 'test', e => 'AQAB',
		n => encode_base64url(pack 'H*', $modulus)
	};
	write_file("$directory/jwks.json", $json->encode({ keys => [$key] }));
}

sub start_postgrest
{
	my ($self) = @_;
	my $program = $ENV{POSTGREST} or die "POSTGREST does not name PostgREST\n";
	$self->{postgrest} = $self->run('postgrest', $program, "$self->{directory}/postgrest.conf");
	$self->wait_ready if $self->{nginx};
}

sub start_nginx
{
	my ($self) = @_;
	$self->{nginx} = $self->run('nginx', 'bash', "$library/gateway.sh", 'gateway_nginx', $self->{directory});
	$self->wait_ready;
}

# Until PostgREST, through nginx, knows the schema.
sub wait_ready
{
	my ($self) = @_;
	Rivergen::wait_for(
		'the gateway to serve',
		sub {
			for my $name (qw(postgrest nginx))
			{
				waitpid($self->{$name}, POSIX::WNOHANG()) == 0 or die "$name ended: " . slurp_file($self->{log}{$name});
			}
			return ($self->request(HEAD => '/'))[0] == 200;
		});
}

# A process whose output goes to a file among the test's logs.
sub run
{
	my ($self, $name, @command) = @_;
	my $log = "${PostgreSQL::Test::Utils::log_path}/" . $self->{node}->name . "_$name.log";
	my $process = fork // die "fork: $!\n";
	if ($process == 0)
	{
		open STDOUT, '>>', $log and open STDERR, '>&', \*STDOUT and open STDIN, '<', '/dev/null' or POSIX::_exit(127);
		exec @command or POSIX::_exit(127);
	}
	$running{$process} = 1;
	$self->{log}{$name} = $log;
	write_file("$self->{directory}/$name.process", $process);
	return $process;
}

sub stop
{
	my ($self, $name) = @_;
	end_process(delete $self->{$name});
}

sub stop_postgrest { $_[0]->stop('postgrest') }
sub stop_nginx { $_[0]->stop('nginx') }

sub end_process
{
	my ($process) = @_;
	return if !$process || !delete $running{$process};
	kill TERM => $process;
	my $deadline = time + 60;
	while (waitpid($process, POSIX::WNOHANG()) == 0)
	{
		kill KILL => $process if time > $deadline;
		select undef, undef, undef, 0.02;
	}
}

# After a test that died, too: the exit status is the test's.
END
{
	my $status = $?;
	end_process($_) for keys %running;
	$? = $status;
}

# The header of a request by the subject, with more claims.
sub as
{
	my ($self, $subject, %claims) = @_;
	return { Authorization => 'Bearer ' . $self->token(sub => $subject, %claims) };
}

# A token signed with the secret, or with the secret given. It is valid for an hour unless the claims tell otherwise.
sub token
{
	my ($self, %claims) = @_;
	return $self->sign({ alg => 'HS256', typ => 'JWT' }, \%claims, sub { hmac_sha256($_[0], $self->{secret}) });
}

# A token signed with the private key.
sub rsa_token
{
	my ($self, %claims) = @_;
	return $self->sign(
		{ alg => 'RS256', typ => 'JWT', kid => 'test' },
		\%claims,
		sub {
			my $file = "$self->{directory}/to_sign";
			write_file($file, $_[0]);
			return scalar `openssl dgst -sha256 -sign $self->{private_key} $file`;
		});
}

# Header and claims, and what the function makes of them.
sub sign
{
	my ($self, $header, $claims, $signature) = @_;
	my $text = join '.', map { encode_base64url($json->encode($_)) } $header, { exp => time + 3600, %$claims };
	return "$text." . encode_base64url($signature->($text));
}

# Sends a request: status, headers (lower-case names), and the body, decoded when it is JSON. A reference as body is
# sent as JSON, text as it is.
sub request
{
	my ($self, $method, $path, $headers, $body) = @_;
	my %sent = %{ $headers // {} };
	if (ref $body)
	{
		$body = $json->encode($body);
		$sent{'Content-Type'} //= 'application/json' if !grep { lc eq 'content-type' } keys %sent;
	}
	$self->{client} //= HTTP::Tiny->new(max_redirect => 0, timeout => 120, agent => 'rivergen-test');
	my $answer = $self->{client}
		->request($method, $self->{base} . $path, { headers => \%sent, defined $body ? (content => $body) : () });
	return ($answer->{status}, {}, $answer->{content}) if $answer->{status} == 599;
	return ($answer->{status}, $answer->{headers}, decoded($answer));
}

sub decoded
{
	my ($answer) = @_;
	return $answer->{content} if ($answer->{headers}{'content-type'} // '') !~ m{^application/(?:\w+\+)?json};
	return eval { $json->decode($answer->{content}) } // $answer->{content};
}

# Sends the bytes on a connection of their own; everything that comes back until the other side closes. For requests
# that no client would send.
sub raw
{
	my ($self, $bytes) = @_;
	my $socket =
		IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Proto => 'tcp', Timeout => 300)
		or die "connect: $!\n";
	local $SIG{PIPE} = 'IGNORE';
	local $SIG{ALRM} = sub { die "no answer to raw bytes\n" };
	alarm 300;
	$socket->syswrite($bytes);
	my $answer = '';
	1 while $socket->sysread($answer, 65536, length $answer);
	alarm 0;
	return $answer;
}

sub write_file
{
	my ($path, $content) = @_;
	open my $file, '>:raw', $path or die "$path: $!\n";
	print $file $content;
	close $file or die "$path: $!\n";
}

1;
