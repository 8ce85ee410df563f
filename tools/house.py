#!/usr/bin/env python3
"""Measures the shape of the code: for a comparison of two commits, run it in a checkout of each.

    tools/house.py [FOLDER]

Product code is what lies below src/ and crates/*/src/, without tests; a function is told by its indentation.
"""
import collections
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
sources = [path for place in [root / "src", *root.glob("crates/*/src")] for path in place.rglob("*.rs")]
TESTS = "#[cfg(test)]\nmod tests {"


def is_test(path):
    inside = path.relative_to(root).parts
    return any(part in ("tests", "tests.rs") or part.startswith("test") for part in inside)


product, tests = {}, 0
for path in sources:
    text = path.read_text()
    if is_test(path):
        tests += text.count("\n")
        continue
    code, _, own = text.partition(TESTS)
    product[path] = code
    tests += own.count("\n")
for place in ["tests", *(str(path.relative_to(root)) for path in root.glob("crates/*/tests"))]:
    tests += sum(path.read_text().count("\n") for path in (root / place).rglob("*.rs"))


def functions(code):
    """The length of each function, from its line to the brace that closes it."""
    lines = code.split("\n")
    for first, line in enumerate(lines):
        begins = re.match(r"( *)(?:pub(?:\([^)]*\))? )?(?:const )?(?:async )?fn \w+", line)
        if not begins:
            continue
        head = next((line for line in lines[first:] if line.rstrip().endswith(("{", ";", "}"))), ";")
        if head.rstrip().endswith(";"):
            continue
        for last in range(first, len(lines)):
            if lines[last] == begins[1] + "}" or (last == first and line.rstrip().endswith("}")):
                yield last - first + 1
                break


def imports():
    """Which module at the top of src imports which."""
    graph = collections.defaultdict(set)
    top = {path.stem if path.is_file() else path.name for path in (root / "src").iterdir()} - {"lib", "main"}
    for path, code in product.items():
        if not path.is_relative_to(root / "src"):
            continue
        own = path.relative_to(root / "src").parts[0].removesuffix(".rs")
        code = re.sub(r"//.*", "", code)
        named = set(re.findall(r"crate::(\w+)", code))
        for group in re.findall(r"use crate::\{([^;]*)\};", code):
            named |= set(re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"\{[^{}]*\}", "", group)))
        graph[own] |= (named & top) - {own}
    return graph


def in_circles(graph):
    """The modules that reach themselves."""
    found = set()
    for start in list(graph):
        seen, left = set(), list(graph[start])
        while left:
            other = left.pop()
            if other == start:
                found.add(start)
                break
            if other not in seen:
                seen.add(other)
                left.extend(graph[other])
    return found


# What a file keeps to itself may have any name, and so may what is the same in each: the arguments of a command, and the
# result of a module.
CUSTOMARY = {"Args", "Result"}
names = collections.defaultdict(set)
for path, code in product.items():
    for name in re.findall(r"^ *pub(?:\([^)]*\))? (?:struct|enum|trait|type) (\w+)", code, re.M):
        if name not in CUSTOMARY:
            names[name].add(path)


def area(path):
    """The crate, and in the product the module at the top."""
    parts = path.relative_to(root).parts
    return parts[1].removesuffix(".rs") if parts[0] == "src" else parts[:2]


def in_one_area(places):
    return max(collections.Counter(map(area, places)).values()) > 1


lengths = sorted(text.count("\n") for text in product.values())
longest = [length for code in product.values() for length in functions(code)]
manifest = (root / "Cargo.toml").read_text()
direct = re.search(r"^\[dependencies\]\n(.*?)^\[", manifest, re.M | re.S)[1]
rows = [
    ("lines of product code", sum(lengths)),
    ("lines of tests", tests),
    ("files; median length", f"{len(lengths)}; {lengths[len(lengths) // 2]}"),
    ("files over 350 / 600 lines", f"{sum(n > 350 for n in lengths)} / {sum(n > 600 for n in lengths)}"),
    ("functions over 60 / 100 lines", f"{sum(n > 60 for n in longest)} / {sum(n > 100 for n in longest)}"),
    ("modules at the top in circles of imports", len(in_circles(imports()))),
    ("names of shared types in two files or more", sum(len(places) > 1 for places in names.values())),
    ("of these inside one module at the top", sum(in_one_area(places) for places in names.values())),
    ("direct dependencies", len(re.findall(r"^[\w-]+ *=", direct, re.M))),
]
for name, value in rows:
    print(f"{name:42} {value}")
