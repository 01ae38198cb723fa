import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.index.mapper.MapperExtrasPlugin;
import org.opensearch.join.ParentJoinPlugin;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.transport.Netty4Plugin;

/** OpenSearch on a port of 127.0.0.1, which is the first line of its output. It ends with its input. */
class SearchNode extends Node {
    SearchNode(Settings settings) {
        super(new Environment(settings, null), List.of(Netty4Plugin.class, CommonAnalysisPlugin.class, PainlessPlugin.class,
            MapperExtrasPlugin.class, ParentJoinPlugin.class), false);
    }

    public static void main(String[] arguments) throws Exception {
        Files.createDirectories(Path.of(arguments[0], "config"));
        SearchNode node = new SearchNode(Settings.builder()
            .put("path.home", arguments[0])
            .put("node.name", "peer")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", "0")
            .put("transport.port", "0")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .put("cluster.max_shards_per_node", 5000)
            .build());
        node.start();
        System.out.println(node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress().getPort());
        while (System.in.read() >= 0) {
        }
        Runtime.getRuntime().halt(0);
    }
}
