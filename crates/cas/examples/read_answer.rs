//! How long the core takes to read an answer of 20 kB, in XML and in JSON: `cargo run --release -p cas --example read_answer`.
//! Prints a line for each: the format, the bytes, and the median in nanoseconds.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement prints what a clock says")]

use std::{fmt::Write as _, hint::black_box, time::Instant};

use cas::{Expect, Protocol, answer::read};

const BYTES: usize = 20_000;
const ROUNDS: usize = 2_001;

/// As a directory with many groups fills it: one name in ten has a letter that XML escapes. Where all have one, XML takes 1.7 times as long.
fn group(number: usize) -> String {
    let and = if number.is_multiple_of(10) { "&amp;" } else { "and" };
    format!("CN=Group {number:04} of Students {and} Staff,OU=Groups,OU=Campus,DC=example,DC=org")
}

fn xml() -> String {
    let mut groups = String::new();
    for number in 0.. {
        if groups.len() + 300 > BYTES {
            break;
        }
        let _ = write!(groups, "<cas:memberOf>{}</cas:memberOf>", group(number));
    }
    format!(
        "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'><cas:authenticationSuccess><cas:user>ann</cas:user>\
         <cas:attributes><cas:mail>ann@example.org</cas:mail>{groups}</cas:attributes></cas:authenticationSuccess></cas:serviceResponse>"
    )
}

fn json() -> String {
    let mut groups = String::new();
    for number in 0.. {
        if groups.len() + 200 > BYTES {
            break;
        }
        let _ = write!(groups, "{}\"{}\"", if number == 0 { "" } else { "," }, group(number));
    }
    format!(
        r#"{{"serviceResponse":{{"authenticationSuccess":{{"user":"ann","attributes":{{"mail":"ann@example.org","memberOf":[{groups}]}}}}}}}}"#
    )
}

fn main() {
    let expect = Expect::new(Protocol::Cas3);
    for (format, body) in [("xml", xml()), ("json", json())] {
        let mut nanos: Vec<_> = (0..ROUNDS)
            .map(|_| {
                let began = Instant::now();
                let answer = read(200, black_box(body.as_bytes()), &expect);
                let took = began.elapsed().as_nanos();
                assert!(answer.is_ok_and(|answer| answer.user == "ann"), "an answer that signs in");
                took
            })
            .collect();
        nanos.sort_unstable();
        println!("{format} {} {}", body.len(), nanos.get(ROUNDS / 2).copied().unwrap_or_default());
    }
}
