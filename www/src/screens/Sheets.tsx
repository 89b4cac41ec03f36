import "../app/late.ts";
import type { Emit, Open, Sheet, State } from "../app/model.ts";
import { wear } from "../ports/part.ts";
import styles from "../sheets.css?inline";
import { Add } from "./Add.tsx";
import { Backup, Restore } from "./Backup.tsx";
import { Found } from "./Found.tsx";
import { Leave } from "./Leave.tsx";
import { Move } from "./Move.tsx";
import { Opening } from "./Opening.tsx";
import { Over } from "./Over.tsx";
import { Report } from "./Report.tsx";
import { PassphraseSheet, RecoverySheet } from "./Protect.tsx";
import { Bin, Edit, Help, Menu, Qr } from "./Row.sheets.tsx";
import { learn } from "./say.ts";
import { Settings } from "./Settings.tsx";
import rest from "../text/en.json?rest";

learn(rest);
wear(styles);

export { Stuck } from "./Stuck.tsx";

/** The sheet for what is open above the list, or above a screen that cannot go on. */
export function Sheets({ state, sheet, open, emit }: { state: State; sheet: Sheet; open: Open | null; emit: Emit }) {
  switch (sheet.at) {
    case "restore":
      return <Restore sheet={sheet} adopt={open === null} emit={emit} />;
    case "over":
      return <Over sheet={sheet} emit={emit} />;
    case "move":
      return <Move sheet={sheet} open={open} emit={emit} />;
    case "opening":
      return <Opening sheet={sheet} emit={emit} />;
    case "report":
      return <Report sheet={sheet} emit={emit} />;
  }
  return open ? <Above state={state} sheet={sheet} open={open} emit={emit} /> : null;
}

function Above({ state, sheet, open, emit }: { state: State; sheet: Exclude<Sheet, { at: "restore" | "over" | "move" | "opening" | "report" }>; open: Open; emit: Emit }) {
  switch (sheet.at) {
    case "add":
      return <Add sheet={sheet} emit={emit} />;
    case "leave":
      return <Leave state={state} sheet={sheet} open={open} emit={emit} />;
    case "found":
      return <Found sheet={sheet} open={open} emit={emit} />;
    case "menu":
      return <Menu sheet={sheet} open={open} emit={emit} />;
    case "edit":
      return <Edit sheet={sheet} emit={emit} />;
    case "qr":
      return <Qr sheet={sheet} open={open} emit={emit} />;
    case "bin":
      return <Bin sheet={sheet} open={open} emit={emit} />;
    case "help":
      return <Help emit={emit} />;
    case "settings":
      return <Settings state={state} open={open} emit={emit} />;
    case "passphrase":
      return <PassphraseSheet sheet={sheet} open={open} emit={emit} />;
    case "recovery":
      return <RecoverySheet sheet={sheet} open={open} emit={emit} />;
    case "backup":
      return <Backup sheet={sheet} open={open} emit={emit} />;
  }
}
