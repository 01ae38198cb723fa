# The storage broker as a connector finds it that has been taken over: it gives out what lies at the source's path and below, and
# nothing else. Against moto, and simulated services that hold an answer back.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use lib dirname(__FILE__) . '/lib';
use Connector;
use POSIX ();
use S3Server;
use Socket;
use Test::More;

my $s3 = S3Server->new;
my $directory = tempdir('rivergen-broker-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my %operation = (find => 0, list => 1, tree => 2, read => 3);
my @kinds = qw(file folder nothing bytes waiting end failure);
my $content = "a,b\n1,2\n";

$s3->call('create_bucket', Bucket => 'store');
$s3->put('store', $_, $content)
	for map { "root/organizations/$_" } '1/a.csv', '1/dir/p.csv', '1/dir/sub/q.csv', '1/dir/_h/r.csv', '1/dirty/z.csv',
	'2/x.csv';
$s3->put('store', "root/organizations/1/dir/$_", '') for '', 'sub/';

# Starts a broker for a path; returns this end of its socket.
sub broker
{
	my ($path, %option) = @_;
	my $keys = $option{keys} // $s3->{reader};
	my $file = "$directory/keys";
	socketpair(my $here, my $there, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die $!;
	open(my $out, '>', $file) or die $!;
	print $out qq({"access_key_id": "$keys->[0]", "secret_access_key": "$keys->[1]"});
	close $out;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		POSIX::dup2(fileno($there), 3);
		open(STDIN, '<', $file) or die $!;
		exec installed_connector('storage_broker'), '127.0.0.1', $option{port} // $s3->{port}, 'http',
			$option{bucket} // 'store',
			"root/organizations/1$path", $option{timeout} // 20, 20, '', 0, '', ''
			or POSIX::_exit(127);
	}
	close $there;
	return { socket => $here, pid => $pid };
}

sub ask
{
	my ($broker, $operation, $path, %range) = @_;
	my $question = pack(
		'L L q q q a96', $operation{$operation} // $operation, length $path, $range{offset} // 0, $range{length} // 0,
		$range{size} // 0, $range{tag} // '');
	local $SIG{PIPE} = 'IGNORE';
	syswrite $broker->{socket}, $question . $path;
	return;
}

sub take
{
	my ($broker, $length) = @_;
	my $bytes = '';
	while (length $bytes < $length)
	{
		sysread($broker->{socket}, $bytes, $length - length $bytes, length $bytes) or return;
	}
	return $bytes;
}

# [kind, size, tag, what follows]; none when the broker has ended.
sub hear
{
	my ($broker) = @_;
	my $head = take($broker, 112) // return;
	my ($kind, $length, $size, $tag) = unpack 'L L q Z96', $head;
	return [ $kinds[$kind], $size, $tag, take($broker, $length) ];
}

sub answer
{
	my ($broker, @question) = @_;
	ask($broker, @question);
	return hear($broker);
}

sub listed
{
	my ($broker, @question) = @_;
	my @entries;
	ask($broker, @question);
	while (my $entry = hear($broker))
	{
		last if $entry->[0] eq 'end' || $entry->[0] eq 'failure';
		push @entries, "$entry->[0] $entry->[3]";
	}
	return \@entries;
}

sub ended
{
	my ($broker) = @_;
	close $broker->{socket};
	waitpid delete $broker->{pid}, 0;
	return $?;
}

subtest 'a file' => sub {
	my $broker = broker('/a.csv');
	my $file = answer($broker, 'find', '');
	is("$file->[0] $file->[1]", 'file 8', 'is there');
	my %range = (size => 8, tag => $file->[2]);
	is(answer($broker, 'read', '', %range, length => 8)->[3], $content, 'all of it');
	is(answer($broker, 'read', '', %range, offset => 2, length => 3)->[3], "b\n1", 'a part');
	is(answer($broker, 'find', 'b')->[0], 'nothing', 'nothing is below it');
	$s3->put('store', 'root/organizations/1/a.csv', "a,b\n3,4\n");
	my @texts = split /\0/, answer($broker, 'read', '', %range, length => 8)->[3];
	is_deeply(
		[ @texts[ 0 .. 3 ] ], [ 'query', 'relation_changed', '1', 'The file was changed while it was read.' ],
		'it changes');
	is(ended($broker), 0, 'it ends with the connector');
};

subtest 'a folder' => sub {
	my $broker = broker('/dir');
	is(answer($broker, 'find', '')->[0], 'folder', 'is one');
	is_deeply(listed($broker, 'list', ''), [ 'folder _h', 'file p.csv', 'folder sub' ], 'one level');
	is_deeply(listed($broker, 'tree', ''), [ 'file _h/r.csv', 'file p.csv', 'file sub/q.csv' ], 'all of them');
	is_deeply(listed($broker, 'list', 'sub'), ['file q.csv'], 'of a folder below it');
	is_deeply(listed($broker, 'list', 'gone'), [], 'of none');
	is(answer($broker, 'find', 'sub/q.csv')->[1], 8, 'a file below it');
	is(answer($broker, 'find', 'sub')->[0], 'folder', 'a folder below it');
	ended($broker);
};

subtest 'nothing beside the source is given out' => sub {
	my @paths = (
		'../a.csv', '..', '.', '/', '/etc/passwd', 'sub/../../a.csv', 'sub//q.csv', 'sub/', "p.csv\0", 'x' x 1025,
		'ty/z.csv/..');
	for my $path (@paths)
	{
		my @answers;
		for my $operation (qw(find list tree read))
		{
			my $broker = broker('/dir');
			push @answers,
				map { "$operation: $_->[0]" } answer($broker, $operation, $path, length => 8, size => 8) // ();
			push @answers, "$operation: $?" if ended($broker) != 0;
		}
		is("@answers", '', 'no answer to ' . substr($path, 0, 20) =~ s/\0/\\0/r);
	}
	my $broker = broker('/dir');
	is(answer($broker, 'find', 'ty/z.csv')->[0], 'nothing', 'a name is no prefix of another');
	ended($broker);
};

subtest 'what is no question' => sub {
	my @cases = (
		[ 'an operation', 9 ],
		[ 'a range of nothing', 'read', length => 0, size => 8 ],
		[ 'a range that is too long', 'read', length => (8 << 20) + 1, size => 1 << 40 ],
		[ 'a range before the beginning', 'read', offset => -1, length => 8, size => 8 ],
		[ 'a range behind the end', 'read', offset => 1, length => 8, size => 8 ],
		[ 'a range whose end is no number', 'read', offset => 2**62, length => 2**62, size => 8 ],
		[ 'a line end in the tag', 'read', length => 8, size => 8, tag => "x\r\nHost: y" ],
		[ 'a tag without its end', 'read', length => 8, size => 8, tag => 'x' x 96 ]);
	for my $case (@cases)
	{
		my ($name, $operation, %range) = @$case;
		my $broker = broker('/a.csv');
		is(answer($broker, $operation, '', %range), undef, $name);
		is(ended($broker), 0, 'and the end');
	}
};

subtest 'failures' => sub {
	my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
	my $silent = $socket->sockport;
	my $closed = do { IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')->sockport };
	my @cases = (
		[   'a wrong secret', { keys => [ $s3->{reader}[0], 'wrong' ] }, 'permission',
			qr/does not belong to the access_key_id/ ],
		[ 'an unknown bucket', { bucket => 'nowhere' }, 'configuration', qr/There is no bucket of that name/ ],
		[ 'a bucket that is none', { bucket => '-' }, 'configuration', qr/The name of the bucket is malformed/ ],
		[ 'nothing listens', { port => $closed, timeout => 1 }, 'refused', qr/Nothing accepts connections/ ],
		[ 'nothing answers', { port => $silent, timeout => 1 }, 'timeout', qr/did not answer in time/ ]);
	for my $case (@cases)
	{
		my ($name, $option, $code, $says) = @$case;
		my $broker = broker('/a.csv', %$option);
		for my $time ('once', 'and again')
		{
			my $answer = answer($broker, 'find', '');
			my @texts = split /\0/, $answer->[3];
			is("$answer->[0] $texts[1]", "failure $code", "$name, $time");
			is($texts[3], 'The storage for files cannot be read.', 'it is the storage');
			like($texts[4], $says, 'and why');
			unlike($answer->[3], qr/\Q$s3->{reader}[1]\E|wrong/, 'without a secret');
		}
		is(ended($broker), 0, 'it lives on');
	}
};

done_testing();
