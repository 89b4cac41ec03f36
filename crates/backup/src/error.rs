base::codes! {
    /// Why a file was not opened. A sentence says what to do next, and holds nothing of the file.
    pub enum BackupError {
        /// This is no backup that Portcullis knows. Choose the file that the other app calls its export or backup.
        Unknown = "BACKUP_UNKNOWN",
        /// The file is empty.
        Empty = "BACKUP_EMPTY",
        /// The file holds no accounts.
        NoAccounts = "BACKUP_NO_ACCOUNTS",
        /// This file needs its password: the one that was chosen in the app that wrote it.
        NeedsPassword = "BACKUP_NEEDS_PASSWORD",
        /// The password does not open this file, or the file was changed since it was written.
        WrongPassword = "BACKUP_WRONG_PASSWORD",
        /// The file is damaged or incomplete: export it again, and copy it as a file.
        Damaged = "BACKUP_DAMAGED",
        /// The file is larger than 64 MiB, or holds more than 10,000 accounts.
        TooLarge = "BACKUP_TOO_LARGE",
        /// The file is nested or packed beyond all reason, so it was not unpacked.
        Hostile = "BACKUP_HOSTILE",
        /// The file asks for more work to check its password than any app sets.
        KdfTooCostly = "BACKUP_KDF_TOO_COSTLY",
        /// This key derivation is too large here: there is not enough memory. Open the file once on a computer.
        NoMemory = "BACKUP_NO_MEMORY",
        /// The file says that it was written by a newer version of its app than Portcullis knows.
        TooNew = "BACKUP_TOO_NEW",
        /// This is a Portcullis vault: open it as a vault.
        IsVault = "BACKUP_IS_VAULT",
        /// This is a picture: let its QR codes be read instead.
        IsPicture = "BACKUP_IS_PICTURE",
        /// This export has no column for codes. In that password manager, choose the export that includes one-time codes, or copy each setup key.
        NoCodeColumn = "BACKUP_NO_CODE_COLUMN",
        /// This Bitwarden export is tied to the Bitwarden account. Export again as JSON, or as encrypted JSON with "password protected".
        BitwardenAccount = "BACKUP_BITWARDEN_ACCOUNT",
        /// This is a sealed transfer between two apps (FIDO CXP), which only the receiving app can open. Export to a file instead.
        Cxp = "BACKUP_CXP",
        /// This is a KeePass database of version 3.1 or older. In KeePass or KeePassXC, set the database format to KDBX 4 and save it.
        OldKdbx = "BACKUP_OLD_KDBX",
        /// This KeePass database uses a cipher that is not read here. In the database settings choose AES-256 or ChaCha20, and save it.
        KdbxCipher = "BACKUP_KDBX_CIPHER",
        /// This KeePass database uses a key derivation that is not read here. In the database settings choose Argon2 or AES-KDF, and save it.
        KdbxKdf = "BACKUP_KDBX_KDF",
        /// This is an app's own database, which only a rooted phone gives out. Use the app's export, or set up the codes anew at each service.
        Database = "BACKUP_DATABASE",
        /// This backup is encrypted by a key that only its server has. In wuzf/2fa, export the accounts from its page.
        ServerKey = "BACKUP_SERVER_KEY",
        /// This is an encrypted Steam file. Choose its manifest.json together with it.
        SteamManifest = "BACKUP_STEAM_MANIFEST",
        /// This is Steam's manifest.json alone. Choose the maFiles beside it together with it.
        SteamFiles = "BACKUP_STEAM_FILES",
        /// This backup of the extension is encrypted in a way that is not read here. In its settings, download the backup without a password.
        ExtensionKey = "BACKUP_EXTENSION_KEY",
        /// The part of the QR series belongs to another vault, or to another state of it.
        OtherSeries = "BACKUP_OTHER_SERIES",
    }
}

base::codes! {
    /// Why one entry of a file was not taken, beside what [`otp::OtpError`] says. The sentence tells what to do at the service.
    pub enum EntryError {
        /// This entry is for Microsoft's own approvals: no code can be made from it. At that service, add another authenticator app that shows codes.
        MicrosoftPush = "BACKUP_ENTRY_MICROSOFT_PUSH",
        /// This entry is for Duo's own approvals: no code can be made from it. At that service, add an authenticator app that shows codes.
        DuoPush = "BACKUP_ENTRY_DUO_PUSH",
        /// The entry is still encrypted inside the file. Export it again from the unlocked app.
        Encrypted = "BACKUP_ENTRY_ENCRYPTED",
        /// This line is not an account.
        NotAnAccount = "BACKUP_ENTRY_NOT_AN_ACCOUNT",
        /// This export code cannot be read: scan it again.
        Migration = "BACKUP_ENTRY_MIGRATION",
    }
}

base::codes! {
    /// What was changed on the way, for the report of an import.
    pub enum Change {
        /// Its issuer is Steam, so it was taken as a Steam account, as the app that wrote it does.
        SteamByIssuer = "BACKUP_CHANGED_STEAM_BY_ISSUER",
        /// The file does not say how its codes are made: SHA1, 6 digits and 30 seconds were assumed. Compare a code.
        Assumed = "BACKUP_CHANGED_ASSUMED",
        /// It goes by a counter, which may be behind: if a code is refused, take the next one.
        CounterMayLag = "BACKUP_CHANGED_COUNTER_MAY_LAG",
        /// The file gives no name for the codes, so the name of the entry was taken.
        Named = "BACKUP_CHANGED_NAMED",
        /// Its note was longer than 10,000 characters and was cut.
        NoteCut = "BACKUP_CHANGED_NOTE_CUT",
        /// It had more than 32 groups, or a name of a group over 64 characters: these were cut.
        TagsCut = "BACKUP_CHANGED_TAGS_CUT",
        /// Its own picture stays behind.
        PictureLeft = "BACKUP_CHANGED_PICTURE_LEFT",
        /// Its issuer or name was too long and was cut.
        NameCut = "BACKUP_CHANGED_NAME_CUT",
    }
}
