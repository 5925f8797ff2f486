//! The directives for each algorithm in each program, and the algorithms that directives mean. No other file of the
//! crate names algorithms. An algorithm that a program lacks is written as the nearest one that the program has. The
//! catalogue names it, so such an algorithm needs no line here.

use super::remark::Remark;
use evenkeel_sim::balance::algorithm::Algorithm;
use evenkeel_sim::balance::spec::BalancerSpec;
use evenkeel_words::say;

/// The algorithm's name in texts.
#[must_use]
pub fn label(algorithm: Algorithm) -> String {
    say(&format!("algorithm.{}.label", algorithm.row().id), &[])
}

/// The number of draws of a random choice by default.
const TWO: u8 = 2;

/// The directives for an algorithm in one program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlgorithmDirective {
    /// The lines, without their line ends.
    pub lines: Vec<String>,
    /// The difference from the scene; `None` if there is none.
    pub remark: Option<Remark>,
    /// Whether the algorithm uses weights.
    pub weighted: bool,
}

impl AlgorithmDirective {
    fn of(algorithm: Algorithm, lines: &[&str]) -> Self {
        Self {
            lines: lines.iter().map(ToString::to_string).collect(),
            remark: None,
            weighted: algorithm.row().weighted,
        }
    }

    /// Other directives than the algorithm's own, with the remark that they are the nearest that the program has.
    fn nearest(algorithm: Algorithm, program: &'static str, lines: Vec<String>) -> Self {
        Self {
            lines,
            remark: Some(nearest(algorithm, program)),
            weighted: algorithm.row().weighted,
        }
    }
}

/// The remark that a program lacks an algorithm, and that the nearest one stands there.
fn nearest(algorithm: Algorithm, program: &'static str) -> Remark {
    let label = label(algorithm);
    Remark::Nearest { label, program }
}

/// The algorithm that a directive means in a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedAlgorithm {
    /// The algorithm, in its weighted form where it has one.
    pub algorithm: Algorithm,
    /// The number of draws, in HAProxy and Envoy.
    pub draws: Option<u8>,
    /// Whether it is only the nearest that the scene has.
    pub nearest: bool,
}

impl ParsedAlgorithm {
    const fn exact(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            draws: None,
            nearest: false,
        }
    }

    const fn near(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            draws: None,
            nearest: true,
        }
    }

    /// The algorithm of a program without a directive: round robin by weight.
    #[must_use]
    pub const fn weighted_round_robin() -> Self {
        Self::exact(Algorithm::WeightedRoundRobin)
    }

    /// Chooses between weighted and plain round robin: a configuration cannot express "round robin, whatever the
    /// weights". If it gives no weights, the scene's own algorithm stays.
    #[must_use]
    pub fn with_scene_algorithm(self, scene: Algorithm, all_alike: bool) -> Self {
        let twins = [
            (Algorithm::RoundRobin, Algorithm::WeightedRoundRobin),
            (
                Algorithm::LeastConnections,
                Algorithm::WeightedLeastConnections,
            ),
            (Algorithm::Random, Algorithm::WeightedRandom),
        ];
        if all_alike && twins.contains(&(scene, self.algorithm)) {
            Self {
                algorithm: scene,
                ..self
            }
        } else {
            self
        }
    }
}

/// nginx: the line in `upstream`. `stream` is nginx at L4, which reads no paths.
#[must_use]
pub fn to_nginx(algorithm: Algorithm, draws: Option<u8>, stream: bool) -> AlgorithmDirective {
    let of = |lines: &[&str]| AlgorithmDirective::of(algorithm, lines);
    let nearest = |lines: Vec<String>| AlgorithmDirective::nearest(algorithm, "nginx", lines);
    let [hash, ring] = if stream {
        [
            "hash $remote_addr:$remote_port",
            "hash $remote_addr:$remote_port consistent",
        ]
    } else {
        ["hash $request_uri", "hash $request_uri consistent"]
    };
    match algorithm {
        Algorithm::RoundRobin | Algorithm::WeightedRoundRobin => of(&[]),
        Algorithm::LeastConnections | Algorithm::WeightedLeastConnections => of(&["least_conn"]),
        Algorithm::IpHash if stream => nearest(vec!["hash $remote_addr".to_string()]),
        Algorithm::IpHash => of(&["ip_hash"]),
        Algorithm::LeastTime => AlgorithmDirective {
            remark: Some(Remark::LeastTime),
            ..of(&["least_conn"])
        },
        Algorithm::Random | Algorithm::WeightedRandom => of(&["random"]),
        Algorithm::PowerOfTwo if draws.unwrap_or(TWO) != TWO => {
            nearest(to_nginx(algorithm, None, stream).lines)
        }
        Algorithm::PowerOfTwo => of(&["random two least_conn"]),
        Algorithm::KeyHash => of(&[hash]),
        Algorithm::ConsistentHash => of(&[ring]),
        other => nearest(to_nginx(other.row().nearest, None, stream).lines),
    }
}

