base::codes! {
    /// Why an export code was refused. Nothing here holds what was given.
    pub enum MigrationError {
        /// This is not a Google Authenticator export.
        NotMigration = "MIGRATION_NOT_MIGRATION",
        /// The export code is longer than a QR code can be.
        TooLong = "MIGRATION_TOO_LONG",
        /// The export code is damaged: its data is not base64.
        BadBase64 = "MIGRATION_BAD_BASE64",
        /// The export code is damaged: its content cannot be read.
        BadPayload = "MIGRATION_BAD_PAYLOAD",
        /// The export code says that it is a part that its export does not have.
        BadPart = "MIGRATION_BAD_PART",
        /// This code belongs to another export than the codes before it.
        OtherExport = "MIGRATION_OTHER_EXPORT",
    }
}

base::codes! {
    /// Why an account cannot go into a Google Authenticator export: there it would show wrong codes.
    pub enum Loss {
        /// Google Authenticator has no codes of this kind.
        Kind = "MIGRATION_LOSS_KIND",
        /// Google Authenticator's export knows codes of 6 and 8 digits only.
        Digits = "MIGRATION_LOSS_DIGITS",
        /// Google Authenticator's export knows a period of 30 seconds only.
        Period = "MIGRATION_LOSS_PERIOD",
        /// The account is too large for a QR code.
        TooLong = "MIGRATION_LOSS_TOO_LONG",
    }
}
