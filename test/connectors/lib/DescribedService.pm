# A service of FastAPI that describes itself by OpenAPI 3.1 (http_api/service.py), on 127.0.0.1.
package DescribedService;

use strict;
use warnings;
use utf8;

use parent 'Peer::Program';

use JSON::PP;

my $json = JSON::PP->new->utf8->canonical;
my $password = 'what "is" hidden';

sub program { return 'http_api/service.py' }
sub fill { return }

# What the service answers at a path that wants no credentials.
sub call
{
	my ($self, $path) = @_;
	my $answer = $self->{http}->get("http://127.0.0.1:$self->{port}$path");
	die "$path: $answer->{status} $answer->{content}" if !$answer->{success};
	return $json->decode($answer->{content});
}

# The requests since it was asked for them the last time.
sub asked { my ($self) = @_; return @{ $self->call('/asked') } }

sub base
{
	my ($self) = @_;
	return {
		type => 'http_api',
		endpoint => {
			host => '127.0.0.1', port => $self->{port}, addresses => ['127.0.0.1'],
			tls => { mode => 'disable' }
		},
		credentials => { username => 'reader', password => $password }
	};
}

1;
