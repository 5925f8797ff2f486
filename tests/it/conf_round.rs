//! Out and in again: what a configuration can say of a scene, it says.

use evenkeel::conf::diagnostic::Severity;
use evenkeel::conf::{ConfigFormat, Import, export, import};
use evenkeel::sim::balance::algorithm::{HashOptions, Implementation, KeyNeed};
use evenkeel::sim::balance::endpoint::Tier;
use evenkeel::sim::balance::retry::{RetryOn, RetrySpec};
use evenkeel::sim::balance::set::BackupRule;
use evenkeel::sim::balance::slow_start::{SlowStart, SlowStartCurve};
use evenkeel::sim::balance::spec::{BalancerSpec, Layer, QueueSpec};
use evenkeel::sim::health::observe::Observe;
use evenkeel::sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::scenario::validate::faults;
use evenkeel::sim::time::SimDuration;

use crate::cases::cases;
use crate::conf_scenes::{presets, random_scenes};

const BOTH: [ConfigFormat; 2] = [ConfigFormat::Nginx, ConfigFormat::Haproxy];

#[test]
fn an_export_of_an_import_of_an_export_is_the_export() {
    for scene in random_scenes(cases(60) as usize) {
        for dialect in BOTH {
            if scene.servers.is_empty() {
                continue;
            }
            let text = export(&scene, dialect);
            let back = import(&text, &scene);
            assert_eq!(back.dialect, dialect, "{text}");
            let found = back.scene.unwrap_or_else(|| panic!("a scene: {text}"));
            let again = export(&found, dialect);
            let third = import(&again, &found)
                .scene
                .unwrap_or_else(|| panic!("a scene: {again}"));
            assert_eq!(third, found, "{again}");
        }
    }
}

/// What an nginx or HAProxy configuration can say of a scene, and nothing else.
fn sayable(mut scene: Scenario, dialect: ConfigFormat) -> Option<Scenario> {
    let nginx = dialect == ConfigFormat::Nginx;
    let layer = scene.balancer.layer;
    let l7 = layer == Layer::L7;
    let own = if nginx {
        Implementation::Nginx
    } else {
        Implementation::Haproxy
    };
    let row = scene.balancer.algorithm.row();
    // Later nginx has it, and HAProxy hashes nothing but addresses at L4.
    let is_written_as_another = match dialect {
        ConfigFormat::Nginx => row.id == "least_time",
        _ => !l7 && row.key == KeyNeed::Path,
    };
    if !row.has(own) || is_written_as_another || !faults(&scene).is_empty() {
        return None;
    }
    (scene.pools, scene.rules) = (Vec::new(), Vec::new());
    let with_port = |address: &String| {
        let address = address.parse::<std::net::SocketAddr>();
        address.is_ok_and(|address| address.port() > 0)
    };
    scene.servers.retain(|server| with_port(&server.address));
    if scene.servers.is_empty() {
        return None;
    }
    let weighted = row.weighted;
    scene.servers[0].tier = Tier::Primary;
    let draws = row.id.contains("random") || row.id == "power_of_two";
    let no_backups = nginx && (row.key != KeyNeed::None || draws);
    for server in &mut scene.servers {
        server.pool = None;
        if no_backups {
            server.tier = Tier::Primary;
        }
        server.weight = match (server.weight, weighted) {
            (0, _) => 0,
            (weight, true) => weight,
            (_, false) => 1,
        };
    }
    let balancer = &mut scene.balancer;
    balancer.engine = own;
    let drawn = row.id == "power_of_two" && !nginx;
    balancer.draws = balancer.draws.filter(|draws| drawn && *draws > 2);
    balancer.request_timeout_us =
        SimDuration::from_ms(balancer.request_timeout_us.as_us() / 1_000 + 1);
    (balancer.panic_percent, balancer.fail_open) = (0, false);
    if nginx {
        for server in &mut scene.servers {
            server.max_queue = None;
        }
    }
    let has_limit = scene
        .servers
        .iter()
        .any(|server| server.max_conns.is_some());
    let backups = scene.servers.iter().filter(|one| one.tier == Tier::Backup);
    if nginx || backups.count() < 2 {
        balancer.backups = BackupRule::All;
    }
    balancer.static_table &= !nginx && row.id.contains("round_robin");
    let hash = &mut balancer.hash;
    hash.consistent &= row.id == "ip_hash";
    if nginx || row.key == KeyNeed::None {
        *hash = HashOptions::default();
    }
    if nginx {
        sayable_in_nginx(balancer, l7);
    } else {
        sayable_in_haproxy(balancer, has_limit, l7);
    }
    if balancer.retries.tries == 1 || balancer.retries.on.is_empty() || !l7 {
        balancer.retries = RetrySpec::default();
    }
    Some(scene)
}

