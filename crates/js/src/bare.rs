//! What std gives to the other entries: an allocator, and an end for a panic.

/// The one of std.
#[cfg(feature = "backup")]
#[global_allocator]
static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Nothing here panics on any input; if it did, the call would end and JavaScript would see a `RuntimeError`.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
