//! The run digest, and the checksum that nginx and HAProxy share. (Other hash functions live beside
//! the pickers that use them.)

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use serde::{Deserialize, Serialize};

/// The usual CRC-32 (of zlib, nginx, HAProxy), with a table of 1 KiB: larger ones cost the page more
/// bytes than they save time on keys this short.
pub static CRC32: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// FNV-1a's multiplier.
const PRIME: u64 = 0x0000_0100_0000_01B3;

/// By how many zero bytes follow: what they come to. Each only multiplies.
const ZEROS: [u64; 9] = {
    let mut powers = [1_u64; 9];
    let mut place = 1;
    while place < powers.len() {
        powers[place] = powers[place - 1].wrapping_mul(PRIME);
        place += 1;
    }
    powers
};

/// FNV-1a over everything that a run decided, in order: two runs with equal digests made the same
/// decisions at the same times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Digest {
    /// Adds one value to the digest.
    pub fn add(&mut self, value: u64) {
        // Most values are small: the zero bytes at their end are taken at once.
        let (mut rest, mut zeros) = (value, ZEROS.len() - 1);
        while rest != 0 {
            self.0 = (self.0 ^ (rest & 0xFF)).wrapping_mul(PRIME);
            rest >>= 8;
            zeros -= 1;
        }
        self.0 = self.0.wrapping_mul(ZEROS[zeros]);
    }

    /// The digest so far.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
