#!/usr/bin/perl
# memory.pl PID DONE [BAR]: until the file DONE exists, or the postmaster PID has gone, looks at the processes below that
# one; then prints the peak of the connectors (resident) and of rivergen's workers (resident and not shared: above what an
# idle worker has).
use strict;
use warnings;

my ($postmaster, $done, $bar) = @ARGV;
my (%peak, %idle);

# The process's memory in kB by the names that the kernel gives the kinds.
sub memory
{
	my ($pid) = @_;
	open my $status, '<', "/proc/$pid/status" or return undef;
	local $/;
	my %value = (<$status> // '') =~ /^(Name|PPid|VmHWM|RssAnon):\s+(\S+)/mg;
	return \%value;
}

sub title
{
	my ($pid) = @_;
	open my $file, '<', "/proc/$pid/cmdline" or return '';
	local $/;
	return <$file> // '';
}

sub raise
{
	my ($name, $value) = @_;
	$peak{$name} = $value if $value > ($peak{$name} // 0);
}

# Between a worker and its connector there may be the dialer.
sub is_below
{
	my ($pid, $process) = @_;
	$pid = ($process->{$pid} // {})->{PPid} // 0 while $pid && $pid != $postmaster;
	return $pid == $postmaster;
}

until (-e $done || !-e "/proc/$postmaster")
{
	my %process = map { my ($pid) = /(\d+)$/; ($pid => memory($pid)) } glob '/proc/[0-9]*';
	for my $pid (keys %process)
	{
		my $found = $process{$pid} // next;
		next unless $found->{VmHWM};
		my $parent = $found->{PPid};
		raise('connector', $found->{VmHWM}) if $found->{Name} ne 'postgres' && is_below($pid, \%process);
		next unless $parent == $postmaster && title($pid) =~ /rivergen worker/;
		$idle{$pid} //= $found->{RssAnon};
		raise('worker', $found->{RssAnon} - $idle{$pid});
	}
	select undef, undef, undef, 0.005;
}
my @used = map { ($peak{$_} // 0) / 1024 } qw(connector worker);
printf "peak memory: connector %.1f MB (bar %d), worker %.1f MB above its start (bar 64)\n", $used[0], $bar // 25,
	$used[1];
