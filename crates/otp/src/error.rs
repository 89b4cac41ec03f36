base::codes! {
    /// Why an account, an address or a typed value was refused. No variant contains the input.
    pub enum OtpError {
        /// This is not an otpauth address.
        NotOtpauth = "OTP_NOT_OTPAUTH",
        /// This is a Google Authenticator export: open it as a migration.
        IsMigration = "OTP_IS_MIGRATION",
        /// The kind of code is not totp, hotp, steam, motp or yandex (in an address yaotp).
        UnknownKind = "OTP_UNKNOWN_KIND",
        /// The text is too long.
        TooLong = "OTP_TOO_LONG",
        /// The address has a setting twice.
        Repeated = "OTP_REPEATED",
        /// There is no secret.
        NoSecret = "OTP_NO_SECRET",
        /// The secret is not base32: only A to Z and 2 to 7 are allowed.
        BadBase32 {
            /// The number of characters of the secret before the invalid one.
            at: usize,
        } = "OTP_BAD_BASE32",
        /// The secret is not hexadecimal: only 0 to 9 and a to f, in pairs, are allowed.
        BadHex {
            /// The number of characters of the secret before the invalid one.
            at: usize,
        } = "OTP_BAD_HEX",
        /// The Yandex secret is mistyped: its length or checksum is wrong.
        BadYandexSecret = "OTP_BAD_YANDEX_SECRET",
        /// The algorithm is not SHA1, SHA256 or SHA512.
        BadAlgorithm = "OTP_BAD_ALGORITHM",
        /// The number of digits is not 1 to 10.
        BadDigits = "OTP_BAD_DIGITS",
        /// The period is not a whole number of seconds from 1 to 4294967295.
        BadPeriod = "OTP_BAD_PERIOD",
        /// The counter is not a whole number from 0 to 9007199254740991.
        BadCounter = "OTP_BAD_COUNTER",
        /// The PIN is not 1 to 32 letters or digits.
        BadPin = "OTP_BAD_PIN",
        /// This kind of code needs a PIN.
        NoPin = "OTP_NO_PIN",
        /// The time is not a number of milliseconds since 1970, or looks like seconds.
        BadTime = "OTP_BAD_TIME",
        /// The window is larger than is safe: at most 10 steps or counters.
        BadWindow = "OTP_BAD_WINDOW",
        /// This kind of code has no counter.
        NotCounted = "OTP_NOT_COUNTED",
        /// This kind of code has no time step.
        NotTimed = "OTP_NOT_TIMED",
    }
}

impl OtpError {
    /// The index of this error in [`OtpError::ALL`], by which it is passed to JavaScript.
    pub const fn number(&self) -> u8 {
        match self {
            Self::NotOtpauth => 0,
            Self::IsMigration => 1,
            Self::UnknownKind => 2,
            Self::TooLong => 3,
            Self::Repeated => 4,
            Self::NoSecret => 5,
            Self::BadBase32 { .. } => 6,
            Self::BadHex { .. } => 7,
            Self::BadYandexSecret => 8,
            Self::BadAlgorithm => 9,
            Self::BadDigits => 10,
            Self::BadPeriod => 11,
            Self::BadCounter => 12,
            Self::BadPin => 13,
            Self::NoPin => 14,
            Self::BadTime => 15,
            Self::BadWindow => 16,
            Self::NotCounted => 17,
            Self::NotTimed => 18,
        }
    }

    /// For [`OtpError::BadBase32`] and [`OtpError::BadHex`]: the number of characters of the secret before the invalid one.
    pub const fn at(&self) -> Option<usize> {
        match self {
            Self::BadBase32 { at } | Self::BadHex { at } => Some(*at),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OtpError::{self, *};

    #[test]
    fn numbers_are_indices_of_the_list() {
        let every = [
            NotOtpauth,
            IsMigration,
            UnknownKind,
            TooLong,
            Repeated,
            NoSecret,
            BadBase32 { at: 1 },
            BadHex { at: 1 },
            BadYandexSecret,
            BadAlgorithm,
            BadDigits,
            BadPeriod,
            BadCounter,
            BadPin,
            NoPin,
            BadTime,
            BadWindow,
            NotCounted,
            NotTimed,
        ];
        assert_eq!(every.len(), OtpError::ALL.len());
        for error in every {
            assert_eq!(OtpError::ALL[usize::from(error.number())].0, error.code());
        }
    }
}
