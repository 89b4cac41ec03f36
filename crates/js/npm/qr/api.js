export { readQr, drawQr } from "#glue";