fn sayable_in_nginx(balancer: &mut BalancerSpec, l7: bool) {
    (balancer.active_checks, balancer.slow_start) = (None, None);
    (balancer.queue, balancer.sticky_cookie) = (None, false);
    let retries = &mut balancer.retries;
    retries.budget_permille = None;
    let has = |cause| retries.on.contains(&cause);
    let (error, timeout) = (
        has(RetryOn::Refused) || has(RetryOn::Reset),
        has(RetryOn::TimedOut),
    );
    let (failed, full) = (has(RetryOn::ServerError), has(RetryOn::QueueFull));
    let causes = [
        (error, RetryOn::Refused),
        (error, RetryOn::Reset),
        (timeout, RetryOn::TimedOut),
        (failed, RetryOn::ServerError),
        (full, RetryOn::QueueFull),
    ];
    retries.on = causes
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, cause)| *cause)
        .collect();
    let counts = l7 && retries.tries > 1 && (failed || full);
    balancer.passive_checks = balancer
        .passive_checks
        .filter(|passive| passive.rule == PassiveRule::Nginx && passive.max_fails > 0)
        .map(|passive| PassiveSpec {
            rule: PassiveRule::Nginx,
            max_fails: passive.max_fails,
            fail_timeout_s: passive.fail_timeout_s,
            count_server_errors: counts,
            ..PassiveSpec::default()
        });
}

fn sayable_in_haproxy(balancer: &mut BalancerSpec, has_limit: bool, l7: bool) {
    balancer.retries.budget_permille = None;
    if balancer.retries.on.len() == 1 {
        balancer.retries.non_idempotent = false;
    }
    balancer.sticky_cookie &= l7;
    balancer.slow_start = balancer.slow_start.map(|slow| SlowStart {
        shape: SlowStartCurve::Haproxy,
        ..slow
    });
    if has_limit && balancer.queue.is_none() {
        balancer.queue = Some(QueueSpec::default());
    }
    let watched = |passive: &PassiveSpec| passive.rule == PassiveRule::Haproxy;
    let layer = if l7 { Observe::Layer7 } else { Observe::Layer4 };
    balancer.passive_checks = balancer
        .passive_checks
        .filter(|passive| watched(passive) && balancer.active_checks.is_some())
        .map(|passive| PassiveSpec {
            rule: PassiveRule::Haproxy,
            observe: layer,
            error_limit: passive.error_limit,
            on_error: passive.on_error,
            ..PassiveSpec::default()
        });
}

#[test]
fn what_can_be_said_comes_back() {
    let mut said = 0;
    for scene in random_scenes(cases(150) as usize) {
        for dialect in BOTH {
            let Some(scene) = sayable(scene.clone(), dialect) else {
                continue;
            };
            let text = export(&scene, dialect);
            let back = import(&text, &scene);
            assert_eq!(
                back.scene.as_ref(),
                Some(&scene),
                "{text}\n{:?}",
                back.diagnostics
            );
            let errors = back
                .diagnostics
                .iter()
                .filter(|one| one.severity() == Severity::Error);
            assert_eq!(errors.count(), 0, "{text}\n{:?}", back.diagnostics);
            said += 1;
        }
    }
    assert!(said > cases(20), "{said} scenes");
}

/// A scene with pools and rules that a program can have.
fn pooled(engine: &str, rules: &str) -> Scenario {
    let mut scene = default_scenario();
    // In the order in which the rules name them, which is the order of an import.
    let text = format!(
        r#"[{{"name": "grpc", "algorithm": "power_of_two", "engine": "{engine}"}},
            {{"name": "pay", "algorithm": "weighted_least_connections", "engine": "{engine}"}}]"#
    );
    scene.pools = serde_json::from_str(&text).expect("they are pools");
    scene.rules = serde_json::from_str(rules).expect("they are rules");
    scene.balancer.engine = scene.pools[0].engine;
    (scene.balancer.active_checks, scene.balancer.passive_checks) = (None, None);
    scene.servers[1].pool = Some("grpc".to_owned());
    scene.servers[2].pool = Some("pay".to_owned());
    scene.servers[3].pool = Some("pay".to_owned());
    assert_eq!(faults(&scene), []);
    scene
}

