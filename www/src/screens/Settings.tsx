import type { ComponentChildren } from "preact";
import { LANGUAGES, nameOf } from "../app/languages.ts";
import { lastBackupMs, locks, recoverySaved } from "../app/list.ts";
import type { Emit, Open, State, Theme } from "../app/model.ts";
import { Icon, type IconName } from "./Icon.tsx";
import { say, sayDay } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

const THEMES: Theme[] = ["system", "light", "dark"];

const Item = (props: { icon: IconName; title: string; state: string; onClick: () => void }) => (
  <li>
    <button type="button" class="item" onClick={props.onClick}>
      <Icon name={props.icon} />
      <span>
        {props.title}
        <small>{props.state}</small>
      </span>
    </button>
  </li>
);

const Fact = ({ good, children }: { good: boolean; children: ComponentChildren }) => (
  <li class={good ? "fact good" : "fact"}>
    <Icon name={good ? "check" : "open"} />
    {children}
  </li>
);

/** When the last backup was, and what it does not hold. */
function backedUp(state: State, { backups, unbacked }: Open): string {
  const lastMs = lastBackupMs(state);
  if (lastMs === 0) return say("health.never");
  const last = say("health.backup", { day: sayDay(lastMs) });
  return backups.length > 0 && unbacked > 0 ? `${last} ${say("health.missing", { count: unbacked })}` : last;
}

export function Settings({ state, open, emit }: { state: State; open: Open; emit: Emit }) {
  const { settings, around } = state;
  const show = (at: "passphrase" | "recovery" | "backup" | "restore" | "bin" | "help") => () => emit({ type: "open sheet", at });
  return (
    <Sheet title={say("settings")} emit={emit}>
      <h3>{say("settings.safe")}</h3>
      <ul class="items">
        <Item icon="lock" title={say("settings.passphrase")} state={say(locks(open.slots) ? "settings.passphrase.on" : "settings.passphrase.off")} onClick={show("passphrase")} />
        <Item icon="key" title={say("recovery")} state={say(recoverySaved(open.slots) ? "settings.recovery.on" : "settings.recovery.off")} onClick={show("recovery")} />
        <Item icon="download" title={say("backup.title")} state={backedUp(state, open)} onClick={show("backup")} />
        <Item icon="folder" title={say("welcome.move")} state={say("settings.restore.line")} onClick={() => emit({ type: "moving", is: { type: "show apps" } })} />
        <Item icon="go" title={say("leave.title.ways")} state={say("settings.leave.line")} onClick={() => emit({ type: "moving", is: { type: "leave" } })} />
        <Item icon="bin" title={say("bin.title")} state={say("settings.bin", { count: open.trash.length })} onClick={show("bin")} />
      </ul>
      <h3>{say("settings.health")}</h3>
      <ul class="facts">
        <Fact good={around.installed}>
          {say(around.installed ? "fact.installed" : "fact.notinstalled")}
          {around.canInstall ? (
            <button type="button" class="quiet-button" onClick={() => emit({ type: "install" })}>
              {say("install")}
            </button>
          ) : null}
        </Fact>
        <Fact good={around.persistent}>{say(around.persistent ? "fact.persistent" : "fact.notpersistent")}</Fact>
        <Fact good={settings.backupChecked >= 0}>
          {settings.backupChecked >= 0 ? say("fact.checked", { count: settings.backupChecked }) : say("fact.notchecked")}
        </Fact>
      </ul>
      <h3>{say("settings.look")}</h3>
      <div class="field">
        <span id="theme-label" class="label">
          {say("settings.theme")}
        </span>
        <div class="choices" role="group" aria-labelledby="theme-label">
          {THEMES.map((theme) => (
            <button type="button" key={theme} aria-pressed={settings.theme === theme} onClick={() => emit({ type: "setting", settings: { theme } })}>
              {say(`theme.${theme}`)}
            </button>
          ))}
        </div>
      </div>
      <div class="field">
        <label for="language">{say("settings.language")}</label>
        <select id="language" value={settings.language} onChange={(event) => emit({ type: "setting", settings: { language: event.currentTarget.value } })}>
          <option value="system">{say("theme.system")}</option>
          {LANGUAGES.map((tag) => (
            <option key={tag} value={tag} lang={tag}>
              {nameOf(tag)}
            </option>
          ))}
        </select>
      </div>
      <ul class="items">
        <Item icon="keyboard" title={say("help.title")} state={say("settings.keys")} onClick={show("help")} />
      </ul>
      <p class="hint">{say("settings.trust")}</p>
      <p class="hint">{say("settings.version", { version: around.version || "—" })}</p>
    </Sheet>
  );
}
