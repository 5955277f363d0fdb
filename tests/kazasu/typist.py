# SPDX-License-Identifier: Apache-2.0
"""typist.py — a person at a terminal: runs a program on a pseudo-terminal of its own and types.

    typist.py 'WAIT FOR' 'TYPE' ['WAIT FOR' 'TYPE' …] -- program words…

Each TYPE is sent when its text was seen (Python escapes: \\n, \\x03, \\x04; {TERM} sends SIGTERM).
Prints what the terminal showed, then one line: `exit=N echo=on|off hidden=yes|no`: how the program
ended, whether the terminal echoes afterwards, and whether it did not while each text was typed.
"""
import os, pty, select, signal, sys, termios, time

split = sys.argv.index("--")
plan, program = sys.argv[1:split], sys.argv[split + 1:]
pid, master = pty.fork()
if pid == 0:
    os.execvp(program[0], program)

def echoes():
    return bool(termios.tcgetattr(master)[3] & termios.ECHO)

seen, hidden, start, last = b"", True, 0, time.monotonic()
steps = list(zip(plan[::2], plan[1::2]))
while time.monotonic() - last < 20:
    if steps and steps[0][0].encode() in seen[start:]:
        time.sleep(0.2)  # the program is in its read by now
        hidden = hidden and not echoes()
        text = steps.pop(0)[1]
        start = len(seen)
        if text == "{TERM}":
            os.kill(pid, signal.SIGTERM)
        else:
            os.write(master, text.encode().decode("unicode_escape").encode())
    if not select.select([master], [], [], 0.1)[0]:
        continue
    try:
        block = os.read(master, 4096)
    except OSError:
        break
    if not block:
        break
    seen += block
    last = time.monotonic()
try:
    on = echoes()
except termios.error:
    on = True
else:
    pass
_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
sys.stdout.buffer.write(seen.replace(b"\r", b""))
print(f"\nexit={code} echo={'on' if on else 'off'} hidden={'yes' if hidden else 'no'}")
