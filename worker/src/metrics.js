// Counts of answers, for `/.portcullis/metrics` and for Analytics Engine where it is bound as METRICS. Labels are codes,
// the policy's site ids and classes of status, so that no client can add a series.

const counts = new Map(); // why, site, class of status -> how often
const MOST = 10_000; // more than all codes of a hundred sites

/** Counts one answer. Without a reader nothing is counted. */
export function count(env, why, site, status) {
  if (!env.PORTCULLIS_METRICS_TOKEN && !env.METRICS) return;
  const kind = `${Math.trunc(status / 100)}xx`;
  const key = `${why}\n${site}\n${kind}`;
  const before = counts.get(key) ?? 0;
  if (before || counts.size < MOST) counts.set(key, before + 1);
  try {
    env.METRICS?.writeDataPoint({ indexes: [site], blobs: [why, site, kind], doubles: [1] });
  } catch {
    // The platform limits points. A lost count must not cost an answer.
  }
}

/** Counts an answer of the gate itself, and fills in the counts where it asks for them. */
export function counted(env, response) {
  if (!response.label) return response;
  const [why, site] = response.label.split("\n");
  count(env, why, site, response.status);
  return why === "METRICS" ? new Response(page(), response) : response;
}

/** Prometheus' text format, version 0.0.4. */
function page() {
  const escaped = (text) => text.replace(/["\\]/g, "\\$&");
  const lines = ["# HELP portcullis_requests_total Requests answered by this instance, by reason, site and class of status.", "# TYPE portcullis_requests_total counter"];
  for (const [key, many] of [...counts].sort()) {
    const [why, site, kind] = key.split("\n");
    lines.push(`portcullis_requests_total{why="${why}",site="${escaped(site)}",status="${kind}"} ${many}`);
  }
  return `${lines.join("\n")}\n`;
}
