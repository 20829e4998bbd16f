# SPDX-License-Identifier: GPL-2.0
"""without_codes.py: copies JSON or NDJSON and leaves out each member "reason_code" (of a finding
"why_code", too), whatever its value. What is left is, byte for byte, what would have been written
without that member: the text is cut, never parsed and written anew. So it takes jansson's three
styles as they come: `"a": 1, "b": 2', compact, and one member a line with or without indentation."""

import json
import re
import sys

# Inside of a string the quotes have backslashes before them: this is always a member's name.
NAME = re.compile(r'"(?:reason|why)_code":[ ]?')
# A comma, and the white space up to what comes next.
COMMA = re.compile(r",\s*")
COMMA_BEFORE = re.compile(r",\s*\Z")


def without_codes(text):
    decoder = json.JSONDecoder()
    kept, at = [], 0
    while found := NAME.search(text, at):
        before = text[at : found.start()]
        end = decoder.raw_decode(text, found.end())[1]
        if comma := COMMA.match(text, end):  # goes with the member before it
            end = comma.end()
        else:  # the last of its object: the comma before it goes
            before = COMMA_BEFORE.sub("", before)
        kept.append(before)
        at = end
    return "".join(kept) + text[at:]


if __name__ == "__main__":
    codec = {"encoding": "utf-8", "errors": "surrogateescape", "newline": ""}
    sys.stdin.reconfigure(**codec)
    sys.stdout.reconfigure(**codec)
    sys.stdout.write(without_codes(sys.stdin.read()))
