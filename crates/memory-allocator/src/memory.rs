//! Memory that is used, not only reserved.

use std::{collections::TryReserveError, hint::black_box};

const MEBIBYTE: usize = 1024 * 1024;

/// Memory that stays resident as long as this value lives.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    mebibytes: Vec<Vec<u8>>,
}

impl Memory {
    /// Allocates one MiB more and writes to all of it.
    ///
    /// The kernel backs memory with a page only at the first write to it, also memory that was asked for as zeros. Only
    /// then does a limit count it.
    ///
    /// # Errors
    /// The kernel refuses to reserve more. Where it overcommits, as nearly everywhere, it kills the process at some write
    /// instead.
    pub(crate) fn grow(&mut self) -> Result<(), TryReserveError> {
        let mut block = Vec::new();
        block.try_reserve_exact(MEBIBYTE)?;
        block.resize(MEBIBYTE, 1);
        // Nothing reads the block: without this the compiler might leave it out.
        self.mebibytes.push(black_box(block));
        Ok(())
    }

    /// The size in MiB.
    pub(crate) fn mebibytes(&self) -> u64 {
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
        // Other tests in this process free a few MiB meanwhile.
        assert!(
            grown >= 48 << 20,
            "64 MiB were taken, and {} MiB became resident",
            grown >> 20
        );
    }
}
