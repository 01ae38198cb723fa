# Three people of two organizations make random valid requests over HTTP with ids of their own, of the other organization
# and of no organization: no id, name or text of the other is in any answer, the answers for the other's are exactly those for
# what is not there, and nothing of the other changes. SEED repeats a run, RUNS changes its length.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Gateway;
use JSON::PP;
use PostgreSQL::Test::Utils;
use RandomRequest qw(random_request bytes_of chance one_of routes goes_on);
use RawHttp qw(exchange);
use Rivergen;
use Test::More;

my $seed = $ENV{SEED} // time;
my ($rounds, $runs) = (6, $ENV{RUNS} || 1_500);
diag("SEED=$seed RUNS=$runs");

my $json = JSON::PP->new->utf8->allow_nonref->canonical;
my $server = start_server('server', conf =>
		"rivergen.gateway_roles = 'rivergen_gateway'\nrivergen.max_workers = 2\nrivergen.health_check_interval = 0");
install_fake($server);
sql($server, 'CREATE ROLE gateway');    # whom tenancy.sql knows
sql($server, slurp_file("$FindBin::Bin/../lib/tenancy.sql"));
sql($server, 'SELECT probe.add_tenant(k) FROM generate_series(1, 2) k');
my $gateway = Gateway->before($server);
my $port = $gateway->{port};
srand($seed);    # not before, since names of temporary files are random, too

# Ids have ten digits, the first two of which tell their kind: one can stand for another without a change of length.
my %standing = (source => 9412345678, workspace => 9212345678, job => 9512345678, relation => 9612345678);
my %things = map {
	my $k = $_;
	$k => {
		map {
			my $kind = $_;
			$kind => [
				split /\n/,
				sql($server,
					"SELECT id FROM probe.thing WHERE k = $k AND kind = '$kind' ORDER BY id") ]
		} keys %standing
	}
} 1, 2;
my %organization = map { $_ => sql($server, "SELECT organization_id FROM probe.tenant WHERE k = $_") } 1, 2;
my @user = map {
	my ($k, $role) = @$_;
	my $name = "tenant${k}mark $role";
	{   k => $k, name => $name, mark => "tenant${k}mark", token => $gateway->token(sub => $name), role => $role,
		workspace => $standing{workspace},
		ids => { fake => [ $standing{source} ], map { $_ => [ $standing{$_} ] } keys %standing }
	}
} [ 1, 'editor' ], [ 1, 'viewer' ], [ 2, 'admin' ];

# The request with ids in it: each kind's own, foreign or missing. Returns the bytes and the ids.
sub filled
{
	my ($bytes, $k, $whose) = @_;
	my %id;
	for my $kind (sort keys %standing)
	{
		next unless $bytes =~ /$standing{$kind}/;
		$id{$kind} =
			$whose eq 'missing'
			? substr($standing{$kind}, 0, 2) . (99999990 + int rand 9)
			: one_of(@{ $things{ $whose eq 'own' ? $k : 3 - $k }{$kind} });
		$bytes =~ s/$standing{$kind}/$id{$kind}/g;
	}
	return ($bytes, \%id);
}

