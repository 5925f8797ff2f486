//! Rules in order, what they remember, what they count.

use super::super::rules::{HeaderMatch, RouteMatch};
use super::*;

fn table(json: &str) -> RuleTable {
    let rules: Vec<Rule> = serde_json::from_str(json).expect("the rules are well formed");
    let pools = ["web", "pay", "cache"].map(str::to_string);
    RuleTable::new(&rules, &pools, 7, 0)
}

fn get(path: &str) -> RequestHead<'_> {
    RequestHead {
        method: "GET",
        host: "shop.example",
        path,
        headers: &[],
        cookies: &[],
    }
}

fn client(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn verdict(table: &mut RuleTable, path: &str) -> RouteVerdict {
    table.decide(SimTime::ZERO, client(1), &get(path)).verdict
}

#[test]
fn the_first_rule_that_decides_does() {
    let mut table = table(
        r#"[
            {"when": {"path": "/checkout"}, "then": {"pool": "pay"}},
            {"when": {"path": "/"}, "then": {"pool": "cache"}},
            {"when": {"path": "/checkout"}, "then": "block"}
        ]"#,
    );
    assert_eq!(verdict(&mut table, "/checkout"), RouteVerdict::Pool(1));
    assert_eq!(verdict(&mut table, "/page/3"), RouteVerdict::Pool(2));
    table.switch(0, false);
    assert_eq!(verdict(&mut table, "/checkout"), RouteVerdict::Pool(2));
    table.switch(1, false);
    assert_eq!(
        verdict(&mut table, "/checkout"),
        RouteVerdict::Deny(DenyReason::Forbidden)
    );
    assert_eq!(
        verdict(&mut table, "/page/3"),
        RouteVerdict::Pool(0),
        "nobody decides"
    );
    assert_eq!(table.counts(0).matched, 1);
    assert_eq!((table.counts(2).matched, table.counts(2).denied), (1, 1));
}

#[test]
fn what_does_not_decide_adds_up() {
    let mut table = table(
        r#"[
            {"then": {"inject": ["x-real-ip"]}},
            {"when": {"path": "/chat"}, "then": "upgrade"},
            {"then": {"inject": ["x-forwarded-for"]}}
        ]"#,
    );
    let decision = table.decide(SimTime::ZERO, client(1), &get("/chat"));
    assert!(decision.injects(AddedHeader::XRealIp) && decision.injects(AddedHeader::XForwardedFor));
    assert!(!decision.injects(AddedHeader::XRequestId) && decision.upgrades);
    assert_eq!(
        (decision.verdict, decision.rule),
        (RouteVerdict::Pool(0), None)
    );
    assert!(
        !table
            .decide(SimTime::ZERO, client(1), &get("/page"))
            .upgrades
    );
}

#[test]
fn who_has_no_login_gets_401() {
    let mut table = table(r#"[{"when": {"path": "/account"}, "then": {"auth": "Authorization"}}]"#);
    let headers = [("authorization".to_string(), "Bearer x".to_string())];
    let with = RequestHead {
        headers: &headers,
        ..get("/account")
    };
    assert_eq!(
        verdict(&mut table, "/account"),
        RouteVerdict::Deny(DenyReason::Unauthorized)
    );
    assert_eq!(
        table.decide(SimTime::ZERO, client(1), &with).verdict,
        RouteVerdict::Pool(0)
    );
    assert_eq!(verdict(&mut table, "/page"), RouteVerdict::Pool(0));
    assert_eq!(DenyReason::Unauthorized.status(), 401);
}

#[test]
fn each_address_has_a_bucket_of_its_own() {
    let mut table = table(r#"[{"then": {"limit": {"rate_permille": 1000, "burst": 2}}}]"#);
    let mut ask = |last, us| {
        let at = SimTime::from_us(us);
        table.decide(at, client(last), &get("/")).verdict
    };
    let denied = RouteVerdict::Deny(DenyReason::TooMany);
    let pass = RouteVerdict::Pool(0);
    assert_eq!(
        [ask(1, 0), ask(1, 0), ask(1, 0), ask(2, 0)],
        [pass, pass, denied, pass]
    );
    assert_eq!(ask(1, 1_000_000), pass);
    assert_eq!(
        table.tokens(0, client(1), SimTime::from_us(1_000_000)),
        Some(0)
    );
    assert_eq!(table.tokens(0, client(9), SimTime::ZERO), None);
    table.set_limit(
        0,
        RateLimit {
            rate_permille: 5_000,
            burst: 2,
        },
    );
    assert_eq!(
        table
            .decide(SimTime::from_us(1_200_000), client(1), &get("/"))
            .verdict,
        pass
    );
}

#[test]
fn a_split_keeps_its_share() {
    let mut table = table(
        r#"[{"then": {"split": [{"pool": "web", "share": 90}, {"pool": "pay", "share": 10}]}}]"#,
    );
    let mut seconds = |n: u32| {
        (0..n)
            .filter(|_| verdict(&mut table, "/") == RouteVerdict::Pool(1))
            .count()
    };
    // Five standard deviations of a binomial with p = 0.1.
    assert!(seconds(100_000).abs_diff(10_000) < 475);
    table.set_split(0, 40);
    let seconds = (0..100_000)
        .filter(|_| verdict(&mut table, "/") == RouteVerdict::Pool(1))
        .count();
    assert!(seconds.abs_diff(60_000) < 775, "{seconds}");
}

#[test]
fn cookies_and_hosts_route() {
    let mut table = table(
        r#"[
            {"when": {"cookie": {"name": "group", "value": "b"}}, "then": {"pool": "pay"}},
            {"when": {"host": "img.example"}, "then": {"pool": "cache"}}
        ]"#,
    );
    let cookies = [("group".to_string(), "b".to_string())];
    let tester = RequestHead {
        cookies: &cookies,
        ..get("/")
    };
    let images = RequestHead {
        host: "img.example",
        ..get("/")
    };
    let mut of = |letter: &RequestHead<'_>| table.decide(SimTime::ZERO, client(1), letter).verdict;
    assert_eq!(
        [of(&tester), of(&images), of(&get("/"))].map(|verdict| verdict),
        [
            RouteVerdict::Pool(1),
            RouteVerdict::Pool(2),
            RouteVerdict::Pool(0)
        ]
    );
}

#[test]
fn a_value_may_be_any() {
    let when = RouteMatch {
        cookie: Some(HeaderMatch {
            name: "group".to_string(),
            value: None,
        }),
        ..RouteMatch::default()
    };
    let cookies = [("group".to_string(), "c".to_string())];
    let letter = RequestHead {
        cookies: &cookies,
        ..get("/")
    };
    assert!(letter.matches(&when) && !get("/").matches(&when));
}
