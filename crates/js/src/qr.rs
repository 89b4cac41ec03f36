//! The entry `qr`.
