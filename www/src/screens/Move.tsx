import type { Emit, Open } from "../app/model.ts";
import type { MoveSheet } from "../app/movingTypes.ts";
import { OTHER_APPS, type OtherApp, SERVICES, isHere } from "../app/otherApps.ts";
import { Choice } from "./Field.tsx";
import { say, sayMonth } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

/** Where the export of the old app is, and the one button for all of them. */
export function Move({ sheet, open, emit }: { sheet: MoveSheet; open: Open | null; emit: Emit }) {
  const issuers = open?.entries?.map(({ issuer }) => issuer) ?? [];
  return (
    <Sheet title={say("move.title")} emit={emit}>
      <p>{say("move.line")}</p>
      <div class="ways">
        <Choice main icon="folder" title={say("move.choose")} line={say("move.choose.line")} onClick={() => emit({ type: "moving", is: { type: "choose files" } })} />
      </div>
      <p class="hint">{say("move.drop")}</p>
      <h3>{say("move.where")}</h3>
      <ul class="apps">
        {OTHER_APPS.map((app) => (
          <li key={app.id}>
            <Where app={app} ticked={sheet.ticked} issuers={issuers} emit={emit} />
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

interface WhereProps {
  app: OtherApp;
  ticked: string[];
  issuers: string[];
  emit: Emit;
}

/** Two lines and a month. */
const Where = ({ app, ticked, issuers, emit }: WhereProps) => (
  <details name="other-app">
    <summary>
      <bdi>{app.id === "other" ? say("move.other") : app.title}</bdi>
    </summary>
    <p>{say(`from.${app.id}`)}</p>
    <p>{say(`from.${app.id}.then`)}</p>
    {app.oneByOne ? <OneByOne ticked={ticked} issuers={issuers} emit={emit} /> : null}
    <p class="hint">{say("move.asof", { month: sayMonth(app.asOf) })}</p>
  </details>
);

/** The services that many people have, to be ticked off over days; what is in the list of codes is ticked already. */
function OneByOne({ ticked, issuers, emit }: Omit<WhereProps, "app">) {
  const here = new Set(SERVICES.filter((service) => isHere(service, issuers)));
  const done = SERVICES.filter((service) => here.has(service) || ticked.includes(service));
  return (
    <details>
      <summary>{say("move.services", { count: done.length })}</summary>
      <p class="hint">{say("move.services.line")}</p>
      <ul class="services">
        {SERVICES.map((service) => (
          <li key={service}>
            <label class="tick">
              <input
                type="checkbox"
                checked={here.has(service) || ticked.includes(service)}
                disabled={here.has(service)}
                onChange={(event) => emit({ type: "moving", is: { type: "tick", service, done: event.currentTarget.checked } })}
              />
              {service}
            </label>
          </li>
        ))}
      </ul>
    </details>
  );
}
