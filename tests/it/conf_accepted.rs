//! What is exported is accepted: by `nginx -t`, `haproxy -c` and `envoy --mode validate` where they are
//! installed, and by a schema of Envoy's API.

use std::path::{Path, PathBuf};
use std::process::Command;

use evenkeel::conf::{ConfigFormat, export};
use evenkeel::sim::scenario::Scenario;

use crate::cases::cases;
use crate::conf_programs::{Program, folder};
use crate::conf_scenes::{presets, random_scenes};

/// A program that reads a file and says whether it would run with it.
fn refusal(program: &Program, file: &Path) -> Option<String> {
    let mut command = Command::new(&program.path);
    match program.dialect {
        ConfigFormat::Nginx => command.args(["-t", "-q", "-e", "stderr", "-c"]).arg(file),
        ConfigFormat::Haproxy => command.args(["-c", "-q", "-f"]).arg(file),
        ConfigFormat::Envoy => command
            .args(["--mode", "validate", "--log-level", "error", "-c"])
            .arg(file),
    };
    let output = command.output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (!output.status.success()).then_some(said)
}

/// The scenes of the project and `random` more.
fn all_are_accepted(dialect: ConfigFormat, random: u32) {
    let Some(program) = Program::find(dialect) else {
        return;
    };
    let folder = folder(&format!("accepted-{}", dialect.id()));
    let mut scenes = presets();
    let random = random_scenes(random as usize).into_iter().enumerate();
    scenes.extend(random.map(|(place, scene)| (format!("random-{place}"), scene)));
    let mut refused = Vec::new();
    for (name, scene) in &scenes {
        // Envoy tells the format by the name's ending.
        let ending = if dialect == ConfigFormat::Envoy {
            "yaml"
        } else {
            "conf"
        };
        let file: PathBuf = folder.join(format!("{name}.{ending}"));
        let text = export(scene, dialect);
        std::fs::write(&file, &text).expect("a file for the program");
        if let Some(said) = refusal(&program, &file) {
            refused.push(format!("{name}: {said}\n{text}"));
        }
    }
    let count = refused.len();
    assert!(
        refused.is_empty(),
        "{count} refused; the first: {}",
        refused[0]
    );
    std::fs::remove_dir_all(folder).expect("the folder is ours");
}

#[test]
fn nginx_accepts_every_scene() {
    all_are_accepted(ConfigFormat::Nginx, cases(20));
}

#[test]
fn haproxy_accepts_every_scene() {
    all_are_accepted(ConfigFormat::Haproxy, cases(20));
}

/// Fewer, as each is a start of the whole program.
#[test]
fn envoy_accepts_every_scene() {
    all_are_accepted(ConfigFormat::Envoy, cases(4));
}

#[test]
fn envoys_schema_accepts_every_scene() {
    let schema = std::fs::read_to_string("tests/conf/envoy.schema.json").expect("the schema");
    let schema = serde_json::from_str(&schema).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let mut scenes: Vec<Scenario> = presets().into_iter().map(|(_, scene)| scene).collect();
    scenes.extend(random_scenes(cases(20) as usize));
    for scene in &scenes {
        let text = export(scene, ConfigFormat::Envoy);
        let value: serde_json::Value =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let faults: Vec<String> = schema
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{faults:?}\n{text}");
        let members = value.to_string().matches("\"port_value\"").count();
        assert_eq!(
            members,
            scene.servers.len() + 1,
            "every server and the listener: {text}"
        );
    }
}

/// The export of a preset, with something else in one place: as YAML, no longer what Envoy takes.
fn slips(name: &str, slips: &[(&str, &str)]) {
    let schema = std::fs::read_to_string("tests/conf/envoy.schema.json").expect("the schema");
    let schema = serde_json::from_str(&schema).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let found = presets().into_iter().find(|(own, _)| own == name);
    let text = export(&found.expect("the scene is there").1, ConfigFormat::Envoy);
    for (from, to) in slips {
        assert!(text.contains(from), "{from} stands in {text}");
        let wrong = serde_saphyr::from_str(&text.replacen(from, to, 1)).expect("still YAML");
        assert!(!schema.is_valid(&wrong), "{to}");
    }
}

#[test]
fn envoys_schema_refuses_slips_in_rules() {
    slips(
        "rate_limit",
        &[
            ("fill_interval: 0.5s", "fill_interval: 0.01s"),
            ("max_tokens: 5", "max_tokens: 0"),
            ("denominator: HUNDRED", "denominator: PERCENT"),
            ("invert_match: true", "invert: true"),
            ("contains:", "includes:"),
            ("status: 401", "status: 40"),
        ],
    );
    slips(
        "ab_split",
        &[
            ("weighted_clusters:", "weighted_cluster:"),
            ("weight: 90", "weight: many"),
            ("safe_regex: { regex:", "safe_regex: { expression:"),
        ],
    );
}

#[test]
fn envoys_schema_refuses_slips() {
    let schema = std::fs::read_to_string("tests/conf/envoy.schema.json").expect("the schema");
    let schema = serde_json::from_str(&schema).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let text = export(&presets()[0].1, ConfigFormat::Envoy);
    for (from, to) in [
        ("lb_policy: ROUND_ROBIN", "lb_policy: ROUND_ROBEN"),
        ("lb_policy: ROUND_ROBIN", "lb_polcy: ROUND_ROBIN"),
        ("timeout: 3s", "timeout: 3"),
        ("timeout: 3s", "timeout: 0s"),
        ("port_value: 80 ", "port_value: 80000 "),
        ("HttpConnectionManager", "HttpManager"),
    ] {
        assert!(text.contains(from), "{from} stands in {text}");
        let wrong = serde_saphyr::from_str(&text.replacen(from, to, 1)).expect("still YAML");
        assert!(!schema.is_valid(&wrong), "{to}");
    }
}
