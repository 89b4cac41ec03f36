import java.io.File;
import org.apache.catalina.startup.Tomcat;

/** Tomcat on a free port of 127.0.0.1 before one web app: {@code java Main FOLDER}. Its realm has a local administrator. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        File folder = new File(arguments[0]);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(new File(folder, "base").getPath());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1"); // else it listens everywhere
        tomcat.setAddDefaultWebXmlToWebapp(false); // it wants a compiler of JSP
        tomcat.addUser("admin", "of-this-machine-only");
        tomcat.addRole("admin", "administrator");
        tomcat.addWebapp("", new File(folder, "app").getPath());
        tomcat.start();
        System.out.println("ready http://127.0.0.1:" + tomcat.getConnector().getLocalPort());
        tomcat.getServer().await();
    }
}