/// nginx: the meaning of a method line; `None` for a directive that is no method.
#[must_use]
pub fn from_nginx(name: &str, words: &[&str], stream: bool) -> Option<ParsedAlgorithm> {
    let method = match (name, words) {
        ("least_conn", []) => ParsedAlgorithm::exact(Algorithm::WeightedLeastConnections),
        ("ip_hash", []) if !stream => ParsedAlgorithm::exact(Algorithm::IpHash),
        ("hash", [key, "consistent"]) => ParsedAlgorithm {
            nearest: !is_scene_key(key, stream),
            ..ParsedAlgorithm::exact(Algorithm::ConsistentHash)
        },
        ("hash", [key]) if is_address(key) => ParsedAlgorithm {
            nearest: !stream,
            ..ParsedAlgorithm::exact(Algorithm::IpHash)
        },
        ("hash", [key]) => ParsedAlgorithm {
            nearest: !is_scene_key(key, stream),
            ..ParsedAlgorithm::exact(Algorithm::KeyHash)
        },
        ("random", []) => ParsedAlgorithm::exact(Algorithm::WeightedRandom),
        ("random", ["two"] | ["two", "least_conn"]) => {
            ParsedAlgorithm::exact(Algorithm::PowerOfTwo)
        }
        (
            "random",
            [
                "two",
                "least_time" | "least_time=header" | "least_time=last_byte",
            ],
        ) => ParsedAlgorithm::near(Algorithm::PowerOfTwo),
        ("random", ["two", other]) if other.starts_with("least_time=") => {
            ParsedAlgorithm::near(Algorithm::PowerOfTwo)
        }
        ("least_time", ["last_byte"]) => ParsedAlgorithm::exact(Algorithm::LeastTime),
        ("least_time", ["header" | "last_byte" | "connect" | "first_byte", ..]) => {
            ParsedAlgorithm::near(Algorithm::LeastTime)
        }
        _ => return None,
    };
    Some(method)
}

/// Whether nginx allows no backups with this method (1.22, `NGX_HTTP_UPSTREAM_BACKUP` in the modules of the methods).
pub fn allows_no_backup(method: &str) -> bool {
    matches!(method, "ip_hash" | "hash" | "random")
}

/// Whether a key of nginx's is what the scene hashes: the path, or at L4 the address and port.
fn is_scene_key(key: &str, stream: bool) -> bool {
    if stream {
        key == "$remote_addr:$remote_port"
    } else {
        matches!(key, "$request_uri" | "$uri")
    }
}

fn is_address(key: &str) -> bool {
    matches!(key, "$remote_addr" | "$binary_remote_addr")
}

/// HAProxy: the `balance` line, and the lines that belong to it. `tcp` is HAProxy at L4.
#[must_use]
pub fn to_haproxy(algorithm: Algorithm, draws: Option<u8>, tcp: bool) -> AlgorithmDirective {
    let of = |lines: &[&str]| AlgorithmDirective::of(algorithm, lines);
    let nearest = |lines: Vec<String>| AlgorithmDirective::nearest(algorithm, "HAProxy", lines);
    let several = format!("balance random({})", draws.unwrap_or(TWO));
    match algorithm {
        Algorithm::RoundRobin | Algorithm::WeightedRoundRobin => of(&["balance roundrobin"]),
        Algorithm::LeastConnections | Algorithm::WeightedLeastConnections => {
            of(&["balance leastconn"])
        }
        Algorithm::IpHash => of(&["balance source"]),
        Algorithm::KeyHash if tcp => nearest(vec!["balance source".to_string()]),
        Algorithm::ConsistentHash | Algorithm::BoundedLoadHash if tcp => {
            let ring = ["balance source", "hash-type consistent"];
            nearest(ring.map(str::to_string).to_vec())
        }
        Algorithm::Random | Algorithm::WeightedRandom => of(&["balance random(1)"]),
        Algorithm::PowerOfTwo => of(&[&several]),
        Algorithm::KeyHash => of(&["balance uri"]),
        Algorithm::ConsistentHash => of(&["balance uri", "hash-type consistent"]),
        Algorithm::BoundedLoadHash => of(&[
            "balance uri",
            "hash-type consistent",
            "hash-balance-factor 125",
        ]),
        Algorithm::First => of(&["balance first"]),
        other => nearest(to_haproxy(other.row().nearest, None, tcp).lines),
    }
}

