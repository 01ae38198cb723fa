#include "check/pem.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Returns how many bytes the end of line at text has, whatever its form; 0 if there is none. */
static int
line_end(const char *text, const char *end)
{
	static const char *const forms[] = {"\r\n", "\n", "\r", "\\r\\n", "\\n"};

	for (int i = 0; i < (int) lengthof(forms); i++)
	{
		int size = (int) strlen(forms[i]);

		if (end - text >= size && memcmp(text, forms[i], size) == 0)
			return size;
	}
	return 0;
}

/* Skips white space of every kind, and a byte order mark. */
static const char *
skip_space(const char *text, const char *end)
{
	static const char mark[] = "\xef\xbb\xbf";
	static const char no_break[] = "\xc2\xa0";

	while (text < end)
	{
		if (is_blank(*text))
			text++;
		else if (line_end(text, end) > 0)
			text += line_end(text, end);
		else if (end - text >= 3 && memcmp(text, mark, 3) == 0)
			text += 3;
		else if (end - text >= 2 && memcmp(text, no_break, 2) == 0)
			text += 2;
		else
			break;
	}
	return text;
}

int
rg_pem_tidy(const char *text, int length, char *tidy)
{
	static const char beginning[] = "-----BEGIN ";
	const char *end = text + length;
	const char *at = skip_space(text, end);
	char *out = tidy;

	if (end - at < (int) strlen(beginning) || memcmp(at, beginning, strlen(beginning)) != 0)
	{
		memcpy(tidy, text, length);
		return length;
	}
	while (at < end)
	{
		while (at < end && line_end(at, end) == 0)
			*out++ = *at++;
		while (is_blank(out[-1]))
			out--;
		*out++ = '\n';
		at += line_end(at, end);
		while (at < end && is_blank(*at))
			at++;
	}
	while (out - tidy > 1 && out[-1] == '\n' && out[-2] == '\n')
		out--;
	return (int) (out - tidy);
}
