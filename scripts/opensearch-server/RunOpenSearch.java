import java.util.concurrent.CompletableFuture;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * One OpenSearch node in this process, until SIGTERM or until another process ends.
 *
 * <p>Every system property {@code set.KEY} becomes the node setting {@code KEY}. {@code end.with=PID} names the process
 * that the node must not outlive. The arguments are those of the runner, whose own {@code main} hides errors and
 * chooses the port itself.
 */
public final class RunOpenSearch {
    private static final String SETTING = "set.";
    private static final long CLOSE_MILLISECONDS = 15_000;

    public static void main(String[] args) throws Exception {
        OpenSearchRunner runner = new OpenSearchRunner();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(runner)));
        Long owner = Long.getLong("end.with");
        if (owner != null) {
            ProcessHandle.of(owner)
                    .<CompletableFuture<?>>map(ProcessHandle::onExit)
                    .orElseGet(() -> CompletableFuture.completedFuture(null))
                    .thenRunAsync(() -> System.exit(0));
        }
        runner.onBuild((number, settings) -> {
            for (String key : System.getProperties().stringPropertyNames()) {
                if (key.startsWith(SETTING)) {
                    settings.put(key.substring(SETTING.length()), System.getProperty(key));
                }
            }
        });
        try {
            runner.build(args);
        } catch (Throwable problem) {
            problem.printStackTrace();
            System.exit(1);
        }
        Thread.currentThread().join();
    }

    private static void close(OpenSearchRunner runner) {
        Thread watchdog = new Thread(() -> {
            try {
                Thread.sleep(CLOSE_MILLISECONDS);
            } catch (InterruptedException e) {
                return;
            }
            Runtime.getRuntime().halt(2);
        });
        watchdog.setDaemon(true);
        watchdog.start();
        try {
            runner.close();
        } catch (Exception problem) {
            problem.printStackTrace();
        }
    }
}
