# A discovery that no caller waits for and that fails for a reason that may pass is tried again, later and later, as often
# as the source says; its failure can be seen meanwhile.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server', conf => "rivergen.retry_delay = '20ms'\nrivergen.max_retry_delay = '100ms'");
install_fake($server);

sub source
{
	my ($name, $metadata, $max_retries) = @_;
	return create_source($server, fake_source($name, $metadata, max_retries => $max_retries));
}

sub queue
{
	my ($id) = @_;
	return call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
}

sub settings
{
	my (%settings) = @_;
	change_settings($server, map { ("rivergen.$_" => $settings{$_}) } keys %settings);
}

my %unreachable = (behaviour => 'error', code => 'unreachable', step => 'connect', transient => \1);

subtest 'as often as the source says' => sub {
	my $id = source('unreachable', \%unreachable, 3);
	my $job = wait_job($server, queue($id), 'failed');
	is($job->{attempts}, 4, 'three times after the first');
	is($job->{error_code}, 'unreachable', 'the job keeps the reason of its failure');
	is(call($server, "rivergen.data_source_get($id)")->{data}{failure_count}, 4, 'each was a failure of the source');
	is( wait_job($server, queue(source('no retries', \%unreachable, 0)), 'failed')->{attempts}, 1,
		'with max_retries 0 there is one attempt');
};

subtest 'a connector that crashes' => sub {
	my $job = wait_job($server, queue(source('crashing', { behaviour => 'crash' }, 1)), 'failed');
	is("$job->{attempts} $job->{error_code}", '2 connector_crashed', 'is tried again');
};

subtest 'what does not pass by itself' => sub {
	for my $code (qw(authentication database_not_found query))
	{
		my $id = source($code, { behaviour => 'error', code => $code }, 5);
		is(wait_job($server, queue($id), 'failed')->{attempts}, 1, "$code is not tried again");
	}
};

subtest 'a caller waits' => sub {
	my $id = source('waited for', \%unreachable, 5);
	my $job = discover_fails(
		$server, $id, 'is told at once', sqlstate => 'PT502', code => 'unreachable',
		says => qr/refused/);
	is($job->{attempts}, 1, 'there is no second attempt');
};

subtest 'while it waits for the next try' => sub {
	settings(retry_delay => '1h', max_retry_delay => '2h');
	my $id = source('patient', \%unreachable, 5);
	my $queued = queue($id);
	my $job = wait_for('the first failure', sub { my $j = job($server, $queued); $j->{error_code} && $j });
	is($job->{status}, 'queued', 'it is queued');
	is($job->{error_message}, 'the fake source refused', 'with the failure');
	is($job->{finished_at}, undef, 'not finished');
	is( sql($server, "SELECT run_after - now() BETWEEN '29min' AND '60min' FROM rivergen.jobs WHERE job_id = $queued"),
		't',
		'for half the delay to all of it');
	is(call($server, "rivergen.job_get($queued)")->{data}{attempts}, 1, 'one attempt was made');

	call($server, "rivergen.data_source_update($id, " . json({ metadata => { behaviour => 'normal' } }) . ')');
	is(discover($server, $id, 'refresh => true')->{data}{total_tables}, 6, 'a new caller does not wait for the retry');
	my $another = queue($id);
	isnt($another, $queued, 'a new queued job does not wait for the retry');
	wait_job($server, $another, 'succeeded');
	call($server, "rivergen.job_cancel($queued)");
	is(job($server, $queued)->{status}, 'cancelled', 'it can be cancelled');
};

subtest 'once the cause is gone' => sub {
	settings(retry_delay => '2s', max_retry_delay => '2s');
	my $id = source('recovering', \%unreachable, 100);
	my $queued = queue($id);
	wait_for('the first failure', sub { job($server, $queued)->{error_code} });
	call($server, "rivergen.data_source_update($id, " . json({ metadata => { behaviour => 'normal' } }) . ')');
	my $job = wait_job($server, $queued, 'succeeded');
	cmp_ok($job->{attempts}, '>=', 2, 'a later attempt succeeds');
	is($job->{error_code}, undef, 'the error of a job that succeeds later is deleted');
	is( sql($server, "SELECT started_at - run_after < '30s' FROM rivergen.jobs WHERE job_id = $queued"), 't',
		'on time, without a call');
	clean_server($server);
};

subtest 'in maintenance nothing is tried again' => sub {
	settings(retry_delay => '20ms', max_retry_delay => '20ms');
	my $id = source('maintained', \%unreachable, 100);
	my $queued = queue($id);
	wait_for('the second attempt', sub { job($server, $queued)->{attempts} > 1 });
	call($server, "rivergen.data_source_set_status($id, 'maintenance')");
	is(wait_job($server, $queued, 'failed')->{error_code}, 'unreachable', 'it has failed for good');
};

survives($server);
done_testing();
