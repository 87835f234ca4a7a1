"""Calls Step Functions with boto3: reads [operation, input] lines, writes an answer line for each."""

import json
import sys

import boto3
from botocore import xform_name

client = boto3.client("stepfunctions", endpoint_url=None if sys.argv[1] == "--check" else sys.argv[1])
if sys.argv[1] == "--check":
    sys.exit(0 if hasattr(client, "validate_state_machine_definition") else 1)

for line in sys.stdin:
    operation, given = json.loads(line)
    try:
        answer = getattr(client, xform_name(operation))(**given)
        told = {"answer": answer}
    except Exception as error:  # the other side decides what an error means
        told = {"error": f"{operation}: {error}"}
    print(json.dumps(told, default=str), flush=True)
