import * as cas from "#glue";
import { text } from "../given/index.js";

export function loginUrl(server, service, options) {
  text(service, "service");
  return cas.loginUrl(server, service, options);
}

export function validateUrl(server, service, ticket, options) {
  text(service, "service");
  text(ticket, "ticket");
  return cas.validateUrl(server, service, ticket, options);
}

export function logoutUrl(server, service) {
  if (service != null) text(service, "service");
  return cas.logoutUrl(server, service);
}

export function takeTicket(query) {
  text(query, "query");
  return cas.takeTicket(query);
}

export { readAnswer, readLogoutRequest } from "#glue";
