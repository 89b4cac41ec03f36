// Where the other apps have their export. One row an app: to add one, a row here and its two sentences in each language file,
// `from.<id>` (where the export is) and `from.<id>.then` (what to know of it). otherApps.test.ts holds the rows against the readers.

export interface OtherApp {
  id: string;
  title: string;
  /** The readers of crates/backup that take its files; none where the app gives no file out. */
  formats: string[];
  /** The month of the two sentences: apps move their menus. */
  asOf: `${number}-${number}`;
  /** Its services have to be set up anew, one by one. */
  oneByOne?: true;
}

/** Services that many people have; each has a name of its own for what is kept of it. */
export const SERVICES: readonly string[] = [
  "Adobe", "Amazon", "Apple", "AWS", "Binance", "Bitwarden", "Cloudflare", "Coinbase", "Discord", "Dropbox", "eBay", "Epic Games", "Facebook", "GitHub", "GitLab", "Google",
  "Instagram", "Kraken", "LinkedIn", "Microsoft", "Netflix", "Nintendo", "npm", "PayPal", "PlayStation", "Proton", "PyPI", "Reddit", "Slack", "Snapchat", "Steam", "Stripe",
  "TikTok", "Twitch", "Uber", "WordPress", "X (Twitter)", "Yahoo", "Zoom",
];

/** Whether an account of the service is here already. */
export const isHere = (service: string, issuers: readonly string[]): boolean => {
  const name = (service.split(" ")[0] ?? service).toLowerCase();
  return issuers.some((issuer) => issuer.toLowerCase().split(/[^\p{Letter}\p{Number}]+/u).includes(name));
};

const AS_OF = "2026-11";
const row = (id: string, title: string, formats: string[] = [id]): OtherApp => ({ id, title, formats, asOf: AS_OF });
const oneByOne = (app: OtherApp): OtherApp => ({ ...app, oneByOne: true });

/** In the order in which people look for them: by name. */
export const OTHER_APPS: readonly OtherApp[] = [
  row("1password", "1Password", ["1password", "1password-csv"]),
  row("2fas", "2FAS"),
  row("2fauth", "2FAuth"),
  row("aegis", "Aegis"),
  row("andotp", "andOTP"),
  row("apple", "Apple Passwords, iCloud Keychain", ["apple-passwords"]),
  row("extension", "Authenticator (browser extension)", ["authenticator-extension"]),
  row("plus", "Authenticator Plus", ["authenticator-plus"]),
  oneByOne(row("authy", "Authy")),
  row("bitwarden", "Bitwarden", ["bitwarden", "bitwarden-csv"]),
  row("dashlane", "Dashlane"),
  oneByOne(row("duo", "Duo Mobile")),
  row("ente", "Ente Auth"),
  row("freeotp", "FreeOTP"),
  row("freeotpplus", "FreeOTP+", ["freeotp-plus"]),
  row("google", "Google Authenticator"),
  row("keepass", "KeePass, KeePassXC", ["keepass", "keepassxc"]),
  row("lastpass", "LastPass", ["lastpass", "lastpass-csv"]),
  oneByOne(row("microsoft", "Microsoft Authenticator", [])),
  row("proton", "Proton Authenticator", ["proton"]),
  row("protonpass", "Proton Pass", ["proton-pass", "proton-pass-csv"]),
  row("raivo", "Raivo OTP"),
  row("steam", "Steam Desktop Authenticator"),
  row("stratum", "Stratum (Authenticator Pro)"),
  row("totp", "TOTP Authenticator", ["totp-authenticator"]),
  row("winauth", "WinAuth"),
  row("wuzf", "wuzf/2fa", ["wuzf-2fa"]),
  row("other", "Another app", ["links", "csv", "cxf"]),
];
