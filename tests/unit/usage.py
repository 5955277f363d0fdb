# SPDX-License-Identifier: Apache-2.0
"""The help of kazasu against its manual pages and its completion; prints what disagrees.

usage.py commands            the commands, as `kazasu --help` lists them
usage.py help                each command's help in both languages
usage.py manual              options in help and not in a manual page, or the other way round
usage.py docs                commands and options that README.md and docs/*.md use
usage.py completion          commands and options that the completion of bash offers
"""
import functools
import glob
import os
import re
import subprocess
import sys

MANUAL = {"en": "docs/man/", "ja": "docs/man/ja/"}
# Commands described together: the page, and what else its options belong to.
PAGE = {"login": "operator", "logout": "operator", "audit": "journal"}
PROGRAMS = {"journal": "kazasu-journal-verify"}
COMMON = {"en": "Options of every command:", "ja": "共通のオプション:"}
OPTION = r"^ +(?:-\w, )?--([a-z0-9-]+)"


@functools.cache
def help_of(lang, *words):
    r = subprocess.run(["build/bin/kazasu", "--lang", lang, *words, "--help"], capture_output=True, text=True,
                       timeout=60, check=False)
    if r.returncode != 0 or r.stderr:
        print(*words, f"--help --lang {lang}: exit {r.returncode} {r.stderr}")
    return r.stdout


@functools.cache
def commands():
    return re.findall(r"^  ([a-z][a-z-]*) +\S", help_of("en").split(COMMON["en"])[0], re.M)


def options(text, lang):
    own, _, common = text.partition(COMMON[lang])
    return set(re.findall(OPTION, own, re.M)), set(re.findall(OPTION, common, re.M))


def check_help():
    for lang, common in COMMON.items():
        for c in commands():
            text = help_of(lang, c)
            if f"kazasu {c}" not in text.split("\n")[0] or common not in text:
                print(f"{c} --help --lang {lang} says neither its usage nor the common options")
            if options(text, lang) != options(help_of("en", c), "en"):
                print(f"{c} --help: the languages have different options")


def named(page):
    """Options that a page names in its macros: `.Fl -a , -b`."""
    macros = " ".join(re.findall(r"^\..*$", page, re.M))
    flags = " ".join(re.findall(r"\bFl ((?:-?[a-z0-9-]+(?: [|,、] )?)+)", macros))
    return set(re.findall(r"(?<![a-z0-9-])-([a-z][a-z0-9-]+)", flags))


def check_manual():
    common = options(help_of("en"), "en")[1]
    for folder in MANUAL.values():
        main = open(folder + "kazasu.1", encoding="utf-8").read()
        owners = {}
        for c in commands():
            own = options(help_of("en", c), "en")[0] - {"output"}  # pages say -o
            path = f"{folder}kazasu-{PAGE.get(c, c)}.1"
            page = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
            owners.setdefault(path, set()).update(own)
            for o in sorted(own - named(main + "\n" + page)):
                print(f"{c} --{o} is in no page of {folder}")
        for path, own in owners.items():
            if not os.path.exists(path):
                continue
            for name, program in PROGRAMS.items():
                if path.endswith(f"-{name}.1"):
                    own |= set(re.findall(r"--([a-z0-9-]+)", subprocess.check_output(["build/bin/" + program, "--help"], text=True)))
            for o in sorted(named(open(path, encoding="utf-8").read()) - own - common - {"output"}):
                print(f"{path} names --{o}, which no command of it has")


FORMATS = {"trace", "void"}  # first lines of files: "kazasu trace 1", "kazasu void list 1"


def calls(text):
    """Calls of kazasu in code: fenced lines and `spans`, without what follows a pipe or a redirection."""
    for n, line in enumerate(text.split("\n"), 1):
        spans = re.findall(r"`([^`]+)`", line) or [line]
        for s in spans:
            m = re.search(r"(?:^|[\s$/;&])kazasu ([^#|;&<>`）)]*)", s)
            if m and (spans[0] != line or not re.search(r"[、。]", line)):
                yield n, m.group(1).split()


def check_docs():
    everywhere = help_of("en")
    common = options(everywhere, "en")[1]
    with_value = set(re.findall(r"--([a-z-]+) [A-Zj]", everywhere))
    known = commands()
    own = {c: options(help_of("en", c), "en")[0] for c in known}
    for path in ["README.md", *sorted(glob.glob("docs/*.md"))]:
        for n, words in calls(open(path, encoding="utf-8").read()):
            command, skip = None, False
            for w in words:
                flag = re.match(r"\[?--([a-z][a-z0-9-]*)", w)
                if skip:
                    skip = False
                elif flag:
                    name = flag.group(1)
                    if name not in common and name not in own.get(command, set()):
                        print(f"{path}:{n}: kazasu {command} has no --{name}")
                    skip = command is None and name in with_value and "=" not in w
                elif command is None and re.fullmatch(r"[a-z][a-z-]*", w):
                    command = w
                    if w in FORMATS:
                        break
                    if w not in known:
                        print(f"{path}:{n}: there is no kazasu {w}")
                elif command is None:
                    break


def check_completion():
    text = open("docs/completion/kazasu", encoding="utf-8").read()
    offered = set(re.findall(r"--([a-z-]+)", re.search(r"options='([^']*)'", text).group(1)))
    for o in sorted(offered ^ options(help_of("en"), "en")[1]):
        print(f"docs/completion/kazasu: --{o}")


CHECKS = {"help": check_help, "manual": check_manual, "docs": check_docs, "completion": check_completion}
if sys.argv[1] == "commands":
    print(*commands(), sep="\n")
else:
    CHECKS[sys.argv[1]]()
