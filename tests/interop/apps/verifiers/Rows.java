import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Runs every row of the vectors through the servlet filter; one line of JSON for each row. The rows come as lines of words:
 *  see rowsForJava in verifiers.test.mjs. */
public final class Rows {
    private static long now;
    private static String served;
    private static int fetches;

    private static <T> T stub(Class<T> type, Map<String, java.util.function.Function<Object[], Object>> methods) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
            var known = methods.get(method.getName());
            if (known == null) {
                throw new UnsupportedOperationException(method.getName());
            }
            return known.apply(arguments);
        }));
    }

    private static String quoted(String text) {
        return text == null ? "null" : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String word(String hex) {
        return new String(java.util.HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
    }

    private static PortcullisAssertion filter(String issuer, String audience, String required) throws Exception {
        PortcullisAssertion.Fetch fetch = url -> {
            if (!url.equals(issuer + "/.portcullis/jwks.json")) {
                throw new AssertionError(url);
            }
            fetches++;
            if (served == null) {
                throw new IOException("no answer");
            }
            return served;
        };
        var filter = PortcullisAssertion.forTests(fetch, () -> now);
        Map<String, String> config = Map.of("issuer", issuer, "audience", audience, "required", required);
        filter.init(stub(FilterConfig.class, Map.of("getInitParameter", names -> config.get(names[0]))));
        return filter;
    }

    /** One request: what the app saw, or what the filter said. */
    private static String step(PortcullisAssertion filter, List<String[]> headers) throws Exception {
        HttpServletRequest request = stub(HttpServletRequest.class, Map.of(
            "getHeaders", names -> Collections.enumeration(headers.stream().filter(h -> h[0].equalsIgnoreCase((String) names[0])).map(h -> h[1]).toList()),
            "getHeader", names -> headers.stream().filter(h -> h[0].equalsIgnoreCase((String) names[0])).map(h -> h[1]).findFirst().orElse(null),
            "getHeaderNames", names -> Collections.enumeration(headers.stream().map(h -> h[0]).distinct().toList()),
            "getRemoteUser", names -> "of the server"));
        var said = new StringWriter();
        var status = new int[] {200};
        HttpServletResponse response = stub(HttpServletResponse.class, Map.of(
            "setStatus", values -> { status[0] = (int) values[0]; return null; },
            "setContentType", values -> null,
            "setHeader", values -> null,
            "getWriter", values -> new PrintWriter(said, true)));
        var seen = new ArrayList<String>();
        FilterChain app = (given, answer) -> {
            HttpServletRequest got = (HttpServletRequest) given;
            var principal = got.getUserPrincipal();
            if (!java.util.Objects.equals(principal == null ? null : principal.getName(), got.getRemoteUser())) {
                throw new AssertionError("two users");
            }
            List<String> kept = Collections.list(got.getHeaderNames()).stream().map(name -> name.toLowerCase(Locale.ROOT)).filter(name -> name.startsWith("remote-")).sorted().toList();
            for (String[] header : headers) {
                boolean is = got.getHeader(header[0]) != null && got.getHeaders(header[0]).hasMoreElements();
                if (header[0].startsWith("Remote-") && is != kept.contains(header[0].toLowerCase(Locale.ROOT))) {
                    throw new AssertionError(header[0]);
                }
            }
            seen.add("{\"user\":" + quoted(got.getRemoteUser()) + ",\"kept\":[" + String.join(",", kept.stream().map(Rows::quoted).toList()) + "]}");
        };
        filter.doFilter(request, response, app);
        if (status[0] != 200) {
            if (status[0] != 403 || !seen.isEmpty()) {
                throw new AssertionError("status " + status[0]);
            }
            return "{\"refuse\":" + quoted(said.toString().strip()) + "}";
        }
        return seen.get(0);
    }

    public static void main(String[] arguments) throws Exception {
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PortcullisAssertion filter = null;
        var seen = new ArrayList<String>();
        var headers = new ArrayList<String[]>();
        String issuer = null;
        String audience = null;
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "for" -> {
                    issuer = word(words[1]);
                    audience = word(words[2]);
                }
                case "row" -> {
                    filter = filter(issuer, audience, words[1]);
                    fetches = 0;
                    seen.clear();
                }
                case "at" -> {
                    now = Long.parseLong(words[1]);
                    served = words[2].equals("-") ? null : word(words[2]);
                    headers.clear();
                }
                case "header" -> headers.add(new String[] {word(words[1]), word(words[2])});
                case "ask" -> seen.add(step(filter, headers));
                case "done" -> out.println("{\"seen\":[" + String.join(",", seen) + "],\"fetches\":" + fetches + "}");
                default -> throw new AssertionError(line);
            }
        }
    }
}
