//! The entry `portcullis`, over raw exports: one static block of bytes, no allocator, no std. wasm-bindgen's strings
//! would cost it 2 kB of gzip, a fifth of its budget. `npm/otp/glue.js` is the other side.
//!
//! JavaScript writes what a function takes at [`taken`], calls [`run`] with the function's number and the lengths, and reads the
//! answer at [`given`]. One export for all functions, because each would repeat what [`run`] does around them: 0.2 kB of gzip.
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

/// Runs one function on the block and wipes what it took. By number:
///
/// 0. an address as a record (see `otp::wire`); gives the record's length
/// 1. a record as an address; gives the address's length
/// 2. the codes of `a` records at the time `b`
/// 3. whether what was typed, which stands after a record of `a` bytes, is its code around the time `b`, with the window `c`, after
///    the step `d`: 1 or 0
/// 4. the same for a record that counts, with the look-ahead `b`
/// 5. the same for two codes in a row within `b`, the second of which begins at `c`
/// 6. random bytes as a secret in base32; gives its length
#[unsafe(no_mangle)]
pub extern "C" fn run(function: u32, len: usize, a: f64, b: f64, c: f64, d: f64) -> i32 {
    // SAFETY: only JavaScript calls the exports, one at a time, and none of them calls another.
    let Block { taken, given, scratch } = unsafe { &mut *SHARED.block.get() };
    let mut place = None;
    let outcome = match taken.get_mut(..len) {
        Some(taken) => {
            let outcome = match function {
                0 => {
                    let outcome = wire::parse(taken, scratch, given);
                    scratch.fill(0);
                    outcome
                }
                1 => wire::format(taken, given),
                2 => wire::codes(taken, whole(a), b, given).map(|()| 0).map_err(|(index, error)| {
                    if a > 1.0 {
                        place = i32::try_from(index).ok();
                    }
                    error
                }),
                3..=5 => {
                    let middle = whole(c).saturating_sub(whole(a));
                    let found = taken.split_at_mut_checked(whole(a)).and_then(|(record, typed)| match function {
                        3 => Some(wire::verify(record, typed, b, c, d, given)),
                        4 => Some(wire::verify_counter(record, typed, b, given)),
                        _ => {
                            let (first, second) = typed.split_at_checked(middle)?;
                            Some(wire::resync(record, first, second, b, given))
                        }
                    });
                    found.unwrap_or(Err(OtpError::TooLong)).map(usize::from)
                }
                _ => wire::secret(taken, given),
            };
            taken.fill(0);
            outcome
        }
        None => Err(OtpError::TooLong),
    };
    match outcome {
        Ok(number) => i32::try_from(number).unwrap_or(i32::MAX),
        Err(error) => {
            let at = place.or_else(|| error.at().and_then(|at| i32::try_from(at).ok()));
            SHARED.at.set(at.unwrap_or(-1));
            -1 - i32::from(error.number())
        }
    }
}

/// A length or a number of records. Any other number becomes 0 or too large, and is refused later.
#[expect(clippy::as_conversions, reason = "a cast of `f64` keeps to the bounds")]
const fn whole(number: f64) -> usize {
    number as usize
}
