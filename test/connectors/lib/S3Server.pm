# A server of S3 or DynamoDB in a process of its own, which boto3 fills: Amazon's own client is the first that meets it. It is moto
# (s3/moto_peer.py), with $VERSITYGW another one of S3 (s3/versity_peer.py), or what new() names.
package S3Server;

use strict;
use warnings;
use utf8;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2;
use JSON::PP;
use MIME::Base64 qw(encode_base64);

my $json = JSON::PP->new->utf8->allow_nonref;
my $here = dirname(abs_path(__FILE__));

sub python_peers
{
	chomp($ENV{PYTHON_PEERS} = `$here/../../lib/pip.sh $here/../../peers/python`) if !$ENV{PYTHON_PEERS};
	return $ENV{PYTHON_PEERS};
}

sub new
{
	my ($class, $script) = @_;
	my $self = bless {}, $class;
	$script //= $ENV{VERSITYGW} ? 'versity_peer.py' : 'moto_peer.py';
	local $ENV{PYTHONPATH} = python_peers();
	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	$self->{pid} = open2($self->{out}, $self->{in}, '/usr/bin/python3', "$here/s3/$script");
	my $line = readline $self->{out};
	die 'the server of S3 does not start' if !defined $line;
	%$self = (%$self, %{ $json->decode($line) });
	return $self;
}

# Calls a function of boto3's client for S3.
sub call
{
	my ($self, $function, %with) = @_;
	return $self->call_service('s3', $function, %with);
}

sub call_service
{
	my ($self, $service, $function, %with) = @_;
	print { $self->{in} } $json->encode({ service => $service, call => $function, with => \%with }), "\n";
	$self->{in}->flush;
	my $line = readline $self->{out};
	die "$function failed" if !defined $line;
	return $json->decode($line);
}

sub put
{
	my ($self, $bucket, $key, $content) = @_;
	return $self->call('put_object', Bucket => $bucket, Key => $key, Body => { base64 => encode_base64($content, '') });
}

sub remove
{
	my ($self, $bucket, $key) = @_;
	return $self->call('delete_object', Bucket => $bucket, Key => $key);
}

# type, endpoint and credentials of a request for the bucket.
sub base
{
	my ($self, $bucket, $path, $user) = @_;
	my $keys = $self->{ $user // 'reader' };
	return {
		type => 's3',
		endpoint => {
			host => '127.0.0.1', port => $self->{port}, addresses => ['127.0.0.1'], database => $bucket,
			path => $path // '/'
		},
		credentials => { access_key_id => $keys->[0], secret_access_key => $keys->[1] }
	};
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!);
	close $self->{in} if $self->{in};
	waitpid $self->{pid}, 0 if $self->{pid};
}

1;
