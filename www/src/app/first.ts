/**
 * The sentences that may have to be said before the sheets are there: those of the screens, and of what can go wrong while
 * the vault is found, begun and opened. All others travel with the sheets.
 */
export const FIRST =
  /^(loading|welcome|locked|list|search|offline|clock|mark|row|copied|copy|empty|health|storage|fault\.(unknown|other|NO|VAULT)|add$|settings$|lock$|toast|recovery(\.hint)?$|update|undo|close|back$|show$|hide$|passphrase$|passphrase\.(show|choose|why|advice|again|start|working|short|differs)$|restore\.title)/;
