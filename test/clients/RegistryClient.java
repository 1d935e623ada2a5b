// Drives a schema registry with Confluent's own Java client, as it is packed into Flink's avro-confluent format.
import java.util.Map;

import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.ParsedSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;

public class RegistryClient {
    interface Action {
        Object run() throws Exception;
    }

    static void show(String name, Action action) throws Exception {
        try {
            System.out.println(name + "=" + action.run());
        } catch (RestClientException refused) {
            System.out.println(name + "=" + refused.getStatus() + " " + refused.getErrorCode());
        }
    }

    public static void main(String[] args) throws Exception {
        CachedSchemaRegistryClient client = new CachedSchemaRegistryClient(args[0], 100);
        ParsedSchema user = new AvroSchema(
            "{\"type\":\"record\",\"name\":\"User\",\"namespace\":\"n\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"}]}");
        ParsedSchema withAge = new AvroSchema(
            "{\"type\":\"record\",\"name\":\"User\",\"namespace\":\"n\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"},{\"name\":\"age\",\"type\":\"int\"}]}");
        show("register", () -> client.register("users", user));
        show("register again", () -> new CachedSchemaRegistryClient(args[0], 100).register("users", user));
        show("by id", () -> client.getSchemaById(1).canonicalString().equals(user.canonicalString()));
        show("id", () -> client.getId("users", user));
        show("version", () -> client.getVersion("users", user));
        show("latest", () -> client.getLatestSchemaMetadata("users").getVersion());
        show("versions", () -> client.getAllVersions("users"));
        show("subjects", () -> client.getAllSubjects());
        show("subjects of id", () -> client.getAllSubjectsById(1));
        show("compatible", () -> client.testCompatibility("users", withAge));
        show("why", () -> client.testCompatibilityVerbose("users", withAge).get(0).contains("READER_FIELD_MISSING_DEFAULT_VALUE"));
        show("incompatible", () -> client.register("users", withAge));
        show("level", () -> client.updateCompatibility("users", "FORWARD"));
        show("level read", () -> client.getCompatibility("users"));
        show("forward", () -> client.register("users", withAge));
        show("mode", () -> client.setMode("READONLY", "users"));
        show("mode read", () -> client.getMode("users"));
        show("read only", () -> client.register("users", new AvroSchema("\"long\"")));
        show("mode back", () -> client.setMode("READWRITE", "users"));
        show("missing id", () -> client.getSchemaById(77));
        show("missing subject", () -> client.getLatestSchemaMetadata("nobody"));
        show("missing version", () -> client.getSchemaMetadata("users", 9));
        show("delete version", () -> client.deleteSchemaVersion(Map.of(), "users", "2"));
        show("delete subject", () -> client.deleteSubject(Map.of(), "users", false));
        show("delete for good", () -> client.deleteSubject(Map.of(), "users", true));
    }
}
