//! Seeded random streams: one for each purpose and entity, so that the draws of one entity never shift those of
//! another.

use rand::{Rng as _, RngExt, SeedableRng};
use rand_pcg::Pcg32;

/// The generator of every stream: PCG XSH RR 64/32, the same on every machine.
pub type Rng = Pcg32;

/// What a stream is for. The number is part of the seed: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The gaps between arrivals.
    Arrival = 1,
    /// The client that sends a request, and its user.
    Source = 2,
    /// The class of a request, and the item it asks for.
    Class = 3,
    /// The work of a request.
    Work = 4,
    /// The draws of a balancer's picker.
    Pick = 5,
    /// Whether a failing server fails an attempt.
    Fault = 6,
    /// All draws of one user of a closed loop.
    Person = 7,
    /// The side of a traffic split that a request goes to.
    Split = 20,
    /// The draws of the authority for the scene's name.
    Dns = 21,
    /// The ages of the answers in resolver caches at the start.
    Resolver = 22,
}

/// The stream of `purpose` for the entity number `index` in a run with `seed`.
#[must_use]
pub fn stream(seed: u64, purpose: Purpose, index: u64) -> Rng {
    let mut state =
        mix(seed ^ mix(purpose as u64) ^ mix(index.wrapping_add(0x5EED)).rotate_left(17));
    let mut bytes = [0; 16];
    for half in bytes.chunks_exact_mut(8) {
        state = mix(state);
        half.copy_from_slice(&state.to_le_bytes());
    }
    Rng::from_seed(bytes)
}

/// A whole number below `bound`, every one equally likely; 0 where `bound` is 0.
pub fn below(rng: &mut Rng, bound: u32) -> u32 {
    if bound == 0 {
        0
    } else {
        rng.random_range(0..bound)
    }
}

/// Any whole number of 64 bits.
pub fn any_u64(rng: &mut Rng) -> u64 {
    rng.next_u64()
}

/// SplitMix64's finaliser: spreads close numbers far apart (Steele, Lea and Flood 2014).
const fn mix(value: u64) -> u64 {
    let z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_stable_and_differ() {
        let first = |seed, purpose, index| stream(seed, purpose, index).next_u64();
        assert_eq!(first(7, Purpose::Work, 0), first(7, Purpose::Work, 0));
        assert_ne!(first(7, Purpose::Work, 0), first(7, Purpose::Work, 1));
        assert_ne!(first(7, Purpose::Work, 0), first(7, Purpose::Class, 0));
        assert_ne!(first(7, Purpose::Work, 0), first(8, Purpose::Work, 0));
    }

    #[test]
    fn below_covers_its_range_evenly() {
        let mut rng = stream(1, Purpose::Pick, 0);
        let mut counts = [0_u32; 5];
        for _ in 0..50_000 {
            counts[below(&mut rng, 5) as usize] += 1;
        }
        // Five standard deviations of a binomial with p = 1/5.
        assert!(
            counts.iter().all(|count| count.abs_diff(10_000) < 450),
            "{counts:?}"
        );
        assert_eq!(below(&mut rng, 0), 0);
    }
}
