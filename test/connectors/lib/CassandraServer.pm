# A Cassandra of its own, one node with as little as it can do with, which an independent client fills (cassandra/fill.py).
package CassandraServer;

use strict;
use warnings;
use utf8;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IPC::Open2;
use JSON::PP;
use Ports qw(free_port);
use POSIX qw(_exit setpgid);

my $json = JSON::PP->new->utf8->allow_nonref;
my $here = dirname(abs_path(__FILE__));

our $password = q{correct "horse" \\battery; größe};

# What the modules of Java 17 are opened and exported to, as Cassandra's own conf/jvm17-server.options has it.
my @opened = map { "--add-opens=$_=ALL-UNNAMED" } (
	map { "java.base/$_" }
		qw(java.lang java.lang.module java.lang.reflect java.io java.nio java.util jdk.internal.loader jdk.internal.ref
		jdk.internal.reflect jdk.internal.math jdk.internal.module jdk.internal.util.jar sun.nio.ch)),
	'jdk.management/com.sun.management.internal', 'jdk.compiler/com.sun.tools.javac';
my @exported = map { "--add-exports=$_=ALL-UNNAMED" }
	qw(java.base/jdk.internal.misc java.base/java.lang.ref java.management.rmi/com.sun.jmx.remote.internal.rmi
	java.rmi/sun.rmi.registry java.rmi/sun.rmi.server java.sql/java.sql jdk.unsupported/sun.misc
	jdk.compiler/com.sun.tools.javac.file jdk.attach/sun.tools.attach);

sub peers
{
	my ($name) = @_;
	return "$ENV{PEERS}/$name" if $ENV{PEERS};
	chomp(my $fetched = `$here/../../lib/maven.sh $here/../../peers/$name`);
	return $fetched;
}

sub python_peers
{
	chomp($ENV{PYTHON_PEERS} = `$here/../../lib/pip.sh $here/../../peers/python`) if !$ENV{PYTHON_PEERS};
	return $ENV{PYTHON_PEERS};
}

sub write_file
{
	my ($name, $content) = @_;
	open(my $file, '>', $name) or die "$name: $!";
	print $file $content;
	close $file or die $!;
	return;
}

# A key and a certificate that is signed by itself, for source.test, also in the form that Java reads.
sub make_certificate
{
	my ($home) = @_;
	my $quiet = '>/dev/null 2>&1';
	system(
		"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=source.test -addext subjectAltName=DNS:source.test"
			. " -keyout $home/server.key -out $home/server.crt $quiet"
			. " && openssl pkcs12 -export -in $home/server.crt -inkey $home/server.key -passout pass:secret -out $home/server.p12 $quiet"
	) == 0 or die 'no certificate';
	return;
}

# authenticator: its class; settings: further lines of cassandra.yaml.
sub new
{
	my ($class, %how) = @_;
	my $self = bless { home => tempdir('rivergen-cassandra-XXXXXX', TMPDIR => 1), port => free_port() }, $class;
	my ($home, $storage_port) = ($self->{home}, free_port());
	make_certificate($home);
	write_file("$home/cassandra.yaml", <<"YAML");
cluster_name: test
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
native_transport_port: $self->{port}
storage_port: $storage_port
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: "127.0.0.1:$storage_port"
authenticator: @{[ $how{authenticator} // 'PasswordAuthenticator' ]}
authorizer: @{[ $how{authenticator} ? 'AllowAllAuthorizer' : 'CassandraAuthorizer' ]}
role_manager: CassandraRoleManager
commitlog_sync: periodic
commitlog_sync_period: 10s
commitlog_segment_size: 8MiB
commitlog_total_space: 64MiB
read_request_timeout: 60s
range_request_timeout: 60s
write_request_timeout: 60s
counter_write_request_timeout: 60s
request_timeout: 60s
native_transport_timeout: 60s
materialized_views_enabled: true
client_encryption_options:
  enabled: true
  optional: true
  keystore: $home/server.p12
  keystore_password: secret
  store_type: PKCS12
YAML
	$self->{pid} = fork // die $!;
	if ($self->{pid} == 0)
	{
		setpgid(0, 0);
		chdir $home;
		open(STDIN, '<', '/dev/null') && open(STDOUT, '>', "$home/log") && open(STDERR, '>&', \*STDOUT) or _exit(126);
		exec
			qw(setpriv --pdeathsig KILL java -Xms400m -Xmx400m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djdk.attach.allowAttachSelf=true),
			'-Djava.security.manager=allow',    # which Java no longer does by itself
			@opened, @exported, "-Dcassandra.config=file://$home/cassandra.yaml", "-Dcassandra.storagedir=$home/data",
			"-Djava.io.tmpdir=$home",
			qw(-Dcassandra-foreground=true -Dcassandra.ring_delay_ms=100 -Dcassandra.skip_wait_for_gossip_to_settle=0
			-Dcassandra.superuser_setup_delay_ms=0), '-cp', peers('cassandra') . '/*',
			'org.apache.cassandra.service.CassandraDaemon'
			or _exit(127);
	}
	$self->wait_for_start;
	return $self;
}

sub wait_for_start
{
	my ($self) = @_;
	for (1 .. 6000)
	{
		return if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
		die "Cassandra has ended: " . `tail -n 20 $self->{home}/log` if waitpid($self->{pid}, POSIX::WNOHANG()) > 0;
		select undef, undef, undef, 0.1;
	}
	die 'Cassandra does not start';
}

# Runs statements as the server's administrator, each a text, or a text with the lists of its values.
sub run
{
	my ($self, @statements) = @_;
	local $ENV{PYTHONPATH} = python_peers();
	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	local $SIG{PIPE} = 'IGNORE';
	my $pid = open2(my $out, my $in, '/usr/bin/python3', "$here/cassandra/fill.py", $self->{port});
	print $in map { $json->encode($_) . "\n" } @statements;
	close $in;
	my $said = join '', <$out>;
	waitpid $pid, 0;
	die "a statement failed: $said" if $? != 0;
	return;
}

# type, endpoint and credentials of a request.
sub base
{
	my ($self) = @_;
	return {
		type => 'cassandra', credentials => { username => 'reader', password => $password },
		endpoint => { host => '127.0.0.1', port => $self->{port} + 0, addresses => ['127.0.0.1'], database => 'shop' }
	};
}

sub certificate
{
	my ($self) = @_;
	open(my $file, '<', "$self->{home}/server.crt") or die $!;
	local $/;
	return scalar <$file>;
}

# How many connections to it are open.
sub sessions
{
	my ($self) = @_;
	my $end = sprintf ':%04X ', $self->{port};
	my $count = 0;
	for my $table ('/proc/net/tcp', '/proc/net/tcp6')
	{
		open(my $file, '<', $table) or next;
		$count += grep { /^\s*\d+: [0-9A-F]+$end[0-9A-F]+:[0-9A-F]+ 01 / } <$file>;
	}
	return $count;
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!, $@);
	return if !$self->{pid};
	kill 'KILL', -$self->{pid};
	waitpid $self->{pid}, 0;
	remove_tree($self->{home});
	return;
}

1;
