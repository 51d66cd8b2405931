//! Memory that is not only promised but used.

use std::collections::TryReserveError;
use std::hint::black_box;

const MEBIBYTE: usize = 1024 * 1024;

/// Memory that stays resident as long as this value lives.
#[derive(Debug, Default)]
pub struct Memory {
    mebibytes: Vec<Vec<u8>>,
}

impl Memory {
    /// Takes one MiB more and writes to all of it.
    ///
    /// The writing is the point. For memory that was only asked for, or asked for as zeros, the kernel keeps no page:
    /// it hands one out at the first write, and only then does a limit count it.
    ///
    /// # Errors
    ///
    /// The kernel refuses to promise more. Where it overcommits, as nearly everywhere, it kills the process at some
    /// write instead.
    pub fn grow(&mut self) -> Result<(), TryReserveError> {
        let mut block = Vec::new();
        block.try_reserve_exact(MEBIBYTE)?;
        block.resize(MEBIBYTE, 1);
        // Nobody reads the block: without this the compiler might leave it out.
        self.mebibytes.push(black_box(block));
        Ok(())
    }

    /// How much has been taken, in MiB.
    #[must_use]
    pub fn mebibytes(&self) -> u64 {
        self.mebibytes.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_it_is_resident() {
        let before = service::resident_bytes().expect("Linux");
        let mut memory = Memory::default();
        for _ in 0..64 {
            memory.grow().expect("64 MiB can be had");
        }
        let grown = service::resident_bytes().expect("Linux").saturating_sub(before);
        assert_eq!(memory.mebibytes(), 64);
        // Other tests in this process give a few MiB back meanwhile.
        assert!(
            grown >= 48 << 20,
            "64 MiB were taken, and {} MiB became resident",
            grown >> 20
        );
    }
}