#[test]
fn pools_and_rules_come_back_from_nginx() {
    let scene = pooled(
        "nginx",
        r#"[
            {"then": {"limit": {"rate_permille": 5000, "burst": 11}}},
            {"then": {"inject": ["x-real-ip", "x-forwarded-for"]}},
            {"then": "upgrade"},
            {"when": {"path": "/cart.Service/"}, "then": {"pool": "grpc"}},
            {"when": {"path": "/checkout"}, "then": {"pool": "pay"}},
            {"when": {"path": "/static/"}, "then": "static"},
            {"when": {"path": "/admin"}, "then": "block"}
        ]"#,
    );
    comes_back(&scene, ConfigFormat::Nginx);
}

/// The import of a scene's export is that scene, and has nothing to say that was not foreseen.
fn comes_back(scene: &Scenario, dialect: ConfigFormat) {
    let text = export(scene, dialect);
    let back = import(&text, scene);
    let remarks = &back.diagnostics;
    assert_eq!(back.scene.as_ref(), Some(scene), "{text}\n{remarks:?}");
    assert_eq!(unforeseen(&back), Vec::<String>::new(), "{text}");
}

/// What an import of an export has to say, apart from the times that HAProxy wants and no scene has.
fn unforeseen(back: &Import) -> Vec<String> {
    let all = back.diagnostics.iter().map(ToString::to_string);
    let times = ["\"timeout client\" is not", "\"timeout connect\" is not"];
    all.filter(|said| !times.iter().any(|time| said.contains(time)))
        .collect()
}

#[test]
fn pools_and_rules_come_back_from_haproxy() {
    let scene = pooled(
        "haproxy",
        r#"[
            {"when": {"path": "/admin", "host": "shop.example"}, "then": "block"},
            {"then": {"inject": ["x-real-ip", "x-forwarded-for", "x-forwarded-proto"]}},
            {"when": {"header": {"name": "content-type", "value": "application/grpc"}}, "then": {"pool": "grpc"}},
            {"when": {"path": "/checkout", "method": "POST"}, "then": {"pool": "pay"}},
            {"when": {"cookie": {"name": "beta"}}, "then": {"pool": "pay"}},
            {"when": {"contains": "pay=1"}, "then": {"pool": "pay"}}
        ]"#,
    );
    comes_back(&scene, ConfigFormat::Haproxy);
}

/// Rules of every kind that is more than a path.
const BEYOND_PATHS: &str = r#"[
    {"name": "Firewall", "when": {"contains": "' or 1=1"}, "then": "block"},
    {"when": {"path": "/login", "method": "POST"}, "then": {"limit": {"rate_permille": 500, "burst": 3}}},
    {"name": "Five at once", "then": {"limit": {"rate_permille": 2000, "burst": 5}}},
    {"when": {"path": "/account"}, "then": {"auth": "authorization"}},
    {"when": {"host": "shop.example", "cookie": {"name": "old"}}, "then": {"auth": "x-key"}},
    {"then": {"inject": ["x-real-ip", "x-forwarded-for"]}},
    {"when": {"header": {"name": "content-type", "value": "application/grpc"}}, "then": {"pool": "grpc"}},
    {"when": {"cookie": {"name": "tester", "value": "yes"}},
     "then": {"split": [{"pool": "pay", "share": 50}, {"pool": "grpc", "share": 20}, {"pool": "main", "share": 30}]}},
    {"name": "A tenth", "then": {"split": [{"pool": "main", "share": 90}, {"pool": "pay", "share": 10}]}}
]"#;

#[test]
fn refusals_limits_logins_and_splits_come_back() {
    for dialect in BOTH {
        let scene = pooled(dialect.id(), BEYOND_PATHS);
        comes_back(&scene, dialect);
    }
}

#[test]
fn every_rule_of_the_projects_scenes_is_written() {
    for name in ["ab_split", "rate_limit", "l7_routing"] {
        let (_, scene) = presets()
            .into_iter()
            .find(|(own, _)| own == name)
            .expect("the scene is there");
        for dialect in ConfigFormat::ALL {
            let text = export(&scene, dialect);
            assert!(!text.contains("is not written"), "{text}");
            if dialect == ConfigFormat::Envoy {
                continue;
            }
            let back = import(&text, &scene);
            let found = back.scene.unwrap_or_else(|| panic!("a scene: {text}"));
            assert_eq!(found.rules, scene.rules, "{text}");
        }
    }
}