/// HAProxy: the meaning of a `balance` line. `ring`: whether there is a `hash-type consistent`; `bounded`: whether
/// there is a `hash-balance-factor`. `None` for a word that HAProxy does not know.
#[must_use]
pub fn from_haproxy(words: &[&str], ring: bool, bounded: bool) -> Option<ParsedAlgorithm> {
    let (first, rest) = words.split_first()?;
    let hashed = match (ring, bounded) {
        (true, true) => Algorithm::BoundedLoadHash,
        (true, false) => Algorithm::ConsistentHash,
        _ => Algorithm::KeyHash,
    };
    let method = match *first {
        "roundrobin" => ParsedAlgorithm::weighted_round_robin(),
        "static-rr" => ParsedAlgorithm::weighted_round_robin(),
        "leastconn" => ParsedAlgorithm::exact(Algorithm::WeightedLeastConnections),
        "first" => ParsedAlgorithm::exact(Algorithm::First),
        "source" => ParsedAlgorithm::exact(Algorithm::IpHash),
        "uri" => ParsedAlgorithm {
            nearest: !rest.is_empty(),
            ..ParsedAlgorithm::exact(hashed)
        },
        "url_param" | "hash" => ParsedAlgorithm::near(hashed),
        word if word.starts_with("hdr(") || word.starts_with("rdp-cookie") => {
            ParsedAlgorithm::near(hashed)
        }
        word if word.starts_with("random") => match draws_of(word)? {
            1 => ParsedAlgorithm::exact(Algorithm::WeightedRandom),
            draws => ParsedAlgorithm {
                draws: (draws != TWO).then_some(draws.min(16)),
                nearest: draws > 16,
                ..ParsedAlgorithm::exact(Algorithm::PowerOfTwo)
            },
        },
        _ => return None,
    };
    Some(method)
}

/// The number of draws of `random` or `random(3)`.
fn draws_of(word: &str) -> Option<u8> {
    if word == "random" {
        return Some(TWO);
    }
    let number = word.strip_prefix("random(")?.strip_suffix(')')?;
    number.parse().ok().filter(|draws| *draws > 0)
}

/// The part of a request that Envoy hashes for an algorithm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnvoyHash {
    /// The algorithm hashes nothing.
    #[default]
    None,
    /// The address of the client.
    Source,
    /// The path, or at L4 the client's address: Envoy's TCP proxy does not hash the port.
    Path,
}

/// An extension of Envoy that is a load-balancing policy.
#[derive(Clone, Copy, Debug)]
pub struct EnvoyExtension {
    /// Its name below `envoy.load_balancing_policies`, and in its package.
    pub name: &'static str,
    /// The name of its message.
    pub message: &'static str,
    /// Its settings in a scene, as an object. Their names are Envoy's with the unit at the end: `_us`, `_permille`.
    pub settings: fn(&BalancerSpec) -> serde_json::Result<serde_json::Value>,
}

/// The settings of an Envoy cluster for an algorithm.
#[derive(Clone, Debug, Default)]
pub struct EnvoyPolicy {
    /// The value of `lb_policy`; empty if it is an extension.
    pub policy: &'static str,
    /// The extension in `load_balancing_policy`; `None` if `lb_policy` names the policy.
    pub extension: Option<EnvoyExtension>,
    /// The `choice_count` of LEAST_REQUEST; `None` is Envoy's default.
    pub choices: Option<u8>,
    /// The part of a request that is hashed.
    pub hash: EnvoyHash,
    /// The `hash_balance_factor`, in percent; `None` is no bound.
    pub balance_factor: Option<u32>,
    /// Whether the algorithm uses weights.
    pub weighted: bool,
    /// The difference from the scene; `None` if there is none.
    pub remark: Option<Remark>,
}

/// Envoy: the cluster's `lb_policy` and the settings that belong to it.
#[must_use]
pub fn to_envoy(algorithm: Algorithm, draws: Option<u8>) -> EnvoyPolicy {
    let of = |policy| EnvoyPolicy {
        policy,
        weighted: algorithm.row().weighted,
        ..EnvoyPolicy::default()
    };
    let near = |policy: EnvoyPolicy| EnvoyPolicy {
        weighted: algorithm.row().weighted,
        remark: Some(nearest(algorithm, "Envoy")),
        ..policy
    };
    let hashed = |policy, hash| EnvoyPolicy { hash, ..of(policy) };
    let least = |choices: u8| EnvoyPolicy {
        choices: Some(choices.max(TWO)),
        ..of("LEAST_REQUEST")
    };
    match algorithm {
        Algorithm::RoundRobin | Algorithm::WeightedRoundRobin => of("ROUND_ROBIN"),
        Algorithm::LeastConnections | Algorithm::WeightedLeastConnections => least(TWO),
        Algorithm::PowerOfTwo if draws == Some(1) => near(least(TWO)),
        Algorithm::PowerOfTwo => least(draws.unwrap_or(TWO)),
        Algorithm::Random => of("RANDOM"),
        Algorithm::IpHash => hashed("RING_HASH", EnvoyHash::Source),
        Algorithm::ConsistentHash => hashed("RING_HASH", EnvoyHash::Path),
        Algorithm::BoundedLoadHash => EnvoyPolicy {
            balance_factor: Some(125),
            ..hashed("RING_HASH", EnvoyHash::Path)
        },
        Algorithm::Maglev => hashed("MAGLEV", EnvoyHash::Path),
        Algorithm::ClientSideWeightedRoundRobin => EnvoyPolicy {
            extension: Some(EnvoyExtension {
                name: "client_side_weighted_round_robin",
                message: "ClientSideWeightedRoundRobin",
                settings: |balancer| serde_json::to_value(balancer.load_weights),
            }),
            ..of("")
        },
        other => near(to_envoy(other.row().nearest, None)),
    }
}
