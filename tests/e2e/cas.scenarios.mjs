// Scenarios with a person, a CAS server, the gate and the apps behind it. All run with every CAS server.
// A scenario is { name, needs?, run(world) }; `needs` names features that a server may lack (its part's `supports`).
// The world: { label, server, relay, gate, chromium, revalidateSecs, freshSecs }. The browser and the gate reach the
// server through the relay, so that a test can count requests and cut connections.
import { scenarios as attacks } from "./scenarios/attacks.mjs";
import { scenarios as leaving } from "./scenarios/leaving.mjs";
import { scenarios as rules } from "./scenarios/rules.mjs";
import { scenarios as signingIn } from "./scenarios/signing_in.mjs";

export { lacking, signIn } from "./scenarios/world.mjs";

export const scenarios = [...signingIn, ...leaving, ...attacks, ...rules];

/** The policy that the scenarios are written for. One of its rules leads to a second app, Flask. */
export const policy = ({ revalidateSecs, freshSecs }) => `
[session]
revalidate_secs = ${revalidateSecs}

[[rule]]
path = "/public/*"
access = "public"

[[rule]]
path = "/open/*"
access = "optional"

[[rule]]
path = "/fresh/*"
access = "fresh"
max_age_secs = ${freshSecs}

[[rule]]
path = "/staff/*"
access = "login"
require = { memberOf = "staff" }

[[rule]]
path = "/directors/*"
access = "login"
require = { memberOf = "directors" }

[[rule]]
path = "/numbered/*"
access = "login"
require = { staffNumber = "1" }

[[rule]]
path = "/flask/*"
access = "login"
origin = "binding:FLASK"
app = "flask"

[[rule]]
path = "/*"
access = "login"
`;
