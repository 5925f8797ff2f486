//! The common parts of HAProxy's pickers: its weights, its hash functions, and which servers are up.
//!
//! Source: HAProxy 2.6, include/haproxy/backend-t.h, src/hash.c and include/haproxy/tools.h.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::balance::endpoint::{Endpoint, Tier, WEIGHT_UNIT};
use crate::balance::picker::{CandidateValue, PickKey};
use crate::hash::CRC32;

/// HAProxy counts weights in sixteenths (`BE_WEIGHT_SCALE`).
pub const WEIGHT_SCALE: u32 = 16;

/// The largest weight in sixteenths (`SRV_EWGHT_MAX`), and the distance between two servers' ids on
/// the ring (`SRV_EWGHT_RANGE`).
pub const WEIGHT_MAX: u32 = 256 * WEIGHT_SCALE;

/// A weight in sixteenths (`cur_eweight`); `honours_weight` false counts every server as 1.
#[must_use]
pub fn eweight(endpoint: &Endpoint, honours_weight: bool) -> u32 {
    if honours_weight {
        (endpoint.effective_weight() / (WEIGHT_UNIT / WEIGHT_SCALE)).max(1)
    } else {
        WEIGHT_SCALE
    }
}

/// Whether the server at `slot` is up, which a backup can be while primaries serve.
#[must_use]
pub fn is_up(slot: usize, endpoint: &Endpoint, usable: &[bool]) -> bool {
    usable[slot] || (endpoint.config.tier == Tier::Backup && endpoint.is_eligible())
}

/// The load of a server and its divisor, for display.
#[must_use]
pub fn load_row(endpoint: &Endpoint, honours_weight: bool) -> CandidateValue {
    let weight = if honours_weight {
        endpoint.effective_weight()
    } else {
        WEIGHT_UNIT
    };
    CandidateValue::Load {
        active: endpoint.active,
        weight,
    }
}

/// The functions that `hash-type` can name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HashFunction {
    /// # sdbm
    ///
    /// The default: `sdbm`, the hash of a database library.
    #[default]
    Sdbm,
    /// # djb2
    ///
    /// Bernstein's hash function.
    Djb2,
    /// # wt6
    ///
    /// HAProxy's own, made for short strings.
    Wt6,
    /// # crc32
    ///
    /// CRC-32 as in Ethernet and gzip.
    Crc32,
}

impl HashFunction {
    /// All hash functions, in the order of the enum.
    pub const ALL: [Self; 4] = [Self::Sdbm, Self::Djb2, Self::Wt6, Self::Crc32];

    /// The word in HAProxy's `hash-type`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sdbm => "sdbm",
            Self::Djb2 => "djb2",
            Self::Wt6 => "wt6",
            Self::Crc32 => "crc32",
        }
    }

    /// The function that a word of `hash-type` names; `None` for an unknown word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// The hash of some bytes.
    #[must_use]
    pub fn hash(self, bytes: &[u8]) -> u32 {
        match self {
            Self::Sdbm => bytes.iter().fold(0_u32, |hash, byte| {
                u32::from(*byte)
                    .wrapping_add(hash << 6)
                    .wrapping_add(hash << 16)
                    .wrapping_sub(hash)
            }),
            Self::Djb2 => bytes.iter().fold(5_381_u32, |hash, byte| {
                (hash << 5)
                    .wrapping_add(hash)
                    .wrapping_add(u32::from(*byte))
            }),
            Self::Wt6 => wt6(bytes),
            Self::Crc32 => CRC32.checksum(bytes),
        }
    }
}

/// `hash_wt6`: two words that turn and feed each other.
fn wt6(bytes: &[u8]) -> u32 {
    let (mut h0, mut h1) = (0xA53C_965A_u32, 0x5CA6_953A_u32);
    let (mut s0, mut s1) = (6_u32, 18_u32);
    for byte in bytes {
        h0 = !(h0 ^ u32::from(*byte));
        h1 = !h1.wrapping_add(u32::from(*byte));
        (h1, h0) = (h0.rotate_left(s1), h1.rotate_left(s0));
        let turn = ((h0 >> 16) ^ h1) & 0xFFFF;
        (s0, s1) = (turn & 0x1F, turn >> 11);
    }
    h0 ^ h1
}

/// `full_hash`: Bob Jenkins' avalanche, then a large prime to spread the result around the ring.
#[must_use]
pub const fn avalanche(hash: u32) -> u32 {
    let mut a = hash;
    a = a.wrapping_add(0x7ED5_5D16).wrapping_add(a << 12);
    a = a ^ 0xC761_C23C ^ (a >> 19);
    a = a.wrapping_add(0x1656_67B1).wrapping_add(a << 5);
    a = a.wrapping_add(0xD3A2_646C) ^ (a << 9);
    a = a.wrapping_add(0xFD70_46C5).wrapping_add(a << 3);
    a = a ^ 0xB55A_4F09 ^ (a >> 16);
    a.wrapping_mul(3_221_225_473)
}

/// The part of a request that is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashSource {
    /// `balance source`: the client's address, all of it.
    Address,
    /// `balance uri`: the path up to a question mark. At L4, where no path can be read, the
    /// client's address and port as text.
    Path,
}

/// The hashing of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// The part of a request that is hashed.
    pub source: HashSource,
    /// The hash function; an address is folded into one word instead.
    pub function: HashFunction,
    /// Whether the avalanche follows the function.
    pub avalanche: bool,
}

impl Hashing {
    /// The hash of the visible part of a request.
    #[must_use]
    pub fn of(&self, key: &PickKey<'_>) -> u32 {
        let hash = match self.source {
            HashSource::Address => words_of(key.source),
            HashSource::Path if key.text.is_empty() => {
                self.function.hash(key.address_text().as_bytes())
            }
            HashSource::Path => {
                let end = key.text.iter().position(|byte| *byte == b'?');
                self.function
                    .hash(&key.text[..end.unwrap_or(key.text.len())])
            }
        };
        if self.avalanche {
            avalanche(hash)
        } else {
            hash
        }
    }
}

/// An address folded into one word (`get_server_sh`).
fn words_of(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(address) => u32::from(address),
        IpAddr::V6(address) => {
            let word = |octets: &[u8]| {
                octets
                    .iter()
                    .fold(0, |word, &one| word << 8 | u32::from(one))
            };
            address
                .octets()
                .chunks_exact(4)
                .map(word)
                .fold(0, |hash, word| hash ^ word)
        }
    }
}
