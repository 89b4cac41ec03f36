//! The entry `portcullis`, over raw exports: one static block of bytes, no allocator, no std. wasm-bindgen's strings
//! would cost it 2 kB of gzip, a fifth of its budget. `npm/otp/glue.js` is the other side.
//!
//! JavaScript writes what a function takes at [`taken`], calls it with the lengths, and reads the answer at [`given`].
//! A negative answer is an error: minus one minus its number in `OtpError::ALL`, whose
//! sentences JavaScript has from the same list; [`at`] gives its place. Each call wipes what it took; JavaScript wipes what it was given.
#![expect(unsafe_code, reason = "raw exports and one static block; why it is sound stands at each use")]

use core::cell::{Cell, UnsafeCell};

use otp::{OtpError, uri::MAX_SCRATCH, wire};

/// Room for what a call takes: one address, or the records of a list.
const TAKEN: usize = 64 * 1024;
/// Room for what a call gives: one address or record, or the codes of a list.
const GIVEN: usize = 16 * 1024;

/// The lists hold `f64`s, so the block is aligned for them.
#[repr(C, align(8))]
struct Block {
    taken: [u8; TAKEN],
    given: [u8; GIVEN],
    scratch: [u8; MAX_SCRATCH],
}

struct Shared {
    block: UnsafeCell<Block>,
    at: Cell<i32>,
}

// SAFETY: wasm32-unknown-unknown without atomics has one thread.
unsafe impl Sync for Shared {}

static SHARED: Shared = Shared {
    block: UnsafeCell::new(Block { taken: [0; TAKEN], given: [0; GIVEN], scratch: [0; MAX_SCRATCH] }),
    at: Cell::new(-1),
};

/// Where an error is: which account of a list, or which character of a secret; -1 for nowhere.
#[unsafe(no_mangle)]
pub extern "C" fn at() -> i32 {
    SHARED.at.get()
}

/// Where a call's input is written: 64 KiB.
#[unsafe(no_mangle)]
pub extern "C" fn taken() -> *mut u8 {
    SHARED.block.get().cast()
}

/// Where a call's output is read: 16 KiB.
#[unsafe(no_mangle)]
pub extern "C" fn given() -> *mut u8 {
    taken().wrapping_add(TAKEN)
}

/// An address as a record (see `otp::wire`); gives the record's length.
#[unsafe(no_mangle)]
pub extern "C" fn parse(len: usize) -> i32 {
    call(len, |uri, given, scratch| {
        let outcome = wire::parse(uri, scratch, given);
        scratch.fill(0);
        outcome
    })
}

/// A record as an address; gives the address's length.
#[unsafe(no_mangle)]
pub extern "C" fn format(len: usize) -> i32 {
    call(len, |record, given, _| wire::format(record, given))
}

/// The codes of `count` records at a time.
#[unsafe(no_mangle)]
pub extern "C" fn codes(len: usize, count: usize, now_ms: f64) -> i32 {
    let mut place = None;
    let answer = call(len, |records, given, _| {
        wire::codes(records, count, now_ms, given).map(|()| 0).map_err(|(index, error)| {
            if count > 1 {
                place = i32::try_from(index).ok();
            }
            error
        })
    });
    if let Some(index) = place {
        SHARED.at.set(index);
    }
    answer
}

/// Whether what was typed, which stands after the record, is its code around a time: 1 or 0.
#[unsafe(no_mangle)]
pub extern "C" fn verify(len: usize, typed: usize, now_ms: f64, window: f64, after: f64) -> i32 {
    pair(len, typed, |record, typed, given| wire::verify(record, typed, now_ms, window, after, given))
}

/// The same for a record that counts.
#[unsafe(no_mangle)]
pub extern "C" fn count(len: usize, typed: usize, look_ahead: f64) -> i32 {
    pair(len, typed, |record, typed, given| wire::verify_counter(record, typed, look_ahead, given))
}

/// The same for two codes in a row.
#[unsafe(no_mangle)]
pub extern "C" fn resync(len: usize, first: usize, second: usize, reach: f64) -> i32 {
    pair(len, first.saturating_add(second), |record, typed, given| {
        let (first, second) = typed.split_at_checked(first).ok_or(OtpError::TooLong)?;
        wire::resync(record, first, second, reach, given)
    })
}

/// Random bytes as a secret in base32; gives its length.
#[unsafe(no_mangle)]
pub extern "C" fn secret(len: usize) -> i32 {
    call(len, |random, given, _| wire::secret(random, given))
}

fn pair(record: usize, typed: usize, work: impl FnOnce(&mut [u8], &[u8], &mut [u8]) -> Result<bool, OtpError>) -> i32 {
    call(record.saturating_add(typed), |taken, given, _| {
        let (record, typed) = taken.split_at_mut_checked(record).ok_or(OtpError::TooLong)?;
        work(record, typed, given).map(usize::from)
    })
}

/// Runs one call on the block and wipes what it took.
fn call(len: usize, work: impl FnOnce(&mut [u8], &mut [u8], &mut [u8]) -> Result<usize, OtpError>) -> i32 {
    // SAFETY: only JavaScript calls the exports, one at a time, and none of them calls another.
    let Block { taken, given, scratch } = unsafe { &mut *SHARED.block.get() };
    let outcome = match taken.get_mut(..len) {
        Some(taken) => {
            let outcome = work(taken, given, scratch);
            taken.fill(0);
            outcome
        }
        None => Err(OtpError::TooLong),
    };
    match outcome {
        Ok(number) => i32::try_from(number).unwrap_or(i32::MAX),
        Err(error) => {
            SHARED.at.set(error.at().and_then(|at| i32::try_from(at).ok()).unwrap_or(-1));
            -1 - i32::from(error.number())
        }
    }
}

/// Nothing here panics on any input; if it did, the call would end and JavaScript would see a `RuntimeError`.
#[cfg(not(feature = "bindgen"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
