import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Starts one OpenSearch node from an unpacked distribution and stops it when standard input ends.
 *
 * It builds org.opensearch.node.Node from the config folder, as OpenSearch's own main class does, but leaves out
 * that class's native set-up (root refusal, system call filter, memory lock) and its bootstrap checks. Modules and plugins are
 * loaded from the home's modules/ and plugins/ folders, each in its own class loader, as in a normal install.
 *
 * Reflection only: any JDK from 11 on compiles it, without OpenSearch's jars, for every OpenSearch line.
 *
 * Usage: java ... Launcher HOME CONF
 */
public final class Launcher {
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    Path conf = Path.of(args[1]);

    Class<?> settingsClass = Class.forName("org.opensearch.common.settings.Settings");
    Class<?> environmentClass = Class.forName("org.opensearch.env.Environment");
    Class<?> nodeClass = Class.forName("org.opensearch.node.Node");
    Supplier<String> nodeName = () -> "node";
    Object env = Class.forName("org.opensearch.node.InternalSettingsPreparer")
        .getMethod("prepareEnvironment", settingsClass, Map.class, Path.class, Supplier.class)
        .invoke(null, settingsClass.getField("EMPTY").get(null), Map.of("path.home", home.toString()), conf, nodeName);

    Class<?> logs = Class.forName("org.opensearch.common.logging.LogConfigurator");
    logs.getMethod("registerErrorListener").invoke(null);
    logs.getMethod("setNodeName", String.class).invoke(null, nodeName.get());
    logs.getMethod("configure", environmentClass).invoke(null, env);

    Object node = nodeClass.getConstructor(environmentClass).newInstance(env);
    Thread stop = new Thread(() -> close(nodeClass, node), "stop");
    Runtime.getRuntime().addShutdownHook(stop); // SIGTERM and SIGINT
    nodeClass.getMethod("start").invoke(node);

    while (System.in.read() >= 0) {
      // whatever the parent writes is ignored; the end of its pipe is the signal
    }
    System.exit(0);
  }

  private static void close(Class<?> nodeClass, Object node) {
    try {
      nodeClass.getMethod("close").invoke(node);
      Method await = nodeClass.getMethod("awaitClose", long.class, TimeUnit.class);
      await.invoke(node, 10L, TimeUnit.SECONDS);
    } catch (ReflectiveOperationException e) {
      e.printStackTrace();
    }
  }
}
