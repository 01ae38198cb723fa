# Connectors of services over HTTP behind a proxy: tinyproxy, and simulated ones that refuse, lie or say nothing. The service is
# moto, also behind nginx, which speaks TLS.
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use List::Util qw(uniq);
use POSIX qw(_exit);
use lib dirname(__FILE__) . '/lib', dirname(__FILE__) . '/../lib';
use Connector;
use EgressProxy;
use HeldHttp;
use Peer::Dynamodb;
use Ports qw(free_port);
use ScriptedHttp;
use Test::More;

my $connector = [ installed_connector('dynamodb') ];
my $peer = Peer::Dynamodb->new;
my $base = $peer->base;
my $port = $base->{endpoint}{port};
my $folder = tempdir(CLEANUP => 1);
my @login = ('river', 'a pass/word:with"all');

# nginx in front of moto, with a certificate for localhost of an authority of its own. Returns its port.
sub start_front
{
	my $front = free_port();
	my @new = qw(openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj);
	for my $name ('front', 'other')
	{
		system "@new /CN=localhost -addext subjectAltName=DNS:localhost "
			. "-keyout $folder/$name.key -out $folder/$name.crt 2>/dev/null";
	}
	open(my $file, '>', "$folder/nginx.conf") or die $!;
	print {$file} <<~"EOT";
		daemon off; pid $folder/nginx.pid; error_log $folder/error; worker_processes 1;
		events {}
		http {
			access_log off; client_body_temp_path $folder/body; proxy_temp_path $folder/proxy;
			fastcgi_temp_path $folder/fastcgi; uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;
			server {
				listen 127.0.0.1:$front ssl; ssl_certificate $folder/front.crt; ssl_certificate_key $folder/front.key;
				location / { proxy_pass http://127.0.0.1:$port; proxy_set_header Host \$http_host; }
			}
		}
		EOT
	close $file;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		open STDERR, '>', '/dev/null';
		exec 'nginx', '-c', "$folder/nginx.conf", '-e', "$folder/error" or _exit(127);
	}
	for (1 .. 600)
	{
		return ($front, $pid) if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $front);
		select undef, undef, undef, 0.1;
	}
	die 'nginx does not listen';
}

sub content
{
	my ($name) = @_;
	open(my $file, '<', "$folder/$name") or die $!;
	local $/;
	return readline $file;
}

# The request's members for a proxy at this address and port. The service has no addresses: only the proxy knows them.
sub by
{
	my ($address, $proxy_port, %change) = @_;
	return {
		host => 'localhost', addresses => undef,
		proxy => {
			host => 'proxy.example.com', port => $proxy_port, addresses => [$address],
			allowed_hosts => "*.example.com, localhost:$port", %change
		}
	};
}

sub ask
{
	my ($endpoint, %change) = @_;
	my $run = ask_connector($connector, request_line($base, operation => 'test', endpoint => $endpoint, %change));
	is(scalar(tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), $login[1])), 0, 'no password is told');
	return @{ $run->{frames} };
}

