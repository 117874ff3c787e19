import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.protocols.jsoncore.JsonWriter;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.chimesdkidentity.ChimeSdkIdentityClient;
import software.amazon.awssdk.services.chimesdkmessaging.ChimeSdkMessagingClient;
import software.amazon.awssdk.utils.builder.Buildable;

/**
 * The Java SDK v2 as a driver of the scenario: one JSON request per line in, one JSON answer per
 * line out. Requests are made and answers read by the fields that every model class of the SDK
 * tells of itself. Endpoint, region and credentials are the SDK's to find in the environment.
 */
public final class Driver {
  private final Map<String, Object> clients;

  private Driver() {
    // An error is to be seen, not repaired by a retry.
    ClientOverrideConfiguration once =
        ClientOverrideConfiguration.builder()
            .retryStrategy(DefaultRetryStrategy.doNotRetry())
            .build();
    clients =
        Map.of(
            "messaging",
            ChimeSdkMessagingClient.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .overrideConfiguration(once)
                .build(),
            "identity",
            ChimeSdkIdentityClient.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .overrideConfiguration(once)
                .build());
  }

  public static void main(String[] arguments) throws Exception {
    PrintStream output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    output.println(write(Map.of("sdk", "aws-sdk-java " + VersionInfo.SDK_VERSION)));
    Driver driver = new Driver();
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      output.println(write(driver.answer(line)));
    }
  }

  private Map<String, Object> answer(String line) {
    try {
      Map<String, JsonNode> request = JsonNode.parser().parse(line).asObject();
      Object client = clients.get(request.get("service").asString());
      Method method = method(client, request.get("operation").asString());
      SdkPojo builder = (SdkPojo) method.getParameterTypes()[0].getMethod("builder").invoke(null);
      SdkPojo response = (SdkPojo) method.invoke(client, filled(builder, request.get("input")));
      return Map.of("output", members(response));
    } catch (InvocationTargetException thrown) {
      if (thrown.getCause() instanceof AwsServiceException error) {
        return Map.of(
            "error", error.getClass().getSimpleName(),
            "class", error.getClass().getName(),
            "message", error.awsErrorDetails().errorMessage());
      }
      return failure(thrown.getCause());
    } catch (Exception failure) {
      return failure(failure);
    }
  }

  private static Map<String, Object> failure(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    return Map.of("failure", trace.toString());
  }

  /** The client's method of an operation that takes a request object. */
  private static Method method(Object client, String operation) {
    String name = Character.toLowerCase(operation.charAt(0)) + operation.substring(1);
    Class<?> type =
        client instanceof ChimeSdkMessagingClient
            ? ChimeSdkMessagingClient.class
            : ChimeSdkIdentityClient.class;
    return Arrays.stream(type.getMethods())
        .filter(method -> method.getName().equals(name) && method.getParameterCount() == 1)
        .filter(method -> SdkPojo.class.isAssignableFrom(method.getParameterTypes()[0]))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no operation " + operation));
  }

  private static Object filled(SdkPojo builder, JsonNode members) {
    for (Map.Entry<String, JsonNode> member : members.asObject().entrySet()) {
      SdkField<?> field =
          builder.sdkFields().stream()
              .filter(candidate -> candidate.memberName().equals(member.getKey()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          builder.getClass() + " has no member " + member.getKey()));
      field.set(builder, decoded(field, member.getValue()));
    }
    return ((Buildable) builder).build();
  }

  /** What the scenario says, as the SDK takes it. */
  private static Object decoded(SdkField<?> field, JsonNode value) {
    MarshallingType<?> type = field.marshallingType();
    if (type == MarshallingType.SDK_POJO) return filled(field.constructor().get(), value);
    if (type == MarshallingType.LIST) {
      SdkField<?> entry = field.getTrait(ListTrait.class).memberFieldInfo();
      return value.asArray().stream().map(node -> decoded(entry, node)).toList();
    }
    if (type == MarshallingType.MAP) {
      SdkField<?> entry = field.getTrait(MapTrait.class).valueFieldInfo();
      Map<String, Object> entries = new LinkedHashMap<>();
      value.asObject().forEach((name, node) -> entries.put(name, decoded(entry, node)));
      return entries;
    }
    if (type == MarshallingType.INSTANT) {
      return Instant.ofEpochMilli(Long.parseLong(value.asObject().get("$date").asNumber()));
    }
    if (type == MarshallingType.INTEGER) return Integer.valueOf(value.asNumber());
    if (type == MarshallingType.LONG) return Long.valueOf(value.asNumber());
    if (type == MarshallingType.DOUBLE) return Double.valueOf(value.asNumber());
    if (type == MarshallingType.BOOLEAN) return value.asBoolean();
    if (type == MarshallingType.STRING) return value.asString();
    throw new IllegalArgumentException(field.memberName() + " is a " + type.getTargetClass());
  }

  private static Map<String, Object> members(SdkPojo pojo) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (SdkField<?> field : pojo.sdkFields()) {
      Object value = field.getValueOrDefault(pojo);
      // The SDK shows an absent list as one of these.
      if (value == null
          || value instanceof SdkAutoConstructList
          || value instanceof SdkAutoConstructMap) continue;
      members.put(field.memberName(), encoded(value));
    }
    return members;
  }

  private static Object encoded(Object value) {
    if (value instanceof SdkPojo pojo) return members(pojo);
    if (value instanceof Instant instant) return Map.of("$date", instant.toEpochMilli());
    if (value instanceof List<?> list) {
      List<Object> entries = new ArrayList<>();
      list.forEach(entry -> entries.add(encoded(entry)));
      return entries;
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> entries = new LinkedHashMap<>();
      map.forEach((name, entry) -> entries.put(name, encoded(entry)));
      return entries;
    }
    return value;
  }

  private static String write(Object document) {
    JsonWriter writer = JsonWriter.create();
    write(writer, document);
    return new String(writer.getBytes(), StandardCharsets.UTF_8);
  }

  private static void write(JsonWriter writer, Object value) {
    if (value instanceof Map<?, ?> map) {
      writer.writeStartObject();
      map.forEach(
          (name, member) -> {
            writer.writeFieldName((String) name);
            write(writer, member);
          });
      writer.writeEndObject();
    } else if (value instanceof List<?> list) {
      writer.writeStartArray();
      list.forEach(entry -> write(writer, entry));
      writer.writeEndArray();
    } else if (value instanceof Boolean truth) {
      writer.writeValue(truth);
    } else if (value instanceof Number number) {
      writer.writeNumber(new BigDecimal(number.toString()).toPlainString());
    } else {
      writer.writeValue((String) value);
    }
  }
}
