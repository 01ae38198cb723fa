# The connector s3 against versitygw, which shares no code with moto: signatures, odd keys, pages, and a region that is learned.
# (make check-sources runs connectors/storage_broker.t with it, too.)
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/../connectors/lib';
use Connector;
use S3Server;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $s3 = S3Server->new;
my $connector = [ installed_connector('s3') ];
my $row = "a,b\n1,x\n";
my @keys = (
	'tilde~.csv', 'plus+.csv', 'a=b.csv', 'at@.csv', 'q?.csv', 'hash#.csv', 'semi;.csv', 'per%cent.csv',
	'esc%20aped.csv',
	'star*.csv', "quote'\".csv", 'space .csv', 'größe 😀.csv', 'deep/a/b.csv', 'amp&<lt>.csv', 'bracket[]{}.csv');

sub ask
{
	my ($base, %change) = @_;
	return @{ ask_connector($connector, request_line($base, %change))->{frames} };
}

$s3->call('create_bucket', Bucket => 'shop', CreateBucketConfiguration => { LocationConstraint => 'eu-central-1' });
$s3->put('shop', $_, $row) for @keys, map { sprintf 'pages/%04d.txt', $_ } 1 .. 1050;
$s3->put('shop', 'pages/last.csv', $row);
my $base = $s3->base('shop');
is_deeply(
	[ sort map { $_->{name} } frames_of('relation', ask($base)) ],
	[ sort @keys, 'pages/last.csv' ],
	'all keys are signed as the server does it, and those of the second page are found');
my @frames =
	ask($base, operation => 'read', read => read_request([ 'shop', 'größe 😀.csv' ], [ 'b', 'a' ]));
is_deeply([ rows_of(@frames) ], [ [ 'x', '1' ] ], 'an object is read');
fails_with(
	'a wrong secret',
	'authenticate', 'authentication', 0,
	ask({ %$base, credentials => { %{ $base->{credentials} }, secret_access_key => 'wrong' } }, operation => 'test'));
fails_with('an unknown bucket', 'query', 'database_not_found', 0, ask($s3->base('nowhere'), operation => 'test'));
done_testing();
