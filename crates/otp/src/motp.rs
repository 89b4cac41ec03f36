//! Mobile-OTP (motp.sourceforge.net): MD5 over the time in tens of seconds, the secret as hexadecimal, and a PIN; the
//! first six hexadecimal digits are the code.

use md5::{Digest, Md5};

use crate::{
    Code,
    base32::HEX,
    number::{PeriodSecs, TotpStep},
};

/// Every mOTP code is this long.
pub(crate) const LEN: u8 = 6;

pub(crate) fn code(secret: &[u8], pin: &[u8], step: TotpStep) -> Code {
    let mut md5 = Md5::new();
    md5.update(decimal(step.0, &mut [0; 20]));
    for byte in secret {
        let pair = [byte >> 4, byte & 15].map(|nibble| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0'));
        md5.update(pair);
    }
    md5.update(pin);
    let [a, b, c, ..]: [u8; 16] = md5.finalize().into();
    let value = u32::from_be_bytes([0, a, b, c]);
    Code::render(value.into(), HEX, LEN).until(PeriodSecs::TEN.end(step))
}

/// `number` in decimal, without leading zeros.
pub(crate) fn decimal(mut number: u64, out: &mut [u8; 20]) -> &[u8] {
    let mut start = out.len();
    loop {
        start = start.saturating_sub(1);
        if let Some(place) = out.get_mut(start) {
            *place = b"0123456789".get(usize::try_from(number % 10).unwrap_or(0)).copied().unwrap_or(b'0');
        }
        number /= 10;
        if number == 0 {
            return out.get(start..).unwrap_or(&[]);
        }
    }
}
