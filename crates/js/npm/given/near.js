// The fields of an account. The last two are short words of other columns too.
export const FIELDS = ["secret", "kind", "issuer", "algorithm", "digits", "periodSecs", "counter", "name", "pin"];

// Whether a name that is no field was meant as one: at most two letters away, capitals aside; `period` is the name in a URI.
// The first letter is never the mistyped one, and the short names are held closer: `id`, `user`, `note` and `plan` are
// columns of a database.
export const near = (name, low = name.toLowerCase()) =>
  ["period", ...FIELDS].some((field, i) => field[0] == low[0] && apart(low, field, i < 8 ? 2 : 1));

const apart = (a, b, most) =>
  a == b ||
  (a && a[0] == b[0]
    ? apart(a.slice(1), b.slice(1), most)
    : most > 0 && [[1, 1], [1, 0], [0, 1]].some(([i, j]) => apart(a.slice(i), b.slice(j), most - 1)));
