// The chapters on adding and on sheets: nothing that the first codes on the screen wait for.
import { adding } from "./adding.ts";
import type { AddEvent, ListEvent, SheetEvent } from "./model.ts";
import { saving } from "./saving.ts";
import { sheets } from "./sheets.ts";
import { learnLate } from "./state.ts";

learnLate((state, event) => adding(state, event as AddEvent) ?? sheets(state, event as SheetEvent) ?? saving(state, event as ListEvent));
