import { type ComponentChildren, createContext } from "preact";

/** What is said at the foot. While a sheet is open nothing outside it can be pressed or is read out, so it stands inside. */
export const Said = createContext<ComponentChildren>(null);
