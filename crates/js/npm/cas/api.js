export { loginUrl, validateUrl, logoutUrl, readAnswer, readLogoutRequest, takeTicket } from "#glue";
