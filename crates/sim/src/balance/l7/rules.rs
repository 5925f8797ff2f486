//! The rules by which an L7 balancer treats a request, as a scenario says them.
//!
//! They are walked in order. A rule that routes, answers or refuses ends the walk; one that counts,
//! asks for a login, adds headers or lets a protocol change pass goes on to the next. A request that
//! no rule routes goes to the first pool.

use serde::{Deserialize, Serialize};

use super::token_bucket::RateLimit;

/// One rule: what it holds for, and what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is called on the page; the page makes a name where this is empty.
    #[serde(default)]
    pub name: String,
    /// Which requests it is for; absent is all.
    #[serde(default)]
    pub when: RouteMatch,
    /// What it does with them.
    pub then: RouteAction,
    /// Whether it is in force.
    #[serde(default = "yes")]
    pub on: bool,
}

/// Which requests a rule is for: all that is said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RouteMatch {
    /// The path begins with this.
    pub path: Option<String>,
    /// The path and query contain this, whatever the case (what a web application firewall looks
    /// for).
    pub contains: Option<String>,
    /// The host is this, whatever the case.
    pub host: Option<String>,
    /// The method is this.
    pub method: Option<String>,
    /// A header of this name has this value.
    pub header: Option<HeaderMatch>,
    /// A cookie of this name has this value.
    pub cookie: Option<HeaderMatch>,
}

/// A name and a value; without a value any will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderMatch {
    /// The name. Headers: whatever the case.
    pub name: String,
    /// The value, to the letter; `null` is any.
    #[serde(default)]
    pub value: Option<String>,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteAction {
    /// Sends it to a pool.
    Pool(String),
    /// Sends each request to one of several pools by lot (an A/B test, a canary).
    Split(Vec<SplitWeight>),
    /// Answers it itself: a file from the balancer's own disk.
    Static,
    /// Turns it away with 403: what a web application firewall does.
    Block,
    /// Turns it away with 401 unless it has this header.
    Auth(String),
    /// Turns it away with 429 when its client's address sends too much.
    Limit(RateLimit),
    /// Adds headers to what the server gets.
    Inject(Vec<AddedHeader>),
    /// Lets the connection change to another protocol (WebSocket). Without it the `Upgrade` header,
    /// which is for one hop only (RFC 9110, section 7.6.1), does not reach the server.
    Upgrade,
}

/// One side of a split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitWeight {
    /// Where to.
    pub pool: String,
    /// How many, relative to the other parts.
    pub share: u32,
}

/// A header that a balancer adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddedHeader {
    /// The client's address.
    XRealIp,
    /// The addresses the request came through, the client's first.
    XForwardedFor,
    /// Whether the client spoke TLS.
    XForwardedProto,
    /// A number by which the request is found again in every log.
    XRequestId,
}

impl AddedHeader {
    /// The header's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::XRealIp => "X-Real-IP",
            Self::XForwardedFor => "X-Forwarded-For",
            Self::XForwardedProto => "X-Forwarded-Proto",
            Self::XRequestId => "X-Request-ID",
        }
    }

    /// Its bit in a set of headers.
    #[must_use]
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Every header that can be added, in the order of their bits.
pub const INJECTED: [AddedHeader; 4] = [
    AddedHeader::XRealIp,
    AddedHeader::XForwardedFor,
    AddedHeader::XForwardedProto,
    AddedHeader::XRequestId,
];

impl RouteAction {
    /// The pools it may send to.
    #[must_use]
    pub fn pools(&self) -> Vec<&str> {
        match self {
            Self::Pool(pool) => vec![pool],
            Self::Split(parts) => parts.iter().map(|part| part.pool.as_str()).collect(),
            _ => Vec::new(),
        }
    }
}

const fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_written_as_they_are_read() {
        let text = r#"[
            {"when": {"path": "/static/"}, "then": "static"},
            {"when": {"header": {"name": "content-type", "value": "application/grpc"}},
             "then": {"pool": "grpc"}},
            {"then": {"limit": {"rate_permille": 5000, "burst": 10}}},
            {"then": {"inject": ["x-real-ip", "x-forwarded-for"]}},
            {"name": "canary", "then": {"split": [{"pool": "a", "share": 9}, {"pool": "b", "share": 1}]},
             "on": false}
        ]"#;
        let rules: Vec<Rule> = serde_json::from_str(text).expect("the rules are well formed");
        assert_eq!(rules[0].then, RouteAction::Static);
        assert_eq!(rules[1].then.pools(), ["grpc"]);
        assert_eq!(rules[4].then.pools(), ["a", "b"]);
        assert!(rules[0].on && !rules[4].on);
        let again = serde_json::to_string(&rules).expect("they can be written");
        assert_eq!(serde_json::from_str::<Vec<Rule>>(&again).ok(), Some(rules));
    }

    #[test]
    fn headers_have_a_bit_each() {
        for (place, header) in INJECTED.into_iter().enumerate() {
            assert_eq!(header.bit(), 1 << place);
        }
    }
}
