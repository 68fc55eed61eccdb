"""Uses scim2-client the way a synchronization would and prints one JSON line for each step.

Every answer is validated by the client against the schemas that the server publishes.
Usage: scim2_client_sync.py BASE_URL TOKEN
"""

import json
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import PatchOp, PatchOperation, SearchRequest

base, token = sys.argv[1:]
scim = SyncSCIMClient(Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=30))
scim.discover()
User = scim.get_resource_model("User")
Group = scim.get_resource_model("Group")
found = {}


def step(name):
    def run(check):
        try:
            passed, detail = bool(check()), ""
        except Exception as error:  # every failure is a line of the report
            passed, detail = False, " ".join(f"{type(error).__name__}: {error}".split())
        print(json.dumps({"name": name, "passed": passed, "detail": detail}), flush=True)

    return run


def keep(name, resource):
    found[name] = resource
    return resource


def patch(resource, *operations):
    change = PatchOp[type(resource)](operations=[PatchOperation(**operation) for operation in operations])
    return scim.modify(type(resource), resource.id, change)


@step("create a user")
def _():
    user = User(user_name="ada@sync.example", active=True)
    user.name = User.Name(given_name="Ada", family_name="Lovelace")
    user.emails = [User.Emails(value="ada@sync.example", type="work", primary=True)]
    return keep("ada", scim.create(user)).id


@step("create 12 users more")
def _():
    names = [f"person{number}@sync.example" for number in range(12)]
    found["people"] = [scim.create(User(user_name=name, active=True)) for name in names]
    return len({person.id for person in found["people"]}) == 12


@step("read a user")
def _():
    return scim.query(User, found["ada"].id).user_name == "ada@sync.example"


@step("find a user by userName")
def _():
    search = SearchRequest(filter='userName eq "ADA@sync.example"')
    return [user.id for user in scim.query(User, query_parameters=search).resources] == [found["ada"].id]


@step("walk all users in pages of 5")
def _():
    seen = []
    while True:
        page = scim.query(User, query_parameters=SearchRequest(start_index=len(seen) + 1, count=5))
        seen += [user.id for user in page.resources or []]
        if len(seen) >= page.total_results:
            return len(seen) == len(set(seen)) == page.total_results


@step("search over all types, sorted")
def _():
    search = SearchRequest(filter='meta.resourceType eq "User"', sort_by="userName", count=3)
    return len(scim.search(search).resources) == 3


@step("only the attributes that are asked for")
def _():
    search = SearchRequest(attributes=["userName"], count=1)
    user = scim.query(User, query_parameters=search).resources[0]
    return user.user_name is not None and user.emails is None


@step("deactivate a user")
def _():
    patch(found["ada"], {"op": "replace", "path": "active", "value": False})
    return scim.query(User, found["ada"].id).active is False


@step("replace a user")
def _():
    user = scim.query(User, found["ada"].id)
    user.active = True
    user.name.family_name = "King"
    return scim.replace(user).name.family_name == "King"


@step("create a group with members")
def _():
    members = [Group.Members(value=person.id) for person in found["people"][:10]]
    group = keep("group", scim.create(Group(display_name="Synchronized", members=members)))
    return len(scim.query(Group, group.id).members) == 10


@step("add two members and remove one")
def _():
    added = [{"value": person.id} for person in found["people"][10:]]
    patch(
        found["group"],
        {"op": "add", "path": "members", "value": added},
        {"op": "remove", "path": f'members[value eq "{found["people"][0].id}"]'},
    )
    expected = {person.id for person in found["people"][1:]}
    return {member.value for member in scim.query(Group, found["group"].id).members} == expected


@step("rename a group")
def _():
    patch(found["group"], {"op": "replace", "path": "displayName", "value": "Renamed"})
    return scim.query(Group, found["group"].id).display_name == "Renamed"


@step("delete a group and a user")
def _():
    scim.delete(Group, found["group"].id)
    scim.delete(User, found["ada"].id)
    search = SearchRequest(filter='userName eq "ada@sync.example"')
    return scim.query(User, query_parameters=search).total_results == 0
