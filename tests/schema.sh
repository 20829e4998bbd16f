#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# schema.sh [DOCUMENT...]: validates JSON documents, by default the golden ones,
# against the schema in include/ that fits (a document, NDJSON, an expectation)
# with python3-jsonschema. Ends with one counted line; exit 1 if one does not
# conform.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125

if ! python3 -c 'import jsonschema' 2>/dev/null; then
	echo "schema: 0 passed, 0 failed, 1 skipped (python3-jsonschema is not installed)"
	exit 0
fi
if [[ $# -eq 0 ]]; then
	set -- tests/golden/render/*.json
fi
exec python3 - "$@" <<'PYTHON'
import json
import sys

import jsonschema



def validator(name):
    with open(f"include/folio-trace{name}.schema.json", encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


document = validator("")
expectation = validator("-expect")
why = validator("-why")
line = jsonschema.Draft7Validator({**document.schema, "$ref": "#/definitions/ndjson"})
passed = failed = 0


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError(f"a name comes twice: {names}")
    return dict(pairs)


def errors(fitting, doc, place):
    for e in fitting.iter_errors(doc):
        where = "/".join(str(p) for p in e.absolute_path)
        yield f"{place}{where or 'document'}: {e.message[:300]}"


def problems(path):
    with open(path, encoding="utf-8") as f:
        try:
            if path.endswith(".ndjson"):
                n = 0
                for n, text in enumerate(f, 1):
                    doc = json.loads(text, object_pairs_hook=no_duplicates)
                    yield from errors(line, doc, f"line {n}: ")
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
    elif doc.get("document") == "why":
        fitting = why
    yield from errors(fitting, doc, "")


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
