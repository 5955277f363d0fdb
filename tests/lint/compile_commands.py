#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lines of "FILE COMMAND…" into compile_commands.json; the argument is the directory."""
import json
import shlex
import sys

entries = []
for line in sys.stdin:
    if line.strip():
        path, command = line.strip().split(" ", 1)
        entries.append({"directory": sys.argv[1], "file": path, "arguments": shlex.split(command)})
json.dump(entries, sys.stdout, indent=1)
