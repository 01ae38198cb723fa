# OpenSearch in a process of its own (opensearch/SearchNode.java), with little memory and nothing but what it stores.
package SearchServer;

use strict;
use warnings;
use utf8;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use IPC::Open2;
use IPC::Open3;
use JSON::PP;
use S3Server;

my $json = JSON::PP->new->utf8->allow_nonref->canonical;
my $here = dirname(abs_path(__FILE__));

sub peers
{
	return "$ENV{PEERS}/opensearch" if $ENV{PEERS};
	chomp(my $jars = `$here/../../lib/maven.sh $here/../../peers/opensearch`);
	return $jars;
}

sub new
{
	my ($class) = @_;
	my $self = bless { home => tempdir(CLEANUP => 1) }, $class;
	open my $log, '>', "$self->{home}/log" or die $!;
	my @java = ('java', '-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Djava.io.tmpdir=' . $self->{home});
	$self->{pid} = open3(
		$self->{in}, $self->{out}, '>&' . fileno $log,
		@java, '-cp', peers() . '/*', "$here/opensearch/SearchNode.java", $self->{home});
	while (defined(my $line = readline $self->{out}))
	{
		next if $line !~ /^(\d+)$/;
		$self->{port} = $1 + 0;
		return $self;
	}
	die "OpenSearch does not start: see $self->{home}/log";
}

# Asks it, with a body that is a structure, or lines of structures. Returns what it answers; dies if that is a failure.
sub ask
{
	my ($self, $method, $path, $body) = @_;
	my $is_bulk = ref $body eq 'ARRAY';
	my $content =
		$is_bulk ? join('', map { $json->encode($_) . "\n" } @$body) : defined $body ? $json->encode($body) : undef;
	my %options =
		defined $content
		? (content => $content, headers => { 'content-type' => $is_bulk ? 'application/x-ndjson' : 'application/json' })
		: ();
	my $answer = HTTP::Tiny->new->request($method, "http://127.0.0.1:$self->{port}$path", \%options);
	my $told = eval { $json->decode($answer->{content}) } // $answer->{content};
	die "$method $path: $answer->{content}" if !$answer->{success} || (ref $told eq 'HASH' && $told->{errors});
	return $told;
}

# Stores documents, each with its id: [id, {…}] …
sub store
{
	my ($self, $index, @documents) = @_;
	return $self->ask(
		'POST', "/$index/_bulk?refresh=true",
		[ map { ({ index => { _id => $_->[0] } }, $_->[1]) } @documents ]);
}

# Starts services that know users (opensearch/front.py). All but `front`, which is OpenSearch itself, are simulated.
sub start_fronts
{
	my ($self) = @_;
	my $front = $self->{front} = {};
	$front->{pid} = open2($front->{out}, $front->{in}, '/usr/bin/python3', "$here/opensearch/front.py", $self->{port});
	my $line = readline $front->{out} // die 'the fronts do not start';
	%$front = (%$front, %{ $json->decode($line) });
	return;
}

# What Elastic's own client (opensearch/client.py) gets from a front, or says.
sub ask_client
{
	my ($self, $front, $credentials) = @_;
	local $ENV{PYTHONPATH} = S3Server::python_peers();
	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	my $pid = open2(
		my $out, my $in, '/usr/bin/python3', "$here/opensearch/client.py", $self->{front}{ports}{$front},
		$json->encode($credentials));
	my $told = do { local $/; <$out> };
	waitpid $pid, 0;
	return $told;
}

# type, endpoint and credentials of a request for it: by one of the fronts, or without any.
sub base
{
	my ($self, $front) = @_;
	my $port = $front ? $self->{front}{ports}{$front} : $self->{port};
	return {
		type => 'elasticsearch',
		endpoint => { host => '127.0.0.1', port => $port, addresses => ['127.0.0.1'], tls => { mode => 'disable' } },
		credentials => $front ? { username => 'reader', password => $self->{front}{password} } : {}
	};
}

sub end
{
	my ($process) = @_;
	close $process->{in} if $process->{in};
	waitpid $process->{pid}, 0 if $process->{pid};
	return;
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!);
	end($_) for grep { $_ } $self->{front}, $self;
}

1;
