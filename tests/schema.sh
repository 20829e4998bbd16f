#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# schema.sh [DOCUMENT...]: validates JSON documents, by default the golden ones, against the schema in
# include/ that fits (a document, NDJSON, an expectation, that of why, diff or doctor) with
# python3-jsonschema. Ends with one counted line; exit 1 if one does not conform.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125

# the python3 that apt installs for, if another comes first
python=
for p in /usr/bin/python3 python3; do
	"$p" -c 'import jsonschema' 2>/dev/null && python=$p && break
done
if [[ -z $python ]]; then
	echo "schema: 0 passed, 0 failed, 1 skipped (python3-jsonschema is not installed)"
	exit 0
fi
if [[ $# -eq 0 ]]; then
	set -- tests/golden/render/*.json
fi
exec "$python" - "$@" <<'PYTHON'
import json
import sys

import jsonschema

try:
    import fastjsonschema  # for large documents, twenty times as fast
except ImportError:
    fastjsonschema = None


class Schema:
    def __init__(self, name, **changes):
        with open(f"include/folio-trace{name}.schema.json", encoding="utf-8") as f:
            schema = {**json.load(f), **changes}
        jsonschema.Draft7Validator.check_schema(schema)
        self.validator = jsonschema.Draft7Validator(schema)
        self.fast = fastjsonschema and fastjsonschema.compile(schema)

    def errors(self, doc, place):
        if self.fast:
            try:
                self.fast(doc)
                return
            except fastjsonschema.JsonSchemaException:
                pass  # the other one has all errors
        for e in self.validator.iter_errors(doc):
            where = "/".join(str(p) for p in e.absolute_path)
            yield f"{place}{where or 'document'}: {e.message[:300]}"


document = Schema("")
expectation = Schema("-expect")
others = {name: Schema("-" + name) for name in ("why", "diff", "doctor")}
record = Schema("", **{"$ref": "#/definitions/ndjson"})
passed = failed = 0


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError(f"a name comes twice: {names}")
    return dict(pairs)


def problems(path):
    with open(path, encoding="utf-8") as f:
        try:
            if path.endswith(".ndjson"):
                n = 0
                for n, text in enumerate(f, 1):
                    doc = json.loads(text, object_pairs_hook=no_duplicates)
                    yield from record.errors(doc, f"line {n}: ")
                if not n:
                    yield "is empty"
                return
            doc = json.load(f, object_pairs_hook=no_duplicates)
        except ValueError as e:
            yield str(e)
            return
    if next(iter(doc), None) not in ("schema_version", "$schema"):
        yield "schema_version is not the first member"
    fitting = document
    if "rules" in doc:
        fitting = expectation
    else:
        fitting = others.get(doc.get("document"), document)
    yield from fitting.errors(doc, "")


for path in sys.argv[1:]:
    found = list(problems(path))
    for line in found[:20]:
        print(f"schema: {path}: {line}")
    if found:
        failed += 1
    else:
        passed += 1
print(f"schema: {passed} passed, {failed} failed, 0 skipped")
sys.exit(1 if failed else 0)
PYTHON
