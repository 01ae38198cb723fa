/*
 * report.c — reads the report of rivergen-run. The connector cannot write to its pipe. Nevertheless each line
 * is bounded and each word is checked, because the words are stored and shown.
 */
#include "worker/report.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process/rules.h"

#define MOST_WORDS 4

static const char word_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:=,.%";

/* Cuts the line at its spaces. Returns the number of words; 0: it has an odd character, or too many words. */
static int
cut(char *line, char *words[MOST_WORDS])
{
	int count = 0;
	char *word;

	while ((word = strsep(&line, " ")) != NULL)
	{
		if (count == MOST_WORDS || *word == '\0' || word[strspn(word, word_characters)] != '\0')
			return 0;
		words[count++] = word;
	}
	return count;
}

static void
copy_word(char *to, size_t size, const char *word)
{
	snprintf(to, size, "%s", word);
}

/* Numeric, with or without a zone. */
static bool
is_address(const char *text)
{
	char bare[RG_ADDRESS_BYTES];
	unsigned char bytes[16];

	if (strlen(text) >= sizeof(bare))
		return false;
	copy_word(bare, sizeof(bare), text);
	bare[strcspn(bare, "%")] = '\0';
	return inet_pton(AF_INET, bare, bytes) == 1 || inet_pton(AF_INET6, bare, bytes) == 1;
}

static void
add_denied(RgReport *report, const char *address)
{
	for (int i = 0; i < report->denied_count; i++)
	{
		if (strcmp(report->denied[i], address) == 0)
			return;
	}
	if (report->denied_count < RG_REPORT_DENIED)
		copy_word(report->denied[report->denied_count++], RG_ADDRESS_BYTES, address);
}

/* An address that was reached takes the place of the last that was not, when there is no other. */
static RgDialed *
place_for(RgReport *report, const char *verdict)
{
	if (report->dial_count < RG_REPORT_DIALS)
		return &report->dials[report->dial_count++];
	if (strcmp(verdict, "connected") != 0)
		return NULL;
	for (int i = RG_REPORT_DIALS - 1; i >= 0; i--)
	{
		if (strcmp(report->dials[i].verdict, "connected") != 0)
			return &report->dials[i];
	}
	return NULL;
}

static void
add_dial(RgReport *report, const char *address, int port, const char *verdict)
{
	for (int i = 0; i < report->dial_count; i++)
	{
		const RgDialed *dial = &report->dials[i];

		if (dial->port == port && strcmp(dial->address, address) == 0 && strcmp(dial->verdict, verdict) == 0)
			return;
	}

	RgDialed *dial = place_for(report, verdict);

	if (dial == NULL)
		return;

	copy_word(dial->address, sizeof(dial->address), address);
	copy_word(dial->verdict, sizeof(dial->verdict), verdict);
	dial->port = port;
}

int
rg_report_rank(const char *level)
{
	for (int i = 0; i < RG_LEVELS; i++)
	{
		if (strcmp(rg_level_names[i], level) == 0)
			return i;
	}
	return -1;
}

static void
take_sandbox(RgReport *report, const char *level, const char *missing)
{
	if (rg_report_rank(level) < 0)
		return;
	copy_word(report->level, sizeof(report->level), level);
	copy_word(report->missing, sizeof(report->missing), strcmp(missing, "-") == 0 ? "" : missing);
}

static void
take_dial(RgReport *report, const char *address, const char *port_text, const char *verdict)
{
	char *end;
	long port = strtol(port_text, &end, 10);

	if (!is_address(address) || *end != '\0' || port < 0 || port > UINT16_MAX ||
		strlen(verdict) >= RG_VERDICT_BYTES)
		return;
	if (strncmp(verdict, "denied:", strlen("denied:")) == 0)
		add_denied(report, address);
	add_dial(report, address, (int) port, verdict);
}

static void
take_line(RgReport *report)
{
	char *words[MOST_WORDS];
	int count = cut(report->line, words);

	if (count == 3 && strcmp(words[0], "sandbox") == 0)
		take_sandbox(report, words[1], words[2]);
	else if (count == 4 && strcmp(words[0], "dial") == 0)
		take_dial(report, words[1], words[2], words[3]);
}

void
rg_report_take(RgReport *report, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (bytes[i] != '\n')
		{
			if (report->length < RG_REPORT_LINE_BYTES)
				report->line[report->length] = bytes[i];
			if (report->length <= RG_REPORT_LINE_BYTES)
				report->length++;
			continue;
		}
		if (report->length <= RG_REPORT_LINE_BYTES)
		{
			report->line[report->length] = '\0';
			take_line(report);
		}
		report->length = 0;
	}
}

void
rg_report_begin(RgReport *report)
{
	report->level[0] = '\0';
	report->missing[0] = '\0';
	report->length = 0;
}

void
rg_report_given(RgReport *report, const char *address, int port)
{
	add_dial(report, address, port, "given");
}

bool
rg_report_has(const RgReport *report, const char *feature)
{
	size_t length = strlen(feature);

	for (const char *at = strstr(report->missing, feature); at != NULL; at = strstr(at + 1, feature))
	{
		if ((at == report->missing || at[-1] == ',') && (at[length] == '=' || at[length] == '\0'))
			return false;
	}
	return report->level[0] != '\0';
}
