#!/bin/bash
# Prints the lines of C of each room of src, and of each connector.
set -euo pipefail
cd "$(dirname "$0")/../.."

find src -name '*.[ch]' -print0 | xargs -0 wc -l | awk '
	$2 == "total" { next }
	{
		split($2, part, "/")
		room = part[3] == "" ? "src" : part[2] == "connectors" ? "connectors/" part[3] : part[2]
		lines[room] += $1
		files[room]++
		all += $1
	}
	END {
		for (room in lines) printf "%-26s %6d lines in %3d files\n", room, lines[room], files[room] | "sort"
		close("sort")
		printf "%-26s %6d lines\n", "all", all
	}'
