#!/bin/bash
# make check-agreement TYPE=csv FILES=/folder: what the connector makes of real files, compared with what another reader makes of
# them: test/connectors/agreement_TYPE.pl by expected.json in the folder, agreement_TYPE.py by a library of Python.
set -euo pipefail
here=$(dirname "$0")
type=${TYPE:-csv}
files=${FILES:?names a folder}
connectors=$here/../../build/connectors/bin

if [ -f "$here/../connectors/agreement_$type.py" ]; then
	PYTHONPATH=$("$here/pip.sh" "$here/../peers/python") exec /usr/bin/python3 "$here/../connectors/agreement_$type.py" \
		"$connectors/$type" "$files"
fi
CONNECTORS=$connectors exec perl "$here/../connectors/agreement_$type.pl" "$files"
