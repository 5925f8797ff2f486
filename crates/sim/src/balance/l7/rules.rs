//! The rules by which an L7 balancer treats requests, as a scenario gives them.
//!
//! They are applied in order. A rule that routes, answers or rejects ends this; one that limits, asks for a login,
//! adds headers or allows an upgrade goes on to the next. A request that no rule routes goes to the first pool.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::token_bucket::RateLimit;
use crate::field::schema::describe;
use crate::field::{NAME, PART, TEXT, list, reference, scene_fields, set, whole};

/// One rule: its conditions and its action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// # Name
    /// The page makes one where this is empty.
    #[serde(default)]
    pub name: String,
    /// # For which requests
    /// All that is filled in must hold. With nothing filled in, the rule is for every request.
    #[serde(default)]
    pub when: RouteMatch,
    /// # What happens
    /// A rule that routes, answers or refuses a request is the last one for it.
    pub then: RouteAction,
    /// # In force
    /// A rule that is off does nothing.
    #[serde(default = "yes")]
    pub on: bool,
}

scene_fields!(Rule, "Rule" {
    name: TEXT,
    when: PART,
    then: PART,
});

/// The conditions of a rule on a request: all that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct RouteMatch {
    /// # Path begins with
    /// The prefix of the path.
    pub path: Option<String>,
    /// # Path and query contain
    /// Whatever the case: what a web application firewall looks for.
    pub contains: Option<String>,
    /// # Host is
    /// Whatever the case.
    pub host: Option<String>,
    /// # Method is
    /// The method of the request.
    pub method: Option<String>,
    /// # Has the header
    /// A header with this name and value.
    pub header: Option<HeaderMatch>,
    /// # Has the cookie
    /// A cookie with this name and value.
    pub cookie: Option<HeaderMatch>,
}

scene_fields!(RouteMatch {
    path: NAME.example("/"),
    contains: NAME.example("<script"),
    host: NAME.example("shop.example"),
    method: NAME.example("POST"),
    header: PART,
    cookie: PART,
});

/// A name and a value; without a value, any value matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct HeaderMatch {
    /// # Name
    /// Of a header whatever the case.
    pub name: String,
    /// # Value
    /// To the letter. Without it any will do.
    #[serde(default)]
    pub value: Option<String>,
}

scene_fields!(HeaderMatch {
    name: NAME.example("name"),
    value: TEXT.example("value"),
});

/// The action of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(rename_all = "snake_case")]
pub enum RouteAction {
    /// # Send to a pool
    ///
    /// Sends the request to this pool.
    Pool(String),
    /// # Split between pools
    ///
    /// Sends each request to one of several pools at random (an A/B test, a canary).
    Split(Vec<SplitWeight>),
    /// # Answer from the balancer's own disk
    ///
    /// Answers the request with a file from the balancer's own disk.
    Static,
    /// # Turn away with 403
    ///
    /// Rejects the request with 403, as a web application firewall does.
    Block,
    /// # Ask for a login (401)
    ///
    /// Rejects the request with 401 unless it has this header.
    Auth(String),
    /// # Limit each client (429)
    ///
    /// Rejects the request with 429 if its client's address sends too much.
    Limit(RateLimit),
    /// # Add headers
    ///
    /// Adds headers to the request to the server.
    Inject(Vec<AddedHeader>),
    /// # Let the protocol change (WebSocket)
    ///
    /// Allows the upgrade to another protocol (WebSocket). Without it the `Upgrade` header, which is for one hop only
    /// (RFC 9110, section 7.6.1), does not reach the server.
    Upgrade,
}

scene_fields!(enum RouteAction, "Action" {
    Pool(pool: reference("pools").example("main").told("Pool", "")),
    Split(split: list(2, 8).of_entries("parts").with_shares().told("Parts", "Each request goes to one of them at random.")),
    Auth(auth: NAME.example("authorization").told("Header", "The header that a request must have.")),
    Limit(limit: PART.told("Limit", "")),
    Inject(inject: set(1).example("[\"x-forwarded-for\"]").told("Headers", "Headers that are added for the server.")),
});

/// One side of a traffic split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct SplitWeight {
    /// # Pool
    /// The pool that gets this part.
    pub pool: String,
    /// # Share
    /// Relative to the other parts.
    pub share: u32,
}

scene_fields!(SplitWeight, "Part" {
    pool: reference("pools").example("main"),
    share: whole(0, 1_000_000).example("1"),
});

/// A header that a balancer adds.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AddedHeader {
    /// # X-Real-IP
    ///
    /// `X-Real-IP`: the client's address.
    XRealIp,
    /// # X-Forwarded-For
    ///
    /// `X-Forwarded-For`: the addresses the request came through, the client's first.
    XForwardedFor,
    /// # X-Forwarded-Proto
    ///
    /// `X-Forwarded-Proto`: whether the client used TLS.
    XForwardedProto,
    /// # X-Request-ID
    ///
    /// `X-Request-ID`: a number that identifies the request in every log.
    XRequestId,
}

impl AddedHeader {
    /// The name of the header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::XRealIp => "X-Real-IP",
            Self::XForwardedFor => "X-Forwarded-For",
            Self::XForwardedProto => "X-Forwarded-Proto",
            Self::XRequestId => "X-Request-ID",
        }
    }

    /// The bit of the header in a set of headers.
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
    /// The names of the pools that the action may send to.
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
