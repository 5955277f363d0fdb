# SPDX-License-Identifier: Apache-2.0
"""at_terminal.py PIN ANSWERS COMMAND…: a person at a terminal who answers each question with the next word of
ANSWERS, and types the PIN when asked; prints what was on the screen, ends with the command's exit code."""
import os
import pty
import select
import sys
import time

pin, answers, command = sys.argv[1], sys.argv[2].split(), sys.argv[3:]
pid, screen = pty.fork()
if pid == 0:
    os.environ["PINENTRY"] = "/nonexistent"
    os.execv(command[0], command)
seen, done, end = b"", 0, time.time() + 90
while time.time() < end:
    if not select.select([screen], [], [], 1)[0]:
        continue
    try:
        more = os.read(screen, 4096)
    except OSError:
        break
    if not more:
        break
    seen += more
    new = seen[done:].decode("utf-8", "ignore")
    if "[y/N]" in new and answers:
        os.write(screen, answers.pop(0).encode() + b"\n")
        done = len(seen)
    elif "利用者証明用電子証明書の暗証番号:" in new.replace(" ", "") or new.rstrip().endswith("暗証番号:"):
        os.write(screen, pin.encode() + b"\n")
        done = len(seen)
print(seen.decode("utf-8", "replace"))
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) or bool(answers))