sub fails
{
	my ($name, $step, $code, $transient, $says, @frames) = @_;
	my $error = $frames[-1];
	is_deeply(
		[ @$error{qw(frame step code)}, $error->{transient} ? 1 : 0 ], [ 'error', $step, $code, $transient ],
		$name) or diag(explain($error));
	return like(join(' ', map { $_ // () } @$error{qw(message detail hint)}), $says, 'and why');
}

my %known = (proxy_username => $login[0], proxy_password => $login[1]);
my $proxy = EgressProxy->new;
my @frames = ask(by($EgressProxy::address, $proxy->{port}));
is($frames[-1]{frame}, 'end', 'a service is reached by a proxy') or diag(explain(@frames));
is_deeply([ uniq $proxy->asked ], ["localhost:$port"], 'which resolves its name');
my $direct = ask_connector($connector, request_line($base));
my $proxied = ask_connector($connector, request_line($base, endpoint => by($EgressProxy::address, $proxy->{port})));
is_deeply($proxied->{lines}, $direct->{lines}, 'a discovery has the same answer as without it');
$proxy->asked;

# Encryption and its checks are between connector and service.
my ($front, $nginx) = start_front();
my %tls = (port => $front, tls => { mode => 'verify-full', ca => content('front.crt') });
my $tls = { %{ by($EgressProxy::address, $proxy->{port}, allowed_hosts => "localhost:$front") }, %tls };
@frames = ask($tls);
is($frames[-1]{frame}, 'end', 'TLS to the service, through the proxy') or diag(explain(@frames));
is_deeply([ uniq $proxy->asked ], ["localhost:$front"], 'which is asked for a tunnel');
my $encrypted = ask_connector($connector, request_line($base, endpoint => $tls));
is_deeply(
	[ map { $_->{name} } frames_of('relation', @{ $encrypted->{frames} }) ],
	[ map { $_->{name} } frames_of('relation', @{ $direct->{frames} }) ],
	'and discovered');
cmp_ok(scalar(() = $proxy->asked), '<=', 5, 'tunnels are kept, as connections are');
fails(
	'another authority', 'tls', 'tls', 0, qr/certificate of the service/,
	ask({ %$tls, tls => { mode => 'verify-full', ca => content('other.crt') } }));
fails(
	'another name', 'tls', 'tls', 0, qr/certificate of the service/,
	ask({ %$tls, host => '127.0.0.1', proxy => { %{ $tls->{proxy} }, allowed_hosts => "127.0.0.1:$front" } }));
kill 'QUIT', $nginx;
waitpid $nginx, 0;

# What may be asked of it.
$proxy->asked;
my @refused = (
	[ 'a host', { host => 'metadata.google.internal' } ],
	[ 'a port', { port => $port + 1 } ],
	[ 'an address', { host => '127.0.0.1' } ],
	[ 'an end of a name', { host => 'example.com', port => 443 } ],
	[ 'a name that begins so', { host => 'localhost.example.org' } ]);
for my $case (@refused)
{
	my ($name, $change) = @$case;
	fails(
		"$name that is not allowed", 'configure', 'refused', 0,
		qr/may not be asked for "\S+" at port \d+\. An operator can add it to rivergen\.allowed_hosts/,
		ask({ %{ by($EgressProxy::address, $proxy->{port}) }, %$change }));
}
is_deeply([ $proxy->asked ], [], 'the proxy is not asked');
@frames = ask({ %{ by($EgressProxy::address, $proxy->{port}) }, host => 'LOCALHOST' });
is($frames[-1]{frame}, 'end', 'a name in another spelling');

# A login.
my $guarded = EgressProxy->new(login => [ 'river', 'secret' ]);
my $by = by($EgressProxy::address, $guarded->{port});
@frames = ask($by, credentials => { %{ $base->{credentials} }, proxy_username => 'river', proxy_password => 'secret' });
is($frames[-1]{frame}, 'end', 'a proxy that wants a login');
fails(
	'a wrong login', 'connect', 'unavailable', 0, qr/does not accept this server's login.*401/,
	ask($by, credentials => { %{ $base->{credentials} }, %known }));
fails('no login', 'connect', 'unavailable', 0, qr/status 407.*https_proxy_credentials_file/, ask($by));
fails(
	'a port that the proxy denies',
	'connect', 'refused', 0, qr/does not let this host be reached.*403/,
	ask(by($EgressProxy::address, EgressProxy->new(ports => [443])->{port})));
my $closed = free_port();
fails(
	'a service where nothing listens', 'connect', 'unreachable', 1,
	qr/proxy of this server could not reach the service/,
	ask({ %{ by($EgressProxy::address, $proxy->{port}, allowed_hosts => "localhost:$closed") }, port => $closed },
		limits => { connection_timeout => 3 }));

# A proxy is told apart from the service. What it is told is what it needs.
sub by_simulated
{
	my ($answer) = @_;
	my $simulated = ScriptedHttp->new(sub { return $answer });
	@frames = ask(
		by('127.0.0.1', $simulated->{port}),
		credentials => { %{ $base->{credentials} }, %known },
		limits => { connection_timeout => 3 });
	return ($simulated->end)[0];
}
my $asked = by_simulated(ScriptedHttp::http(407, ''));
like($asked, qr/\ACONNECT localhost:$port HTTP\/1\.1\r\n/, 'simulated: a proxy is asked for a tunnel');
like($asked, qr/^Proxy-Authorization: Basic /m, 'with the login');
unlike($asked, qr/^(?:Authorization|X-Amz-\S+):/mi, 'and nothing of the request');
my @simulated = (
	[ 'refuses', ScriptedHttp::http(403, 'no'), 'refused', 0, qr/does not let this host/ ],
	[ 'fails', ScriptedHttp::http(502, ''), 'unreachable', 1, qr/could not reach the service.*502/ ],
	[ 'has no time', ScriptedHttp::http(504, ''), 'unreachable', 1, qr/could not reach the service.*504/ ],
	[ 'says nothing', '', 'unavailable', 1, qr/proxy of this server closed the connection/ ],
	[ 'speaks otherwise', "SSH-2.0-OpenSSH_9.2\r\n\r\n", 'unavailable', 1, qr/proxy of this server/ ],
	[ 'redirects', ScriptedHttp::http(302, '', 'Location: http://127.0.0.1/'), 'refused', 0, qr/status 302/ ],
	[ 'answers itself', ScriptedHttp::http(200, '{"TableNames":[]}'), 'protocol', 0, qr/does not speak HTTP/ ]);
for my $case (@simulated)
{
	my ($name, $answer, $code, $transient, $says) = @$case;
	by_simulated($answer);
	fails("simulated: a proxy that $name", 'connect', $code, $transient, $says, @frames);
}
fails(
	'a proxy that does not listen',
	'connect', 'unavailable', 1, qr/proxy of this server does not accept connections/,
	ask(by('127.0.0.1', $closed), limits => { connection_timeout => 3 }));
my $silent = HeldHttp->new(sub { return });
fails(
	'simulated: a proxy that never answers',
	'connect', 'timeout', 1, qr/proxy of this server did not answer in time/,
	ask(by('127.0.0.1', $silent->{port}), limits => { connection_timeout => 1 }));

done_testing();
