# The simulated SQL Server in tds/, for the connector sqlserver. It is no server that the connector was made for: what it
# proves is the protocol, that every statement is Transact-SQL, and what is made of the answers.
package TdsServer;

use strict;
use warnings;
use utf8;

use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IPC::Open2;
use JSON::PP;
use Ports qw(free_port);

our @EXPORT =
	qw($home $port $password $python_peers start_tds order_tds stop_tds tds_base free_port content make_certificate);

my ($server, $in, $out);
my $json = JSON::PP->new->utf8->allow_nonref;
my $here = dirname(abs_path(__FILE__));

our $password = q{correct "horse" \\battery; größe};
our ($home, $port);
our $python_peers = $ENV{PYTHON_PEERS};

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
	my ($name, $subject, $days) = @_;
	# Without what it shows while it looks for primes.
	open(my $error, '>&', \*STDERR) or die $!;
	open(STDERR, '>', '/dev/null') or die $!;
	my $status = system(
		'openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', $days // 2, '-subj', "/CN=$subject",
		'-addext', "subjectAltName=DNS:$subject", '-keyout', "$home/$name.key", '-out', "$home/$name.crt");
	open(STDERR, '>&', $error) or die $!;
	die "no certificate $name" if $status != 0;
	return;
}

# Starts a server of this definition (tds/server.py, tds/catalog.py), whose certificate is for source.test.
sub start_tds
{
	my (%definition) = @_;
	stop_tds();
	if (!$python_peers)
	{
		chomp($python_peers = `$here/../../lib/pip.sh $here/../../peers/python`);
	}
	$home = tempdir('rivergen-tds-XXXXXX', TMPDIR => 1);
	make_certificate('server', 'source.test');
	local $ENV{PYTHON_PEERS} = $python_peers;
	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	$server = open2($out, $in, '/usr/bin/python3', "$here/tds/server.py");
	print $in $json->encode({
		database => 'shop', certificate => "$home/server.crt", key => "$home/server.key",
		users => { reader => { password => $password } }, %definition
	}),
		"\n";
	$in->flush;
	defined(my $line = <$out>) or die 'the simulated server does not start';
	chomp($port = $line);
	return;
}

# Changes what the server does or has, and tells about it.
sub order_tds
{
	my (%order) = @_;
	print $in $json->encode(\%order), "\n";
	$in->flush;
	defined(my $line = <$out>) or die 'the simulated server has ended';
	return $json->decode($line);
}

sub tds_base
{
	return {
		type => 'sqlserver', credentials => { username => 'reader', password => $password },
		endpoint => { host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'shop' }
	};
}

sub stop_tds
{
	return if !defined $server;
	close $in;
	waitpid $server, 0;
	remove_tree($home);
	($server, $home) = ();
	return;
}
END { my $status = $?; stop_tds(); $? = $status }

1;
