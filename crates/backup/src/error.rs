base::codes! {
    /// Why a file was not opened. The sentence says what to do next, and contains nothing of the file.
    pub enum BackupError {
        /// Portcullis does not recognise this file as a backup. Choose the file that the other app calls its export or backup.
        Unknown = "BACKUP_UNKNOWN",
        /// The file is empty.
        Empty = "BACKUP_EMPTY",
        /// The file contains no accounts.
        NoAccounts = "BACKUP_NO_ACCOUNTS",
        /// This file needs its password: the one that was set in the app that wrote it.
        NeedsPassword = "BACKUP_NEEDS_PASSWORD",
        /// The password does not open this file, or the file was changed since it was written.
        WrongPassword = "BACKUP_WRONG_PASSWORD",
        /// The file is damaged or incomplete: export it again, and copy it as a file.
        Damaged = "BACKUP_DAMAGED",
        /// The file is larger than 64 MiB, or contains more than 10,000 accounts.
        TooLarge = "BACKUP_TOO_LARGE",
        /// The file is nested too deeply or compressed too much, so it was not opened.
        Hostile = "BACKUP_HOSTILE",
        /// Checking the password of this file takes more work than any known app requires, so it was not tried.
        KdfTooCostly = "BACKUP_KDF_TOO_COSTLY",
        /// This device does not have enough memory to open the file. Open it once on a computer.
        NoMemory = "BACKUP_NO_MEMORY",
        /// The file says that it was written by a newer version of its app than Portcullis knows.
        TooNew = "BACKUP_TOO_NEW",
        /// This is a Portcullis vault: open it as a vault.
        IsVault = "BACKUP_IS_VAULT",
        /// This is a picture. Read its QR codes instead.
        IsPicture = "BACKUP_IS_PICTURE",
        /// This export has no column for codes. In that password manager, choose the export that includes one-time codes, or copy each setup key.
        NoCodeColumn = "BACKUP_NO_CODE_COLUMN",
        /// This Bitwarden export is tied to the Bitwarden account. Export again as JSON, or as encrypted JSON with "password protected".
        BitwardenAccount = "BACKUP_BITWARDEN_ACCOUNT",
        /// This is a sealed transfer between two apps (FIDO CXP), which only the receiving app can open. Export to a file instead.
        Cxp = "BACKUP_CXP",
        /// This is a KeePass database of version 3.1 or older. In KeePass or KeePassXC, set the database format to KDBX 4 and save it.
        OldKdbx = "BACKUP_OLD_KDBX",
        /// This KeePass database uses a cipher that Portcullis does not support. In the database settings choose AES-256 or ChaCha20, and save it.
        KdbxCipher = "BACKUP_KDBX_CIPHER",
        /// This KeePass database uses a key derivation that Portcullis does not support. In the database settings choose Argon2 or AES-KDF, and save it.
        KdbxKdf = "BACKUP_KDBX_KDF",
        /// This is an app's internal database, from a rooted phone. Use the app's export, or set up the codes again at each service.
        Database = "BACKUP_DATABASE",
        /// This archive is packed or encrypted in a way that Portcullis does not support. Unpack it, and choose the file in it.
        Archive = "BACKUP_ARCHIVE",
        /// This file is encrypted by OpenPGP. Decrypt it with your key, and choose the result.
        OpenPgp = "BACKUP_OPENPGP",
        /// This backup is encrypted with a key that only its server has. In wuzf/2fa, export the accounts from its page.
        ServerKey = "BACKUP_SERVER_KEY",
        /// This is an encrypted Steam file. Choose it together with its manifest.json.
        SteamManifest = "BACKUP_STEAM_MANIFEST",
        /// This is Steam's manifest.json alone. Choose it together with the maFiles beside it.
        SteamFiles = "BACKUP_STEAM_FILES",
        /// This backup of the extension is encrypted in a way that Portcullis does not support. In its settings, download the backup without a password.
        ExtensionKey = "BACKUP_EXTENSION_KEY",
        /// This QR code belongs to another vault, or to another version of it.
        OtherSeries = "BACKUP_OTHER_SERIES",
    }
}

base::codes! {
    /// Why one entry of a file was refused, besides the reasons of [`otp::OtpError`]. The sentence says what to do at the service.
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
    /// A change to an imported account, for the report of an import.
    pub enum Change {
        /// Its issuer is Steam, so it was imported as a Steam account, as the app that wrote it treats it.
        SteamByIssuer = "BACKUP_CHANGED_STEAM_BY_ISSUER",
        /// The file does not say how its codes are made: SHA1, 6 digits and 30 seconds were assumed. Compare a code.
        Assumed = "BACKUP_CHANGED_ASSUMED",
        /// Its codes depend on a counter, which may be behind: if a code is refused, use the next one.
        CounterMayLag = "BACKUP_CHANGED_COUNTER_MAY_LAG",
        /// The file has no name for the codes, so the name of the entry was used.
        Named = "BACKUP_CHANGED_NAMED",
        /// Its note was longer than 10,000 characters and was cut.
        NoteCut = "BACKUP_CHANGED_NOTE_CUT",
        /// It had more than 32 groups, or a name of a group over 64 characters: these were cut.
        TagsCut = "BACKUP_CHANGED_TAGS_CUT",
        /// Its own picture was not imported.
        PictureLeft = "BACKUP_CHANGED_PICTURE_LEFT",
        /// Its issuer or name was too long and was cut.
        NameCut = "BACKUP_CHANGED_NAME_CUT",
    }
}
