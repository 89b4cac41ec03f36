import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.OnMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The servlet app of the tests. It knows nothing of the gate: it asks the container who is there.
 *   /       the person, and a form that posts a note    /cookies  sets two cookies and a session's
 *   /admin  for the role of local administrators        /address  the address that people typed
 */
@WebServlet(urlPatterns = "/", asyncSupported = true)
public final class App extends HttpServlet {
    private static final long serialVersionUID = 1;
    private static final Map<String, Queue<String>> NOTES = new ConcurrentHashMap<>();

    private static String safe(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/html;charset=utf-8");
        switch (request.getRequestURI()) {
            case "/" -> {
                var notes = NOTES.getOrDefault(request.getRemoteUser(), new ConcurrentLinkedQueue<>());
                var items = new StringBuilder();
                notes.forEach(note -> items.append("<li>").append(safe(note)).append("</li>"));
                response.getWriter().print("<!doctype html><title>Notes</title><h1>Notes</h1><p id=\"user\">" + safe(request.getUserPrincipal().getName()) + "</p>"
                    + "<form method=\"post\" action=\"/notes\"><input name=\"note\"><button>Keep</button></form><ul>" + items + "</ul>");
            }
            case "/cookies" -> {
                request.getSession(true);
                response.addCookie(new Cookie("first", "1"));
                var second = new Cookie("second", "2");
                second.setPath("/deep");
                second.setMaxAge(600);
                second.setAttribute("SameSite", "Lax");
                response.addCookie(second);
            }
            case "/address" -> response.getWriter().print(request.getRequestURL());
            case "/admin" -> {
                response.setStatus(request.isUserInRole("administrator") ? 200 : 403);
                response.getWriter().print("for administrators");
            }
            default -> response.setStatus(404);
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        NOTES.computeIfAbsent(request.getRemoteUser(), user -> new ConcurrentLinkedQueue<>()).add(request.getParameter("note"));
        String here = request.getRequestURL().toString();
        response.sendRedirect(here.substring(0, here.indexOf('/', 8)) + "/?kept"); // an absolute address
    }

    /** Says who is at the other end, and what came. */
    @ServerEndpoint("/socket")
    public static final class Socket {
        @OnMessage
        public String message(String text, Session session) {
            return session.getUserPrincipal().getName() + " says " + text;
        }
    }
}