# The answer as what can be compared: without ids and moments.
sub normal
{
	my ($answer) = @_;
	my $text = join "\n", $answer->{status},
		map({ $answer->{headers}{$_}[0] // '' } qw(content-type location etag allow)), $answer->{body};
	return $text =~ s/9[1-8]\d{8}/#/gr =~ s/\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|\+00:00)/T/gr;
}

# What an answer must not hold: the other's mark, or an id of the other's that was not asked for.
sub foreign
{
	my ($user, $bytes, $answer) = @_;
	my $other = 3 - $user->{k};
	my $text = join "\n", $answer->{body}, map { @$_ } values %{ $answer->{headers} };
	my %known = map { $_ => 1 } map { @$_ } values %{ $things{$other} };
	$known{ $organization{$other} } = 1;
	my @found = grep { $known{$_} && $bytes !~ /$_/ } $text =~ /(9[1-8]\d{8})/g;
	push @found, $1 if $text =~ /(tenant${other}mark.{0,20})/;
	return @found;
}

# Everything that an organization has, as one hash.
sub belongings
{
	my ($k) = @_;
	my $tables = sql(
		$server,
		"SELECT string_agg(format('SELECT %L AS t, md5(string_agg(r::text, %L ORDER BY r::text)) AS h FROM %s r
			WHERE organization_id = $organization{$k}',
		attrelid::regclass, '', attrelid::regclass), ' UNION ALL ' ORDER BY attrelid::regclass::text)
			FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
		WHERE attname = 'organization_id' AND relkind = 'r' AND relnamespace = 'rivergen_catalog'::regnamespace
		AND relname NOT IN ('organization_queue')");
	return sql($server, $tables);
}

# Until nothing is going on in an organization: its own jobs change what it has.
sub rest
{
	my ($k) = @_;
	my ($writer) = grep { $_->{k} == $k && $_->{role} ne 'viewer' } @user;
	my $open = "FROM rivergen_catalog.job WHERE organization_id = $organization{$k} AND finished_at IS NULL";
	exchange(
		$port,
		"POST /api/v1/jobs/$_/cancel HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $writer->{token}\r\nContent-Length: 0\r\n\r\n"
	) for split /\n/, sql($server, "SELECT job_id $open");
	wait_for("the jobs of organization $k to end", sub { sql($server, "SELECT count(*) $open") == 0 });
}

# What looks for leaks finds one: the other organization's list, had it been answered here.
{
	my $answer = exchange(
		$port,
		"GET /api/v1/data-sources HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $user[2]{token}\r\n\r\n");
	cmp_ok(scalar(foreign($user[0], '', $answer)), '>', 5, 'a foreign list is noticed');
	is(scalar(foreign($user[2], '', $answer)), 0, 'but not one\'s own');
}

my @expected = grep { !m{restore|cancel|:fake|/test$|refresh|scan|host-key|databases|rows|query|attachment} } routes();
my (@wrong, %seen);

for my $round (1 .. $rounds)
{
	my $k = 1 + $round % 2;
	my @callers = grep { $_->{k} == $k } @user;
	rest(3 - $k);
	my $before = belongings(3 - $k);
	my @awaited = $round == $rounds && $runs >= 1_500 ? @expected : ();
	for (my $run = 1; goes_on($run, $runs / $rounds, \%seen, @awaited); $run++)
	{
		my $user = one_of(@callers);
		my $request = random_request($user, 'kanari');
		my $bytes = bytes_of($request);
		my $whose = one_of(qw(own own foreign));
		my ($asked, $id) = filled($bytes, $k, $whose);
		my $answer = exchange($port, $asked) // { status => 'none', body => '', headers => {} };
		$seen{ $answer->{status} }++;
		$seen{"$request->{route} 2xx"}++ if $answer->{status} =~ /^2/;
		my @faults = map { "foreign: $_" } foreign($user, $asked, $answer);
		push @faults, "status $answer->{status}" if $answer->{status} !~ /^(20[012]|400|403|404|409|412|50[124])$/;
		if ($whose eq 'foreign' && %$id)
		{
			my ($missing) = filled($bytes, $k, 'missing');
			my $other = exchange($port, $missing) // { status => 'none', body => '', headers => {} };
			push @faults, "not like a missing one, which is\n" . normal($other) if normal($answer) ne normal($other);
			push @faults, "$answer->{status} for a foreign one"
				if %$id && $answer->{status} =~ /^2/ && $asked !~ /\?\S* HTTP|scan/;
			$seen{compared}++;
		}
		push @wrong,
			"round $round, run $run, $user->{name}: " . join("\n", @faults) . "\n$asked\n" . substr normal($answer), 0,
			600
			if @faults;
		# What was created is a thing of his, too.
		push @{ $things{$k}{source} }, $1
			if $answer->{status} == 201 && ($answer->{headers}{location} // [''])->[0] =~ /(94\d{8})$/;
		push @{ $things{$k}{job} }, $1 if $answer->{body} =~ /"job_id": ?"?(95\d{8})/ && $whose eq 'own';
	}
	is(belongings(3 - $k), $before, "round $round: nothing of the other organization changed");
}
is(join("\n\n", splice @wrong, 0, 5), '', 'nothing foreign, nothing told apart');
cmp_ok($seen{compared}, '>', $runs / 10, 'requests for what is the other\'s');
if ($runs >= 1500)
{
	ok($seen{"$_ 2xx"}, "$_ succeeded") for @expected;
}
note(join ', ', map { "$_: $seen{$_}" } grep { !/ / } sort keys %seen);

for my $user (@user)
{
	my $get = sub {
		$json->decode(
			exchange(
				$port, "GET /api/v1/$_[0] HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $user->{token}\r\n\r\n"
			)->{body});
	};
	my $own = "WHERE organization_id = $organization{$user->{k}}";
	is( $get->('data-sources')->{data}{pagination}{total_items},
		sql($server, "SELECT count(*) FROM rivergen_catalog.data_source $own AND deleted_at IS NULL"),
		"$user->{name} has the sources of his organization");
	my @listed = map { $_->{organization_id} } @{ $get->('data-sources?page_size=1000')->{data}{items} };
	is(scalar(grep { $_ != $organization{ $user->{k} } } @listed), 0, 'only the own organization is listed');
	my $other = sql($server, "SELECT organization_id FROM probe.tenant WHERE k = 3 - $user->{k}");
	my $token = $gateway->token(sub => $user->{name}, organization_id => $other);
	is( exchange($port, "GET /api/v1/data-sources HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $token\r\n\r\n")
			->{status}, 403,
		'claiming the other organization changes nothing');
}

survives($server);
done_testing();
