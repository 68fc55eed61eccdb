import de.captaingoldfish.scim.sdk.client.ScimClientConfig;
import de.captaingoldfish.scim.sdk.client.ScimRequestBuilder;
import de.captaingoldfish.scim.sdk.client.response.ServerResponse;
import de.captaingoldfish.scim.sdk.common.constants.enums.Comparator;
import de.captaingoldfish.scim.sdk.common.constants.enums.HttpMethod;
import de.captaingoldfish.scim.sdk.common.constants.enums.PatchOp;
import de.captaingoldfish.scim.sdk.common.constants.enums.SortOrder;
import de.captaingoldfish.scim.sdk.common.resources.Group;
import de.captaingoldfish.scim.sdk.common.resources.User;
import de.captaingoldfish.scim.sdk.common.request.PatchOpRequest;
import de.captaingoldfish.scim.sdk.common.request.PatchRequestOperation;
import de.captaingoldfish.scim.sdk.common.resources.EnterpriseUser;
import de.captaingoldfish.scim.sdk.common.resources.complex.Manager;
import de.captaingoldfish.scim.sdk.common.resources.complex.Name;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Email;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Member;
import de.captaingoldfish.scim.sdk.common.response.BulkResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Uses the client of SCIM-SDK, which Keycloak's plugins are built on, and prints one JSON line for each step. An answer
 * counts only if the client takes it for a success, headers included.
 * Usage: java ScimSdk.java BASE_URL TOKEN
 */
public class ScimSdk {
  static User user;
  static Group group;
  static BulkResponse made;
  static final List<User> people = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    var config = ScimClientConfig.builder().connectTimeout(10).requestTimeout(30).socketTimeout(30)
        .httpHeaders(Map.of("Authorization", "Bearer " + args[1])).build();
    var scim = new ScimRequestBuilder(args[0], config);

