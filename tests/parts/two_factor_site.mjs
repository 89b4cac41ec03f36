// A site with django-two-factor-auth in its default form: it shows an enrolment QR code (SVG) and checks the codes.
//   /account/login/              name and password, then a code once enrolled
//   /account/two_factor/setup/   the QR code, and the field for the first code
//   /whoami                      { user, verified } of the person signed in, as JSON
import { startSite } from "./python_site.mjs";

export const person = { user: "ann", password: "correct horse" };

export async function start({ user = person.user, password = person.password } = {}) {
  const site = await startSite("two_factor_site", ["--user", user, "--password", password]);
  return { ...site, person: { user, password }, supports: {} };
}
