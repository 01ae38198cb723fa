# Credentials that a client sealed itself, for the tests: the client is test/lib/seal.c.
package Sealing;

use strict;
use warnings;

use Exporter 'import';
use File::Basename qw(dirname);
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Rivergen;

our @EXPORT = qw(sealing_key seal_text sealed_credentials);

my $program;

sub program
{
	return $program if $program;
	my $built = PostgreSQL::Test::Utils::tempdir() . '/seal';
	system('cc', '-O1', '-o', $built, dirname(__FILE__) . '/seal.c', '-lsodium') == 0 or die 'cannot build seal.c';
	return $program = $built;
}

sub sealing_key
{
	my ($node) = @_;
	return call($node, 'rivergen.sealing_key()')->{data};
}

# Any text, sealed for a key as sealing_key() gives it.
sub seal_text
{
	my ($key, $text) = @_;
	IPC::Run::run([ program(), $key->{public_key} ], '<', \$text, '>', \my $sealed) or die 'cannot seal';
	chomp $sealed;
	return $sealed;
}

# What is given as credentials. Options: organization_id, data_source_id, keys.
sub sealed_credentials
{
	my ($node, $credentials, %option) = @_;
	my $key = sealing_key($node);
	my %envelope =
		(organization_id => $option{organization_id} // $key->{organization_id}, credentials => $credentials);
	$envelope{data_source_id} = $option{data_source_id} if $option{data_source_id};
	return {
		sealed => seal_text($key, JSON::PP->new->utf8->encode(\%envelope)), key_id => $key->{key_id},
		$option{keys} ? (keys => $option{keys}) : ()
	};
}

1;