    step("service provider configuration", () -> scim.loadServiceProviderConfiguration().getPatchConfig().isSupported());
    step("schemas and resource types", () -> good(scim.loadMetaConfiguration().sendRequest()) != null);
    step("create a user", () -> {
      user = good(scim.create(User.class, "/Users").setResource(User.builder().userName("ada@scim-sdk.example").active(true)
          .name(Name.builder().givenName("Ada").familyName("Lovelace").build())
          .emails(List.of(Email.builder().value("ada@scim-sdk.example").type("work").primary(true).build()))
          .build()).sendRequest()).getResource();
      return user.getId().isPresent();
    });
    step("a second user of the same userName conflicts", () -> {
      var response = scim.create(User.class, "/Users").setResource(User.builder().userName("ADA@scim-sdk.example").build()).sendRequest();
      return response.getHttpStatus() == 409 && response.getErrorResponse().getScimType().orElse("").equals("uniqueness");
    });
    step("create 12 users more", () -> {
      for (var number = 0; number < 12; number++) {
        var person = User.builder().userName("person" + number + "@scim-sdk.example").build();
        people.add(good(scim.create(User.class, "/Users").setResource(person).sendRequest()).getResource());
      }
      return true;
    });
    step("read a user", () -> read(scim).getUserName().orElse("").equals("ada@scim-sdk.example"));
    step("a user that is not there", () -> scim.get(User.class, "/Users", "00000000-0000-0000-0000-000000000000")
        .sendRequest().getHttpStatus() == 404);
    step("find a user by userName", () -> good(scim.list(User.class, "/Users").filter("userName", Comparator.EQ, "ada@scim-sdk.example")
        .build().get().sendRequest()).getResource().getTotalResults() == 1);
    step("a page, sorted", () -> good(scim.list(User.class, "/Users").filter("userName", Comparator.SW, "person").build()
        .sortBy("userName").sortOrder(SortOrder.DESCENDING).count(3).get().sendRequest())
        .getResource().getListedResources().size() == 3);
    step("a page by POST", () -> good(scim.list(User.class, "/Users").filter("userName", Comparator.SW, "person").build()
        .startIndex(11).count(5).post().sendRequest()).getResource().getListedResources().size() == 2);
    step("all users, page by page", () -> ((ServerResponse<?>) scim.list(User.class, "/Users").count(5).get().getAll()).isSuccess());
    step("replace a value", () -> {
      good(scim.patch(User.class, "/Users", idOfUser()).addOperation().op(PatchOp.REPLACE).path("name.familyName").value("King")
          .build().sendRequest());
      return read(scim).getName().get().getFamilyName().orElse("").equals("King");
    });
    step("deactivate", () -> {
      good(scim.patch(User.class, "/Users", idOfUser()).addOperation().op(PatchOp.REPLACE).path("active").value("false")
          .build().sendRequest());
      return !read(scim).isActive().orElse(true);
    });
    step("activate without a path", () -> {
      good(scim.patch(User.class, "/Users", idOfUser()).addOperation().op(PatchOp.REPLACE)
          .valueNode(User.builder().active(true).build()).build().sendRequest());
      return read(scim).isActive().orElse(false);
    });
    step("replace a user with If-Match", () -> {
      var response = good(scim.get(User.class, "/Users", idOfUser()).sendRequest());
      var changed = response.getResource();
      changed.setDisplayName("Ada K.");
      good(scim.update(User.class, "/Users", idOfUser()).setResource(changed).setETagForIfMatch(response.getHttpHeaders().get("ETag"))
          .sendRequest());
      return read(scim).getDisplayName().orElse("").equals("Ada K.");
    });
    step("create a group with members", () -> {
      var members = new ArrayList<Member>();
      for (var person : people.subList(0, 10)) members.add(Member.builder().value(person.getId().get()).build());
      group = good(scim.create(Group.class, "/Groups").setResource(Group.builder().displayName("SCIM-SDK").members(members).build())
          .sendRequest()).getResource();
      return members(scim) == 10;
    });
    step("add a member", () -> {
      var member = Member.builder().value(people.get(10).getId().get()).build();
      good(scim.patch(Group.class, "/Groups", idOfGroup()).addOperation().op(PatchOp.ADD).path("members").valueNode(member)
          .build().sendRequest());
      return members(scim) == 11;
    });
    step("remove a member", () -> {
      var path = "members[value eq \"" + people.get(0).getId().get() + "\"]";
      good(scim.patch(Group.class, "/Groups", idOfGroup()).addOperation().op(PatchOp.REMOVE).path(path).build().sendRequest());
      return members(scim) == 10;
    });
    step("replace a group without members", () -> {
      good(scim.update(Group.class, "/Groups", idOfGroup()).setResource(Group.builder().displayName("SCIM-SDK").build()).sendRequest());
      return members(scim) == 0;
    });
    step("a Bulk creates users who manage each other and a group of them, which comes first", () -> {
      var members = List.of(Member.builder().value("bulkId:eve").build(), Member.builder().value("bulkId:fay").build());
      made = good(scim.bulk()
          .bulkRequestOperation("/Groups").method(HttpMethod.POST).bulkId("crew")
          .data(Group.builder().displayName("Bulk").members(members).build()).next()
          .bulkRequestOperation("/Users").method(HttpMethod.POST).bulkId("eve").data(managed("eve", "fay")).next()
          .bulkRequestOperation("/Users").method(HttpMethod.POST).bulkId("fay").data(managed("fay", "eve"))
          .sendRequest()).getResource();
      var eve = good(scim.get(User.class, "/Users", idMade("eve")).sendRequest()).getResource();
      var crew = good(scim.get(Group.class, "/Groups", idMade("crew")).sendRequest()).getResource();
      return crew.getMembers().size() == 2
          && eve.getEnterpriseUser().get().getManager().get().getValue().equals(java.util.Optional.of(idMade("fay")));
    });
    step("a Bulk changes, replaces and deletes, and says what failed", () -> {
      var title = PatchRequestOperation.builder().op(PatchOp.REPLACE).path("title").value("Engineer").build();
      var results = scim.bulk()
          .bulkRequestOperation("/Users", idMade("eve")).method(HttpMethod.PATCH).bulkId("1")
          .data(PatchOpRequest.builder().operations(List.of(title)).build()).next()
          .bulkRequestOperation("/Users", idMade("fay")).method(HttpMethod.PUT).bulkId("2")
          .data(User.builder().userName("fay@scim-sdk.example").nickName("F").build()).next()
          .bulkRequestOperation("/Groups", idMade("crew")).method(HttpMethod.DELETE).bulkId("3").next()
          .bulkRequestOperation("/Users").method(HttpMethod.POST).bulkId("4")
          .data(User.builder().userName("EVE@scim-sdk.example").build()).sendRequest().getResource().getBulkResponseOperations();
      var statuses = results.stream().map(result -> result.getStatus()).toList();
      return statuses.equals(List.of(200, 200, 204, 409));
    });
    step("a Bulk ends at its first error", () -> {
      var results = scim.bulk().failOnErrors(1)
          .bulkRequestOperation("/Users", idMade("crew")).method(HttpMethod.DELETE).bulkId("1").next()
          .bulkRequestOperation("/Users", idMade("eve")).method(HttpMethod.DELETE).bulkId("2").sendRequest()
          .getResource().getBulkResponseOperations();
      return results.size() == 1 && results.get(0).getStatus() == 404;
    });
    step("delete a group", () -> scim.delete(Group.class, "/Groups", idOfGroup()).sendRequest().isSuccess());
    step("delete a user", () -> scim.delete(User.class, "/Users", idOfUser()).sendRequest().isSuccess()
        && scim.get(User.class, "/Users", idOfUser()).sendRequest().getHttpStatus() == 404);
  }

  static String idMade(String bulkId) {
    var location = made.getByBulkId(bulkId).get().getLocation().get();
    return location.substring(location.lastIndexOf('/') + 1);
  }

  static User managed(String name, String manager) {
    var enterprise = EnterpriseUser.builder().manager(Manager.builder().value("bulkId:" + manager).build()).build();
    return User.builder().userName(name + "@scim-sdk.example").enterpriseUser(enterprise).build();
  }

  static String idOfUser() { return user.getId().get(); }

  static String idOfGroup() { return group.getId().get(); }

  static User read(ScimRequestBuilder scim) { return good(scim.get(User.class, "/Users", idOfUser()).sendRequest()).getResource(); }

  static int members(ScimRequestBuilder scim) {
    return good(scim.get(Group.class, "/Groups", idOfGroup()).sendRequest()).getResource().getMembers().size();
  }

  static <T extends de.captaingoldfish.scim.sdk.common.resources.base.ScimObjectNode> ServerResponse<T> good(ServerResponse<T> response) {
    if (response.isSuccess()) return response;
    throw new IllegalStateException(response.getHttpStatus() + " " + response.getResponseBody());
  }

  static void step(String name, Callable<Boolean> check) {
    var passed = false;
    var detail = "";
    try {
      passed = check.call();
    } catch (Exception error) {
      detail = error.toString();
    }
    System.out.printf("{\"name\":\"%s\",\"passed\":%b,\"detail\":\"%s\"}%n", name, passed, escape(detail));
  }

  static String escape(String text) {
    return text.replaceAll("\\s+", " ").replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
