# Workers rest before they exit: the next call finds one that is there, and no caller waits for one that rests.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $server = start_server('server', conf => "rivergen.max_workers = 1");
install_fake($server);
my $id = create_source($server, fake_source('fake', {}));

sub worker
{
	return sql($server, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'rivergen worker'");
}

# A worker may have had its rest between two calls, if something kept the test: then once more.
sub discovered_by_the_same
{
	my ($how) = @_;
	return wait_for(
		'one worker to serve two calls',
		sub {
			$how->();
			my $worker = worker();
			$how->();
			return $worker ne '' && $worker eq worker();
		});
}

ok( discovered_by_the_same(sub { discover($server, $id, 'refresh => true') }),
	'a call finds the worker of the last one');
ok( discovered_by_the_same(sub {
		my $job = call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
		wait_job($server, $job, 'succeeded');
	}),
	'a queued job finds the idle worker');

# A session of the other database, in which the source is registered as well.
sub in_other
{
	my ($statement) = @_;
	return $server->safe_psql('other', $statement);
}

subtest 'a worker that rests elsewhere makes room' => sub {
	sql($server, 'CREATE DATABASE other');
	in_other('CREATE EXTENSION rivergen');
	in_other("SELECT rivergen.quick_start('Other')");
	in_other('SELECT rivergen.data_source_create(' . json(fake_source('fake', {})) . ')');
	for my $round (1 .. 5)
	{
		ok(discover($server, $id, 'refresh => true')->{success}, "here, $round");
		like(in_other('SELECT rivergen.discover_schema(1, refresh => true)'), qr/completed/, "and there, $round");
	}
	for my $round (1 .. 5)
	{
		in_other('SELECT rivergen.discover_schema(1, refresh => true)');
		my ($status, $out, $err) = $server->psql(
			'postgres',
			"ALTER DATABASE other RENAME TO other$round; ALTER DATABASE other$round RENAME TO other");
		is($err, '', "one that rests in a database leaves it to who wants it, $round");
	}
	sql($server, 'DROP DATABASE other');
};

subtest 'the extension is replaced while a worker rests' => sub {
	discover($server, $id, 'refresh => true');
	sql($server, 'DROP EXTENSION rivergen CASCADE; CREATE EXTENSION rivergen');
	call($server, "rivergen.quick_start('Again')");
	my $again = create_source($server, fake_source('fake', {}));
	ok(discover($server, $again, 'refresh => true')->{success}, 'it serves the new one');
};

wait_for('the worker to have had its rest', sub { worker() eq '' });
pass('a worker exits in the end');
clean_server($server);
survives($server);
done_testing();
