#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the manual pages of a library from its public headers.

    mkman.py OUT VERSION INCLUDE PREFIX HEADER...

One page per header, PREFIX<name>.3, in which every declaration stands word for word with the
comment above it, and one `.so` page per function. INCLUDE is how the headers are included
("card"), PREFIX what its pages begin with ("card_"). The headers are the contract; nothing is written twice.
"""
import os
import re
import sys

SKIP = re.compile(r'^(#ifndef CARD\w*_H$|#define CARD\w*_H$|#endif|#ifdef __cplusplus|extern "C" \{|\}$|#include)')
FUNCTION = re.compile(r'^CARD_API\b.*?\b(\w+)\s*\(', re.S)


def chunks(text):
    """Blocks of lines between blank lines, not split inside braces or comments."""
    block, depth, comment = [], 0, False
    for line in text.split("\n"):
        if depth == 0 and not comment:
            if SKIP.match(line):
                continue
            if not line.strip():
                if block:
                    yield "\n".join(block)
                block = []
                continue
        block.append(line)
        bare = re.sub(r'"(\\.|[^"])*"', '""', line)
        i = 0
        while i < len(bare):
            if comment:
                if bare.startswith("*/", i):
                    comment = False
                    i += 1
            elif bare.startswith("/*", i):
                comment = True
                i += 1
            elif bare[i] == "{":
                depth += 1
            elif bare[i] == "}":
                depth -= 1
            i += 1
    if block:
        yield "\n".join(block)


def split_comment(block):
    """The comment that leads a block, as plain lines, and the code after it."""
    match = re.match(r"/\*(.*?)\*/\n?(.*)", block, re.S)
    if not match:
        return [], block
    lines = [re.sub(r"^ ?\*? ?", "", l).rstrip() for l in match.group(1).split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines, match.group(2)


def escape(line):
    line = line.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + line if line[:1] in (".", "'") else line


def declarations(code):
    """Function declarations of a piece of code: (name, whole text without CARD_API)."""
    bare = re.sub(r"/\*.*?\*/", "", code, flags=re.S)
    bare = re.sub(r"^#.*$", "", bare, flags=re.M)
    for part in bare.split(";"):
        part = part.strip()
        match = FUNCTION.match(part)
        if match:
            yield match.group(1), re.sub(r"\s+", " ", part[len("CARD_API"):].strip()) + ";"


def page(path, version, include, prefix):
    name = os.path.splitext(os.path.basename(path))[0]
    title = prefix + name
    with open(path, encoding="utf-8") as f:
        text = f.read()
    text = re.sub(r"^/\* SPDX[^\n]*\n", "", text)
    blocks = [split_comment(b) for b in chunks(text)]
    if not blocks or not blocks[0][0] or not blocks[0][0][0].startswith(name + ".h"):
        sys.exit(f"{path}: does not begin with a comment `{name}.h — …`")
    intro = blocks.pop(0)[0]
    summary = re.sub(r"^\S+ \S+ ", "", " ".join(intro).split(". ")[0]).rstrip(".")
    functions = [f for _, code in blocks for f in declarations(code)]
    out = [f'.TH {title} 3 "" "lib{include} {version}" "Library functions"', ".SH NAME"]
    names = ", ".join([title] + [n for n, _ in functions])
    out.append(escape(names) + " \\- " + escape(summary))
    out += [".SH SYNOPSIS", ".nf", f"#include <{include}/{name}.h>", ""]
    out += [escape(decl) for _, decl in functions]
    out += [".fi", ".SH DESCRIPTION"]
    out += [escape(l) if l else ".PP" for l in intro]
    for comment, code in blocks:
        out.append(".PP")
        if code.strip():
            out += [".nf", ".RS 4"]
            out += [escape(re.sub(r"^CARD_API ", "", l)) for l in code.expandtabs(8).split("\n")]
            out += [".RE", ".fi"]
            if comment:
                out.append(".PP")
        out += [escape(l) if l else ".PP" for l in comment]
    out += [".SH SEE ALSO", "card_error(3), kazasu(1)", ""]
    return title, "\n".join(out), [n for n, _ in functions]


def main():
    out, version, include, prefix = sys.argv[1:5]
    os.makedirs(out, exist_ok=True)
    for path in sys.argv[5:]:
        if os.path.basename(path) == "card.h":
            continue
        title, text, functions = page(path, version, include, prefix)
        with open(f"{out}/{title}.3", "w", encoding="utf-8") as f:
            f.write(text)
        for function in functions:
            if function != title:
                with open(f"{out}/{function}.3", "w", encoding="utf-8") as f:
                    f.write(f".so man3/{title}.3\n")


main()
