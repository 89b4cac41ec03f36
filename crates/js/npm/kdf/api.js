export { stretch, calibrate, kdfParams } from "#glue";
