import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.common.exceptions.PreconditionFailedException;
import com.unboundid.scim2.common.exceptions.ResourceConflictException;
import com.unboundid.scim2.common.exceptions.ResourceNotFoundException;
import com.unboundid.scim2.common.messages.SortOrder;
import com.unboundid.scim2.common.types.Email;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.Member;
import com.unboundid.scim2.common.types.Name;
import com.unboundid.scim2.common.types.UserResource;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.ClientRequestFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.glassfish.jersey.apache.connector.ApacheConnectorProvider;
import org.glassfish.jersey.client.ClientConfig;

/**
 * Uses the UnboundID SCIM 2 SDK the way a synchronization would and prints one JSON line for each step.
 * Usage: java UnboundIdSdk.java BASE_URL TOKEN
 */
public class UnboundIdSdk {
  static UserResource user;
  static GroupResource group;
  static final List<UserResource> people = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    var config = new ClientConfig().connectorProvider(new ApacheConnectorProvider());
    ClientRequestFilter authorize = request -> request.getHeaders().putSingle("Authorization", "Bearer " + args[1]);
    var scim = new ScimService(ClientBuilder.newClient(config).register(authorize).target(args[0]));

    step("service provider configuration", () -> scim.getServiceProviderConfig().getPatch().isSupported());
    step("resource types", () -> scim.getResourceTypes().getTotalResults() >= 2);
    step("one resource type", () -> scim.getResourceType("User").getEndpoint().toString().endsWith("/Users"));
    step("schemas", () -> scim.getSchemas().getTotalResults() >= 3);
    step("one schema", () -> scim.getSchema("urn:ietf:params:scim:schemas:core:2.0:User").getAttributes().size() > 10);
    step("create a user", () -> {
      var given = new UserResource().setUserName("ada@unboundid.example").setActive(true);
      given.setName(new Name().setGivenName("Ada").setFamilyName("Lovelace"));
      given.setEmails(new Email().setValue("ada@unboundid.example").setType("work").setPrimary(true));
      user = scim.create("Users", given);
      return user.getId() != null && user.getMeta().getVersion() != null;
    });
    step("a second user of the same userName conflicts", () -> throwsA(ResourceConflictException.class,
        () -> scim.create("Users", new UserResource().setUserName("ADA@unboundid.example"))));
    step("create 12 users more", () -> {
      for (var number = 0; number < 12; number++) {
        people.add(scim.create("Users", new UserResource().setUserName("person" + number + "@unboundid.example")));
      }
      return true;
    });
    step("read a user by id", () -> scim.retrieve("Users", user.getId(), UserResource.class).getUserName().startsWith("ada"));
    step("read a user by location", () -> scim.retrieve(user).getId().equals(user.getId()));
    step("read some attributes", () -> scim.retrieveRequest("Users", user.getId()).attributes("userName")
        .invoke(UserResource.class).getEmails() == null);
    step("read without some attributes", () -> scim.retrieveRequest("Users", user.getId()).excludedAttributes("emails")
        .invoke(UserResource.class).getEmails() == null);
    step("find a user by userName", () -> idsOf(scim.search("Users", "userName eq \"ada@unboundid.example\"", UserResource.class))
        .equals(List.of(user.getId())));
    step("find a user by an e-mail", () -> idsOf(scim.search("Users", "emails[type eq \"work\" and value co \"ada@\"]", UserResource.class))
        .equals(List.of(user.getId())));
    step("a page, sorted", () -> {
      var page = scim.searchRequest("Users").filter("userName sw \"person\"").sort("userName", SortOrder.DESCENDING)
          .page(1, 3).invoke(UserResource.class);
      return page.getTotalResults() == 12 && page.getResources().get(0).getUserName().startsWith("person9");
    });
    step("a page by POST", () -> scim.searchRequest("Users").filter("userName sw \"person\"").page(11, 5)
        .invokePost(UserResource.class).getResources().size() == 2);
    step("a page by cursor", () -> {
      var ids = new HashSet<String>();
      var page = scim.searchRequest("Users").firstPageCursorWithCount(5).invoke(UserResource.class);
      while (true) {
        page.getResources().forEach(each -> ids.add(each.getId()));
        if (page.getNextCursor() == null) return ids.size() >= 13;
        page = scim.searchRequest("Users").pageWithCursor(page.getNextCursor(), 5).invoke(UserResource.class);
      }
    });
    step("replace a value", () -> {
      user = scim.modifyRequest(user).replaceValue("name.familyName", "King").invoke();
      return scim.retrieve(user).getName().getFamilyName().equals("King");
    });
    step("replace a value of the work e-mail", () -> {
      scim.modifyRequest(user).replaceValue("emails[type eq \"work\"].value", "ada.king@unboundid.example").invoke();
      return scim.retrieve(user).getEmails().get(0).getValue().equals("ada.king@unboundid.example");
    });
    step("add an e-mail", () -> {
      scim.modifyRequest(user).addValues("emails", new Email().setValue("ada@home.example").setType("home")).invoke();
      return scim.retrieve(user).getEmails().size() == 2;
    });
    step("remove an e-mail", () -> {
      scim.modifyRequest(user).removeValues("emails[type eq \"home\"]").invoke();
      return scim.retrieve(user).getEmails().size() == 1;
    });
    step("remove an attribute", () -> {
      scim.modifyRequest(user).removeValues("name").invoke();
      return scim.retrieve(user).getName() == null;
    });
    step("deactivate and activate", () -> {
      scim.modifyRequest(user).replaceValue("active", false).invoke();
      var off = scim.retrieve(user).getActive();
      scim.modifyRequest(user).replaceValue("active", true).invoke();
      return !off && scim.retrieve(user).getActive();
    });
    step("replace a user", () -> {
      user = scim.retrieve(user);
      return scim.replace(user.setDisplayName("Ada K.")).getDisplayName().equals("Ada K.");
    });
    step("an old version is refused", () -> throwsA(PreconditionFailedException.class,
        () -> scim.replaceRequest(user.setDisplayName("Too late")).ifMatch().invoke()));
    step("create a group with members", () -> {
      var members = new ArrayList<Member>();
      people.subList(0, 10).forEach(person -> members.add(new Member().setValue(person.getId())));
      group = scim.create("Groups", new GroupResource().setDisplayName("UnboundID").setMembers(members));
      return scim.retrieve(group).getMembers().size() == 10;
    });
    step("add a member", () -> {
      scim.modifyRequest(group).addValues("members", new Member().setValue(people.get(10).getId())).invoke();
      return scim.retrieve(group).getMembers().size() == 11;
    });
    step("remove a member", () -> {
      scim.modifyRequest(group).removeValues("members[value eq \"" + people.get(0).getId() + "\"]").invoke();
      return scim.retrieve(group).getMembers().size() == 10;
    });
    step("a member who is inactive is kept", () -> {
      scim.modifyRequest(people.get(1)).replaceValue("active", false).invoke();
      return scim.retrieve(group).getMembers().size() == 10;
    });
    step("groups of a user", () -> scim.retrieve(people.get(2)).getGroups().size() == 1);
    step("replace a group without members", () -> {
      scim.replace(scim.retrieve(group).setMembers((List<Member>) null));
      var members = scim.retrieve(group).getMembers();
      return members == null || members.isEmpty();
    });
    step("delete a group", () -> {
      scim.delete(group);
      return throwsA(ResourceNotFoundException.class, () -> scim.retrieve(group));
    });
    step("delete a user", () -> {
      scim.deleteRequest("Users", user.getId()).invoke();
      return throwsA(ResourceNotFoundException.class, () -> scim.retrieve(user));
    });
  }

  static List<String> idsOf(Iterable<UserResource> users) {
    var ids = new ArrayList<String>();
    users.forEach(each -> ids.add(each.getId()));
    return ids;
  }

  static boolean throwsA(Class<? extends Exception> expected, Callable<?> act) throws Exception {
    try {
      act.call();
      return false;
    } catch (Exception error) {
      if (expected.isInstance(error)) return true;
      throw error;
    }
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
