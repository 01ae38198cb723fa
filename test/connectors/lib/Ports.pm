# Ports of 127.0.0.1 for servers that bind them a moment later, and ports where nothing listens. The kernel gives those from
# 32768 on to connections, and to who asks for any port: these are below. A file in the directory PG_TEST_PORT_DIR, which the
# tests of PostgreSQL know too, keeps others from a port as long as this process lives.
package Ports;

use strict;
use warnings;

use Exporter 'import';
use Fcntl qw(:DEFAULT :flock :seek);
use IO::Socket::INET;

our @EXPORT_OK = qw(free_port);

my ($first, $last) = (10200, 32767);

# Not by chance: random tests are repeated by their seed.
my $next = $first + $$ * 97 % ($last - $first + 1);

sub is_reserved
{
	my ($port) = @_;
	my $directory = $ENV{PG_TEST_PORT_DIR};
	return 0 if !defined $directory || !-d $directory;
	sysopen(my $file, "$directory/$port.rsv", O_RDWR | O_CREAT) or die "$directory/$port.rsv: $!";
	flock($file, LOCK_EX) or die "$directory/$port.rsv: $!";
	my ($holder) = (<$file> // '') =~ /(\d+)/;
	return 1 if $holder && $holder != $$ && kill 0, $holder;
	seek($file, 0, SEEK_SET) or die $!;
	printf $file "%10d\n", $$;
	close $file or die $!;
	return 0;
}

sub free_port
{
	for ($first .. $last)
	{
		my $port = $next;
		$next = $next == $last ? $first : $next + 1;
		next if is_reserved($port);
		return $port
			if IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1);
	}
	die "no port is free\n";
}

1;
