import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Principal;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Checks the gate's signed assertion ({@code X-Portcullis-Assertion}) before a servlet app (Servlet 5 or newer, Java 17).
 *
 * <p>{@code getRemoteUser()} and {@code getUserPrincipal()} are the person of the assertion, and nothing else ever is.
 * {@code Remote-*} headers stay only beside a {@code Remote-User} that is the same person. One file to copy; map it to
 * {@code /*} before every other filter, with the init parameters {@code issuer} (the site's public address), {@code audience}
 * (the app's id in the policy), and, where they differ from the default, {@code jwks} (where the app reaches the gate's
 * keys) and {@code required} ({@code false}: without an assertion a request goes on without a person).
 */
public final class PortcullisAssertion implements Filter {
    private static final String HEADER = "X-Portcullis-Assertion";
    private static final int MAX_LENGTH = 8192;
    private static final long LEEWAY_SECS = 60; // clocks differ
    private static final long RETRY_SECS = 60; // between two requests for the keys, so that made-up key ids cost nothing
    private static final long REFRESH_SECS = 300; // a withdrawn key is no longer taken after this
    private static final long KEEP_SECS = 3600; // unless the gate cannot be asked, then after this
    private static final int MAX_DEPTH = 8;
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f]");
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]{0,14})");

    /** Why an assertion is not taken: the message is a code of the verifiers. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String code) {
            super(code);
        }
    }

    /** Where the keys come from. */
    public interface Fetch {
        String get(String url) throws IOException;
    }

    private String issuer;
    private String audience;
    private String jwks;
    private boolean required = true;
    private final Fetch fetch;
    private final LongSupplier clock;
    private Map<String, PublicKey> keys = Map.of();
    private long fetched = Long.MIN_VALUE / 2;
    private long tried = Long.MIN_VALUE / 2;

    /** For a container, which calls {@link #init}. */
    public PortcullisAssertion() {
        this(PortcullisAssertion::download, () -> System.currentTimeMillis() / 1000);
    }

    private PortcullisAssertion(Fetch fetch, LongSupplier clock) {
        this.fetch = fetch;
        this.clock = clock;
    }

    /** With keys and seconds from somewhere else. */
    static PortcullisAssertion forTests(Fetch fetch, LongSupplier clock) {
        return new PortcullisAssertion(fetch, clock);
    }

    @Override
    public void init(FilterConfig config) throws ServletException {
        issuer = config.getInitParameter("issuer");
        audience = config.getInitParameter("audience");
        if (issuer == null || issuer.isEmpty() || audience == null || audience.isEmpty()) {
            throw new ServletException("PortcullisAssertion needs the init parameters issuer and audience");
        }
        String address = config.getInitParameter("jwks");
        jwks = address != null ? address : issuer + "/.portcullis/jwks.json";
        required = !"false".equals(config.getInitParameter("required"));
    }

    @Override
    public void doFilter(ServletRequest plain, ServletResponse answer, FilterChain chain) throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) plain;
        List<String> texts = Collections.list(request.getHeaders(HEADER));
        String user = null;
        if (required || !texts.isEmpty()) {
            try {
                if (texts.size() > 1) {
                    throw new Refused("ASSERTION_MALFORMED");
                }
                user = (String) verify(texts.isEmpty() ? "" : texts.get(0)).get("sub");
            } catch (Refused refused) {
                HttpServletResponse response = (HttpServletResponse) answer;
                response.setStatus(HttpServletResponse.SC_FORBIDDEN);
                response.setContentType("text/plain;charset=utf-8");
                response.setHeader("Cache-Control", "no-store");
                response.getWriter().println(refused.getMessage());
                return;
            }
        }
        chain.doFilter(new Person(request, user), answer);
    }

    /** The claims; {@code sub} is the person. */
    public Map<String, Object> verify(String text) throws Refused {
        if (text.isEmpty()) {
            throw new Refused("ASSERTION_MISSING");
        }
        if (text.length() > MAX_LENGTH || !SHAPE.matcher(text).matches()) {
            throw new Refused("ASSERTION_MALFORMED");
        }
        String[] parts = text.split("\\.", -1);
        Map<String, Object> header = flat(decode(parts[0]));
        byte[] payload = decode(parts[1]);
        byte[] signature = decode(parts[2]);
        if (!"ES256".equals(header.get("alg")) || !"JWT".equals(header.get("typ")) || header.containsKey("crit")) {
            throw new Refused("ASSERTION_ALGORITHM");
        }
        PublicKey key = header.get("kid") instanceof String kid ? key(kid) : null;
        if (key == null) {
            throw new Refused("ASSERTION_KEY");
        }
        if (!isSigned(parts[0] + "." + parts[1], signature, key)) {
            throw new Refused("ASSERTION_SIGNATURE");
        }
        Map<String, Object> claims = flat(payload);
        if (!issuer.equals(claims.get("iss"))) {
            throw new Refused("ASSERTION_ISSUER");
        }
        if (!audience.equals(claims.get("aud"))) {
            throw new Refused("ASSERTION_AUDIENCE");
        }
        long now = clock.getAsLong();
        boolean isTimely = claims.get("iat") instanceof Long iat && claims.get("exp") instanceof Long exp
            && iat <= now + LEEWAY_SECS && exp > now - LEEWAY_SECS;
        if (!isTimely) {
            throw new Refused("ASSERTION_TIME");
        }
        if (!(claims.get("sub") instanceof String subject) || subject.isEmpty() || CONTROL.matcher(subject).find()) {
            throw new Refused("ASSERTION_SUBJECT");
        }
        return claims;
    }

    private static boolean isSigned(String text, byte[] signature, PublicKey key) {
        // Java 15 to 17.0.2 took r = 0 or s = 0 as the signature of anything (CVE-2022-21449).
        boolean hasZero = signature.length != 64
            || new BigInteger(1, Arrays.copyOf(signature, 32)).signum() == 0
            || new BigInteger(1, Arrays.copyOfRange(signature, 32, 64)).signum() == 0;
        if (hasZero) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
            verifier.initVerify(key);
            verifier.update(text.getBytes(StandardCharsets.US_ASCII));
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Base64url without padding (RFC 7515 section 2), and only as an encoder writes it. */
    private static byte[] decode(String part) throws Refused {
        try {
            byte[] data = Base64.getUrlDecoder().decode(part);
            if (Base64.getUrlEncoder().withoutPadding().encodeToString(data).equals(part)) {
                return data;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new Refused("ASSERTION_MALFORMED");
    }

    /** A JSON object of strings, whole numbers, words and lists of strings, in which no name stands twice. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> flat(byte[] data) throws Refused {
        try {
            if (new Json(data).whole() instanceof Map<?, ?> found) {
                for (Object value : found.values()) {
                    boolean isFlat = !(value instanceof Map) && !(value instanceof List<?> list && !list.stream().allMatch(String.class::isInstance));
                    if (!isFlat) {
                        throw new Refused("ASSERTION_MALFORMED");
                    }
                }
                return (Map<String, Object>) found;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new Refused("ASSERTION_MALFORMED");
    }

    private synchronized PublicKey key(String kid) {
        long now = clock.getAsLong();
        boolean isStale = now - fetched >= REFRESH_SECS;
        if ((isStale || !keys.containsKey(kid)) && now - tried >= RETRY_SECS) {
            tried = now;
            try {
                keys = read(fetch.get(jwks));
                fetched = now;
            } catch (Exception e) {
                // Whatever it was, the keys of before stay.
            }
        }
        if (now - fetched >= KEEP_SECS) {
            keys = Map.of();
        }
        return keys.get(kid);
    }

    private static Map<String, PublicKey> read(String text) throws GeneralSecurityException, Refused {
        Map<String, PublicKey> keys = new HashMap<>();
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        ECParameterSpec p256 = curve.getParameterSpec(ECParameterSpec.class);
        Map<?, ?> set = (Map<?, ?>) new Json(text.getBytes(StandardCharsets.UTF_8)).whole();
        for (Object one : (List<?>) set.get("keys")) {
            @SuppressWarnings("unchecked")
            Map<String, Object> jwk = (Map<String, Object>) one;
            boolean isOurs = "EC".equals(jwk.get("kty")) && "P-256".equals(jwk.get("crv"))
                && "sig".equals(jwk.getOrDefault("use", "sig")) && "ES256".equals(jwk.getOrDefault("alg", "ES256"));
            if (!isOurs) {
                continue;
            }
            ECPoint point = new ECPoint(new BigInteger(1, decode((String) jwk.get("x"))), new BigInteger(1, decode((String) jwk.get("y"))));
            PublicKey key = KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, p256));
            if (keys.put((String) jwk.get("kid"), key) != null) {
                throw new GeneralSecurityException("two keys with one id");
            }
        }
        return keys;
    }

    private static String download(String url) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setConnectTimeout(5000);
        connection.setReadTimeout(5000);
        connection.setInstanceFollowRedirects(false);
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new IOException("the gate does not give its keys");
        }
        try (InputStream body = connection.getInputStream()) {
            return new String(body.readNBytes(65536), StandardCharsets.UTF_8);
        }
    }

    /** The request as the app sees it. */
    private static final class Person extends HttpServletRequestWrapper {
        private final String user;
        private final boolean keepsRemote;

        Person(HttpServletRequest request, String user) {
            super(request);
            this.user = user;
            this.keepsRemote = user != null && user.equals(decoded(request.getHeader("Remote-User")));
        }

        /** `%XX` of UTF-8, and nothing else: a plus sign is a plus sign. */
        private static String decoded(String text) {
            try {
                return text == null ? null : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return null;
            }
        }

        private boolean isHidden(String name) {
            String plain = name.toLowerCase(Locale.ROOT).replace('_', '-');
            return plain.startsWith("remote-") && !keepsRemote;
        }

        @Override
        public String getRemoteUser() {
            return user;
        }

        @Override
        public Principal getUserPrincipal() {
            return user == null ? null : () -> user;
        }

        @Override
        public String getAuthType() {
            return user == null ? null : "PORTCULLIS";
        }

        @Override
        public boolean isUserInRole(String role) {
            return false; // roles are the app's own affair
        }

        @Override
        public String getHeader(String name) {
            return isHidden(name) ? null : super.getHeader(name);
        }

        @Override
        public Enumeration<String> getHeaders(String name) {
            return isHidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
        }

        @Override
        public Enumeration<String> getHeaderNames() {
            List<String> names = Collections.list(super.getHeaderNames());
            names.removeIf(this::isHidden);
            return Collections.enumeration(names);
        }
    }

    /** A strict reader of JSON (RFC 8259) with whole numbers only: a name that stands twice is no JSON here. */
    private static final class Json {
        private final String text;
        private int at;

        Json(byte[] data) {
            try {
                text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data)).toString();
            } catch (CharacterCodingException e) {
                throw new IllegalArgumentException("no UTF-8", e);
            }
        }

        Object whole() {
            Object value = value(0);
            space();
            if (at != text.length()) {
                throw wrong();
            }
            return value;
        }

        private IllegalArgumentException wrong() {
            return new IllegalArgumentException("no JSON at " + at);
        }

        private void space() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private boolean takes(String what) {
            space();
            boolean is = text.startsWith(what, at);
            at += is ? what.length() : 0;
            return is;
        }

        private void want(String what) {
            if (!takes(what)) {
                throw wrong();
            }
        }

        private Object value(int depth) {
            if (depth > MAX_DEPTH) {
                throw wrong();
            }
            if (takes("{")) {
                return object(depth);
            }
            if (takes("[")) {
                return list(depth);
            }
            if (takes("\"")) {
                return string();
            }
            if (takes("true")) {
                return true;
            }
            if (takes("false")) {
                return false;
            }
            if (takes("null")) {
                return null;
            }
            return number();
        }

        private Map<String, Object> object(int depth) {
            Map<String, Object> found = new HashMap<>();
            if (takes("}")) {
                return found;
            }
            do {
                want("\"");
                String name = string();
                want(":");
                if (found.containsKey(name)) {
                    throw wrong();
                }
                found.put(name, value(depth + 1));
            } while (takes(","));
            want("}");
            return found;
        }

        private List<Object> list(int depth) {
            List<Object> found = new ArrayList<>();
            if (takes("]")) {
                return found;
            }
            do {
                found.add(value(depth + 1));
            } while (takes(","));
            want("]");
            return found;
        }

        private Long number() {
            int from = at;
            while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            String digits = text.substring(from, at);
            if (!NUMBER.matcher(digits).matches()) {
                throw wrong();
            }
            return Long.valueOf(digits);
        }

        private String string() {
            StringBuilder found = new StringBuilder();
            for (;;) {
                if (at >= text.length() || text.charAt(at) < ' ') {
                    throw wrong();
                }
                char letter = text.charAt(at++);
                if (letter == '"') {
                    break;
                }
                found.append(letter == '\\' ? escape() : letter);
            }
            String string = found.toString();
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(string)) {
                throw wrong(); // half of a surrogate pair is no text
            }
            return string;
        }

        private char escape() {
            if (at >= text.length()) {
                throw wrong();
            }
            char letter = text.charAt(at++);
            int known = "\"\\/bfnrt".indexOf(letter);
            if (known >= 0) {
                return "\"\\/\b\f\n\r\t".charAt(known);
            }
            if (letter != 'u' || at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
                throw wrong();
            }
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
    }
}
