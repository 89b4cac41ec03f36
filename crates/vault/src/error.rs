base::codes! {
    /// Why something was refused. The sentences are for people: they say what happened and hold nothing of the vault.
    pub enum VaultError {
        /// These bytes are not a vault.
        NotAVault = "VAULT_NOT_A_VAULT",
        /// This vault was made by a newer version than this one.
        TooNew = "VAULT_TOO_NEW",
        /// Some bytes of this vault were lost or changed.
        Damaged = "VAULT_DAMAGED",
        /// This is larger than a vault can be.
        TooLarge = "VAULT_TOO_LARGE",
        /// This is not the key of this vault.
        WrongKey = "VAULT_WRONG_KEY",
        /// The key is right, but somebody changed this vault after it was sealed.
        Tampered = "VAULT_TAMPERED",
        /// The vault opened, but what is in it cannot be read.
        BadContent = "VAULT_BAD_CONTENT",
        /// This vault was closed; open it again.
        Closed = "VAULT_CLOSED",
        /// The key of a slot has 32 bytes.
        KeyLength = "VAULT_KEY_LENGTH",
        /// The vault has no such way in.
        NoSlot = "VAULT_NO_SLOT",
        /// The last way into a vault cannot be removed.
        LastSlot = "VAULT_LAST_SLOT",
        /// What would remain has opened nothing yet: a passphrase, a device's key or a recovery key that was typed back must.
        LastProved = "VAULT_LAST_PROVED",
        /// A vault has at most 16 ways in.
        TooManySlots = "VAULT_TOO_MANY_SLOTS",
        /// The vault has no such entry.
        NoEntry = "VAULT_NO_ENTRY",
        /// This entry is in the bin; restore it first.
        InTheBin = "VAULT_IN_THE_BIN",
        /// Only an entry in the bin can be removed for good.
        NotInTheBin = "VAULT_NOT_IN_THE_BIN",
        /// This account counts time, not uses: it has no counter to spend.
        NotCounted = "VAULT_NOT_COUNTED",
        /// A name, note or tag is too long.
        TextTooLong = "VAULT_TEXT_TOO_LONG",
        /// A vault holds at most 10,000 entries.
        TooManyEntries = "VAULT_TOO_MANY_ENTRIES",
        /// This is not a change that a vault knows.
        BadChange = "VAULT_BAD_CHANGE",
        /// This account cannot make codes.
        BadAccount = "VAULT_BAD_ACCOUNT",
        /// This passphrase cost is below what protects a vault.
        KdfTooWeak = "VAULT_KDF_TOO_WEAK",
        /// This passphrase cost is more than this device may spend.
        KdfTooCostly = "VAULT_KDF_TOO_COSTLY",
        /// A passkey's id has 1 to 1023 bytes, and its host a name.
        BadPasskey = "VAULT_BAD_PASSKEY",
        /// A recovery key has seven groups of five characters.
        RecoveryKeyLength = "VAULT_RECOVERY_KEY_LENGTH",
        /// One group of the recovery key is mistyped.
        RecoveryKeyTypo {
            /// Which of the seven groups, counted from 1.
            group: usize,
        } = "VAULT_RECOVERY_KEY_TYPO",
    }
}
