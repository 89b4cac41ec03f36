import * as cas from "#glue";
import { FLAG, TEXT, bytes, chosen, number, oneOf, refuse, text } from "../given/index.js";

const PROTOCOL = oneOf(1, 2, 3);
const SERVER = { url: TEXT, validateUrl: TEXT, protocol: PROTOCOL, format: oneOf("xml", "json") };
const isText = (value) => typeof value === "string";
const PARAMS = ["an object of strings", (value) => typeof value === "object" && Object.values(value).every(isText)];
const LOGIN = { renew: FLAG, gateway: FLAG, params: PARAMS };
const CHAINS = ["an array of arrays of strings", (value) => Array.isArray(value) && value.every((chain) => Array.isArray(chain) && chain.every(isText))];
const EXPECT = { protocol: PROTOCOL, renew: FLAG, ticket: TEXT, proxies: CHAINS, allowNoNamespace: FLAG };

function serverOf(given) {
  if (isText(given)) return given;
  if (typeof given !== "object" || !given) refuse('The argument "server" must be a string or an object.');
  const server = chosen(given, SERVER, "server");
  text(server.url, "server.url");
  return server;
}

export function loginUrl(server, service, options) {
  const at = serverOf(server);
  text(service, "service");
  const taken = chosen(options, LOGIN);
  if (taken.renew && taken.gateway) refuse('The options "renew" and "gateway" exclude each other.');
  return cas.loginUrl(at, service, taken);
}

export function validateUrl(server, service, ticket, options) {
  const at = serverOf(server);
  text(service, "service");
  text(ticket, "ticket");
  return cas.validateUrl(at, service, ticket, chosen(options, { renew: FLAG }));
}

export function logoutUrl(server, service) {
  const at = serverOf(server);
  if (service != null) text(service, "service");
  return cas.logoutUrl(at, service);
}

export function takeTicket(query) {
  text(query, "query");
  return cas.takeTicket(query);
}

const body = (value) => isText(value) || bytes(value, "body");

export function readAnswer(status, answer, expect) {
  if (status !== undefined) number(status, "status"); // Absent is no success.
  body(answer);
  return cas.readAnswer(status, answer, chosen(expect, EXPECT, "expect"));
}

export function readLogoutRequest(request) {
  body(request);
  return cas.readLogoutRequest(request);
}
