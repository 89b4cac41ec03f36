//! Google Authenticator's export codes: `otpauth-migration://offline?data=…`.
