#!/usr/bin/perl
# Who may include whom (docs/design.md, "Rooms"). One line per room: the rooms whose headers it may include besides its own
# and those directly in src/. Prints every include that breaks the rule, and fails when there is one.
use strict;
use warnings;

use File::Find qw(find);
use File::Spec::Functions qw(abs2rel rel2abs);
use Cwd qw(realpath);
use FindBin;

chdir "$FindBin::Bin/../..";

my %may_include = (
	api => 'check catalog queue stream',
	http => 'check catalog',    # calls the api through SQL, as everybody does
	worker =>
		'queue stream catalog process merge wire secret check', # the only place where a secret is opened, and looked at
	reader => 'stream queue worker catalog process wire secret check',
	stream => 'queue catalog wire',
	queue => 'catalog',
	fdw => 'catalog stream wire',
	merge => 'wire catalog',
	catalog => 'secret',
	check => 'secret wire',    # credentials are taken out of a request into memory that is wiped; patterns are checked
	secret => '',
	process => '',
	wire => '',
	'connectors/common' => 'wire');
# Below src/connectors each directory is a room. One with a Makefile is a connector: it may include common, wire and the rooms
# that its Makefile names in USES: client rooms, and connectors that are a file format. One without is a client room, for
# several connectors: common and wire, and the rooms that it stands on.
my %stands_on = (
	'connectors/avro' => 'connectors/files connectors/jsontree',
	'connectors/bucket' => 'connectors/http',
	'connectors/lake' => 'connectors/jsontree',
	'connectors/service' => 'connectors/http connectors/jsontree',
	'connectors/tcp' => 'connectors/guard');
for my $room (map { s{^src/}{}r } grep { -d && $_ ne 'src/connectors/common' } glob 'src/connectors/*')
{
	$may_include{$room} = join ' ', 'wire', map { "connectors/$_" } 'common', used_rooms("src/$room/Makefile");
	$may_include{$room} .= " $stands_on{$room}" if $stands_on{$room};
}
# Rooms that are also, or only, built into other processes: no header of the server's.
my $plain_c =
	qr{^src/(?:wire/|connectors/|process/(?!process|network|sandbox|openssh|odbc_drivers)|worker/(?:strike|spelling|report)\.)};
my $of_the_server = qr{^(?:postgres|c|fmgr|miscadmin|postgres_fe)\.h$|pg_config.*\.h$|^server/};
my $faults = 0;

sub fault
{
	my ($place, $text) = @_;
	print "$place: $text\n";
	$faults++;
}

# The file of ours that a quoted include names, or ''.
sub resolve
{
	my ($directory, $name) = @_;
	for my $candidate ("$directory/$name", "src/$name")
	{
		return abs2rel(realpath($candidate)) if -f $candidate;
	}
	return '';
}

sub room_of { return $_[0] =~ m{^src/(connectors/[^/]+|[^/]+)/} ? $1 : '' }

sub used_rooms
{
	my ($makefile) = @_;
	open my $in, '<', $makefile or return ();
	return map { /^USES\s*=\s*(.*)/ ? split ' ', $1 : () } <$in>;
}

sub check_include
{
	my ($file, $place, $name) = @_;
	my $target = resolve($file =~ s{/[^/]*$}{}r, $name);
	my ($here, $there) = (room_of($file), room_of($target));

	if ($file =~ $plain_c)
	{
		fault($place, "plain C, but includes $name") if $name =~ $of_the_server;
		fault($place, "plain C, but includes the server-side $name") if $target && !$there;
	}
	return if !$here || !$there || $here eq $there;
	return fault($place, "room $here has no rule in test/lib/layers.pl") if !exists $may_include{$here};
	fault($place, "$here may not include $there ($name)") if !grep { $_ eq $there } split ' ', $may_include{$here};
}

sub check_file
{
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!";
	while (<$in>)
	{
		check_include($file, "$file:$.", $1) if /^\s*#\s*include\s*["<]([^">]+)[">]/;
	}
}

find({ wanted => sub { check_file($_) if /\.[ch]$/ }, no_chdir => 1 }, 'src');
if ($faults)
{
	print "layers: $faults includes break the rules of docs/design.md\n";
	exit 1;
}
