#include "connectors/orc/local_time.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "connectors/orc/fault.h"

#define DATABASE     "/usr/share/zoneinfo"
#define LONGEST_ZONE 64
#define YEAR_2015    1420070400

static char present[LONGEST_ZONE]; /* the zone of this process; empty: UTC */
static int64_t base = YEAR_2015;

static bool
is_utc(const char *zone)
{
	static const char *const names[] = {"UTC", "GMT", "Etc/UTC", "Etc/GMT", "Z", "UCT", "Zulu", "Universal"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(zone, names[i]) == 0)
			return true;
	return zone[0] == '\0';
}

/* A name is a path below the directory of the database. */
static bool
is_known(const char *zone)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	char path[sizeof(DATABASE) + LONGEST_ZONE + 1];

	if (strlen(zone) >= LONGEST_ZONE || zone[strspn(zone, allowed)] != '\0' || zone[0] == '/')
		return false;
	snprintf(path, sizeof(path), DATABASE "/%s", zone);
	return access(path, R_OK) == 0;
}

static void
set_zone(const char *zone)
{
	struct tm new_year = {.tm_year = 115, .tm_mday = 1, .tm_isdst = -1};

	if (!is_known(zone))
		orc_unsupported("The ORC file has timestamps of a time zone that is not known.",
						"The package tzdata brings the time zones.");
	setenv("TZ", zone, 1);
	tzset();
	strcpy(present, zone);
	base = (int64_t) mktime(&new_year);
}

/* Returns whether it is UTC. */
static bool
use_zone(const char *zone)
{
	if (zone == NULL || is_utc(zone))
		return true;
	if (strcmp(zone, present) != 0)
		set_zone(zone);
	return false;
}

int64_t
local_time_base(const char *zone)
{
	return use_zone(zone) ? YEAR_2015 : base;
}

int64_t
local_time_offset(const char *zone, int64_t seconds)
{
	time_t time = (time_t) seconds;
	struct tm local;

	if (use_zone(zone) || localtime_r(&time, &local) == NULL)
		return 0;
	return (int64_t) local.tm_gmtoff;
}
