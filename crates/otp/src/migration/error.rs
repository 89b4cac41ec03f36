base::codes! {
    /// Why an export code was refused. No variant contains the input.
    pub enum MigrationError {
        /// This is not a Google Authenticator export.
        NotMigration = "MIGRATION_NOT_MIGRATION",
        /// The export code is longer than a QR code can be.
        TooLong = "MIGRATION_TOO_LONG",
        /// The export code is damaged: its data is not base64.
        BadBase64 = "MIGRATION_BAD_BASE64",
        /// The export code is damaged: its content cannot be read.
        BadPayload = "MIGRATION_BAD_PAYLOAD",
        /// The export code is damaged: its part number is out of range.
        BadPart = "MIGRATION_BAD_PART",
        /// This code belongs to another export than the codes before it.
        OtherExport = "MIGRATION_OTHER_EXPORT",
    }
}

base::codes! {
    /// Why an account is omitted from a Google Authenticator export: it would show wrong codes there.
    pub enum Loss {
        /// Google Authenticator has no codes of this kind.
        Kind = "MIGRATION_LOSS_KIND",
        /// Google Authenticator exports only codes of 6 or 8 digits.
        Digits = "MIGRATION_LOSS_DIGITS",
        /// Google Authenticator exports only a period of 30 seconds.
        Period = "MIGRATION_LOSS_PERIOD",
        /// The account is too large for a QR code.
        TooLong = "MIGRATION_LOSS_TOO_LONG",
    }
}
